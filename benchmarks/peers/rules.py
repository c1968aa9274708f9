"""The hard rules of a problem for compiled peers: whether an item may enter a bin, and what its entering changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Int32, Int64, Problem

compiled = njit(cache=True, nogil=True)


class Rules(NamedTuple):
    """A problem and the state of its bins, flat. `free`, `counts` and `members` change as items enter.

    Attributes
    ----------
    free : (B, R) int64
    counts : (sum of domains,) int64
        Members of group g in domain d at ``start[g] + d``.
    members : (G,) int64
        Of each group, anywhere.
    counted : (sum of domains,) bool
        Domains that hold a bin of the group's scope.
    num_counted : (G,) int64
    limit_start, attraction_start, spread_start : (C + 1,) int64
        Rows of each class.
    """

    demand: Int64
    free: Int64
    class_signature: Int32
    bin_signature: Int32
    eligible: Bool
    pinned_to: Int32
    domain_of: Int32
    topology: Int32
    scope: Int32
    scopes: Bool
    start: Int64
    counts: Int64
    members: Int64
    counted: Bool
    num_counted: Int64
    class_start: Int64
    of_class: Int32
    limit_start: Int64
    limit_group: Int32
    limit_at_most: Int32
    attraction_start: Int64
    attraction_group: Int32
    self_starting: Bool
    spread_start: Int64
    spread_group: Int32
    spread_skew: Int32
    spread_min_domains: Int32
    spread_itself: Int32


def rules_of(problem: Problem) -> Rules:
    """The rules with all items that have a start in their bins."""
    groups = problem.groups
    num_groups = len(groups)
    counted = np.zeros(len(groups.initial), dtype=np.bool_)
    for group in range(num_groups):
        domains = problem.domain_of[groups.topology[group]]
        inside = domains != NOWHERE
        if groups.scope[group] != EVERYWHERE:
            inside &= problem.scopes[groups.scope[group]]
        counted[groups.start[group] + domains[inside]] = True
    cuts = groups.start[:-1][np.diff(groups.start) > 0]
    sums, nums = np.zeros(num_groups, dtype=np.int64), np.zeros(num_groups, dtype=np.int64)
    if len(cuts):
        some = np.diff(groups.start) > 0
        sums[some] = np.add.reduceat(groups.initial.astype(np.int64), cuts)
        nums[some] = np.add.reduceat(counted.astype(np.int64), cuts)
    classes = np.arange(problem.num_classes + 1)
    starting = problem.attractions.self_starting
    rules = Rules(
        demand=np.ascontiguousarray(problem.demand),
        free=problem.capacity.copy(),
        class_signature=np.ascontiguousarray(problem.class_signature),
        bin_signature=np.ascontiguousarray(problem.bin_signature),
        eligible=np.ascontiguousarray(problem.eligible),
        pinned_to=np.ascontiguousarray(problem.pinned_to),
        domain_of=np.ascontiguousarray(problem.domain_of),
        topology=np.ascontiguousarray(groups.topology),
        scope=np.ascontiguousarray(groups.scope),
        scopes=np.ascontiguousarray(problem.scopes),
        start=np.ascontiguousarray(groups.start),
        counts=groups.initial.astype(np.int64),
        members=sums,
        counted=counted,
        num_counted=nums,
        class_start=np.ascontiguousarray(groups.class_start)
        if len(groups.class_start) > 1
        else np.zeros(problem.num_classes + 1, dtype=np.int64),
        of_class=np.ascontiguousarray(groups.of_class),
        limit_start=np.searchsorted(problem.limits.class_, classes).astype(np.int64),
        limit_group=problem.limits.group,
        limit_at_most=problem.limits.at_most,
        attraction_start=np.searchsorted(problem.attractions.class_, classes).astype(np.int64),
        attraction_group=problem.attractions.group,
        self_starting=starting if len(starting) else np.zeros(problem.num_classes, dtype=np.bool_),
        spread_start=np.searchsorted(problem.spreads.class_, classes).astype(np.int64),
        spread_group=problem.spreads.group,
        spread_skew=problem.spreads.max_skew,
        spread_min_domains=problem.spreads.min_domains,
        spread_itself=problem.spreads.counts_itself,
    )
    if len(problem.start):
        stays = np.flatnonzero(problem.start != NOWHERE)
        enter_all(rules, problem.class_of[stays], problem.start[stays])
    return rules


@compiled
def enter(rules: Rules, class_: int, bin_: int, amount: int) -> None:
    """Put `amount` items of a class into a bin; -1 takes one out."""
    for resource in range(rules.demand.shape[1]):
        rules.free[bin_, resource] -= amount * rules.demand[class_, resource]
    for at in range(rules.class_start[class_], rules.class_start[class_ + 1]):
        group = rules.of_class[at]
        domain = rules.domain_of[rules.topology[group], bin_]
        inside = rules.scope[group] == EVERYWHERE or rules.scopes[rules.scope[group], bin_]
        if domain != NOWHERE and inside:
            rules.counts[rules.start[group] + domain] += amount
            rules.members[group] += amount


@compiled
def enter_all(rules: Rules, classes: Int32, bins: Int32) -> None:
    """Put items into bins, allowed or not."""
    for at in range(len(classes)):
        enter(rules, classes[at], bins[at], 1)


@compiled
def fits(rules: Rules, class_: int, bin_: int) -> bool:
    """Whether the bin has room for what an item demands."""
    for resource in range(rules.demand.shape[1]):
        asked = rules.demand[class_, resource]
        if asked > 0 and asked > rules.free[bin_, resource]:
            return False
    return True


@compiled
def floors_of(rules: Rules, class_: int, floors: Int64) -> None:
    """The smallest count that each spread of a class is measured from, into `floors`, row after row."""
    first = rules.spread_start[class_]
    for row in range(first, rules.spread_start[class_ + 1]):
        group = rules.spread_group[row]
        smallest = 0
        if rules.num_counted[group] >= rules.spread_min_domains[row]:
            smallest = np.iinfo(np.int64).max
            for at in range(rules.start[group], rules.start[group + 1]):
                if rules.counted[at] and rules.counts[at] < smallest:
                    smallest = rules.counts[at]
                    if smallest == 0:
                        break
        floors[row - first] = smallest


@compiled
def may_start(rules: Rules, class_: int) -> bool:
    """Whether an item may be the first of those it is attracted to."""
    if not rules.self_starting[class_]:
        return False
    for row in range(rules.attraction_start[class_], rules.attraction_start[class_ + 1]):
        if rules.members[rules.attraction_group[row]] > 0:
            return False
    return True


@compiled
def may_enter(rules: Rules, class_: int, bin_: int, floors: Int64, starts: bool) -> bool:
    """Whether every rule lets an item of the class into the bin; `floors` and `starts` as of now."""
    if not fits(rules, class_, bin_):
        return False
    if not rules.eligible[rules.class_signature[class_], rules.bin_signature[bin_]]:
        return False
    if rules.pinned_to[class_] != NOWHERE and rules.pinned_to[class_] != bin_:
        return False
    for row in range(rules.limit_start[class_], rules.limit_start[class_ + 1]):
        group = rules.limit_group[row]
        domain = rules.domain_of[rules.topology[group], bin_]
        if domain != NOWHERE and rules.counts[rules.start[group] + domain] >= rules.limit_at_most[row]:
            return False
    for row in range(rules.attraction_start[class_], rules.attraction_start[class_ + 1]):
        group = rules.attraction_group[row]
        domain = rules.domain_of[rules.topology[group], bin_]
        if domain == NOWHERE or (not starts and rules.counts[rules.start[group] + domain] == 0):
            return False
    first = rules.spread_start[class_]
    for row in range(first, rules.spread_start[class_ + 1]):
        group = rules.spread_group[row]
        domain = rules.domain_of[rules.topology[group], bin_]
        if domain == NOWHERE:
            return False
        count = rules.counts[rules.start[group] + domain] + rules.spread_itself[row]
        if count - floors[row - first] > rules.spread_skew[row]:
            return False
    return True


@compiled
def is_monotone(rules: Rules, class_: int) -> bool:
    """Whether a bin that refuses an item of the class goes on refusing while others enter."""
    no_attraction = rules.attraction_start[class_] == rules.attraction_start[class_ + 1]
    no_spread = rules.spread_start[class_] == rules.spread_start[class_ + 1]
    return bool(no_attraction and no_spread)


def most_spreads(rules: Rules) -> int:
    """Spreads of the class that has most of them: the length of `floors`."""
    return int(np.diff(rules.spread_start).max(initial=0))


class Placed:
    """Items placed so far, in order.

    Attributes
    ----------
    bin_of : (I,) int32
    sequence : (I,) int32
        Valid up to `count`.
    """

    def __init__(self, problem: Problem) -> None:
        self.bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        self.sequence = np.zeros(problem.num_items, dtype=np.int32)
        self.count = 0
        if len(problem.start):
            stays = np.flatnonzero(problem.start != NOWHERE).astype(np.int32)
            self.add(stays, problem.start[stays])

    def add(self, items: Int32, bins: Any) -> None:
        """Items that went into bins, in this order."""
        self.bin_of[items] = bins
        self.sequence[self.count : self.count + len(items)] = items
        self.count += len(items)

    def waiting(self) -> Int32:
        """Items without a bin, in order of arrival."""
        return np.flatnonzero(self.bin_of == NOWHERE).astype(np.int32)
