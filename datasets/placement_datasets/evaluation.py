"""What an evaluator of a set's own rules says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a solution costs and which rules it breaks.

    Attributes
    ----------
    cost : int, tuple of int or None
        What the last tier of the problem counts, or several tiers do; None where that is but near what the set ranks
        by.
    score : float or None
        What the set ranks by, where that is no such count.
    """

    cost: int | tuple[int, ...] | None
    violations: tuple[str, ...] = ()
    score: float | None = None

    @property
    def feasible(self) -> bool:
        return not self.violations


def contents(
    bin_of: Sequence[int], num_items: int, num_bins: int | None = None, *, least: int = 0
) -> dict[int, list[int]]:
    """The items of each bin that holds one, bins ascending; those of -1, where `least` allows that, are left out.

    Raises
    ------
    ValueError
        If `bin_of` does not name one bin for each item; bins count from `least` to below `num_bins`, or without end.
    """
    if len(bin_of) != num_items:
        raise ValueError(f"expected {num_items} bins, one an item, found {len(bin_of)}")
    items: dict[int, list[int]] = defaultdict(list)
    for item, bin_ in enumerate(bin_of):
        if bin_ < least or (num_bins is not None and bin_ >= num_bins):
            most = "" if num_bins is None else f" to {num_bins - 1}"
            raise ValueError(f"item {item}: expected a bin from {least}{most}, found {bin_}")
        items[int(bin_)].append(item)
    return dict(sorted(items.items()))
