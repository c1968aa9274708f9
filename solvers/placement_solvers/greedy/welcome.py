"""Compiled kernels: whether a bin takes an item of a class, and what it is worth to it."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner, part
from placement_solvers.greedy.arrays import CLOCK, FREED, Arrays
from placement_solvers.greedy.entering import UNBOUNDED
from placement_solvers.greedy.rules import ATTRACTION, LIMIT
from placement_solvers.greedy.score import COSINE_BITS, FILL_BITS, MOST_WISHED, RANK_BITS, UNIT_BITS, WISH_BITS
from placement_solvers.greedy.tables import Tables
from placement_solvers.greedy.trees import NO_TREE

WILL_NOT_DO = np.int64(-1)

assert RANK_BITS + WISH_BITS + FILL_BITS < 62, "a score must fit into int64"


@part
def may_start(tables: Tables, arrays: Arrays, class_: int) -> bool:
    """Whether all groups that attract a class are empty everywhere."""
    for rule in range(tables.rule_start[class_], tables.rule_start[class_ + 1]):
        if tables.rule_kind[rule] == ATTRACTION and arrays.total[tables.rule_group[rule]] > 0:
            return False
    return True


@part
def forget_tree(tables: Tables, arrays: Arrays, class_: int) -> None:
    """Give up the cached scores of a class."""
    tree = tables.tree_of_class[class_]
    if tree != NO_TREE and arrays.slot_of_tree[tree] >= 0:
        arrays.tree_of_slot[arrays.slot_of_tree[tree]] = -1
        arrays.slot_of_tree[tree] = -1


@part
def update_rules(tables: Tables, arrays: Arrays, class_: int) -> None:
    """Find which counts each rule of a class allows now; if that changed for single bins, its tree is forgotten."""
    changed = False
    for rule in range(tables.rule_start[class_], tables.rule_start[class_ + 1]):
        low = 0
        high = UNBOUNDED
        if tables.rule_kind[rule] == LIMIT:
            high = np.int64(tables.rule_value[rule])
        elif tables.rule_kind[rule] == ATTRACTION:
            if tables.rule_value[rule] == 0 or not may_start(tables, arrays, class_):
                low = 1
        else:
            group = tables.rule_group[rule]
            high = np.int64(tables.rule_value[rule])
            if tables.num_eligible[group] >= tables.rule_min_domains[rule]:
                high += arrays.smallest[group]
        if rule >= tables.rule_fine[class_] and (low != arrays.rule_low[rule] or high != arrays.rule_high[rule]):
            changed = True
        arrays.rule_low[rule] = low
        arrays.rule_high[rule] = high
    if changed:
        forget_tree(tables, arrays, class_)


@inner
def rules_allow(tables: Tables, arrays: Arrays, first: int, last: int, bin_: int) -> bool:
    """Whether the counts around a bin lie within what some rules allow; ask `update_rules` before."""
    for rule in range(first, last):
        group = tables.rule_group[rule]
        domain = tables.domain_of[tables.group_topology[group], bin_]
        if domain < 0:
            if tables.rule_kind[rule] != LIMIT:
                return False
        else:
            count = arrays.members[tables.group_start[group] + domain]
            if count < arrays.rule_low[rule] or count > arrays.rule_high[rule]:
                return False
    return True


@inner
def wish_of(tables: Tables, arrays: Arrays, first: int, last: int, bin_: int) -> int:
    """What some wishes cost an item that enters a bin now."""
    cost = np.int64(0)
    for wish in range(first, last):
        group = tables.wish_group[wish]
        domain = tables.domain_of[tables.group_topology[group], bin_]
        if domain >= 0:
            count = np.int64(arrays.members[tables.group_start[group] + domain])
            cost += tables.wish_slope[wish] * count
            if count < tables.wish_low[wish]:
                cost -= tables.wish_step[wish]
            elif count >= tables.wish_high[wish]:
                cost += tables.wish_step[wish]
    return cost


@part
def wish_of_domains(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> int:
    """What wishes about domains of several bins take off the score of all bins in the cell of this one."""
    cost = wish_of(tables, arrays, tables.wish_start[class_], tables.wish_fine[class_], bin_)
    return max(min(cost, MOST_WISHED), -MOST_WISHED) << tables.scoring.wish_shift


@inner
def score_of(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> int:
    """What a bin is worth to a class as far as the bin alone decides; `WILL_NOT_DO` if it refuses."""
    if not tables.eligible[tables.class_signature[class_], tables.bin_signature[bin_]]:
        return WILL_NOT_DO
    for r in range(arrays.free.shape[1]):
        demand = tables.demand[class_, r]
        if demand > arrays.free[bin_, r] and demand > 0:
            return WILL_NOT_DO
    if not rules_allow(tables, arrays, tables.rule_fine[class_], tables.rule_start[class_ + 1], bin_):
        return WILL_NOT_DO
    score = tables.scoring.rank[tables.scoring.class_row[class_], arrays.column[bin_]]
    wished = wish_of(tables, arrays, tables.wish_fine[class_], tables.wish_start[class_ + 1], bin_)
    if tables.wish_placed.size > 0:
        wished += tables.wish_placed[tables.class_signature[class_], tables.bin_signature[bin_]]
    score -= max(min(wished, MOST_WISHED), -MOST_WISHED) << tables.scoring.wish_shift
    if not tables.scoring.by_cosine:
        return score + arrays.fill[bin_]
    cosine = 0
    for r in range(arrays.free.shape[1]):
        cosine += np.int64(tables.scoring.direction[class_, r]) * arrays.unit[bin_, r]
    cosine = min(cosine >> (2 * UNIT_BITS - COSINE_BITS), (1 << COSINE_BITS) - 1)
    return score + (cosine << (FILL_BITS - COSINE_BITS)) + (arrays.fill[bin_] >> COSINE_BITS)


@part
def does(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> bool:
    """Whether an item of a class may enter a bin, by rules that are up to date."""
    if tables.pinned_to[class_] >= 0 and tables.pinned_to[class_] != bin_:
        return False
    if score_of(tables, arrays, class_, bin_) < 0:
        return False
    return rules_allow(tables, arrays, tables.rule_start[class_], tables.rule_fine[class_], bin_)


@part
def fits(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> bool:
    """Whether an item of a class may enter a bin now."""
    update_rules(tables, arrays, class_)
    return does(tables, arrays, class_, bin_)


@part
def admit_all(tables: Tables, arrays: Arrays, class_: int) -> None:
    """Say in `Arrays.admitted` which bins an item of a class may enter now. O(B x rules)."""
    update_rules(tables, arrays, class_)
    for bin_ in range(len(arrays.num_items)):
        arrays.admitted[bin_] = does(tables, arrays, class_, bin_)


@part
def may_have_room(tables: Tables, arrays: Arrays, class_: int) -> bool:
    """False if the class found no bin before and nothing has happened since that could help it."""
    failed = arrays.failed_at[class_]
    if failed < 0 or failed < arrays.counters[FREED]:
        return True
    return tables.may_change[class_] and failed < arrays.counters[CLOCK]
