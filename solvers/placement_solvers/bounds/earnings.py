"""What rewards a tier can earn at most, by the room there is: not all items find room where it pays most.

Each class alone is laid where it earns most, bin signature by bin signature or domain by domain, as far as its items
fit there one by one; that other classes take room, too, is left out, so the sums are at least what can be earned.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import in_scope, is_member
from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Int64, PairCosts, Problem

MOST_WORK = 20_000_000
"""Pairs of a class or row and a bin beyond which room is not looked at."""


class Earnings:
    """Bounds on the rewards of one problem; what is known of a class or a group is kept."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._room: dict[int, Int64] = {}
        self._company: dict[int, Int64] = {}
        self._started: tuple[Int64, Int64] | None = None

    def of_signatures(self, placed: Int64, waiting: Int64) -> int:
        """The most that waiting items earn by the signatures of their bins, as a cost of 0 or less. O(C x B x R).

        Parameters
        ----------
        placed : (S, K) int64
        waiting : (C,) int64
        """
        problem = self._problem
        weight = np.where(problem.eligible, np.minimum(placed, 0), 0)
        pays: Bool = np.asarray(weight.min(axis=1, initial=0) < 0)
        earning = np.flatnonzero((waiting > 0) & pays[problem.class_signature])
        if len(earning) * problem.num_bins > MOST_WORK:
            return int(weight.min(axis=1, initial=0)[problem.class_signature] @ waiting)
        total = 0
        for class_ in earning.tolist():
            row = weight[problem.class_signature[class_]]
            room = np.bincount(problem.bin_signature, weights=self._fits(class_), minlength=len(row)).astype(np.int64)
            total += _filled(row, room, int(waiting[class_]))
        return total

    def of_company(self, pairs: PairCosts) -> int:
        """The most that items earn by company, as a cost of 0 or less. O(rows x B x R)."""
        problem = self._problem
        rows = np.flatnonzero(pairs.weight < 0)
        looks = len(rows) * problem.num_bins <= MOST_WORK
        total = 0
        for row in rows.tolist():
            class_, group, weight = int(pairs.class_[row]), int(pairs.group[row]), int(pairs.weight[row])
            count = int(problem.class_count[class_])
            company = self._company_of(group, bool(is_member(problem, class_, group)), looks)
            if not looks:
                total += weight * count * int(company.max(initial=0))
                continue
            domain = problem.domain_of[problem.groups.topology[group]]
            room = np.zeros(len(company), dtype=np.int64)
            np.add.at(room, domain[domain != NOWHERE], self._room_with_started(class_)[domain != NOWHERE])
            total += _filled(weight * company, room, count)
        return total

    def _company_of(self, group: int, itself: bool, looks: bool) -> Int64:
        """At most how many members another item, itself one or not, finds in each domain, (D,) int64."""
        problem, groups = self._problem, self._problem.groups
        initial = groups.initial[groups.start[group] : groups.start[group + 1]].astype(np.int64)
        classes = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))[groups.of_class == group]
        classes = classes[problem.class_count[classes] > 0]
        members = int(problem.class_count[classes].sum())
        if not looks or not len(classes):
            return initial + max(members - itself, 0)
        if group not in self._company:
            # No member takes less of any resource than the least of them.
            room = _fitting(problem.capacity, problem.demand[classes].min(axis=0), members)
            started = np.zeros(problem.num_bins, dtype=np.int64)
            for class_ in classes.tolist():
                started += self._starting(class_)
            room = np.where(in_scope(problem, group), np.maximum(room, started), 0)
            domain = problem.domain_of[groups.topology[group]]
            found = np.zeros(len(initial), dtype=np.int64)
            np.add.at(found, domain[domain != NOWHERE], room[domain != NOWHERE])
            self._company[group] = found
        there = self._company[group]
        # Out of the scope an item is none of those there.
        if groups.scope[group] == EVERYWHERE:
            others = np.maximum(np.minimum(there, members) - itself, 0)
        else:
            others = np.minimum(there, max(members - itself, 0))
        company: Int64 = initial + others
        return company

    def _fits(self, class_: int) -> Int64:
        """Items of a class that each bin takes one by one, (B,) int64."""
        if class_ not in self._room:
            problem = self._problem
            fits = _fitting(problem.capacity, problem.demand[class_], int(problem.class_count[class_]))
            self._room[class_] = np.where(problem.eligible_bins(class_), fits, np.int64(0))
        return self._room[class_]

    def _room_with_started(self, class_: int) -> Int64:
        """The same, but items may stay where they start, whatever else is asked there."""
        return np.maximum(self._fits(class_), self._starting(class_))

    def _starting(self, class_: int) -> Int64:
        """Items of a class that start in each bin, (B,) int64."""
        problem = self._problem
        bins = max(problem.num_bins, 1)
        if self._started is None:
            items = np.flatnonzero(problem.start != NOWHERE) if len(problem.start) else np.zeros(0, dtype=np.int64)
            key = problem.class_of[items].astype(np.int64) * bins + (problem.start[items] if len(items) else 0)
            self._started = np.unique(key, return_counts=True)
        keys, count = self._started
        first, last = np.searchsorted(keys, [class_ * bins, (class_ + 1) * bins])
        found = np.zeros(problem.num_bins, dtype=np.int64)
        found[keys[first:last] - class_ * bins] = count[first:last]
        return found


def _fitting(capacity: Int64, demand: Int64, most: int) -> Int64:
    """How many items of a demand each bin takes, at most `most`, (B,) int64."""
    fits = np.full(len(capacity), most, dtype=np.int64)
    for resource in np.flatnonzero(demand > 0):
        fits = np.minimum(fits, np.maximum(capacity[:, resource], 0) // demand[resource])
    return fits


def _filled(weight: Int64, room: Int64, items: int) -> int:
    """What some items pay at least where each place has a weight of 0 or less and takes so many of them."""
    order = np.argsort(weight, kind="stable")
    room = np.minimum(room[order], items)
    before = np.minimum(np.cumsum(room) - room, items)
    taken = np.minimum(room, items - before)
    return sum(int(w) * int(t) for w, t in zip(weight[order].tolist(), taken.tolist(), strict=True) if w and t)
