"""Where everything lies during a search, with all sums that moves are judged by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Int32, Int64, Problem

MOST_MOVED, CHANGES, BEST, COST, FULL, SHIFTS, HOMES, SWAPS, CHAINS = range(9)
"""Positions in `State.numbers`: moves of the set moved most; entries of the journal; least and present sum of the
tiers; whether a bin had no slot left; moves made of each kind."""

NUM_NUMBERS = 9

MADE = [SHIFTS, HOMES, SWAPS, CHAINS]
"""Positions of the moves made."""

MOST_STEPS = 2
"""Items that one move may move."""


class State(NamedTuple):
    """A placement and its sums; kernels keep them up to date.

    Attributes
    ----------
    bin_of : (I,) int32
        B for items left out.
    best_of : (I,) int32
        The best placement met.
    room : (B + 1, R) int64
        Capacity less load and what moved items still hold of transient resources.
    over : (B + 1, K) int64
        What the bin has of each priced quantity less what it may have.
    bin_cost : (B + 1,) int64
        What the bin pays for that.
    num_items : (B + 1,) int32
        Items in the bin, those that do not move included.
    slot_start : (B + 2,) int64
    slot : (slots,) int32
        ``slot[slot_start[b]:][:slot_count[b]]`` are the items of bin b that may move, in any order.
    slot_count : (B + 1,) int32
    slot_of : (I,) int32
        Position of each item that may move within its bin's slots.
    counts, needers : (cells,) int32
        Members of a group in a domain; items there that need one.
    payers : (cells,) int64
        Sum of the weights of items there that pay for each member.
    members, width : (G,) int32
        Members of a group in all domains, and the domains that hold any.
    smallest, largest : (G,) int32
        Counts over eligible domains, of groups that are levelled.
    level_start : (G + 1,) int64
    level : (levels,) int32
        How many eligible domains of a levelled group have each count.
    moved : (sets,) int32
        Moved items of each set that shares out moves.
    moved_level : (most + 2,) int32
        How many sets have each number of moved items.
    journal : (I,) int32
        Items that changed their bin since the best placement was noted.
    steps : (2, 3) int64
        Item, source and target of each step of the move at hand.
    numbers : (9,) int64
        Single numbers, by their names above.
    """

    bin_of: Int32
    best_of: Int32
    room: Int64
    over: Int64
    bin_cost: Int64
    num_items: Int32
    slot_start: Int64
    slot: Int32
    slot_count: Int32
    slot_of: Int32
    counts: Int32
    needers: Int32
    payers: Int64
    members: Int32
    width: Int32
    smallest: Int32
    largest: Int32
    level_start: Int64
    level: Int32
    moved: Int32
    moved_level: Int32
    journal: Int32
    steps: Int64
    numbers: Int64


def state_of(problem: Problem, tables: Tables, bin_of: Int32, movable: Bool, cost: int) -> State:
    """The state of a placement. O(I x memberships + G x domains).

    Parameters
    ----------
    bin_of : (I,) int32
        `NOWHERE` for items left out.
    movable : (I,) bool
        Items that the search may move.
    cost : int
        Sum of the tiers of the placement.
    """
    nowhere = problem.num_bins
    bins = np.where(bin_of == NOWHERE, nowhere, bin_of).astype(np.int32)
    load = np.zeros_like(tables.capacity)
    np.add.at(load, bins, tables.demand[tables.class_of])
    held = np.zeros_like(load)
    away = (tables.start != nowhere) & (bins != tables.start) & (bins != nowhere)
    np.add.at(held, tables.start[away], tables.demand[tables.class_of[away]] & tables.transient)
    over = -tables.allowed
    np.add.at(over, bins, tables.amount[tables.class_of])
    bin_cost = np.maximum(over, 0) @ tables.price
    slot_start, slot, slot_count, slot_of = _slots(bins, movable, nowhere + 1)
    counts, needers, payers = _cells(tables, bins)
    level_start, level, smallest, largest = _levels(tables, counts)
    cell_start = tables.relations.cell_start
    sets = tables.relations.set_of[tables.class_of]
    moved = np.bincount(sets[away & (sets >= 0)], minlength=int(sets.max(initial=-1)) + 1)
    moved_level = np.bincount(moved, minlength=int(np.bincount(sets[sets >= 0]).max(initial=0)) + 2)
    numbers = np.zeros(NUM_NUMBERS, dtype=np.int64)
    numbers[MOST_MOVED] = moved.max(initial=0)
    numbers[BEST] = numbers[COST] = cost
    return State(
        bin_of=bins,
        best_of=bins.copy(),
        room=tables.capacity - load - held,
        over=over,
        bin_cost=bin_cost,
        num_items=np.bincount(bins, minlength=nowhere + 1).astype(np.int32),
        slot_start=slot_start,
        slot=slot,
        slot_count=slot_count,
        slot_of=slot_of,
        counts=counts,
        needers=needers,
        payers=payers,
        members=_by_group(counts, cell_start),
        width=_by_group((counts > 0).astype(np.int32), cell_start),
        smallest=smallest,
        largest=largest,
        level_start=level_start,
        level=level,
        moved=moved.astype(np.int32),
        moved_level=moved_level.astype(np.int32),
        journal=np.zeros(problem.num_items, dtype=np.int32),
        steps=np.zeros((MOST_STEPS, 3), dtype=np.int64),
        numbers=numbers,
    )


def grown(state: State) -> State:
    """The same state with room for more items in each bin's slots."""
    movable = np.zeros(len(state.bin_of), dtype=np.bool_)
    for start, count in zip(state.slot_start[:-1], state.slot_count, strict=True):
        movable[state.slot[start : start + count]] = True
    slot_start, slot, slot_count, slot_of = _slots(state.bin_of, movable, len(state.slot_count))
    return state._replace(slot_start=slot_start, slot=slot, slot_count=slot_count, slot_of=slot_of)


