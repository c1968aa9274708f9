"""Whether a packing into so many bins exists, decided by choosing from all patterns that it may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.bounds.prices import Prices, most_left_out
from placement_solvers.column_generation.packing import Packing
from placement_solvers.objective import Cost
from placement_solvers.packing_view import PackingView
from placement_solvers.pattern_pool.choosing import Shelf, choose_patterns
from placement_solvers.pattern_pool.enumeration import Budget, Listed, enumerate_within
from placement_solvers.pattern_pool.pool import Pool
from placement_solvers.problem import Int32, Int64

MOST_PATTERNS = 10_000
"""More patterns are too many to choose from."""

MOST_TYPES = 8
"""Types of bins, all but one of which cost nothing."""

NARROWER = 4
"""Where there are too many patterns, those short by a share of this are taken instead."""

MOST_NARROWED = 6


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """Prices, and what a pattern of each type earns at most at them.

    Attributes
    ----------
    of_item : (C,) int64
    earned : (T,) int64
    """

    of_item: Int64
    earned: Int64

    @classmethod
    def of(cls, prices: Prices, earned: Int64) -> Proof:
        """The proof of a relaxation without rules."""
        return cls(prices.of_item[0], earned)


def suits(view: PackingView, tier: int, earlier: Cost) -> bool:
    """Whether a view asks for as few bins of one type as can be, all items in; other bins cost nothing."""
    return (
        0 < view.num_types <= MOST_TYPES
        and int((view.open[tier] > 0).sum()) == 1
        and view.num_regions == 1
        and not (view.joints or view.conflicts or view.rules)
        and not most_left_out(view, tier, earlier).any()
    )


class Closing:
    """All patterns that a packing of at most so many bins may use, and searches for one among them.

    Parameters
    ----------
    view : PackingView
        One that `suits`.
    bins : int
        The most bins of the type that costs.
    proof : Proof, optional
        Beside what bins can hold of each resource.
    columns : (N, C) int32, optional
        Patterns of the type that costs, taken in where not all there are can be had.

    Attributes
    ----------
    is_complete : bool
        Whether no packing of so many bins uses any other pattern, or only larger ones.
    """

    def __init__(
        self, view: PackingView, tier: int, bins: int, proof: Proof | None = None, columns: Int32 | None = None
    ) -> None:
        self._view, self._tier, self._bins = view, tier, bins
        self._main = int(np.argmax(view.open[tier] > 0))
        proofs = [Proof(size, view.capacity[:, r]) for r, size in enumerate(view.demand.T)]
        if len(proofs) > 1:
            # All resources together: what is still to fill of one may leave too little of another.
            proofs.append(Proof(view.demand.sum(axis=1), view.capacity.sum(axis=1)))
        slack = [self._slack(each) for each in proofs]
        # Fewer bins than that hold less than all items.
        self.is_possible = min(slack, default=0) >= 0 and (proof is None or self._slack(proof) >= 0)
        self._listed = [self._patterns(type_, proofs, slack) for type_ in range(view.num_types)]
        self.is_complete = all(listed.is_complete for listed in self._listed)
        if proof is not None and not self.is_complete:
            self._narrow(proofs, slack, proof, MOST_NARROWED if columns is not None else 0)
        if columns is not None and not self.is_complete:
            self._add(columns)

    @property
    def num_patterns(self) -> int:
        """Patterns to choose from."""
        return sum(len(listed.pool) for listed in self._listed)

    def _number(self) -> Int64:
        """Bins of each type, (T,) int64."""
        number = self._view.supply.copy()
        number[self._main] = self._bins
        return number

    def _slack(self, proof: Proof) -> int:
        """By how much all bins of a packing together may fall short of what they earn at most."""
        number = self._number()
        earned = sum(int(a) * int(b) for a, b in zip(number, proof.earned, strict=True))
        return earned - sum(int(a) * int(b) for a, b in zip(self._view.count, proof.of_item, strict=True))

    def _patterns(self, type_: int, proofs: list[Proof], slack: list[int]) -> Listed:
        view = self._view
        most = np.minimum(view.most[type_], view.count).astype(np.int64)
        budgets = []
        for number, (proof, short) in enumerate(zip(proofs, slack, strict=True)):
            least = int(proof.earned[type_]) - short
            resources = [number] if number < view.demand.shape[1] else range(view.demand.shape[1])
            budgets += [Budget(proof.of_item, least, resource) for resource in resources if least > 0]
        budgets = budgets or [Budget(np.zeros(view.num_classes, dtype=np.int64), 0, 0)]
        return enumerate_within(view.demand, most, view.capacity[type_], budgets, MOST_PATTERNS)

    def _narrow(self, proofs: list[Proof], slack: list[int], proof: Proof, most_narrowed: int) -> None:
        """Bring the prices in, with all the slack they leave or, where that is too much, only a part of it."""
        short = self._slack(proof)
        for narrowed in range(most_narrowed + 1):
            listed = [self._patterns(type_, [*proofs, proof], [*slack, short]) for type_ in range(self._view.num_types)]
            complete = all(each.is_complete for each in listed)
            if narrowed == 0 or complete:
                self._listed = listed
            if complete:
                self.is_complete = narrowed == 0
                return
            short //= NARROWER

    def _add(self, columns: Int32) -> None:
        pool = self._listed[self._main].pool
        own = pool.dense(np.arange(len(pool)))
        every = np.unique(np.concatenate([own, np.minimum(columns, self._view.most[self._main])]), axis=0)
        self._listed[self._main] = replace(self._listed[self._main], pool=Pool.of(every))

    def search(
        self, at_least: int, seconds: float, should_stop: Callable[[], bool] = lambda: False
    ) -> tuple[Packing | None, int]:
        """A packing if one is found in the time, and a bound on the bins that is proven.

        Parameters
        ----------
        at_least : int
            Bins known to be needed.
        """
        if not self.is_possible:
            return None, max(at_least, self._bins + 1)
        supply = self._view.supply.tolist()
        shelves = [
            Shelf(listed.pool, None if type_ == self._main else supply[type_])
            for type_, listed in enumerate(self._listed)
        ]
        chosen = choose_patterns(shelves, self._view.count, at_least, seconds, should_stop)
        proven = at_least
        if self.is_complete:
            found = self._bins + 1 if chosen.at_least is None else chosen.at_least
            proven = max(at_least, min(found, self._bins + 1))
        if chosen.times is None:
            return None, proven
        packing = Packing.empty(self._view.num_classes)
        for type_, (shelf, times) in enumerate(zip(shelves, chosen.times, strict=True)):
            used = np.flatnonzero(times)
            packing = packing + Packing(np.full(len(used), type_), shelf.pool.dense(used), times[used])
        return packing, proven
