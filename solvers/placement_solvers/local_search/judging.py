"""Compiled kernels: what exchanges with all lanes would cost, and which of them may be made as far as bins go.

O(NUM_LANES (R + K)), in loops over the lanes that become vector instructions.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import inner
from placement_solvers.local_search.bins import lying_cost, may_lie
from placement_solvers.local_search.deltas import opening
from placement_solvers.local_search.groups import in_the_way
from placement_solvers.local_search.lanes import ANY, LANES_PER_BIN, Lanes
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables


@inner
def draw_thresholds(lanes: Lanes, temperature: float, exponentials: NDArray[np.float64]) -> None:
    """What moves may cost at a temperature: that times the samples, (2^k,) float64, again and again."""
    mask = np.int64(len(exponentials) - 1)
    for k in range(len(lanes.threshold)):
        lanes.threshold[k] = np.int64(max(min(temperature * exponentials[k & mask], 2.0**60), -(2.0**60)))


@inner
def exchanges(tables: Tables, state: State, lanes: Lanes, item: int, source: int, offset: int) -> bool:
    """Judge all exchanges of an item of the source, or of nobody there, with the lanes; whether any passed.

    Those with the start of an item that lies elsewhere are left to `homecomings`.

    Parameters
    ----------
    offset : int
        Where the thresholds begin.
    """
    nowhere = len(tables.open_cost) - 1
    num_lanes = len(lanes.item)
    for k in range(num_lanes):
        lanes.passed[k] = lanes.barred[k]
        lanes.delta[k] = lanes.fixed[k]
    class_, stays, related, fixed = np.int64(0), np.int64(0), np.int64(0), -state.bin_cost[source]
    if item >= 0:
        class_ = np.int64(tables.class_of[item])
        stays = -np.int64(tables.start[item] == source and source != nowhere)
        related = np.int64(ANY) if tables.relations.related[class_] else np.int64(0)
        fixed -= lying_cost(tables, item, source)
    for number in range(len(lanes.bin)):
        bin_, at = lanes.bin[number], number * LANES_PER_BIN
        barred, entering = np.int64(0), fixed
        lanes.in_the_way[number] = np.int64(0)
        if item >= 0:
            lanes.in_the_way[number] = np.int64(bin_ != source and in_the_way(tables, state, class_, source, bin_))
            back = tables.start[item] == bin_ and source != nowhere
            barred = -np.int64(lanes.in_the_way[number] != 0 or back or not may_lie(tables, item, bin_))
            entering += lying_cost(tables, item, bin_)
            lanes.delta[at] += opening(tables, state, source, bin_)
        else:
            entering += opening(tables, state, bin_, source)
            lanes.passed[at] = np.int64(-1)
        for k in range(at, at + LANES_PER_BIN):
            lanes.passed[k] |= barred
            lanes.delta[k] += entering
    for r in range(tables.demand.shape[1]):
        demand = np.int64(0)
        if item >= 0:
            demand = tables.demand[class_, r]
        room = state.room[source, r] + demand - (demand & tables.transient[r] & stays)
        for k in range(num_lanes):
            enters = lanes.enters[r, k]
            lanes.passed[k] |= ((room - enters) & -enters) | ((lanes.room[r, k] - demand) & -demand)
    if not any_passed(lanes):
        return False
    for n in range(len(tables.price)):
        price, amount = tables.price[n], np.int64(0)
        if item >= 0:
            amount = tables.amount[class_, n]
        over = state.over[source, n] - amount
        for k in range(num_lanes):
            here, there = over + lanes.amount[n, k], lanes.over[n, k] + amount
            lanes.delta[k] += price * (max(here, 0) + max(there, 0))
    ask_thresholds(tables, lanes, related, offset)
    return any_passed(lanes)


@inner
def homecomings(
    tables: Tables, state: State, lanes: Lanes, item: int, source: int, home: int, dearer: int, offset: int
) -> bool:
    """Judge all chains that send an item home and put that of a lane in its place; whether any passed.

    Parameters
    ----------
    dearer : int
        What the item's coming costs at home, where it has room.
    """
    num_lanes = len(lanes.item)
    class_ = np.int64(tables.class_of[item])
    fixed = dearer - state.bin_cost[source] - lying_cost(tables, item, source)
    for k in range(num_lanes):
        lanes.passed[k] = lanes.barred[k]
        lanes.delta[k] = lanes.fixed[k]
    for number in range(len(lanes.bin)):
        bin_, at = lanes.bin[number], number * LANES_PER_BIN
        barred, leaving = -np.int64(bin_ == home), fixed + opening(tables, state, bin_, home)
        for k in range(at, at + LANES_PER_BIN):
            lanes.passed[k] |= barred
            lanes.delta[k] += leaving
        lanes.passed[at] = np.int64(-1)
    for r in range(tables.demand.shape[1]):
        room = state.room[source, r] + tables.demand[class_, r]
        for k in range(num_lanes):
            enters = lanes.enters[r, k]
            lanes.passed[k] |= (room - enters) & -enters
    if not any_passed(lanes):
        return False
    for n in range(len(tables.price)):
        price = tables.price[n]
        over = state.over[source, n] - tables.amount[class_, n]
        for k in range(num_lanes):
            lanes.delta[k] += price * (max(over + lanes.amount[n, k], 0) + max(lanes.over[n, k], 0))
    related = np.int64(ANY) if tables.relations.related[class_] else np.int64(0)
    ask_thresholds(tables, lanes, related, offset)
    return any_passed(lanes)


@inner
def ask_thresholds(tables: Tables, lanes: Lanes, related: int, offset: int) -> None:
    """Let those pass that cost no more than their thresholds, if both made the set that was moved most smaller."""
    slack = 2 * tables.most_moved + related
    for k in range(len(lanes.item)):
        lanes.passed[k] |= lanes.threshold[offset + k] + slack + lanes.related[k] - lanes.delta[k]


@inner
def any_passed(lanes: Lanes) -> bool:
    """Whether an exchange passed."""
    all_of_them = np.int64(-1)
    for k in range(len(lanes.item)):
        all_of_them &= lanes.passed[k]
    return all_of_them >= 0


@inner
def next_passed(lanes: Lanes, first: int, tried: int) -> int:
    """How many lanes from the first on come before the next one that passed, those tried left aside; all if none."""
    num_lanes = len(lanes.item)
    while tried < num_lanes:
        lane = first + tried
        if lanes.passed[lane - num_lanes if lane >= num_lanes else lane] >= 0:
            break
        tried += 1
    return tried
