"""Compiled kernels: what one bin is worth to a class, which bin is best, and what changes when an item goes in.

All of them take the same two bundles of arrays, `Tables` (read) and `Arrays` (written).
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.greedy.arrays import CLOCK, EVALUATIONS, FREED, Arrays
from placement_solvers.greedy.compiled import entry, inner, part
from placement_solvers.greedy.rules import ATTRACTION, LIMIT
from placement_solvers.greedy.score import (
    AMOUNT_BITS,
    COSINE_BITS,
    FILL_BITS,
    MOST_WISHED,
    RANK_BITS,
    SHARE_BITS,
    UNIT_BITS,
    WEIGHT_BITS,
    WISH_BITS,
)
from placement_solvers.greedy.tables import Tables
from placement_solvers.greedy.trees import NO_TREE

ANYWHERE = np.int64(-1)
"""No topology, or no domain of it, asked for."""

ONE = np.int64(1)  # numba would compile `enter` anew for the literals 1 and -1
UNBOUNDED = 2**31 - 1
BEYOND = np.int64(2**62)
WILL_NOT_DO = np.int64(-1)
NONE = np.int64(-1)
UNDECIDED = np.int64(-2)

TRIALS = 8
"""Bins of a loose class that are tried before a class looks into its own scores."""

FULL = (1 << FILL_BITS) - 1

assert AMOUNT_BITS + SHARE_BITS < 63, "a free amount times the precision of its share must fit into int64"
assert RANK_BITS + WISH_BITS + FILL_BITS < 62, "a score must fit into int64"
assert SHARE_BITS + WEIGHT_BITS < 31, "a weighted share must fit into int32"


@part
def update_score(tables: Tables, arrays: Arrays, bin_: int) -> None:
    """Compute a bin's part of all scores: how full it is (or empty), where its free amounts point, its column."""
    scoring = tables.scoring
    empty, weights, length = 0, 0, 0.0
    for r in range(arrays.free.shape[1]):
        share = 0
        if scoring.scale[r] > 0 and arrays.free[bin_, r] > 0:
            amount = arrays.free[bin_, r] >> scoring.shift[r]
            share = min((amount << SHARE_BITS) // scoring.scale[r], 1 << SHARE_BITS)
        weighted = scoring.weight[r] * share
        empty += weighted
        weights += scoring.weight[r]
        arrays.unit[bin_, r] = weighted
        length += float(weighted) * float(weighted)
    length = np.sqrt(length)
    for r in range(arrays.free.shape[1]):
        if length > 0:
            arrays.unit[bin_, r] = np.int32(float(arrays.unit[bin_, r]) * (1 << UNIT_BITS) / length)
    empty = min((empty // max(weights, 1)) >> (SHARE_BITS - FILL_BITS), FULL)
    arrays.fill[bin_] = FULL - empty if scoring.fuller_is_better else empty
    in_use = arrays.num_items[bin_] > 0 or tables.in_use[bin_]
    arrays.column[bin_] = scoring.bin_column[bin_] + (1 if in_use else 0)


@part
def note_change(tables: Tables, arrays: Arrays, bin_: int) -> None:
    """Bring a bin's part of the score up to date and move the bin to the front of the changes."""
    update_score(tables, arrays, bin_)
    newer, older = arrays.newer, arrays.older
    older[newer[bin_]] = older[bin_]
    newer[older[bin_]] = newer[bin_]
    mark = len(older) - 1
    newest = older[mark]
    older[mark] = bin_
    newer[bin_] = mark
    older[bin_] = newest
    newer[newest] = bin_
    arrays.counters[CLOCK] += 1
    arrays.changed_at[bin_] = arrays.counters[CLOCK]


@part
def count_member(tables: Tables, arrays: Arrays, group: int, domain: int, amount: int) -> None:
    """Add members to a group in a domain and keep its smallest count."""
    at = tables.group_start[group] + domain
    before = arrays.members[at]
    after = before + amount
    arrays.members[at] = after
    arrays.total[group] += amount
    if not tables.group_is_spread[group] or not tables.eligible_domain[at]:
        return
    if after < arrays.smallest[group]:
        arrays.smallest[group] = after
        arrays.num_smallest[group] = 1
        return
    if after == arrays.smallest[group]:
        arrays.num_smallest[group] += 1
    elif before == arrays.smallest[group]:
        arrays.num_smallest[group] -= 1
        if arrays.num_smallest[group] == 0:
            recount_smallest(tables, arrays, group)


@part
def recount_smallest(tables: Tables, arrays: Arrays, group: int) -> None:
    """Find the smallest count of a group over its eligible domains anew."""
    smallest = UNBOUNDED
    num = 0
    for at in range(tables.group_start[group], tables.group_start[group + 1]):
        if tables.eligible_domain[at]:
            if arrays.members[at] < smallest:
                smallest = np.int64(arrays.members[at])
                num = 1
            elif arrays.members[at] == smallest:
                num += 1
    arrays.smallest[group] = smallest
    arrays.num_smallest[group] = num


@part
def enter(tables: Tables, arrays: Arrays, class_: int, bin_: int, amount: int) -> None:
    """Put `amount` items of a class into a bin, allowed or not; take them out if it is negative."""
    for r in range(arrays.free.shape[1]):
        arrays.free[bin_, r] -= amount * tables.demand[class_, r]
    arrays.num_items[bin_] += amount
    for k in range(tables.class_group_start[class_], tables.class_group_start[class_ + 1]):
        group = np.int64(tables.class_group[k])
        domain = np.int64(tables.domain_of[tables.group_topology[group], bin_])
        if domain >= 0 and tables.scopes[tables.group_scope[group], bin_]:
            count_member(tables, arrays, group, domain, amount)
    note_change(tables, arrays, bin_)


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
def wish_of_domains(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> int:
    """What wishes about domains of several bins take off the score of all bins in the cell of this one."""
    cost = wish_of(tables, arrays, tables.wish_start[class_], tables.wish_fine[class_], bin_)
    return max(min(cost, MOST_WISHED), -MOST_WISHED) << tables.scoring.wish_shift


@part
def fill_all(tables: Tables, arrays: Arrays) -> None:
    """Compute every bin's part of the scores."""
    for bin_ in range(len(arrays.fill)):
        update_score(tables, arrays, bin_)


@part
def fits(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> bool:
    """Whether an item of a class may enter a bin now."""
    update_rules(tables, arrays, class_)
    return does(tables, arrays, class_, bin_)


@part
def does(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> bool:
    """Whether an item of a class may enter a bin, by rules that are up to date."""
    if tables.pinned_to[class_] >= 0 and tables.pinned_to[class_] != bin_:
        return False
    if score_of(tables, arrays, class_, bin_) < 0:
        return False
    return rules_allow(tables, arrays, tables.rule_start[class_], tables.rule_fine[class_], bin_)


@part
def take_slot(arrays: Arrays, tree: int) -> int:
    """A slot for a tree: a free one or the one not asked for longest."""
    slot = 0
    for other in range(len(arrays.slot_used)):
        if arrays.tree_of_slot[other] < 0:
            slot = other
            break
        if arrays.slot_used[other] < arrays.slot_used[slot]:
            slot = other
    if arrays.tree_of_slot[slot] >= 0:
        arrays.slot_of_tree[arrays.tree_of_slot[slot]] = -1
    arrays.tree_of_slot[slot] = tree
    arrays.slot_of_tree[tree] = slot
    return slot


@part
def best_of_block(tables: Tables, arrays: Arrays, slot: int, layout: int, block: int) -> int:
    """The greatest score of a block."""
    best = WILL_NOT_DO
    for at in range(tables.block_start[layout, block], tables.block_start[layout, block + 1]):
        best = max(best, arrays.leaf[slot, at])
    return best


@part
def build_tree(tables: Tables, arrays: Arrays, class_: int, slot: int, layout: int) -> None:
    """Compute the scores of all bins for a class. O(B)."""
    num_bins = len(arrays.num_items)
    for at in range(num_bins):
        arrays.leaf[slot, at] = score_of(tables, arrays, class_, np.int64(tables.bin_at[layout, at]))
    for block in range(np.int64(tables.cell_start[layout, tables.num_cells[layout]])):
        arrays.block_best[slot, block] = best_of_block(tables, arrays, slot, layout, block)
    arrays.counters[EVALUATIONS] += num_bins


@part
def replay_changes(tables: Tables, arrays: Arrays, class_: int, slot: int, layout: int) -> bool:
    """Bring a tree up to date with the bins that changed since it was asked last; False if they are too many."""
    seen = arrays.slot_seen[slot]
    mark = len(arrays.older) - 1
    left = mark // 4 + 1
    bin_ = np.int64(arrays.older[mark])
    while bin_ != mark and arrays.changed_at[bin_] > seen:
        left -= 1
        if left == 0:
            return False
        at = np.int64(tables.position[layout, bin_])
        before = arrays.leaf[slot, at]
        after = score_of(tables, arrays, class_, bin_)
        arrays.counters[EVALUATIONS] += 1
        if after != before:
            arrays.leaf[slot, at] = after
            block = np.int64(tables.block_of[layout, at])
            if after >= arrays.block_best[slot, block]:
                arrays.block_best[slot, block] = after
            elif before == arrays.block_best[slot, block]:
                arrays.block_best[slot, block] = best_of_block(tables, arrays, slot, layout, block)
        bin_ = np.int64(arrays.older[bin_])
    return True


@part
def slot_for(tables: Tables, arrays: Arrays, class_: int) -> int:
    """The slot that holds the scores of a class, all of them as of now."""
    tree = np.int64(tables.tree_of_class[class_])
    layout = np.int64(tables.tree_layout[tree])
    slot = np.int64(arrays.slot_of_tree[tree])
    if slot < 0:
        slot = take_slot(arrays, tree)
        build_tree(tables, arrays, class_, slot, layout)
    elif not replay_changes(tables, arrays, class_, slot, layout):
        build_tree(tables, arrays, class_, slot, layout)
    arrays.slot_seen[slot] = arrays.counters[CLOCK]
    arrays.slot_used[slot] = arrays.counters[CLOCK]
    return slot


@part
def first_bin_with(tables: Tables, arrays: Arrays, slot: int, layout: int, cell: int, score: int) -> int:
    """The lowest bin of a cell that has the score, which is the greatest of the cell."""
    block = np.int64(tables.cell_start[layout, cell])
    while arrays.block_best[slot, block] != score:
        block += 1
    at = np.int64(tables.block_start[layout, block])
    while arrays.leaf[slot, at] != score:
        at += 1
    return np.int64(tables.bin_at[layout, at])


@part
def best_of_loose(tables: Tables, arrays: Arrays, class_: int, topology: int, domain: int) -> int:
    """The best bin for a class if it is among the first few of its loose class; `UNDECIDED` if it is not.

    A loose class asks for nothing (see `Trees`): its order of bins is that of the class, with some more in
    between. Where the emptiest bin is wanted, one of its first bins nearly always does, and many classes keep this
    one order up to date together.
    """
    loose = np.int64(tables.loose_class[class_])
    slot = slot_for(tables, arrays, loose)
    layout = np.int64(tables.tree_layout[tables.tree_of_class[loose]])
    last_score, last_bin = BEYOND, NONE
    for _ in range(TRIALS):
        best_score, best = WILL_NOT_DO, NONE
        for cell in range(np.int64(tables.num_cells[layout])):
            of_cell = np.int64(tables.bin_at[layout, tables.block_start[layout, tables.cell_start[layout, cell]]])
            if topology >= 0 and tables.domain_of[topology, of_cell] != domain:
                continue
            if not rules_allow(tables, arrays, tables.rule_start[class_], tables.rule_fine[class_], of_cell):
                continue
            wished = wish_of_domains(tables, arrays, class_, of_cell)
            for block in range(tables.cell_start[layout, cell], tables.cell_start[layout, cell + 1]):
                if arrays.block_best[slot, block] < max(best_score + wished, 0):
                    continue
                for at in range(tables.block_start[layout, block], tables.block_start[layout, block + 1]):
                    if arrays.leaf[slot, at] < 0:
                        continue
                    score, bin_ = arrays.leaf[slot, at] - wished, np.int64(tables.bin_at[layout, at])
                    is_next = score < last_score or (score == last_score and bin_ > last_bin)
                    if is_next and (score > best_score or (score == best_score and bin_ < best)):
                        best_score, best = score, bin_
        if best_score < 0:
            return NONE
        if score_of(tables, arrays, class_, best) >= 0:
            return best
        last_score, last_bin = best_score, best
    return UNDECIDED


@part
def best_bin(tables: Tables, arrays: Arrays, class_: int, topology: int, domain: int) -> int:
    """The bin with the greatest score that an item of a class may enter, the lowest of equals; -1 if there is none.

    Where `topology` is not -1, only bins in one domain of it are asked.
    """
    update_rules(tables, arrays, class_)
    if tables.tree_of_class[class_] == NO_TREE:
        bin_ = np.int64(tables.pinned_to[class_])
        inside = topology < 0 or tables.domain_of[topology, bin_] == domain
        return bin_ if inside and does(tables, arrays, class_, bin_) else -1
    if topology >= 0 and tables.topology_start[topology] >= 0:
        bin_ = np.int64(tables.bin_of_domain[tables.topology_start[topology] + domain])
        return bin_ if does(tables, arrays, class_, bin_) else -1
    if tables.loose_class[class_] >= 0:
        bin_ = best_of_loose(tables, arrays, class_, topology, domain)
        if bin_ != UNDECIDED:
            return bin_
    slot = slot_for(tables, arrays, class_)
    layout = np.int64(tables.tree_layout[tables.tree_of_class[class_]])
    best_score = WILL_NOT_DO
    best = NONE
    for cell in range(np.int64(tables.num_cells[layout])):
        score = WILL_NOT_DO
        for block in range(tables.cell_start[layout, cell], tables.cell_start[layout, cell + 1]):
            score = max(score, arrays.block_best[slot, block])
        if score < 0:
            continue
        of_cell = np.int64(tables.bin_at[layout, tables.block_start[layout, tables.cell_start[layout, cell]]])
        wished = wish_of_domains(tables, arrays, class_, of_cell)
        if score - wished < best_score:
            continue
        if topology >= 0 and tables.domain_of[topology, of_cell] != domain:
            continue
        if not rules_allow(tables, arrays, tables.rule_start[class_], tables.rule_fine[class_], of_cell):
            continue
        bin_ = first_bin_with(tables, arrays, slot, layout, cell, score)
        if score - wished > best_score or bin_ < best:
            best_score = score - wished
            best = bin_
    return best


@part
def best_bin_by_scan(tables: Tables, arrays: Arrays, class_: int, topology: int, domain: int) -> int:
    """The same answer as `best_bin` from a look at every bin, without any cache. O(B)."""
    update_rules(tables, arrays, class_)
    best_score = WILL_NOT_DO
    best = NONE
    for bin_ in range(len(arrays.num_items)):
        if topology >= 0 and tables.domain_of[topology, bin_] != domain:
            continue
        if does(tables, arrays, class_, bin_):
            score = score_of(tables, arrays, class_, bin_) - wish_of_domains(tables, arrays, class_, bin_)
            if score > best_score:
                best_score = score
                best = bin_
    return best


@part
def may_have_room(tables: Tables, arrays: Arrays, class_: int) -> bool:
    """False if the class found no bin before and nothing has happened since that could help it."""
    failed = arrays.failed_at[class_]
    if failed < 0 or failed < arrays.counters[FREED]:
        return True
    return tables.may_change[class_] and failed < arrays.counters[CLOCK]


@part
def leave(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> None:
    """Take an item of a class out of a bin, for good: what was refused may have room now."""
    enter(tables, arrays, class_, bin_, -ONE)
    arrays.counters[FREED] = arrays.counters[CLOCK]


@part
def admit_all(tables: Tables, arrays: Arrays, class_: int) -> None:
    """Say in `Arrays.admitted` which bins an item of a class may enter now. O(B x rules)."""
    update_rules(tables, arrays, class_)
    for bin_ in range(len(arrays.num_items)):
        arrays.admitted[bin_] = does(tables, arrays, class_, bin_)


FIND, FIND_BY_SCAN, FIT, PLACE, ADMIT, ENTER, LEAVE, CHANGE, FILL = range(9)


@entry
def act(tables: Tables, arrays: Arrays, action: int, class_: int, bin_: int) -> int:
    """Do one thing for Python: its one way in, because each costs seconds to compile."""
    if action == FIND:
        return best_bin(tables, arrays, class_, ANYWHERE, ANYWHERE)
    if action == FIND_BY_SCAN:
        return best_bin_by_scan(tables, arrays, class_, ANYWHERE, ANYWHERE)
    if action == FIT:
        return 1 if fits(tables, arrays, class_, bin_) else 0
    if action == ENTER:
        enter(tables, arrays, class_, bin_, ONE)
    elif action == PLACE:
        bin_ = best_bin(tables, arrays, class_, ANYWHERE, ANYWHERE)
        if bin_ >= 0:
            enter(tables, arrays, class_, bin_, ONE)
        return bin_
    elif action == ADMIT:
        admit_all(tables, arrays, class_)
    elif action == LEAVE:
        leave(tables, arrays, class_, bin_)
    elif action == CHANGE:
        note_change(tables, arrays, bin_)
        arrays.counters[FREED] = arrays.counters[CLOCK]
    else:
        fill_all(tables, arrays)
    return 0
