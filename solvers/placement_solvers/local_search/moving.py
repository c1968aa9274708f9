"""Compiled kernel: an item goes from its bin to another, and all sums follow."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.groups import away, cell_of, counting_cell, level_after
from placement_solvers.local_search.relations import Relations
from placement_solvers.local_search.state import CHANGES, MOST_MOVED, State
from placement_solvers.local_search.tables import Tables


@inner
def put(tables: Tables, state: State, item: int, target: int) -> None:
    """Move the item to the target, allowed or not. O(R + rows of its class). The target has a free slot."""
    source = np.int64(state.bin_of[item])
    class_ = tables.class_of[item]
    shift_load(tables, state, item, source, target)
    shift_counts(tables, state, class_, source, target)
    shift_needs(tables.relations, state, class_, source, np.int64(-1))
    shift_needs(tables.relations, state, class_, target, np.int64(1))
    share_move(tables, state, item, source, target)
    state.num_items[source] -= 1
    state.num_items[target] += 1
    last = state.slot_count[source] - 1
    state.slot_count[source] = last
    moved_up = state.slot[state.slot_start[source] + last]
    position = state.slot_of[item]
    state.slot[state.slot_start[source] + position] = moved_up
    state.slot_of[moved_up] = position
    position = state.slot_count[target]
    state.slot[state.slot_start[target] + position] = item
    state.slot_of[item] = position
    state.slot_count[target] = position + 1
    state.bin_of[item] = target
    changes = state.numbers[CHANGES]
    if changes < len(state.journal):
        state.journal[changes] = item
    state.numbers[CHANGES] = changes + 1


@inner
def shift_load(tables: Tables, state: State, item: int, source: int, target: int) -> None:
    """Room, priced quantities and cost of both bins."""
    class_ = tables.class_of[item]
    start = np.int64(tables.start[item])
    goes_away = away(tables, item, target) - away(tables, item, source)
    source_cost, target_cost = np.int64(0), np.int64(0)
    for r in range(tables.demand.shape[1]):
        demand = tables.demand[class_, r]
        state.room[source, r] += demand
        state.room[target, r] -= demand
    if goes_away != 0:
        # While an item lies elsewhere it holds these on its start; left out it does not.
        for r in range(tables.demand.shape[1]):
            state.room[start, r] -= goes_away * (tables.demand[class_, r] & tables.transient[r])
    for k in range(len(tables.price)):
        amount = tables.amount[class_, k]
        left, entered = state.over[source, k] - amount, state.over[target, k] + amount
        state.over[source, k] = left
        state.over[target, k] = entered
        source_cost += tables.price[k] * max(left, 0)
        target_cost += tables.price[k] * max(entered, 0)
    state.bin_cost[source] = source_cost
    state.bin_cost[target] = target_cost


@inner
def shift_counts(tables: Tables, state: State, class_: int, source: int, target: int) -> None:
    """Counts, levels and breadth of the groups the class is in, and who needs what they depend on."""
    relations = tables.relations
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        group = relations.group[k]
        left, entered = counting_cell(relations, group, source), counting_cell(relations, group, target)
        if left == entered:
            continue
        if relations.levelled[group]:
            smallest, largest = level_after(relations, state, group, left, entered)
            state.smallest[group] = smallest
            state.largest[group] = largest
        at = state.level_start[group]
        if left >= 0:
            count = state.counts[left]
            state.counts[left] = count - 1
            state.members[group] -= 1
            state.width[group] -= count == 1
            if relations.levelled[group]:
                state.level[at + count] -= 1
                state.level[at + count - 1] += 1
        if entered >= 0:
            count = state.counts[entered]
            state.counts[entered] = count + 1
            state.members[group] += 1
            state.width[group] += count == 0
            if relations.levelled[group]:
                state.level[at + count] -= 1
                state.level[at + count + 1] += 1
        for row in range(relations.dependency_start[group], relations.dependency_start[group + 1]):
            on = relations.dependency_on[row]
            if left >= 0:
                state.needers[cell_of(relations, on, source)] -= 1
            if entered >= 0:
                state.needers[cell_of(relations, on, target)] += 1


@inner
def shift_needs(relations: Relations, state: State, class_: int, bin_: int, amount: int) -> None:
    """One item of the class more or less in the bin that is attracted, and that pays."""
    for row in range(relations.attraction_start[class_], relations.attraction_start[class_ + 1]):
        cell = cell_of(relations, relations.attraction_group[row], bin_)
        if cell >= 0:
            state.needers[cell] += amount
    for row in range(relations.pair_start[class_], relations.pair_start[class_ + 1]):
        cell = cell_of(relations, relations.pair_group[row], bin_)
        if cell >= 0:
            state.payers[cell] += amount * relations.pair_weight[row]


@inner
def share_move(tables: Tables, state: State, item: int, source: int, target: int) -> None:
    """Moved items of the set the item's class is in, and the most of any set."""
    part = tables.relations.set_of[tables.class_of[item]]
    change = away(tables, item, target) - away(tables, item, source)
    if part < 0 or change == 0:
        return
    moved = state.moved[part]
    state.moved_level[moved] -= 1
    moved += change
    state.moved[part] = moved
    state.moved_level[moved] += 1
    if moved > state.numbers[MOST_MOVED]:
        state.numbers[MOST_MOVED] = moved
    elif state.moved_level[state.numbers[MOST_MOVED]] == 0:
        state.numbers[MOST_MOVED] -= 1
