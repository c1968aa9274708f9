"""Column generation with prices from the middle: the relaxation of one type of bins and one resource, to its end.

Two sweeps bring a pattern for every class, an interior point method the next prices. They are smoothed towards those
that prove most so far; first of all the sizes, which prove nearly everything where bins have to be full. Numbers are
coarse while that is enough, and in the end so fine that patterns worth a little less than a bin can be told from those
that are worth one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from placement_solvers.column_generation.interior import InteriorMaster
from placement_solvers.column_generation.sweeping import best_with_each, sweep_back, sweep_on
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Int32, Int64

COARSE_BITS, FINE_BITS = 23, 40
"""A bin's price in units: so that 32 bits hold what a few hundred bins are worth, and so that nothing is lost."""

FINE_BELOW = 1e-6
"""How well the master is solved when fine numbers begin, and smoothing ends."""

MOST_CELLS = 2**24
"""Cells of each of the two tables, at most 8 bytes a cell."""

MOST_CLASSES = 800
"""Rows of the master; a step of it takes their number to the third."""

SMOOTHING, LEAST_SMOOTHING = 0.5, 0.05
"""Weight of the prices that prove most, halved whenever patterns found by it are known already."""

ACCURACY = 0.1
"""The master is solved to so much of what its prices were off the last time."""

LOOSEST, TIGHTEST = 1e-2, 1e-11
"""How well the master is solved at least, and at most, as a share of its cost."""

PAYS = 1e-9
"""A pattern is taken in if it is worth more than a bin by so much."""

TIGHT = 2e-9
"""Bound and master are taken for equal if they differ by no more than that share."""

MOST_ROUNDS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Converged:
    """What the relaxation came to.

    Attributes
    ----------
    prices : (C,) float64
        In bins; of the middle of the optimal ones if `is_optimal`.
    proving : (C,) float64
        Those that prove most.
    bound : float
        Bins that are proven, in fractions, to within rounding.
    bins : float
        That the patterns so far need.
    columns : (N, C) int32
        Patterns that are worth nearly a bin.
    usage : (N,) float64
    is_optimal : bool
    """

    prices: Float
    proving: Float
    bound: float
    bins: float
    columns: Int32
    usage: Float
    is_optimal: bool


class _Sweeps:
    """The best pattern with an item of each class, at any prices."""

    def __init__(self, view: PackingView, classes: Int64) -> None:
        self._sizes = np.ascontiguousarray(view.demand[classes, 0])
        unit = max(int(np.gcd.reduce(self._sizes)), 1)
        self._limit = np.minimum(view.most[0], view.count)[classes].astype(np.int64)
        self._sizes, self._shape = self._sizes // unit, (len(classes) + 1, int(view.capacity[0, 0]) // unit + 1)
        self._tables: dict[bool, tuple[Any, Any]] = {}  # int64 if fine, int32 if not

    def price(self, prices: Float, fine: bool) -> tuple[Int32, float]:
        """Patterns (C, C), and what the best is worth in bins."""
        bits, kind = (FINE_BITS, np.int64) if fine else (COARSE_BITS, np.int32)
        if fine not in self._tables:
            self._tables = {fine: (np.zeros(self._shape, dtype=kind), np.zeros(self._shape, dtype=kind))}
        before, beyond = self._tables[fine]
        worth: Any = np.ceil(np.maximum(prices, 0.0) * 2.0**bits).astype(kind)
        sweep_back(self._sizes, self._limit, worth, beyond)
        sweep_on(self._sizes, self._limit, worth, before)
        patterns = np.zeros((len(worth), len(worth)), dtype=np.int32)
        best_with_each(self._sizes, self._limit, worth, before, beyond, patterns, np.zeros(len(worth), dtype=np.int64))
        return patterns, float(beyond[0, -1]) / 2.0**bits


def fits(view: PackingView) -> bool:
    """Whether a view with one type of bins and one resource is small enough."""
    classes = np.flatnonzero((view.count > 0) & (view.most[0] > 0))
    if not 0 < len(classes) <= MOST_CLASSES:
        return False
    unit = max(int(np.gcd.reduce(view.demand[classes, 0])), 1)
    return (len(classes) + 1) * (int(view.capacity[0, 0]) // unit + 1) <= MOST_CELLS


def converge(
    view: PackingView, prices: Float, columns: Int32, most_bins: int, should_stop: Callable[[], bool]
) -> Converged | None:
    """Solve the relaxation of a view that `fits`; None if the caller did not wait for the first prices.

    Parameters
    ----------
    prices : (C,) float64
        That prove much, in bins.
    columns : (N, C) int32
        Patterns to begin with.
    most_bins : int
        It ends as soon as more are proven to be needed.
    """
    classes = np.flatnonzero(view.count > 0)
    sweeps, master = _Sweeps(view, classes), InteriorMaster(view.count[classes])
    count = view.count[classes].astype(np.float64)
    master.add(np.diag(np.minimum(view.most[0], view.count)[classes]).astype(np.int32))
    master.add(columns[:, classes])
    proving = centre = np.maximum(prices[classes], 0.0)
    bound, bins, usage, top = 0.0, np.inf, np.zeros(0), 1.0
    smoothing, accuracy, is_optimal = 0.0, LOOSEST, False
    for _ in range(MOST_ROUNDS):
        if should_stop():
            break
        fine = accuracy < FINE_BELOW
        smoothing = 0.0 if fine else smoothing
        while True:
            at = smoothing * proving + (1.0 - smoothing) * centre
            patterns, top = sweeps.price(at, fine)
            proven = float(count @ at) / max(top, 1e-9)
            if proven > bound:
                bound, proving = proven, at
            new = master.add(patterns[patterns @ centre > 1.0 + PAYS] if np.isfinite(bins) else patterns)
            if new or smoothing == 0.0:
                break
            smoothing = smoothing / 2 if smoothing > LEAST_SMOOTHING else 0.0
        if np.isfinite(bins):
            is_optimal = fine and (bins - proven <= TIGHT * bins or (new == 0 and accuracy <= TIGHT))
            if is_optimal or bound > most_bins * (1.0 + TIGHT):
                break
        else:
            smoothing = SMOOTHING
        off = max(top - 1.0, (bins - bound) / bins if np.isfinite(bins) else 1.0)
        accuracy = min(LOOSEST, max(ACCURACY * off, TIGHTEST)) if new else max(ACCURACY * accuracy, TIGHTEST)
        solved = master.solve(centre / max(top, 1.0), accuracy)
        centre, usage, bins = solved.prices, solved.usage, solved.bins
    if not np.isfinite(bins):
        return None
    return _report(view, classes, master, centre, proving, bound, bins, usage, is_optimal)


NEARLY = 1e-3
"""Patterns that fall short of a bin's worth by more are not handed on."""


def _report(
    view: PackingView,
    classes: Int64,
    master: InteriorMaster,
    centre: Float,
    proving: Float,
    bound: float,
    bins: float,
    usage: Float,
    is_optimal: bool,
) -> Converged:
    near = np.flatnonzero(master.worth(centre)[: len(usage)] > 1.0 - NEARLY)
    columns = np.zeros((len(near), view.num_classes), dtype=np.int32)
    columns[:, classes] = master.patterns(near)
    of_class, of_proof = np.zeros(view.num_classes), np.zeros(view.num_classes)
    of_class[classes], of_proof[classes] = centre, proving
    return Converged(of_class, of_proof, bound, bins, columns, usage[near], is_optimal)
