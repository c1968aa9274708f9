"""Compiled kernels: the best bin for a class, from scores that are kept and brought up to date when asked."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import part
from placement_solvers.greedy.arrays import CLOCK, EVALUATIONS, Arrays
from placement_solvers.greedy.tables import Tables
from placement_solvers.greedy.trees import NO_TREE
from placement_solvers.greedy.welcome import (
    WILL_NOT_DO,
    does,
    rules_allow,
    score_of,
    update_rules,
    wish_of_domains,
)

ANYWHERE = np.int64(-1)
"""No topology, or no domain of it, asked for."""

NONE = np.int64(-1)
UNDECIDED = np.int64(-2)
BEYOND = np.int64(2**62)

TRIALS = 8
"""Bins of a loose class that are tried before a class looks into its own scores."""


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
