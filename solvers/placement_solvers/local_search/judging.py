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

ASKED_AT_ONCE = 64
"""Resources of which rooms are asked before the verdict on them is."""


@inner
def draw_thresholds(lanes: Lanes, temperature: float, exponentials: NDArray[np.float64]) -> None:
    """What moves may cost at a temperature: that times the samples, (2^k,) float64, again and again."""
    mask = np.int64(len(exponentials) - 1)
    for k in range(len(lanes.threshold)):
        lanes.threshold[k] = np.int64(max(min(temperature * exponentials[k & mask], 2.0**60), -(2.0**60)))


@inner
def prepare_exchanges(tables: Tables, state: State, lanes: Lanes, item: int, source: int, alone: bool) -> None:
    """Bar and price all exchanges of an item of the source, or of nobody there, rooms and loads left aside.

    Those with the start of an item that lies elsewhere are barred, and left to homecomings.

    Parameters
    ----------
    alone : bool
        Whether they are judged alone, each of which then asks who is in the way.
    """
    nowhere = len(tables.open_cost) - 1
    for k in range(len(lanes.item)):
        lanes.passed[k] = lanes.barred[k]
        lanes.delta[k] = lanes.fixed[k]
    class_, fixed = np.int64(0), -state.bin_cost[source]
    if item >= 0:
        class_ = np.int64(tables.class_of[item])
        fixed -= lying_cost(tables, item, source)
    for number in range(len(lanes.bin)):
        bin_, at = lanes.bin[number], number * LANES_PER_BIN
        barred, entering = np.int64(0), fixed
        lanes.in_the_way[number] = np.int64(0)
        if item >= 0:
            if not alone and bin_ != source:
                lanes.in_the_way[number] = np.int64(in_the_way(tables, state, class_, source, bin_))
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


@inner
def prepare_homecomings(
    tables: Tables, state: State, lanes: Lanes, item: int, source: int, home: int, dearer: int
) -> None:
    """Bar and price all chains that send an item home and put that of a lane in its place, in the same way.

    Parameters
    ----------
    dearer : int
        What the item's coming costs at home, where it has room.
    """
    fixed = dearer - state.bin_cost[source] - lying_cost(tables, item, source)
    for k in range(len(lanes.item)):
        lanes.passed[k] = lanes.barred[k]
        lanes.delta[k] = lanes.fixed[k]
    for number in range(len(lanes.bin)):
        bin_, at = lanes.bin[number], number * LANES_PER_BIN
        barred, leaving = -np.int64(bin_ == home), fixed + opening(tables, state, bin_, home)
        for k in range(at, at + LANES_PER_BIN):
            lanes.passed[k] |= barred
            lanes.delta[k] += leaving
        lanes.passed[at] = np.int64(-1)


@inner
def judge_all(tables: Tables, state: State, lanes: Lanes, item: int, source: int, offset: int, goes_home: bool) -> bool:
    """Judge the exchanges prepared, or the chains if the item goes home, side by side; whether any passed.

    Parameters
    ----------
    offset : int
        Where the thresholds begin.
    """
    num_lanes = len(lanes.item)
    class_, stays = np.int64(0), np.int64(0)
    leaves, enters = -np.int64(item >= 0), -np.int64(item >= 0 and not goes_home)
    if item >= 0:
        class_ = np.int64(tables.class_of[item])
        stays = -np.int64(tables.start[item] == source and source != len(tables.open_cost) - 1)
    for r in range(tables.demand.shape[1]):
        demand = tables.demand[class_, r]
        room = state.room[source, r] + (demand & ~(tables.transient[r] & stays) & leaves)
        demand &= enters
        for k in range(num_lanes):
            coming = lanes.enters[r, k]
            lanes.passed[k] |= ((room - coming) & -coming) | ((lanes.room[r, k] - demand) & -demand)
    if not any_passed(lanes):
        return False
    for n in range(len(tables.price)):
        price, amount = tables.price[n], tables.amount[class_, n]
        over = state.over[source, n] - (amount & leaves)
        amount &= enters
        for k in range(num_lanes):
            here, there = over + lanes.amount[n, k], lanes.over[n, k] + amount
            lanes.delta[k] += price * (max(here, 0) + max(there, 0))
    slack = 2 * tables.most_moved
    if item >= 0 and tables.relations.related[class_]:
        slack += np.int64(ANY)
    for k in range(num_lanes):
        lanes.passed[k] |= lanes.threshold[offset + k] + slack + lanes.related[k] - lanes.delta[k]
    return any_passed(lanes)


