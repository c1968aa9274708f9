"""All patterns of a bin that keep several budgets at once.

A budget says how far the worth of a pattern at some prices may fall short. Prices that prove a bound give one, the
slack of the proof (Baldacci, Christofides, Mingozzi, An exact algorithm for the vehicle routing problem based on the
set partitioning formulation with additional cuts, Mathematical Programming 115, 2008, section 5); so does each resource
for itself, the room that a packing in so many bins leaves empty. Where a packing has to be almost perfect few patterns
keep them all. They are found by depth first search; what classes still to come can add is bounded by a knapsack over
one resource for each budget.
"""

# mypy: disable-error-code="no-any-return"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.compiled import allocating
from placement_solvers.pattern_pool.pool import Pool
from placement_solvers.problem import Int32, Int64

MOST_PATTERNS = 200_000
"""More patterns are too many to choose from."""

MOST_STEPS = 100_000_000
"""Steps of the search before it is given up, about ten nanoseconds each."""

MOST_CELLS = 2**25
"""Cells of all knapsacks together, 8 bytes each; capacities are counted in larger units where there would be more."""


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """Patterns are worth at least so much.

    Attributes
    ----------
    worth : (C,) int64
        Price of an item of each class, at least 0.
    least : int
    resource : int
        By whose knapsack the worth of classes to come is bounded.
    """

    worth: Int64
    least: int
    resource: int


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """What a search for patterns found.

    Attributes
    ----------
    pool : Pool
        Maximal patterns: nothing more fits.
    is_complete : bool
        Whether there are no others.
    """

    pool: Pool
    is_complete: bool


