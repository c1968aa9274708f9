"""Compiled kernels: what items ask of each other when one goes from one bin to another.

All ask of the state as it is, with the item still in the bin it leaves; it is taken off the counts where it matters.
O(rows of the class and its groups).
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.relations import Relations
from placement_solvers.local_search.state import MOST_MOVED, State
from placement_solvers.local_search.tables import Tables


@inner
def cell_of(relations: Relations, group: int, bin_: int) -> int:
    """Cell of the group's domain that holds the bin, -1 if none does."""
    domain = relations.domain_of[relations.topology[group], bin_]
    if domain < 0:
        return np.int64(-1)
    return relations.cell_start[group] + domain


@inner
def counting_cell(relations: Relations, group: int, bin_: int) -> int:
    """Cell in which a member in the bin counts, -1 if it counts in none."""
    scope = relations.scope[group]
    if scope >= 0 and not relations.scopes[scope, bin_]:
        return np.int64(-1)
    return cell_of(relations, group, bin_)


@inner
def within_limits(tables: Tables, state: State, item: int, source: int, target: int) -> bool:
    """Whether the target's domains hold few enough of what the item's class is limited by."""
    relations = tables.relations
    class_ = tables.class_of[item]
    for row in range(relations.limit_start[class_], relations.limit_start[class_ + 1]):
        group = relations.limit_group[row]
        cell = cell_of(relations, group, target)
        if cell >= 0:
            there = state.counts[cell]
            if there >= relations.at_most[row]:
                if not relations.limit_itself[row] or counting_cell(relations, group, source) != cell:
                    return False
                if there - 1 >= relations.at_most[row]:
                    return False
    return True


@inner
def in_the_way(tables: Tables, state: State, class_: int, source: int, target: int) -> bool:
    """Whether others that are limited as the class is keep an item of it out of the target's domains."""
    relations = tables.relations
    if relations.kin[class_] < 0:
        return False
    for row in range(relations.limit_start[class_], relations.limit_start[class_ + 1]):
        if relations.limit_itself[row]:
            group = relations.limit_group[row]
            cell = cell_of(relations, group, target)
            if cell >= 0 and state.counts[cell] >= relations.at_most[row]:
                return counting_cell(relations, group, source) != cell
    return False


@inner
def kin_in(tables: Tables, state: State, class_: int, bin_: int, first: int) -> int:
    """An item of the class's kind that may leave the bin, sought from a slot on, -1 if there is none. O(items)."""
    kin = tables.relations.kin
    count = np.int64(state.slot_count[bin_])
    for k in range(count):
        slot = first + k
        if slot >= count:
            slot -= count
        item = np.int64(state.slot[state.slot_start[bin_] + slot])
        if kin[tables.class_of[item]] == kin[class_]:
            return item
    return np.int64(-1)


@inner
def attracted(tables: Tables, state: State, item: int, source: int, target: int) -> bool:
    """Whether the target's domains hold a member of each group the class is attracted by, or it may be the first."""
    relations = tables.relations
    class_ = tables.class_of[item]
    first, last = relations.attraction_start[class_], relations.attraction_start[class_ + 1]
    met, empty = True, True
    for row in range(first, last):
        group = relations.attraction_group[row]
        cell = cell_of(relations, group, target)
        if cell < 0:
            return False
        itself = 0
        if relations.attraction_itself[row]:
            here = counting_cell(relations, group, source)
            if here >= 0:
                itself = 1
                if here == cell and state.counts[cell] == 1:
                    met = False
        if state.counts[cell] == 0:
            met = False
        if state.members[group] > itself:
            empty = False
    return met or (empty and relations.self_starting[class_])


