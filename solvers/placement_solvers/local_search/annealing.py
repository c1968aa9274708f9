"""Compiled kernel: simulated annealing over shifts, swaps and chains, two bins at a time.

A proposal costs some tens of nanoseconds as long as what it reads is in the cache. So bins are drawn in pairs, and many
proposals are made between two before the next: what lies in them is read once. Of the moves,

- a *shift* puts an item into the other bin, and *home* puts it back where it started. Where resources are transient,
  moved items fill the bins they come from; without a way back that is tried often, a search soon cannot move anything;
- a *swap* exchanges two items; where one of the item's own kind stands in its way, such as another replica of a
  service, the two of them, since no other move ever could;
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
from placement_solvers.local_search.bins import fits, fits_instead, may_lie, may_swap
from placement_solvers.local_search.deltas import chain_delta, shift_delta, swap_delta
from placement_solvers.local_search.groups import in_the_way, kin_in
from placement_solvers.local_search.state import BEST, CHAINS, CHANGES, COST, FULL, HOMES, SHIFTS, SWAPS, State
from placement_solvers.local_search.steps import change_places, make_steps, write_step
from placement_solvers.local_search.tables import Tables
from placement_solvers.random_bits import UNIT, UInt64, below, next_random

Float64 = NDArray[np.float64]

HOME, CHAIN, SWAP, NOWHERE_SHARE = range(4)
"""Positions in the shares of moves."""


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
            elif source != num_bins and target != num_bins and in_the_way(tables, state, class_, source, target):
                other = kin_in(tables, state, class_, target, below(bits, max(state.slot_count[target], 1)))
                if other < 0 or not may_swap(tables, state, item, source, other, target):
                    continue
                delta = swap_delta(tables, state, item, source, other, target)
                if delta - 2 * sharing <= threshold and change_places(
                    tables, state, item, source, other, target, delta, threshold
                ):
                    state.numbers[SWAPS] += 1
                continue
            elif choice > 1.0 - shares[SWAP] and state.slot_count[target] > 0:
                other = np.int64(state.slot[state.slot_start[target] + below(bits, state.slot_count[target])])
                if not may_swap(tables, state, item, source, other, target):
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