@inner
def judge_alone(
    tables: Tables, state: State, lanes: Lanes, item: int, source: int, lane: int, offset: int, goes_home: bool
) -> None:
    """Judge a single one of them, from the item's class rather than from what is read of lanes. O(R + K)."""
    nowhere = len(tables.open_cost) - 1
    other, bin_ = lanes.item[lane], lanes.bin[lane // LANES_PER_BIN]
    class_, other_class, stays = np.int64(0), np.int64(0), np.int64(0)
    leaves, enters, comes = -np.int64(item >= 0), -np.int64(item >= 0 and not goes_home), -np.int64(other >= 0)
    comes_back, goes_away = np.int64(0), np.int64(0)
    slack = 2 * tables.most_moved + lanes.related[lane]
    if item >= 0:
        class_ = np.int64(tables.class_of[item])
        stays = -np.int64(tables.start[item] == source and source != nowhere)
        if tables.relations.related[class_]:
            slack += np.int64(ANY)
    if other >= 0:
        other_class = np.int64(tables.class_of[other])
        if nowhere not in (source, bin_):
            comes_back = -np.int64(tables.start[other] == source)
            goes_away = -np.int64(tables.start[other] == bin_)
    num_resources = tables.demand.shape[1]
    for first in range(0, num_resources, ASKED_AT_ONCE):
        short = np.int64(0)
        for r in range(first, min(first + ASKED_AT_ONCE, num_resources)):
            demand, demand_there = tables.demand[class_, r] & leaves, tables.demand[other_class, r] & comes
            entering, coming = demand & enters, demand_there & ~(tables.transient[r] & comes_back)
            room = state.room[source, r] + (demand & ~(tables.transient[r] & stays))
            room_there = state.room[bin_, r] + (demand_there & ~(tables.transient[r] & goes_away))
            short |= ((room - coming) & -coming) | ((room_there - entering) & -entering)
        if short < 0:
            lanes.passed[lane] = np.int64(-1)
            return
    delta = lanes.delta[lane]
    for n in range(len(tables.price)):
        amount, amount_there = tables.amount[class_, n] & leaves, tables.amount[other_class, n] & comes
        here = state.over[source, n] - amount + amount_there
        there = state.over[bin_, n] + (amount & enters) - amount_there
        delta += tables.price[n] * (max(here, 0) + max(there, 0))
    lanes.delta[lane] = delta
    lanes.passed[lane] = lanes.threshold[offset + lane] + slack - delta
    if lanes.passed[lane] < 0:
        return
    blocked = other >= 0 and in_the_way(tables, state, other_class, bin_, source)
    if blocked or (enters and in_the_way(tables, state, class_, source, bin_)):
        lanes.passed[lane] = np.int64(-1)


@inner
def any_passed(lanes: Lanes) -> bool:
    """Whether an exchange passed."""
    all_of_them = np.int64(-1)
    for k in range(len(lanes.item)):
        all_of_them &= lanes.passed[k]
    return all_of_them >= 0


@inner
def next_passed(
    tables: Tables,
    state: State,
    lanes: Lanes,
    item: int,
    source: int,
    offset: int,
    goes_home: bool,
    first: int,
    tried: int,
    alone: bool,
) -> int:
    """How many lanes from the first on come before the next one that passed, those tried left aside; all if none.

    Parameters
    ----------
    alone : bool
        Whether they have to be judged yet, each when its turn comes.
    """
    num_lanes = len(lanes.item)
    while tried < num_lanes:
        lane = first + tried
        if lane >= num_lanes:
            lane -= num_lanes
        if alone and lanes.passed[lane] >= 0:
            judge_alone(tables, state, lanes, item, source, lane, offset, goes_home)
        if lanes.passed[lane] >= 0:
            break
        tried += 1
    return tried