@inner
def level_after(relations: Relations, state: State, group: int, left: int, entered: int) -> tuple[int, int]:
    """Smallest and largest count of a levelled group once a member left one cell and entered another (-1: none)."""
    smallest, largest = np.int64(state.smallest[group]), np.int64(state.largest[group])
    if left == entered:
        return smallest, largest
    at = state.level_start[group]
    low, high = np.int64(-1), np.int64(-1)
    if left >= 0:
        low = np.int64(state.counts[left])
    if entered >= 0:
        high = np.int64(state.counts[entered])
    new_smallest, new_largest = smallest, largest
    if low == smallest:
        new_smallest = smallest - 1
    elif high == smallest and state.level[at + smallest] == 1 and low != smallest + 1:
        new_smallest = smallest + 1
    if high == largest:
        new_largest = largest + 1
    elif low == largest and state.level[at + largest] == 1 and high != largest - 1:
        new_largest = largest - 1
    return new_smallest, new_largest


@inner
def spread_enough(tables: Tables, state: State, item: int, source: int, target: int) -> bool:
    """Whether the item may enter the target by the skews its class keeps."""
    relations = tables.relations
    class_ = tables.class_of[item]
    for row in range(relations.spread_start[class_], relations.spread_start[class_ + 1]):
        group = relations.spread_group[row]
        cell = cell_of(relations, group, target)
        if cell < 0:
            return False
        left = np.int64(-1)
        if relations.spread_itself[row]:
            left = counting_cell(relations, group, source)
        there = state.counts[cell] + relations.spread_itself[row] - (left == cell)
        smallest = np.int64(0)
        if not relations.few[row]:
            smallest, _ = level_after(relations, state, group, left, np.int64(-1))
        if there - smallest > relations.max_skew[row]:
            return False
    return True


@inner
def own_needs(relations: Relations, class_: int, group: int, source: int) -> int:
    """How often an item of the class in the source is itself counted among those that need the group."""
    own = np.int64(0)
    for row in range(relations.attraction_start[class_], relations.attraction_start[class_ + 1]):
        own += relations.attraction_group[row] == group
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        other = relations.group[k]
        for row in range(relations.dependency_start[other], relations.dependency_start[other + 1]):
            own += relations.dependency_on[row] == group and counting_cell(relations, other, source) >= 0
    return own


@inner
def others_allow(tables: Tables, state: State, item: int, source: int, target: int) -> bool:
    """Whether the groups the item is in keep what is asked of them as a whole: breadth, dependencies, level, support.

    The last member does not leave those that need it, and a levelled group does not get less level than its spreads
    allow unless it was before.
    """
    relations = tables.relations
    class_ = tables.class_of[item]
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        group = relations.group[k]
        left, entered = counting_cell(relations, group, source), counting_cell(relations, group, target)
        if left == entered:
            continue
        last = left >= 0 and state.counts[left] == 1
        first = entered >= 0 and state.counts[entered] == 0
        if relations.breadth[group] > 1 and (last or first or left < 0 or entered < 0):
            members = state.members[group] + (entered >= 0) - (left >= 0)
            width = state.width[group] + first - last
            if width < min(relations.breadth[group], members):
                return False
        needers = state.needers[left] if last and relations.needed[group] else 0
        if needers > 0 and needers > own_needs(relations, class_, group, source):
            return False
        if first:
            for row in range(relations.dependency_start[group], relations.dependency_start[group + 1]):
                if not depends_on_what_is_there(tables, state, item, relations.dependency_on[row], source, target):
                    return False
        if relations.skew_bound[group] >= 0:
            smallest, largest = level_after(relations, state, group, left, entered)
            before = state.largest[group] - state.smallest[group]
            if largest - smallest > max(before, relations.skew_bound[group]):
                return False
    return True


@inner
def depends_on_what_is_there(tables: Tables, state: State, item: int, on: int, source: int, target: int) -> bool:
    """Whether the target's domain will hold a member of `on`, the item itself included."""
    relations = tables.relations
    class_ = tables.class_of[item]
    cell = cell_of(relations, on, target)
    there = state.counts[cell]
    if there > 1:
        return True
    itself = False
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        itself |= relations.group[k] == on
    if not itself:
        return there > 0
    if counting_cell(relations, on, target) >= 0:
        return True
    return there > (counting_cell(relations, on, source) == cell)


