"""Compiled kernel: simulated annealing over shifts, swaps and chains, two bins at a time.

A proposal costs some tens of nanoseconds as long as what it reads is in the cache. So bins are drawn in pairs, and many
proposals are made between two before the next: what lies in them is read once. Of the moves,

- a *shift* puts an item into the other bin, and *home* puts it back where it started. Where resources are transient,
  moved items fill the bins they come from; without a way back that is tried often, a search soon cannot move anything;
- a *swap* exchanges two items;
- a *chain* sends an item home and puts one of the other bin in its place.

Metropolis, Rosenbluth, Rosenbluth, Teller, Teller (1953); Kirkpatrick, Gelatt, Vecchi (1983). For machine reassignment:
Ritt, Portal, Borba, Buriol, "Simulated annealing for the machine reassignment problem", Annals of Operations Research
242 (2016), whose neighbourhoods are shift and swap.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry, inner
from placement_solvers.local_search.bins import (
    cost_instead,
    cost_with,
    fits,
    fits_instead,
    lying_cost,
    may_be_held,
    may_lie,
)
from placement_solvers.local_search.groups import (
    attracted,
    others_allow,
    relation_delta,
    sharing_delta,
    spread_enough,
    within_limits,
)
from placement_solvers.local_search.moving import put
from placement_solvers.local_search.state import BEST, CHAINS, CHANGES, COST, FULL, HOMES, SHIFTS, SWAPS, State
from placement_solvers.local_search.tables import Tables
from placement_solvers.random_bits import UNIT, UInt64, below, next_random

Float64 = NDArray[np.float64]

HOME, CHAIN, SWAP, NOWHERE_SHARE = range(4)
"""Positions in the shares of moves."""


@inner
def opening(tables: Tables, state: State, source: int, target: int) -> int:
    """What one item that goes from source to target opens and closes."""
    cost = np.int64(0)
    if state.num_items[target] == 0:
        cost += tables.open_cost[target]
    if state.num_items[source] == 1:
        cost -= tables.open_cost[source]
    return cost


@inner
def shift_delta(tables: Tables, state: State, item: int, source: int, target: int) -> int:
    """Cost of a shift, relations between items left aside."""
    return (
        cost_with(tables, state, item, target, 1)
        - state.bin_cost[target]
        + cost_with(tables, state, item, source, -1)
        - state.bin_cost[source]
        + lying_cost(tables, item, target)
        - lying_cost(tables, item, source)
        + opening(tables, state, source, target)
    )


@inner
def swap_delta(tables: Tables, state: State, item: int, source: int, other: int, target: int) -> int:
    """Cost of a swap of the item in the source with the other in the target, relations left aside."""
    return (
        cost_instead(tables, state, item, target, other)
        - state.bin_cost[target]
        + cost_instead(tables, state, other, source, item)
        - state.bin_cost[source]
        + lying_cost(tables, item, target)
        - lying_cost(tables, item, source)
        + lying_cost(tables, other, source)
        - lying_cost(tables, other, target)
    )


@inner
def chain_delta(tables: Tables, state: State, item: int, at: int, home: int, other: int, source: int) -> int:
    """Cost of sending the item home and putting the other, from the source, in its place; relations left aside."""
    return (
        cost_with(tables, state, item, home, 1)
        - state.bin_cost[home]
        + cost_instead(tables, state, other, at, item)
        - state.bin_cost[at]
        + cost_with(tables, state, other, source, -1)
        - state.bin_cost[source]
        + lying_cost(tables, item, home)
        - lying_cost(tables, item, at)
        + lying_cost(tables, other, at)
        - lying_cost(tables, other, source)
        + opening(tables, state, source, home)
    )


@inner
def write_step(state: State, step: int, item: int, source: int, target: int) -> None:
    """Note a step of the move at hand."""
    state.steps[step, 0] = item
    state.steps[step, 1] = source
    state.steps[step, 2] = target


@inner
def make_steps(tables: Tables, state: State, num_steps: int, delta: int, threshold: float) -> bool:
    """Make the steps at hand if each is allowed after those before it and all together cost little enough.

    What is made of a move that turns out too dear or not allowed is taken back.
    """
    made = 0
    while True:
        item, source, target = state.steps[made, 0], state.steps[made, 1], state.steps[made, 2]
        if state.slot_count[target] >= state.slot_start[target + 1] - state.slot_start[target]:
            state.numbers[FULL] = 1
            break
        if not may_be_held(tables, state, item, target):
            break
        if not within_limits(tables, state, item, source, target):
            break
        if not others_allow(tables, state, item, source, target):
            break
        if not attracted(tables, state, item, source, target) or not spread_enough(tables, state, item, source, target):
            break
        delta += relation_delta(tables, state, item, source, target)
        delta += sharing_delta(tables, state, item, source, target)
        if made == num_steps - 1 and delta > threshold:
            break
        put(tables, state, item, target)
        made += 1
        if made == num_steps:
            state.numbers[COST] += delta
            return True
    while made > 0:
        made -= 1
        put(tables, state, state.steps[made, 0], state.steps[made, 1])
    return False


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


@entry
def anneal(
    tables: Tables,
    state: State,
    random: UInt64,
    exponentials: Float64,
    shares: Float64,
    temperature: float,
    proposals: int,
    batch: int,
) -> None:
    """Make so many proposals at one temperature.

    Parameters
    ----------
    random : (1,) uint64
        State of the generator, not 0.
    exponentials : (2^k,) float64
        Samples of the exponential distribution: a move that costs less than the temperature times one of them is made.
    shares : (4,) float64
        Of the proposals for an item that is away, those that send it home and those of them that are chains; of the
        others, swaps; of pairs of bins, those with nowhere.
    """
    num_bins = len(tables.open_cost) - 1
    mask = np.uint64(len(exponentials) - 1)
    related = tables.relations.related
    done = 0
    while done < proposals and state.numbers[FULL] == 0:
        done += batch
        bits = next_random(random)
        first, second = below(bits, num_bins), below(next_random(random), num_bins)
        if (bits & np.uint64(0xFFFF)) * 2.0**-16 < shares[NOWHERE_SHARE]:
            second = np.int64(num_bins)
        if first == second:
            continue
        for _ in range(batch):
            bits = next_random(random)
            source, target = first, second
            if bits & np.uint64(1):
                source, target = second, first
            if state.slot_count[source] == 0:
                continue
            threshold = temperature * exponentials[(bits >> np.uint64(1)) & mask]
            item = np.int64(state.slot[state.slot_start[source] + below(bits, state.slot_count[source])])
            class_ = tables.class_of[item]
            start = np.int64(tables.start[item])
            bits = next_random(random)
            choice = (bits & np.uint64(0xFFFFFFFF)) * UNIT
            sharing = tables.most_moved
            kind, num_steps = SHIFTS, 1
            if start != source and start != num_bins and choice < shares[HOME]:
                if choice < shares[CHAIN] and start != target and state.slot_count[target] > 0:
                    other = np.int64(state.slot[state.slot_start[target] + below(bits, state.slot_count[target])])
                    if not may_lie(tables, item, start) or not may_lie(tables, other, source):
                        continue
                    if not fits(tables, state, item, start) or not fits_instead(tables, state, other, source, item):
                        continue
                    delta = chain_delta(tables, state, item, source, start, other, target)
                    if delta - sharing > threshold and not related[class_] and not related[tables.class_of[other]]:
                        continue
                    kind, num_steps = CHAINS, 2
                    write_step(state, 0, item, source, start)
                    write_step(state, 1, other, target, source)
                else:
                    kind, target = HOMES, start
            elif choice > 1.0 - shares[SWAP] and state.slot_count[target] > 0:
                other = np.int64(state.slot[state.slot_start[target] + below(bits, state.slot_count[target])])
                if not may_lie(tables, item, target) or not may_lie(tables, other, source):
                    continue
                if not fits_instead(tables, state, item, target, other):
                    continue
                if not fits_instead(tables, state, other, source, item):
                    continue
                delta = swap_delta(tables, state, item, source, other, target)
                if delta - 2 * sharing > threshold and not related[class_] and not related[tables.class_of[other]]:
                    continue
                kind, num_steps = SWAPS, 2
                write_step(state, 0, item, source, target)
                write_step(state, 1, other, target, source)
            if num_steps == 1:
                if not may_lie(tables, item, target) or not fits(tables, state, item, target):
                    continue
                delta = shift_delta(tables, state, item, source, target)
                if delta - sharing > threshold and not related[class_]:
                    continue
                write_step(state, 0, item, source, target)
            if make_steps(tables, state, num_steps, delta, threshold):
                state.numbers[kind] += 1
        if state.numbers[COST] < state.numbers[BEST]:
            note_best(state)
