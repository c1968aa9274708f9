"""Compiled kernels: what changes when an item goes in or out."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import part
from placement_solvers.greedy.arrays import CLOCK, FREED, Arrays
from placement_solvers.greedy.score import AMOUNT_BITS, FILL_BITS, SHARE_BITS, UNIT_BITS, WEIGHT_BITS
from placement_solvers.greedy.tables import Tables

ONE = np.int64(1)  # numba would compile `enter` anew for the literals 1 and -1
UNBOUNDED = 2**31 - 1
FULL = (1 << FILL_BITS) - 1

assert AMOUNT_BITS + SHARE_BITS < 63, "a free amount times the precision of its share must fit into int64"
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
def fill_all(tables: Tables, arrays: Arrays) -> None:
    """Compute every bin's part of the scores."""
    for bin_ in range(len(arrays.fill)):
        update_score(tables, arrays, bin_)


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
def leave(tables: Tables, arrays: Arrays, class_: int, bin_: int) -> None:
    """Take an item of a class out of a bin, for good: what was refused may have room now."""
    enter(tables, arrays, class_, bin_, -ONE)
    arrays.counters[FREED] = arrays.counters[CLOCK]
