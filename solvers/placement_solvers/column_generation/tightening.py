"""Packings into no more bins than the relaxation needs, or a proof that there are none, by prices from the middle.

Such a packing uses only patterns that are worth a bin, or nearly. Prices from the middle of the optimal ones leave the
fewest of these (compare the fixing of arcs by several dual solutions in de Lima, Iori, Miyazawa, Exact solution of
network flow models with strong relaxations, Mathematical Programming 197, 2023, section 4). Where there are few, the
packing is chosen from them. Where there are not, some class of items is in few of them: one of those must be in use,
and whichever it is leaves a smaller problem.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.column_generation.central import Converged, converge, fits
from placement_solvers.column_generation.closing import Closing, Proof
from placement_solvers.column_generation.leaning import Leaning, Network
from placement_solvers.column_generation.packing import Packing, remainder
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.pattern_pool.enumeration import Budget, enumerate_within
from placement_solvers.problem import Int32

FEW_PATTERNS = 20_000.0
"""So many patterns are chosen from."""

MOST_BRANCHES = 40
"""A class that is in more patterns is not branched on."""

MOST_NODES = 400
"""Relaxations solved before the search gives up."""

CHOOSING_SECONDS = 2.0
"""Time for one choice, after which the search branches."""

FEWER = 4.0
"""Where a choice had no answer in time, the next is from so many times fewer patterns."""

ONE = 1.5
"""A class in no more patterns than that, but for rounding, is in one."""


@dataclass(frozen=True, slots=True, eq=False)
class Tightened:
    """What the search came to.

    Attributes
    ----------
    packing : Packing or None
    is_complete : bool
        Whether there is no packing if none was found.
    root : Converged or None
        The relaxation of the whole.
    """

    packing: Packing | None
    is_complete: bool
    root: Converged | None


def may_tighten(view: PackingView) -> bool:
    """Whether a view has one type of bins and one resource, and is small enough."""
    return SweepPricer.suits(view) and fits(view)


def tighten(
    view: PackingView,
    tier: int,
    bins: int,
    prices: Float,
    columns: Int32,
    most_failures: int,
    should_stop: Callable[[], bool],
) -> Tightened:
    """A packing in at most `bins` bins, or that there is none.

    Parameters
    ----------
    view : PackingView
        One that `may_tighten` and that `closing.suits`.
    prices : (C,) float64
        To begin with, in bins.
    columns : (N, C) int32
        Patterns to begin with.
    most_failures : int
        Choices from patterns without an answer in time, after which the search gives up.
    """
    search = _Search(view, tier, most_failures, should_stop)
    packing = search.solve(view, bins, prices, columns)
    return Tightened(packing, not search.gave_up, search.root)


class _Search:
    """Depth first search; each node is what some fixed bins leave to pack."""

    def __init__(self, view: PackingView, tier: int, most_failures: int, should_stop: Callable[[], bool]) -> None:
        self._tier, self._should_stop = tier, should_stop
        self._capacity = int(view.capacity[0, 0])
        self._num_nodes = 0
        self._few, self._failures_left = FEW_PATTERNS, most_failures
        self.gave_up = False
        self.root: Converged | None = None

    def solve(self, view: PackingView, bins: int, prices: Float, columns: Int32) -> Packing | None:
        """A packing of a view in so many bins, None if there is none or the search gave up."""
        fixed = Packing.empty(view.num_classes)
        while True:
            if not view.count.any():
                return fixed
            if int(view.count @ view.demand[:, 0]) > bins * self._capacity:
                return None
            self._num_nodes += 1
            if self._num_nodes > MOST_NODES:
                self.gave_up = True
                return None
            relaxed = converge(view, prices, columns, bins, self._should_stop)
            if self.root is None:
                self.root = relaxed
            if relaxed is None or self._should_stop():
                self.gave_up = True
                return None
            leaning = self._leaning(view, bins, relaxed)
            forced, rest, left = self._forced(view, bins, leaning)
            if forced is None:
                return None
            if len(forced.types) == 0:
                break
            fixed, view, bins = fixed + forced, rest, left
            prices, columns = relaxed.prices, _fitting(relaxed.columns, view)
        found = self._branch(view, bins, relaxed, leaning)
        return None if found is None else fixed + found

    def _leaning(self, view: PackingView, bins: int, relaxed: Converged) -> Leaning:
        network = Network(view, bins)
        return min(
            (network.leaning(prices) for prices in (relaxed.prices, relaxed.proving)), key=lambda each: each.patterns
        )

    def _forced(self, view: PackingView, bins: int, leaning: Leaning) -> tuple[Packing | None, PackingView, int]:
        """Patterns that must be in use, what they leave to pack and to use; None instead if there is no packing."""
        fixed = Packing.empty(view.num_classes)
        while True:
            uses = leaning.mean * leaning.patterns
            if (uses[view.count > 0] < ONE - 1.0).any():
                return None, view, bins
            if leaning.patterns <= self._few:
                return fixed, view, bins
            begun = bins
            for class_ in np.flatnonzero((view.count > 0) & (uses < ONE)).tolist():
                if view.count[class_] == 0:
                    continue
                listed = self._through(view, bins, leaning.proof, class_, 2)
                if listed is None:
                    continue
                if len(listed) == 0:
                    return None, view, bins
                if len(listed) > 1:
                    continue
                bin_ = _bin(listed[0])
                fixed, view, bins = fixed + bin_, remainder(view, bin_), bins - 1
            if bins == begun or self._should_stop():
                return fixed, view, bins
            if int(view.count @ view.demand[:, 0]) > bins * self._capacity:
                return None, view, bins
            if not view.count.any():
                return fixed, view, bins
            leaning = Network(view, bins).leaning(leaning.prices)

    def _through(self, view: PackingView, bins: int, proof: Proof, class_: int, most_patterns: int) -> Int32 | None:
        """All maximal patterns of a packing in `bins` bins that hold an item of a class; None if there are more."""
        size = view.demand[:, 0]
        most = np.minimum(view.most[0], view.count).astype(np.int64)
        most[class_] -= 1
        budgets = []
        for each in (Proof(size, view.capacity[0]), proof):
            earned = int(each.earned[0])
            short = bins * earned - sum(int(a) * int(b) for a, b in zip(view.count, each.of_item, strict=True))
            least = earned - short - int(each.of_item[class_])
            if short < 0:
                return np.zeros((0, view.num_classes), dtype=np.int32)
            if least > 0:
                budgets.append(Budget(each.of_item, least, 0))
        budgets = budgets or [Budget(np.zeros(view.num_classes, dtype=np.int64), 0, 0)]
        room = view.capacity[0] - view.demand[class_]
        listed = enumerate_within(view.demand, most, room, budgets, most_patterns)
        if not listed.is_complete:
            return None
        patterns = listed.pool.dense(np.arange(len(listed.pool)))
        patterns[:, class_] += 1
        return patterns

    def _branch(self, view: PackingView, bins: int, relaxed: Converged, leaning: Leaning) -> Packing | None:
        """Choose from the patterns if they are few; if not, try those that hold the class which is in fewest."""
        if leaning.patterns <= self._few:
            closing = Closing(view, self._tier, bins, leaning.proof)
            if not closing.is_possible:
                return None
            if closing.is_complete:
                found, proven = closing.search(0, CHOOSING_SECONDS, self._should_stop)
                if found is not None and int(found.times.sum()) <= bins:
                    return found
                if proven > bins:
                    return None
                self._few = leaning.patterns / FEWER
                self._failures_left -= 1
                if self._failures_left <= 0:
                    self.gave_up = True
                    return None
        uses = np.where(view.count > 0, leaning.mean * leaning.patterns, np.inf)
        patterns = None
        for class_ in np.argsort(uses, kind="stable")[:3].tolist():
            if uses[class_] > MOST_BRANCHES or self._should_stop():
                break
            through = self._through(view, bins, leaning.proof, class_, MOST_BRANCHES)
            if through is not None and (patterns is None or len(through) < len(patterns)):
                patterns = through
        if patterns is None:
            self.gave_up = True
            return None
        for number in np.argsort(-_usage(relaxed, patterns), kind="stable").tolist():
            bin_ = _bin(patterns[number])
            rest = remainder(view, bin_)
            found = self.solve(rest, bins - 1, relaxed.prices, _fitting(relaxed.columns, rest))
            if found is not None:
                return bin_ + found
            if self._should_stop():
                self.gave_up = True
            if self.gave_up:
                return None
        return None


def _bin(pattern: Int32) -> Packing:
    return Packing(np.zeros(1, dtype=np.int64), pattern[None, :], np.ones(1, dtype=np.int64))


def _fitting(columns: Int32, view: PackingView) -> Int32:
    """Patterns of which all items are still there."""
    kept: Int32 = columns[(columns <= view.count).all(axis=1)]
    return kept


def _usage(relaxed: Converged, patterns: Int32) -> Float:
    """How often the relaxation uses each of some patterns (N, C), (N,) float64."""
    known: dict[bytes, float] = {
        column.tobytes(): float(usage) for column, usage in zip(relaxed.columns, relaxed.usage, strict=True)
    }
    return np.array([known.get(pattern.tobytes(), 0.0) for pattern in patterns])
