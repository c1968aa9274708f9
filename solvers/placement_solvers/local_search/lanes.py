"""Compiled kernels: many exchanges judged at once, side by side in the lanes of vector instructions.

A *lane* is an item in some other bin, or nobody there. An item of one bin is set against all lanes in one pass: for
each resource whether both bins have room once the two changed places, for each priced quantity what both bins pay then.
Nobody in a lane makes the exchange a shift into its bin, nobody in place of the item one out of it. A proposal costs
15 to 40 nanoseconds so, moves included, where one alone costs 50 to 150, most of which the processor waits for memory
and mispredicted branches.

What an exchange does to relations between items is not judged so; the moves that pass are few, and are asked singly.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.bins import lying_cost, may_lie
from placement_solvers.local_search.groups import in_the_way
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import Int64
from placement_solvers.random_bits import UInt64, below, next_random

NUM_LANES, LANES_PER_BIN = 32, 8
"""Lanes, and those of each bin; the first of them is nobody. Fewer than 32 do not become vector instructions."""

NOBODY, EMPTY = -1, -2
"""In place of an item: nobody, who can be exchanged like one; a lane that is not used."""

MOST_ITEMS = 32
"""Items of a bin that are set against the lanes before others are read."""

ANY = 2**60
"""More than any move costs."""

WIDE = 64
"""Resources and priced quantities from which on proposals are judged alone: reading lanes would take longer."""

ALONE = 4
"""Proposals that are judged side by side in the time of one that is judged alone, where there are fewer of these."""

NUM_THRESHOLDS = 4096
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
    threshold : (NUM_THRESHOLDS + NUM_LANES,) int64
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
        threshold=zeros(NUM_THRESHOLDS + NUM_LANES),
    )


def judged_alone(tables: Tables, accepted: float) -> int:
    """How many proposals one judged alone counts for, where they had better be; else 0.

    Parameters
    ----------
    accepted : float
        Share of the proposals that are made: of those judged side by side all after the first of these are wasted.
    """
    if tables.demand.shape[1] + len(tables.price) >= WIDE:
        return 1
    return ALONE if accepted * NUM_LANES > ALONE else 0


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
def read_lanes(tables: Tables, state: State, lanes: Lanes, number: int, source: int, alone: bool) -> None:
    """Read what is asked of the lanes of a bin, for exchanges with the source. O(LANES_PER_BIN (R + K)).

    Parameters
    ----------
    alone : bool
        Whether each is judged alone, and asks for rooms, loads and who is in the way when its turn comes.
    """
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
            if alone:
                continue
            for r in range(tables.demand.shape[1]):
                lanes.enters[r, k] = np.int64(0)
                lanes.room[r, k] = state.room[bin_, r]
            for n in range(len(tables.price)):
                lanes.amount[n, k] = np.int64(0)
                lanes.over[n, k] = state.over[bin_, n]
        elif item != EMPTY:
            class_ = tables.class_of[item]
            if may_lie(tables, item, source) and (alone or not in_the_way(tables, state, class_, bin_, source)):
                lanes.barred[k] = np.int64(0)
            if tables.relations.related[class_]:
                lanes.related[k] = np.int64(ANY)
            lanes.fixed[k] += lying_cost(tables, item, source) - lying_cost(tables, item, bin_)
            if alone:
                continue
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
def draw_bins(tables: Tables, state: State, lanes: Lanes, random: UInt64, nowhere_share: float, alone: bool) -> int:
    """Draw a bin and those it is set against, whose lanes are read; that bin."""
    nowhere = np.int64(len(tables.open_cost) - 1)
    bits = next_random(random)
    source, first = below(bits, nowhere), np.int64(-1)
    if (bits & np.uint64(0xFFFF)) * 2.0**-16 < nowhere_share:
        if bits & np.uint64(0x10000):
            source = nowhere
        else:
            first = nowhere
    for number in range(len(lanes.bin)):
        bin_ = below(next_random(random), nowhere)
        if number == 0 and first >= 0:
            bin_ = first
        is_new = bin_ != source
        for earlier in range(number):
            is_new &= bin_ != lanes.bin[earlier]
        fill_lanes(state, lanes, number, bin_, below(next_random(random), max(state.slot_count[bin_], 1)), is_new)
        read_lanes(tables, state, lanes, number, source, alone)
    return source


@inner
def choose_items(state: State, lanes: Lanes, random: UInt64, source: int) -> int:
    """Choose some items of the bin, and nobody; how many. Those that come meanwhile are left for another time."""
    count = np.int64(state.slot_count[source])
    slot, num_items = below(next_random(random), max(count, 1)), min(count, np.int64(len(lanes.chosen) - 1))
    for k in range(num_items):
        lanes.chosen[k] = state.slot[state.slot_start[source] + slot]
        slot = slot + 1 if slot + 1 < count else np.int64(0)
    lanes.chosen[num_items] = NOBODY
    return num_items + 1


@inner
def read_again(tables: Tables, state: State, lanes: Lanes, num_steps: int, source: int, alone: bool) -> None:
    """Read the lanes of the bins that the steps at hand went through, and of those where their items started."""
    for number in range(len(lanes.bin)):
        bin_, changed = lanes.bin[number], False
        for step in range(num_steps):
            changed |= state.steps[step, 1] == bin_ or state.steps[step, 2] == bin_
            changed |= tables.start[state.steps[step, 0]] == bin_
        if changed:
            read_lanes(tables, state, lanes, number, source, alone)