def enumerate_within(
    demand: Int64, most: Int64, capacity: Int64, budgets: list[Budget], most_patterns: int = MOST_PATTERNS
) -> Listed:
    """The maximal patterns that keep all budgets. O(C W) for each budget, W cells, and at most `MOST_STEPS` steps.

    Parameters
    ----------
    demand : (C, R) int64
    most : (C,) int64
        Items of a class that a pattern may hold.
    capacity : (R,) int64
    """
    order = np.flatnonzero(most > 0)
    main = int(np.argmax((most @ demand) / np.maximum(capacity, 1)))
    order = order[np.argsort(-demand[order, main], kind="stable")]
    sizes, limit = np.ascontiguousarray(demand[order]), most[order]
    width = max(MOST_CELLS // max((len(order) + 1) * len(budgets), 1), 2)
    resource = np.array([budget.resource for budget in budgets], dtype=np.int64)
    grain = np.maximum(-(-(capacity[resource] + 1) // width), 1)
    cells = capacity[resource] // grain + 1
    first = np.cumsum(np.append(0, cells * (len(order) + 1)))
    beyond = np.zeros(int(first[-1]), dtype=np.int64)
    worth = np.zeros((len(budgets), len(order)), dtype=np.int64)
    for row, budget in enumerate(budgets):
        worth[row] = budget.worth[order]
        table = beyond[first[row] : first[row + 1]].reshape(len(order) + 1, int(cells[row]))
        fill_beyond(sizes[:, budget.resource] // grain[row], limit, worth[row], table)
    least = np.array([budget.least for budget in budgets], dtype=np.int64)
    longest = _longest(sizes, limit, capacity)
    members = np.zeros(min(most_patterns * longest, 2**26), dtype=np.int32)
    start = np.zeros(most_patterns + 1, dtype=np.int64)
    number = int(
        search(sizes, limit, capacity, main, worth, least, resource, grain, cells, first, beyond, members, start)
    )
    found = abs(number + 1) if number < 0 else number
    own = order[members[: start[found]]].astype(np.int32)
    return Listed(Pool(start[: found + 1].copy(), own, len(demand)), number >= 0)


def _longest(demand: Int64, most: Int64, capacity: Int64) -> int:
    """No pattern has more items: as many of the smallest as one resource holds."""
    number = int(most.sum())
    for resource, room in enumerate(capacity.tolist()):
        small = np.argsort(demand[:, resource], kind="stable")
        sizes = np.repeat(demand[small, resource], most[small])
        number = min(number, int(np.searchsorted(np.cumsum(sizes), room, side="right")))
    return max(number, 1)


@allocating
def fill_beyond(size: Int64, most: Int64, worth: Int64, table: Int64) -> None:
    """Fill `table` (C + 1, W): in row k the most that classes from k on are worth in each capacity. O(C W most)."""
    num_classes, width = len(size), table.shape[1]
    table[num_classes] = 0
    for k in range(num_classes - 1, -1, -1):
        table[k] = table[k + 1]
        if size[k] == 0:
            table[k] += most[k] * worth[k]
        elif most[k] >= (width - 1) // size[k]:
            for free in range(size[k], width):
                table[k, free] = max(table[k, free], table[k, free - size[k]] + worth[k])
        elif worth[k] > 0:
            for items in range(1, most[k] + 1):
                taken = items * size[k]
                if taken >= width:
                    break
                gain = items * worth[k]
                for free in range(taken, width):
                    table[k, free] = max(table[k, free], table[k + 1, free - taken] + gain)


@allocating
def search(
    demand: Int64,
    most: Int64,
    capacity: Int64,
    main: int,
    worth: Int64,
    least: Int64,
    resource: Int64,
    grain: Int64,
    cells: Int64,
    first: Int64,
    beyond: Int64,
    members: Int32,
    start: Int64,
) -> int:
    """Write the maximal patterns one after the other, item by item, to `members`; how many there are.

    If it gave up, one more than there are, as a negative number.

    Parameters
    ----------
    demand : (C, R) int64
        Classes in the order in which they are decided.
    main : int
        The resource of which classes take less and less.
    worth, least, resource : (P, C), (P,), (P,) int64
        The budgets.
    grain, cells, first : (P,) int64
        Unit, width and place of each budget's table in `beyond`, a row for each class and one more.
    start : (N + 1,) int64
        Where each pattern begins in `members`.
    """
    num_classes, num_resources = demand.shape
    num_budgets = len(least)
    smallest = np.empty(num_resources, dtype=np.int64)
    for r in range(num_resources):
        smallest[r] = demand[:, r].min() if num_classes else 0
    pattern = np.zeros(num_classes, dtype=np.int64)
    stack = np.empty(num_classes + 1, dtype=np.int64)
    free, value = capacity.copy(), np.zeros(num_budgets, dtype=np.int64)
    number, depth, steps, k = 0, 0, 0, 0
    forward = True
    while True:
        steps += 1
        if steps > MOST_STEPS:
            return -number - 1
        if forward and k < num_classes and demand[k, main] > free[main]:
            low, high = k, num_classes  # on to the first class that is small enough
            while low < high:
                middle = (low + high) // 2
                if demand[middle, main] > free[main]:
                    low = middle + 1
                else:
                    high = middle
            k = low - 1
        elif forward and k < num_classes:
            items = most[k]
            for r in range(num_resources):
                if demand[k, r] > 0:
                    items = min(items, free[r] // demand[k, r])
            if items > 0:
                pattern[k] = items
                stack[depth] = k
                depth += 1
                for r in range(num_resources):
                    free[r] -= items * demand[k, r]
                for p in range(num_budgets):
                    value[p] += items * worth[p, k]
        else:
            if forward:
                full = False
                for r in range(num_resources):
                    full = full or free[r] < smallest[r]
                maximal = True
                if not full:
                    for c in range(num_classes):
                        if pattern[c] < most[c]:
                            fits = True
                            for r in range(num_resources):
                                fits = fits and demand[c, r] <= free[r]
                            if fits:
                                maximal = False
                                break
                if maximal:
                    at = start[number]
                    size = 0
                    for d in range(depth):
                        size += pattern[stack[d]]
                    if number + 1 == len(start) or at + size > len(members):
                        return -number - 1
                    for d in range(depth):
                        for _ in range(pattern[stack[d]]):
                            members[at] = stack[d]
                            at += 1
                    number += 1
                    start[number] = at
            if depth == 0:
                return number
            k = stack[depth - 1]
            pattern[k] -= 1
            if pattern[k] == 0:
                depth -= 1
            for r in range(num_resources):
                free[r] += demand[k, r]
            for p in range(num_budgets):
                value[p] -= worth[p, k]
        k += 1
        forward = True
        for p in range(num_budgets):
            more = beyond[first[p] + k * cells[p] + free[resource[p]] // grain[p]]
            if value[p] + more < least[p]:
                forward = False
                break
