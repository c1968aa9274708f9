"""All patterns that a packing at the bound may use.

At prices that prove a bound each pattern falls short of what its bin costs by some reduced cost, and the patterns of a
packing at the bound fall short by no more than the slack of the proof together. Where the linear programme is almost
tight few patterns do (Baldacci, Christofides, Mingozzi, An exact algorithm for the vehicle routing problem based on
the set partitioning formulation with additional cuts, Mathematical Programming 115, 2008, section 5). They are found
by depth first search; what the classes still to come can add is bounded by a knapsack over each resource.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from placement_solvers.bounds.prices import Prices
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int32, Int64

MOST_PATTERNS = 10_000
"""More patterns are too many to choose from."""

MOST_STEPS = 10_000_000
"""Steps of the search before it is given up."""

MOST_CELLS = 2**23
"""Cells of all knapsacks together, 8 bytes each; capacities are counted in larger units where there would be more."""


@dataclass(frozen=True, slots=True, eq=False)
class Enumerated:
    """Patterns of small reduced cost.

    Attributes
    ----------
    patterns : (N, C) int32
        Maximal ones: nothing more fits.
    is_complete : bool
        Whether there are no others.
    """

    patterns: Int32
    is_complete: bool


def enumerate_patterns(view: PackingView, type_: int, prices: Prices, shortfall: int) -> Enumerated:
    """The maximal patterns of a type that are worth at most `shortfall` price units less than a bin of it costs.

    Joints and conflicts are not looked at. O(C W R) for the bounds, W cells each, and at most `MOST_STEPS` steps.
    """
    capacity, most = view.capacity[type_], np.minimum(view.most[type_], view.count).astype(np.int64)
    worth = prices.of_item[view.region[type_]]
    share = (view.demand / np.maximum(capacity, 1)).max(axis=1)
    order = np.flatnonzero(most > 0)
    order = order[np.argsort(-share[order], kind="stable")]
    demand = np.ascontiguousarray(view.demand[order])
    width = max(MOST_CELLS // max((len(order) + 1) * len(capacity), 1), 2)
    grain = np.maximum(-(-(capacity + 1) // width), 1)
    cells = capacity // grain + 1
    first = np.cumsum(np.append(0, cells * (len(order) + 1)))
    beyond = np.zeros(int(first[-1]), dtype=np.int64)
    for resource in range(len(capacity)):
        table = beyond[first[resource] : first[resource + 1]].reshape(len(order) + 1, int(cells[resource]))
        fill_beyond(demand[:, resource] // grain[resource], most[order], worth[order], table)
    found = np.zeros((MOST_PATTERNS, len(order)), dtype=np.int32)
    least = prices.unit * int(view.open[prices.tier, type_]) - shortfall
    number = search(demand, most[order], worth[order], capacity, grain, cells, first[:-1], beyond, least, found)
    patterns = np.zeros((min(abs(int(number)), MOST_PATTERNS), view.num_classes), dtype=np.int32)
    patterns[:, order] = found[: len(patterns)]
    return Enumerated(patterns, bool(number >= 0))


@njit(cache=True, nogil=True)
def fill_beyond(size: Int64, most: Int64, worth: Int64, table: Int64) -> None:
    """Fill `table` (C + 1, W): in row k the most that classes from k on are worth in each capacity."""
    num_classes, width = len(size), table.shape[1]
    table[num_classes] = 0
    for k in range(num_classes - 1, -1, -1):
        for free in range(width):
            best = table[k + 1, free]
            items = 1
            while items <= most[k] and items * size[k] <= free:
                best = max(best, table[k + 1, free - items * size[k]] + items * worth[k])
                items += 1
            table[k, free] = best


@njit(cache=True, nogil=True)
def search(
    demand: Int64,
    most: Int64,
    worth: Int64,
    capacity: Int64,
    grain: Int64,
    cells: Int64,
    first: Int64,
    beyond: Int64,
    least: int,
    found: Int32,
) -> int:
    """Write the maximal patterns worth at least `least` to `found`; their number, as a negative one if it gave up.

    Parameters
    ----------
    demand : (C, R) int64
        Classes in the order in which they are decided.
    grain, cells, first : (R,) int64
        Unit, width and place of each resource's table in `beyond`, a row for each class and one more.
    """
    num_classes, num_resources = demand.shape
    pattern = np.zeros(num_classes, dtype=np.int32)
    free = capacity.copy()
    number, steps, value, k = 0, 0, 0, 0
    forward = True
    while True:
        steps += 1
        if steps > MOST_STEPS:
            return -max(number, 1)
        if forward and k == num_classes:
            maximal = True
            for c in range(num_classes):
                if pattern[c] < most[c]:
                    fits = True
                    for r in range(num_resources):
                        fits = fits and demand[c, r] <= free[r]
                    if fits:
                        maximal = False
                        break
            if maximal:
                if number == len(found):
                    return -number
                found[number] = pattern
                number += 1
            forward = False
            continue
        if forward:
            items = most[k]
            for r in range(num_resources):
                if demand[k, r] > 0:
                    items = min(items, free[r] // demand[k, r])
            pattern[k] = items
            value += items * worth[k]
            for r in range(num_resources):
                free[r] -= items * demand[k, r]
        else:
            k -= 1
            while k >= 0 and pattern[k] == 0:
                k -= 1
            if k < 0:
                return number
            pattern[k] -= 1
            value -= worth[k]
            for r in range(num_resources):
                free[r] += demand[k, r]
        more = beyond[first[0] + (k + 1) * cells[0] + free[0] // grain[0]]
        for r in range(1, num_resources):
            more = min(more, beyond[first[r] + (k + 1) * cells[r] + free[r] // grain[r]])
        k += 1
        forward = value + more >= least
