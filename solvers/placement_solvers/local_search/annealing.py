"""Compiled kernel: simulated annealing over shifts, swaps and chains, one bin against some others at a time.

Most of a proposal's time goes into waiting for memory and into branches that nobody could predict. So a bin is drawn
and a few others, some of their items are read once (`lanes`), and all exchanges between them are judged side by side
(`judging`), or one after the other where many of them are made or resources are many. Of the moves,

- a *swap* exchanges two items, and a *shift* one item with nobody: it puts it into the other bin;
- *home* puts an item back where it started. Where resources are transient, moved items fill the bins they come from:
  without a way back that is tried often, a search soon cannot move anything. What draws items home does not come from
  their costs, so such a move is let pay some temperatures more than others;
- a *chain* sends an item home and puts one of another bin in its place;
- where one of the item's own kind stands in its way, such as another replica of a service, the two of them change
  places, since no other move ever could.

Metropolis, Rosenbluth, Rosenbluth, Teller, Teller (1953); Kirkpatrick, Gelatt, Vecchi (1983). For machine reassignment:
Ritt, Portal, Borba, Buriol, "Simulated annealing for the machine reassignment problem", Annals of Operations Research
242 (2016), whose neighbourhoods are shift and swap. That bins are swept through rather than drawn for each proposal
is sequential updating: Ren, Orkoulas, "Acceleration of Markov chain Monte Carlo simulations through sequential
updating", Journal of Chemical Physics 124 (2006).
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry, inner
from placement_solvers.local_search.bins import cost_with, fits, lying_cost, may_lie, may_swap
from placement_solvers.local_search.deltas import opening, swap_delta
from placement_solvers.local_search.groups import in_the_way, kin_in
from placement_solvers.local_search.judging import (
    draw_thresholds,
    judge_all,
    next_passed,
    prepare_exchanges,
    prepare_homecomings,
)
from placement_solvers.local_search.lanes import (
    EMPTY,
    LANES_PER_BIN,
    NOBODY,
    NUM_THRESHOLDS,
    Lanes,
    choose_items,
    draw_bins,
    read_again,
)
from placement_solvers.local_search.state import BEST, CHAINS, CHANGES, COST, FULL, HOMES, SHIFTS, SWAPS, State
from placement_solvers.local_search.steps import change_places, make_steps, write_step
from placement_solvers.local_search.tables import Tables
from placement_solvers.random_bits import UInt64, below, next_random

Float64 = NDArray[np.float64]

EXCHANGING, GOING_HOME, CHAINING, CHANGING_PLACES, DONE = range(5)
"""What is tried with an item, one after the other, until a move is made."""


@inner
def note_best(state: State) -> None:
    """Note the placement as the best one. O(changes since the last)."""
    changes = state.numbers[CHANGES]
    if changes > len(state.journal):
        for item in range(len(state.bin_of)):
            state.best_of[item] = state.bin_of[item]
    else:
        for k in range(changes):
            state.best_of[state.journal[k]] = state.bin_of[state.journal[k]]
    state.numbers[CHANGES] = 0
    state.numbers[BEST] = state.numbers[COST]


@inner
def anneal_item(
    tables: Tables, state: State, lanes: Lanes, random: UInt64, item: int, source: int, homesick: int, alone: bool
) -> int:
    """Set an item of the source, or nobody there, against all lanes, and make at most one move; how many lanes it took.

    Parameters
    ----------
    homesick : int
        What a move home may cost more than others.
    alone : bool
        Whether lanes are judged one after the other until a move is made, not side by side.
    """
    nowhere = np.int64(len(tables.open_cost) - 1)
    num_lanes = np.int64(len(lanes.item))
    bits = next_random(random)
    offset, first, tried = np.int64(bits & np.uint64(NUM_THRESHOLDS - 1)), below(bits, num_lanes), num_lanes
    home, dearer, number, taken = nowhere, np.int64(0), np.int64(0), np.int64(0)
    prepare_exchanges(tables, state, lanes, item, source, alone)
    if alone or judge_all(tables, state, lanes, item, source, offset, False):
        tried = np.int64(0)
    else:
        taken = num_lanes
    doing = EXCHANGING
    while doing != DONE:
        kind, num_steps, lane = SHIFTS, 0, np.int64(-1)
        delta, threshold = np.int64(0), np.int64(0)
        if doing in (EXCHANGING, CHAINING):
            if tried < 0:
                tried = num_lanes
                prepare_homecomings(tables, state, lanes, item, source, home, dearer)
                if alone:
                    tried -= LANES_PER_BIN  # dear as they are, and seldom made: some of them
                elif judge_all(tables, state, lanes, item, source, offset, True):
                    tried = np.int64(0)
                else:
                    taken += num_lanes
            goes_home = doing == CHAINING
            taken -= tried
            tried = next_passed(tables, state, lanes, item, source, offset, goes_home, first, tried, alone)
            taken += tried
            if tried == num_lanes:
                doing += 1
                if item < 0:
                    doing = DONE
                continue
            lane = first + tried
            if lane >= num_lanes:
                lane -= num_lanes
            tried += 1
            taken += 1
            bin_, other = lanes.bin[lane // LANES_PER_BIN], lanes.item[lane]
            delta, threshold = lanes.delta[lane], lanes.threshold[offset + lane]
            if item >= 0:
                write_step(state, 0, item, source, home if goes_home else bin_)
                num_steps = 1
            if other >= 0:
                write_step(state, num_steps, other, bin_, source)
                num_steps += 1
            if num_steps == 2:
                kind = CHAINS if goes_home else SWAPS
        elif doing == GOING_HOME:
            doing, tried = CHAINING, num_lanes
            home = np.int64(tables.start[item])
            if home in (source, nowhere) or not may_lie(tables, item, home):
                continue
            if not fits(tables, state, item, home):
                continue
            dearer = cost_with(tables, state, item, home, 1) - state.bin_cost[home] + lying_cost(tables, item, home)
            bits = next_random(random)
            offset, first, tried = np.int64(bits & np.uint64(NUM_THRESHOLDS - 1)), below(bits, num_lanes), np.int64(-1)
            delta = dearer + cost_with(tables, state, item, source, -1) - state.bin_cost[source]
            delta += opening(tables, state, source, home) - lying_cost(tables, item, source)
            threshold = lanes.threshold[np.int64(next_random(random) & np.uint64(NUM_THRESHOLDS - 1))] + homesick
            write_step(state, 0, item, source, home)
            kind, num_steps = HOMES, 1
            if delta - tables.most_moved > threshold and not tables.relations.related[tables.class_of[item]]:
                continue
        else:
            if number == len(lanes.bin):
                doing = DONE
                continue
            number += 1
            bin_ = lanes.bin[number - 1]
            if nowhere in (source, bin_) or bin_ == source:
                continue
            if alone:
                lanes.in_the_way[number - 1] = in_the_way(tables, state, tables.class_of[item], source, bin_)
            if lanes.in_the_way[number - 1] == 0:
                continue
            bits = next_random(random)
            at = below(bits, max(state.slot_count[bin_], 1))
            other = kin_in(tables, state, tables.class_of[item], bin_, at)
            if other < 0 or not may_swap(tables, state, item, source, other, bin_):
                continue
            delta = swap_delta(tables, state, item, source, other, bin_)
            threshold = lanes.threshold[np.int64(bits & np.uint64(NUM_THRESHOLDS - 1))]
            if delta - 2 * tables.most_moved > threshold:
                continue
            if not change_places(tables, state, item, source, other, bin_, delta, threshold):
                continue
            state.numbers[SWAPS] += 1
            for k in range(num_lanes):
                if lanes.item[k] == other:
                    lanes.item[k] = item
            write_step(state, 0, item, source, bin_)
            read_again(tables, state, lanes, 1, source, alone)
            doing = DONE
            continue
        made = make_steps(tables, state, num_steps, delta, threshold)
        if made == num_steps:
            state.numbers[kind] += 1
            if kind == SWAPS:
                lanes.item[lane] = item
            elif kind == CHAINS or item < 0:
                lanes.item[lane] = EMPTY
            read_again(tables, state, lanes, num_steps, source, alone)
            doing = DONE
        elif made == 0 and doing == CHAINING:
            doing = CHANGING_PLACES  # it may not go home, whoever takes its place
        elif made == 0 and item >= 0:
            at = lane - lane % LANES_PER_BIN
            for k in range(at, at + LANES_PER_BIN):
                lanes.passed[k] = np.int64(-1)  # nor into this bin, whoever leaves it afterwards
    return taken


@entry
def anneal(
    tables: Tables,
    state: State,
    lanes: Lanes,
    random: UInt64,
    exponentials: Float64,
    temperature: float,
    proposals: int,
    homesick: float,
    nowhere_share: float,
    alone: int,
) -> int:
    """Make so many proposals at one temperature; how many of them were asked before or without a move being made.

    Parameters
    ----------
    random : (1,) uint64
        State of the generator, not 0.
    exponentials : (2^k,) float64
        Samples of the exponential distribution: a move that costs less than the temperature times one of them is made.
    homesick : float
        How many temperatures more a move home may cost.
    nowhere_share : float
        Of the bins drawn, those that are nowhere, or set against it.
    alone : int
        How many proposals one that is judged alone counts for; 0 to judge them side by side.
    """
    draw_thresholds(lanes, temperature, exponentials)
    dearer_home = np.int64(temperature * homesick)
    done, asked = 0, 0
    while done < proposals and state.numbers[FULL] == 0:
        source = draw_bins(tables, state, lanes, random, nowhere_share, alone > 0)
        num_items = choose_items(state, lanes, random, source)
        taken = np.int64(0)
        for k in range(num_items):
            item = lanes.chosen[k]
            if item == NOBODY or state.bin_of[item] == source:
                taken += anneal_item(tables, state, lanes, random, item, source, dearer_home, alone > 0)
        asked += taken
        done += alone * taken if alone else len(lanes.item) * num_items
        if state.numbers[COST] < state.numbers[BEST]:
            note_best(state)
    return asked
