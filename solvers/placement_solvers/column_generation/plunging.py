"""Diving in one linear programme, again and again: fix patterns, ask it for what is left, and go back part of the way.

Where the best patterns at any prices are found in a moment, a dive need not relax each remainder from nothing: the
master keeps its columns and its basis and is asked for fewer items, and new patterns are looked for only once those it
has need more bins than there are left. Of the dives that fail the one that came farthest keeps a part of what it fixed,
drawn at random, and the next one fills up the rest (diving with restarts, after Sadykov, Vanderbeck, Tahiri, Uchoa,
Pessoa, Primal heuristics for branch and price: the assets of diving methods, INFORMS J. Computing 31(2), 2019; taking
solutions apart to put them together anew is Shaw's large neighbourhood search).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement_solvers.column_generation.packing import Packing
from placement_solvers.column_generation.relaxation import Columns, Relaxation
from placement_solvers.packing_view import Float
from placement_solvers.problem import Int32, Int64

FIXED_SHARES = (0.1, 0.05, 0.02)
"""Share of the bins that are left which is fixed at a time, at least one, in one dive after the other."""

FRESH = 6
"""Every so many dives begin with nothing fixed."""

KEPT = (0.3, 0.9)
"""Share of the bins that the others keep of the farthest dive since."""

NOISE = 0.3
"""Random share by which fractions are changed, in all dives but the first."""

WHOLE, USED = 1 - 1e-6, 1e-6
"""Patterns used more than that are wholly used, or at all."""


class Plunging:
    """Dives for packings of a relaxation without rules, with one type of bins, which `lists` its patterns.

    Parameters
    ----------
    relaxation : Relaxation
        One that has converged. While a dive runs it is asked for other numbers of items.
    bin_cost : int
        Cost of a bin in the tier.
    """

    def __init__(self, relaxation: Relaxation, bin_cost: int, rng: np.random.Generator) -> None:
        self._relaxation, self._bin_cost, self._rng = relaxation, bin_cost, rng
        self._fixed: list[Int32] = []
        self._farthest: list[Int32] = []
        self._number = 0

    def dive(self, bins: int, should_stop: Callable[[], bool]) -> Packing | None:
        """A packing in at most `bins` bins, or None if this dive finds none."""
        relaxation, number = self._relaxation, self._number
        self._number += 1
        if number % FRESH == 0:
            self._farthest = []
        elif len(self._fixed) >= len(self._farthest):
            self._farthest = self._fixed
        kept = min(int(self._rng.uniform(*KEPT) * len(self._farthest)), bins)
        self._fixed = [self._farthest[row] for row in self._rng.permutation(len(self._farthest))[:kept].tolist()]
        count = relaxation.view.count - sum(self._fixed, start=np.zeros(relaxation.view.num_classes, dtype=np.int64))
        share, noise = FIXED_SHARES[number % len(FIXED_SHARES)], NOISE if number else 0.0
        try:
            while count.any():
                left = bins - len(self._fixed)
                columns = relaxation.columns_for(count, left * self._bin_cost, should_stop)
                if columns is None:
                    return None
                fraction = columns.usage * (1 + noise * self._rng.uniform(-1, 1, len(columns.usage)))
                count = self._fix(columns, fraction, count, max(int(share * left), 1))
        finally:
            relaxation.ask(relaxation.view.count)
        patterns = np.array(self._fixed, dtype=np.int32).reshape(-1, relaxation.view.num_classes)
        if len(patterns) > bins:
            return None
        return Packing(np.zeros(len(patterns), dtype=np.int64), patterns, np.ones(len(patterns), dtype=np.int64))

    def _fix(self, columns: Columns, fraction: Float, count: Int64, number: int) -> Int64:
        """Fix the patterns that are wholly used and `number` others, the most used first; what is left (C,).

        What a pattern holds too many of is left out; only the first may hold less for that.
        """
        used = np.flatnonzero(columns.usage > USED)
        others = 0
        for column in used[np.argsort(-fraction[used], kind="stable")].tolist():
            is_whole = columns.usage[column] > WHOLE
            if not is_whole and others >= number:
                continue
            pattern = np.minimum(columns.patterns[column], count)
            is_cut = bool((pattern < columns.patterns[column]).any())
            if not pattern.any() or (is_cut and others > 0 and not is_whole):
                continue
            times = max(int(columns.usage[column] + USED), 1) if not is_cut else 1
            for _ in range(times):
                pattern = np.minimum(columns.patterns[column], count).astype(np.int32)
                if pattern.any():
                    self._fixed.append(pattern)
                    count = count - pattern
            others += not is_whole
        return count