@inner
def company_cost(tables: Tables, state: State, item: int, source: int, bin_: int) -> int:
    """What the item pays and is paid for in the bin by pairs, with itself taken out of the source."""
    relations = tables.relations
    class_ = tables.class_of[item]
    cost = np.int64(0)
    for row in range(relations.pair_start[class_], relations.pair_start[class_ + 1]):
        group = relations.pair_group[row]
        cell = cell_of(relations, group, bin_)
        if cell >= 0:
            there = np.int64(state.counts[cell])
            if relations.pair_itself[row] and counting_cell(relations, group, source) == cell:
                there -= 1
            cost += relations.pair_weight[row] * there
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        group = relations.group[k]
        if relations.paid[group]:
            cell = counting_cell(relations, group, bin_)
            if cell >= 0:
                cost += state.payers[cell]
                if cell_of(relations, group, source) == cell:
                    for row in range(relations.pair_start[class_], relations.pair_start[class_ + 1]):
                        if relations.pair_group[row] == group:
                            cost -= relations.pair_weight[row]
    return cost


@inner
def range_cost(relations: Relations, group: int, count: int) -> int:
    """What a group pays for its count in one eligible domain."""
    cost = np.int64(0)
    for row in range(relations.range_start[group], relations.range_start[group + 1]):
        outside = max(relations.at_least[row] - count, 0) + max(count - relations.range_most[row], 0)
        cost += relations.range_weight[row] * outside
    return cost


@inner
def skew_cost(relations: Relations, group: int, skew: int) -> int:
    """What a group pays for a skew."""
    cost = np.int64(0)
    for row in range(relations.skew_start[group], relations.skew_start[group + 1]):
        cost += relations.skew_weight[row] * max(skew - relations.soft_skew[row], 0)
    return cost


@inner
def relation_delta(tables: Tables, state: State, item: int, source: int, target: int) -> int:
    """How much dearer pairs, ranges and skews get by the move."""
    relations = tables.relations
    class_ = tables.class_of[item]
    if not relations.related[class_]:
        return np.int64(0)
    cost = company_cost(tables, state, item, source, target) - company_cost(tables, state, item, source, source)
    for k in range(relations.class_start[class_], relations.class_start[class_ + 1]):
        group = relations.group[k]
        left, entered = counting_cell(relations, group, source), counting_cell(relations, group, target)
        if left == entered:
            continue
        if left >= 0:
            count = np.int64(state.counts[left])
            cost += range_cost(relations, group, count - 1) - range_cost(relations, group, count)
        if entered >= 0:
            count = np.int64(state.counts[entered])
            cost += range_cost(relations, group, count + 1) - range_cost(relations, group, count)
        if relations.skew_start[group] < relations.skew_start[group + 1]:
            smallest, largest = level_after(relations, state, group, left, entered)
            before = np.int64(state.largest[group]) - state.smallest[group]
            cost += skew_cost(relations, group, largest - smallest) - skew_cost(relations, group, before)
    return cost


@inner
def sharing_delta(tables: Tables, state: State, item: int, source: int, target: int) -> int:
    """How much dearer the set that was moved most gets by the move."""
    if tables.most_moved == 0:
        return np.int64(0)
    part = tables.relations.set_of[tables.class_of[item]]
    if part < 0:
        return np.int64(0)
    change = away(tables, item, target) - away(tables, item, source)
    moved, most = state.moved[part], state.numbers[MOST_MOVED]
    if change > 0 and moved == most:
        return tables.most_moved
    if change < 0 and moved == most and state.moved_level[moved] == 1:
        return -tables.most_moved
    return np.int64(0)


@inner
def away(tables: Tables, item: int, bin_: int) -> int:
    """1 where an item with a start lies in another bin, else 0."""
    nowhere = len(tables.open_cost) - 1
    start = tables.start[item]
    return np.int64(start != nowhere and bin_ != nowhere and start != bin_)
