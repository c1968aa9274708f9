"""Exact pricing of one resource with large numbers: branch and bound over a coarse dynamic programme.

The programme counts in units so large that its tables stay small; sizes are rounded down, so what it says is worth is
an upper bound. Depth first search in the true sizes, with that bound, finds the best pattern, first among those that
are worth almost as much as the programme says (Kellerer, Pferschy, Pisinger, Knapsack Problems, Springer 2004, section
5.1). Where bins hold few items it takes a moment for any capacity.
"""

# mypy: disable-error-code="no-any-return"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_up
from placement_solvers.column_generation.pricing import Priced, price_order
from placement_solvers.compiled import allocating
from placement_solvers.packing_view import PackingView
from placement_solvers.pattern_pool.enumeration import fill_beyond
from placement_solvers.problem import Int32, Int64

MOST_CELLS = 2**22
"""Cells of the programme, 8 bytes each."""

SHARES = (2**20, 2**16, 2**12, 2**8, 2**4, 1)
"""Patterns worth less than the programme's answer by up to one in so many are looked for, one share after the other."""

MOST_STEPS = 5_000_000
"""Steps of one search; if that is not enough the programme's answer is the bound."""


class BranchPricer:
    """Prices a view with one type of bins and one resource, whatever the capacity; see `SweepPricer.suits`."""

    def __init__(self, view: PackingView, side: SideConstraints) -> None:
        self._view, self._side = view, side
        most = np.minimum(view.most[0], view.count).astype(np.int64)
        classes = np.flatnonzero(most > 0)
        self._classes = classes[np.argsort(-view.demand[classes, 0], kind="stable")]
        self._limit = most[self._classes]
        self._sizes = np.ascontiguousarray(view.demand[self._classes, 0])
        self._capacity = int(view.capacity[0, 0])
        self._unit = -(-(self._capacity + 1) * (len(classes) + 1) // MOST_CELLS)
        self._beyond = np.zeros((len(classes) + 1, self._capacity // self._unit + 1), dtype=np.int64)

    def price(self, prices: Int64) -> Priced:
        """The best pattern, and the most that any is worth, at prices (Z, C)."""
        view = self._view
        worth = np.ascontiguousarray(prices[0, self._classes])
        fill_beyond(self._sizes // self._unit, self._limit, worth, self._beyond)
        most = bound = int(self._beyond[0, -1])
        found = np.zeros(len(worth), dtype=np.int32)
        for share in SHARES:
            least = most - most // share
            best = int(branch(self._sizes, self._limit, worth, self._capacity, self._unit, self._beyond, least, found))
            if best > 0:
                bound = best
            if best != 0:  # found, or given up
                break
        patterns = np.zeros((1, view.num_classes), dtype=np.int32)
        patterns[0, self._classes] = found
        types = np.zeros(1, dtype=np.int64)
        fill_up(view, self._side, patterns, types, price_order(view, prices[0])[None])
        return Priced(patterns, types, np.array([bound], dtype=np.int64))


@allocating
def branch(
    size: Int64, most: Int64, worth: Int64, capacity: int, unit: int, beyond: Int64, least: int, found: Int32
) -> int:
    """Write the best pattern worth at least `least` to `found` (C,); its worth, 0 if there is none, -1 if it gave up.

    Parameters
    ----------
    beyond : (C + 1, W) int64
        In row k at least what classes from k on are worth in each capacity, in units.
    """
    num_classes = len(size)
    pattern = np.zeros(num_classes, dtype=np.int32)
    stack = np.empty(num_classes + 1, dtype=np.int64)
    free, value, depth, steps, k = capacity, 0, 0, 0, 0
    best, wanted = 0, max(least, 1)
    forward = beyond[0, free // unit] >= wanted
    while True:
        steps += 1
        if steps > MOST_STEPS:
            return -1
        if forward and k < num_classes:
            items = min(most[k], free // size[k])
            if items > 0:
                pattern[k] = items
                stack[depth] = k
                depth += 1
                free -= items * size[k]
                value += items * worth[k]
        else:
            if forward:  # at least as much as wanted, for nothing is added beyond the last class
                best, wanted = value, value + 1
                found[:] = pattern
            if depth == 0:
                return best
            k = stack[depth - 1]
            pattern[k] -= 1
            if pattern[k] == 0:
                depth -= 1
            free += size[k]
            value -= worth[k]
        k += 1
        forward = value + beyond[k, free // unit] >= wanted
