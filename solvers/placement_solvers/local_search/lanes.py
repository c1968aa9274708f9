"""Compiled kernels: many exchanges judged at once, side by side in the lanes of vector instructions.

A *lane* is an item in some other bin, or nobody there. An item of one bin is set against all lanes in one pass: for
each resource whether both bins have room once the two changed places, for each priced quantity what both bins pay then.
Nobody in a lane makes the exchange a shift into its bin, nobody in place of the item one out of it. A proposal costs a
few nanoseconds so, where one alone costs some tens, most of which the processor waits for memory and mispredicted
branches.

What an exchange does to relations between items is not judged here; the moves that pass are few, and are asked singly.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import inner
from placement_solvers.local_search.bins import lying_cost, may_lie
from placement_solvers.local_search.deltas import opening
from placement_solvers.local_search.groups import in_the_way
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import Int64

NUM_LANES, LANES_PER_BIN = 32, 8
"""Lanes, and those of each bin; the first of them is nobody. Fewer than 32 do not become vector instructions."""

NOBODY, EMPTY = -1, -2
"""In place of an item: nobody, who can be exchanged like one; a lane that is not used."""

MOST_ITEMS = 32
"""Items of a bin that are set against the lanes before others are read."""

ANY = 2**60
"""More than any move costs."""

TEMPERATURES = 4096
"""Thresholds drawn, each of which a lane begins to read at another place."""


class Lanes(NamedTuple):
    """What is read of the lanes, and what is found in a pass.

    Attributes
    ----------
    bin : (NUM_LANES / LANES_PER_BIN,) int64
    in_the_way : the same shape, int64
        Whether others of its kind keep the item at hand out of the bin.
    chosen : (MOST_ITEMS + 1,) int64
        The items of the bin at hand, and `NOBODY` after the last.
    item : (NUM_LANES,) int64
        `NOBODY`, or `EMPTY`.
    barred : (NUM_LANES,) int64
        -1 where the item may not leave for the bin at hand, else 0.
    related : (NUM_LANES,) int64
        `ANY` where more than the bins decides what a move costs, else 0.
    enters, room : (R, NUM_LANES) int64
        What the item takes of the bin at hand; what its own bin has room for without it.
    amount, over : (K, NUM_LANES) int64
        Its priced quantities; those of its own bin without it, less what the bin may have.
    fixed : (NUM_LANES,) int64
        What its leaving costs whatever comes instead.
    passed : (NUM_LANES,) int64
        Negative where an exchange is not allowed or too dear.
    delta : (NUM_LANES,) int64
        What it costs.
    threshold : (TEMPERATURES + NUM_LANES,) int64
        What a move may cost.
    """

    bin: Int64
    in_the_way: Int64
    chosen: Int64
    item: Int64
    barred: Int64
    related: Int64
    enters: Int64
    room: Int64
    amount: Int64
    over: Int64
    fixed: Int64
    passed: Int64
    delta: Int64
    threshold: Int64


def lanes_of(tables: Tables) -> Lanes:
    """Lanes for a walk of its own; nothing is read yet."""
    bins, resources, quantities = NUM_LANES // LANES_PER_BIN, tables.demand.shape[1], len(tables.price)

    def zeros(*shape: int) -> Int64:
        return np.zeros(shape, dtype=np.int64)

    return Lanes(
        bin=zeros(bins),
        in_the_way=zeros(bins),
        chosen=zeros(MOST_ITEMS + 1),
        item=zeros(NUM_LANES),
        barred=zeros(NUM_LANES),
        related=zeros(NUM_LANES),
        enters=zeros(resources, NUM_LANES),
        room=zeros(resources, NUM_LANES),
        amount=zeros(quantities, NUM_LANES),
        over=zeros(quantities, NUM_LANES),
        fixed=zeros(NUM_LANES),
        passed=zeros(NUM_LANES),
        delta=zeros(NUM_LANES),
        threshold=zeros(TEMPERATURES + NUM_LANES),
    )


@inner
def draw_thresholds(lanes: Lanes, temperature: float, exponentials: NDArray[np.float64]) -> None:
    """What moves may cost at a temperature: that times the samples, (2^k,) float64, again and again."""
    mask = np.int64(len(exponentials) - 1)
    for k in range(len(lanes.threshold)):
        lanes.threshold[k] = np.int64(max(min(temperature * exponentials[k & mask], 2.0**60), -(2.0**60)))


@inner
def fill_lanes(state: State, lanes: Lanes, number: int, bin_: int, first: int, is_used: bool) -> None:
    """Take nobody and some items of a bin, from a slot on, into the lanes of that number; to be read afterwards."""
    lanes.bin[number] = bin_
    at = number * LANES_PER_BIN
    count = np.int64(state.slot_count[bin_])
    lanes.item[at] = NOBODY if is_used else EMPTY
    for k in range(1, LANES_PER_BIN):
        lanes.item[at + k] = EMPTY
        if is_used and k <= count:
            slot = first + k - 1
            if slot >= count:
                slot -= count
            lanes.item[at + k] = state.slot[state.slot_start[bin_] + slot]


@inner
def read_lanes(tables: Tables, state: State, lanes: Lanes, number: int, source: int) -> None:
    """Read what is asked of the lanes of a bin, for exchanges with the source. O(LANES_PER_BIN (R + K))."""
    nowhere = len(tables.open_cost) - 1
    bin_ = lanes.bin[number]
    somewhere = source != nowhere and bin_ != nowhere
    at = number * LANES_PER_BIN
    for k in range(at, at + LANES_PER_BIN):
        item = lanes.item[k]
        lanes.barred[k] = np.int64(-1)
        lanes.related[k] = np.int64(0)
        lanes.fixed[k] = -state.bin_cost[bin_]
        if item == NOBODY:
            lanes.barred[k] = np.int64(0)
            for r in range(tables.demand.shape[1]):
                lanes.enters[r, k] = np.int64(0)
                lanes.room[r, k] = state.room[bin_, r]
            for n in range(len(tables.price)):
                lanes.amount[n, k] = np.int64(0)
                lanes.over[n, k] = state.over[bin_, n]
        elif item != EMPTY:
            class_ = tables.class_of[item]
            if may_lie(tables, item, source) and not in_the_way(tables, state, class_, bin_, source):
                lanes.barred[k] = np.int64(0)
            if tables.relations.related[class_]:
                lanes.related[k] = np.int64(ANY)
            lanes.fixed[k] += lying_cost(tables, item, source) - lying_cost(tables, item, bin_)
            # Items hold what is transient on their start while they lie elsewhere: there it is neither freed nor taken.
            comes_back = -np.int64(somewhere and tables.start[item] == source)
            goes_away = -np.int64(somewhere and tables.start[item] == bin_)
            for r in range(tables.demand.shape[1]):
                demand = tables.demand[class_, r]
                held = demand & tables.transient[r]
                lanes.enters[r, k] = demand - (held & comes_back)
                lanes.room[r, k] = state.room[bin_, r] + demand - (held & goes_away)
            for n in range(len(tables.price)):
                amount = tables.amount[class_, n]
                lanes.amount[n, k] = amount
                lanes.over[n, k] = state.over[bin_, n] - amount


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
