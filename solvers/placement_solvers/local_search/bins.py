"""Compiled kernels: whether items fit a bin, and what the bin costs once they went in and out.

Each asks for one bin and what changes in it. O(R + K); sums over resources have no branches, so that they become
vector instructions.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables


@inner
def may_lie(tables: Tables, item: int, bin_: int) -> bool:
    """Whether the item is eligible for the bin, and not pinned to another."""
    class_ = tables.class_of[item]
    pin = tables.pinned_to[class_]
    nowhere = len(tables.open_cost) - 1
    return tables.eligible[tables.class_signature[class_], tables.bin_signature[bin_]] and (
        pin < 0 or pin == bin_ or bin_ == nowhere
    )


@inner
def fits(tables: Tables, state: State, item: int, bin_: int) -> bool:
    """Whether the bin has room for one more item.

    A resource of which the item takes nothing is not asked, as the bin may be overfull by what stays. On its start an
    item that lies elsewhere holds its transient resources already.
    """
    class_ = tables.class_of[item]
    nowhere = len(tables.open_cost) - 1
    short = np.int64(0)
    if tables.start[item] == bin_ and state.bin_of[item] != nowhere:
        for r in range(tables.demand.shape[1]):
            demand = tables.demand[class_, r] & ~tables.transient[r]
            short |= (state.room[bin_, r] - demand) & -demand
    else:
        for r in range(tables.demand.shape[1]):
            demand = tables.demand[class_, r]
            short |= (state.room[bin_, r] - demand) & -demand
    return short >= 0


@inner
def may_be_held(tables: Tables, state: State, item: int, target: int) -> bool:
    """Whether the start of an item that comes back from nowhere has room for what is held there meanwhile."""
    nowhere = len(tables.open_cost) - 1
    start = np.int64(tables.start[item])
    if state.bin_of[item] != nowhere or start in (nowhere, target) or target == nowhere:
        return True
    class_ = tables.class_of[item]
    short = np.int64(0)
    for r in range(tables.demand.shape[1]):
        held = tables.demand[class_, r] & tables.transient[r]
        short |= (state.room[start, r] - held) & -held
    return short >= 0


@inner
def fits_instead(tables: Tables, state: State, item: int, bin_: int, other: int) -> bool:
    """Whether the item fits the bin once the other has left it for where the item was."""
    class_, other_class = tables.class_of[item], tables.class_of[other]
    from_somewhere = state.bin_of[item] != len(tables.open_cost) - 1
    back = tables.start[item] == bin_ and from_somewhere
    away = tables.start[other] == bin_ and from_somewhere
    short = np.int64(0)
    for r in range(tables.demand.shape[1]):
        demand, freed = tables.demand[class_, r], tables.demand[other_class, r]
        if back:
            demand &= ~tables.transient[r]
        if away:
            freed &= ~tables.transient[r]
        short |= (state.room[bin_, r] + freed - demand) & -demand
    return short >= 0


@inner
def may_swap(tables: Tables, state: State, item: int, source: int, other: int, target: int) -> bool:
    """Whether an item in one bin and another in a second one are allowed and have room in each other's place."""
    return (
        may_lie(tables, item, target)
        and may_lie(tables, other, source)
        and fits_instead(tables, state, item, target, other)
        and fits_instead(tables, state, other, source, item)
    )


@inner
def cost_with(tables: Tables, state: State, item: int, bin_: int, sign: int) -> int:
    """What the bin pays for what it has too much of once the item entered (`sign` 1) or left (-1)."""
    class_ = tables.class_of[item]
    cost = np.int64(0)
    for k in range(len(tables.price)):
        cost += tables.price[k] * max(state.over[bin_, k] + sign * tables.amount[class_, k], 0)
    return cost


@inner
def cost_instead(tables: Tables, state: State, item: int, bin_: int, other: int) -> int:
    """What the bin pays for what it has too much of once the item entered and the other left."""
    class_, other_class = tables.class_of[item], tables.class_of[other]
    cost = np.int64(0)
    for k in range(len(tables.price)):
        change = tables.amount[class_, k] - tables.amount[other_class, k]
        cost += tables.price[k] * max(state.over[bin_, k] + change, 0)
    return cost


@inner
def lying_cost(tables: Tables, item: int, bin_: int) -> int:
    """What the item pays for lying in the bin, whoever else does."""
    class_ = tables.class_of[item]
    start = tables.start[item]
    nowhere = len(tables.open_cost) - 1
    if bin_ == nowhere:
        return tables.unplaced_cost[class_]
    cost = tables.placed_cost[tables.class_signature[class_], tables.bin_signature[bin_]]
    if start != bin_ and start != nowhere:
        cost += tables.moved_cost[class_]
        if tables.between_cost.size:
            cost += tables.between_cost[start, bin_]
    return cost
