"""What the kernels write: loads, counts and cached scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.greedy.tables import Tables
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

CLOCK, FREED, EVALUATIONS = 0, 1, 2
"""Places in `Arrays.counters`: changes so far, the change that last made room, scores computed."""


class Arrays(NamedTuple):
    """Everything that changes while items are placed.

    Scores are kept per tree (see `Tables.tree_of_class`) in a *slot*: one score a bin in the order of the tree's
    layout, and the best of each block. Changed bins are not told to the trees; they go to the front of a list from the
    newest change to the oldest, and a tree walks that list when it is asked next, down to where it stood.

    Attributes
    ----------
    free : (B, R) int64
        Capacity less load.
    num_items : (B,) int32
    fill, column : (B,) int32
        How full a bin is (or empty) and its column in ``scoring.rank``.
    unit : (B, R) int32
        Free amounts as a vector of length ``2 ** UNIT_BITS``, weighted.
    members : (sum of domains,) int32
        Members of each group in each domain, laid out by ``group_start``.
    total, smallest, num_smallest : (G,) int64, int32, int32
        Members everywhere (of groups that attract); smallest count over eligible domains and how many have it (of
        groups that are spread).
    newer, older : (B + 1,) int32
        Ring of bins by their last change; B is the mark between newest and oldest.
    changed_at : (B,) int64
        Clock of the last change.
    rule_low, rule_high : (rules,) int32
        Counts a rule allows, as of when its class was asked last.
    leaf : (slots, B) int64
        Score at each position, -1 if the bin will not do.
    block_best : (slots, most blocks) int64
    slot_of_tree, tree_of_slot : (trees,), (slots,) int32
    slot_seen, slot_used : (slots,) int64
        Clock up to which a slot knows the changes; when it was last asked.
    failed_at : (C,) int64
        Clock at which no bin was found for the class, -1 if not since the last success.
    gang_in, gang_domain : (K,) int32
        Members that are in and their domain; `NOWHERE` if none is in, -2 if they lie in several.
    counters : (3,) int64
    admitted : (B,) bool
        Answer to the last question for all bins a class may enter.
    """

    free: Int64
    num_items: Int32
    fill: Int32
    column: Int32
    unit: Int32
    members: Int32
    total: Int64
    smallest: Int32
    num_smallest: Int32
    newer: Int32
    older: Int32
    changed_at: Int64
    rule_low: Int32
    rule_high: Int32
    leaf: Int64
    block_best: Int64
    slot_of_tree: Int32
    tree_of_slot: Int32
    slot_seen: Int64
    slot_used: Int64
    failed_at: Int64
    gang_in: Int32
    gang_domain: Int32
    counters: Int64
    admitted: Bool


def arrays_of(problem: Problem, tables: Tables, memory: int) -> Arrays:
    """The arrays of a problem in which nothing is placed yet; scores take at most about `memory` bytes."""
    groups, bins = problem.groups, problem.num_bins
    trees = len(tables.tree_layout)
    blocks = tables.block_start.shape[1] - 1
    slots = max(1, min(trees, memory // (8 * max(bins + blocks, 1))))
    total = np.zeros(len(groups), dtype=np.int64)
    for group in np.unique(problem.attractions.group):
        total[group] = groups.initial[groups.start[group] : groups.start[group + 1]].sum()
    smallest = np.zeros(len(groups), dtype=np.int32)
    num_smallest = np.zeros(len(groups), dtype=np.int32)
    for group in np.flatnonzero(tables.group_is_spread):
        domains = slice(groups.start[group], groups.start[group + 1])
        there = groups.initial[domains][tables.eligible_domain[domains]]
        if len(there):
            smallest[group] = there.min()
            num_smallest[group] = (there == there.min()).sum()
    ring = np.arange(bins + 1, dtype=np.int32)
    return Arrays(
        free=problem.capacity.copy(),
        num_items=np.zeros(bins, dtype=np.int32),
        fill=np.zeros(bins, dtype=np.int32),
        column=tables.scoring.bin_column + problem.in_use,
        unit=np.zeros(problem.capacity.shape, dtype=np.int32),
        members=groups.initial.copy(),
        total=total,
        smallest=smallest,
        num_smallest=num_smallest,
        newer=np.roll(ring, 1),
        older=np.roll(ring, -1),
        changed_at=np.zeros(bins, dtype=np.int64),
        rule_low=np.zeros(len(tables.rule_group), dtype=np.int32),
        rule_high=np.full(len(tables.rule_group), -1, dtype=np.int32),
        leaf=np.empty((slots, bins), dtype=np.int64),
        block_best=np.empty((slots, blocks), dtype=np.int64),
        slot_of_tree=np.full(trees, NOWHERE, dtype=np.int32),
        tree_of_slot=np.full(slots, NOWHERE, dtype=np.int32),
        slot_seen=np.zeros(slots, dtype=np.int64),
        slot_used=np.zeros(slots, dtype=np.int64),
        failed_at=np.full(problem.num_classes, -1, dtype=np.int64),
        gang_in=np.zeros(len(problem.gangs), dtype=np.int32),
        gang_domain=problem.gangs.domain.copy(),
        counters=np.zeros(3, dtype=np.int64),
        admitted=np.zeros(bins, dtype=np.bool_),
    )