def _slots(bins: Int32, movable: Bool, num_bins: int) -> tuple[Int64, Int32, Int32, Int32]:
    """Slots for half as many items again as each bin holds, but all items fit nowhere."""
    items = np.flatnonzero(movable).astype(np.int32)
    count = np.bincount(bins[items], minlength=num_bins)
    mean = len(items) // max(num_bins, 1)
    size = np.minimum(count + count // 2 + mean + 8, len(items))
    size[-1] = len(items)
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    order = items[np.argsort(bins[items], kind="stable")]
    within = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    slot = np.zeros(int(start[-1]), dtype=np.int32)
    slot[start[bins[order]] + within] = order
    slot_of = np.zeros(len(bins), dtype=np.int32)
    slot_of[order] = within
    return start, slot, count.astype(np.int32), slot_of


def _cells(tables: Tables, bins: Int32) -> tuple[Int32, Int32, Int64]:
    """Counts, needers and payers of all cells, from the items by class and bin."""
    relations = tables.relations
    num_cells = int(relations.cell_start[-1])
    counts = np.zeros(num_cells, dtype=np.int32)
    needers, payers = counts.copy(), np.zeros(num_cells, dtype=np.int64)
    num_bins = len(tables.open_cost)
    pairs, items = np.unique(tables.class_of.astype(np.int64) * num_bins + bins, return_counts=True)
    class_, bin_ = np.divmod(pairs, num_bins)
    row, group = _rows(relations.class_start, relations.group, class_)
    cell, counted = _located(tables, group, bin_[row])
    np.add.at(counts, cell[counted], items[row][counted])
    again, dependency = _rows(relations.dependency_start, relations.dependency_on, group[counted])
    on_cell, inside = _located(tables, dependency, bin_[row][counted][again], in_scope=False)
    np.add.at(needers, on_cell[inside], items[row][counted][again][inside])
    row, attraction = _rows(relations.attraction_start, relations.attraction_group, class_)
    cell, inside = _located(tables, attraction, bin_[row], in_scope=False)
    np.add.at(needers, cell[inside], items[row][inside])
    row, position = _rows(relations.pair_start, np.arange(len(relations.pair_group)), class_)
    cell, inside = _located(tables, relations.pair_group[position], bin_[row], in_scope=False)
    np.add.at(payers, cell[inside], (relations.pair_weight[position] * items[row])[inside])
    counts += relations.initial
    return counts, needers, payers


def _rows(start: Int64, values: Int32 | Int64, keys: Int32 | Int64) -> tuple[Int64, Int32 | Int64]:
    """For each key its rows: the index of the key, and the value."""
    size = np.diff(start)[keys]
    index = np.repeat(np.arange(len(keys)), size)
    within = np.arange(len(index)) - np.repeat(np.cumsum(size) - size, size)
    return index, values[start[keys][index] + within]


def _located(tables: Tables, group: Int32 | Int64, bin_: Int32 | Int64, *, in_scope: bool = True) -> tuple[Int64, Bool]:
    """Cell of each group at each bin, and whether there is one (and the bin is in the group's scope)."""
    relations = tables.relations
    domain = relations.domain_of[relations.topology[group], bin_]
    inside = domain != NOWHERE
    if in_scope and len(relations.scopes):
        scope = relations.scope[group]
        inside = inside & ((scope == EVERYWHERE) | relations.scopes[scope, bin_])
    return relations.cell_start[group] + domain, inside


def _by_group(cells: Int32, start: Int64) -> Int32:
    sums = np.concatenate([[0], np.cumsum(cells, dtype=np.int64)])
    by_group: Int32 = (sums[start[1:]] - sums[start[:-1]]).astype(np.int32)
    return by_group


def _levels(tables: Tables, counts: Int32) -> tuple[Int64, Int32, Int32, Int32]:
    """How many eligible domains of each levelled group have each count, and the smallest and largest counts."""
    relations = tables.relations
    num_groups = len(relations.topology)
    smallest, largest = np.zeros(num_groups, dtype=np.int32), np.zeros(num_groups, dtype=np.int32)
    size = np.zeros(num_groups, dtype=np.int64)
    could_come = np.zeros(num_groups, dtype=np.int64)
    classes = np.bincount(tables.class_of, minlength=len(relations.class_start) - 1)
    np.add.at(could_come, relations.group, np.repeat(classes, np.diff(relations.class_start)))
    levels = []
    for group in np.flatnonzero(relations.levelled).tolist():
        cells = slice(relations.cell_start[group], relations.cell_start[group + 1])
        there = counts[cells][relations.eligible[cells]]
        size[group] = could_come[group] + int(relations.initial[cells].max(initial=0)) + 2
        levels.append(np.bincount(there, minlength=size[group]))
        smallest[group], largest[group] = there.min(initial=there.max(initial=0)), there.max(initial=0)
    level = np.concatenate([np.zeros(0, dtype=np.int64), *levels]).astype(np.int32)
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64), level, smallest, largest
