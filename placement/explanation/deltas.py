"""What a plan would cost if one item lay in another bin, for all bins at once.

Everything that the compiler makes tiers of is understood: open bins, moves, signatures, company, ranges, skews, targets
and balances. An item's gang and whether a bin admits it are no part of the cost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.counting import eligible_domains, group_counts, in_scope, is_member, occupancy
from placement_solvers.problem import NOWHERE, PairCosts, Problem, Ranges, Skews, Tier
from placement_solvers.solution import Solution

Int64 = NDArray[np.int64]


class Deltas:
    """The solution as it is, from which each item can be taken out and put elsewhere.

    Parameters
    ----------
    problem : Problem
    solution : Solution
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem, self._solution = problem, solution
        occupied = occupancy(problem, solution.bin_of)
        self._counts = group_counts(problem, occupied)
        self._load = np.zeros_like(problem.capacity)
        np.add.at(self._load, occupied.bin, problem.demand[occupied.class_] * occupied.items[:, None])
        self._items = np.bincount(solution.bin_of[solution.placed], minlength=problem.num_bins)

    def of(self, item: int) -> list[Int64]:
        """The difference of each tier if a placed item went to each bin, (B,) int64 a tier; 0 for where it is.

        O(B + items) for each tier and each group that the item is in or looks at.
        """
        here = int(self._solution.bin_of[item])
        found = []
        for tier in self._problem.tiers:
            costs = self._of_bins(tier, item, here) + self._of_company(tier, item, here)
            found.append(costs - costs[here])
        return found

    def open_to(self, item: int) -> NDArray[np.bool_]:
        """Other bins that are eligible and have room for an item, (B,) bool; relations to others are not looked at."""
        problem = self._problem
        class_ = int(problem.class_of[item])
        demand = problem.demand[class_]
        fits: NDArray[np.bool_] = ((demand == 0) | (self._load + demand <= problem.capacity)).all(axis=1)
        fits &= problem.eligible_bins(class_)
        fits[self._solution.bin_of[item]] = False
        return fits

    def _of_bins(self, tier: Tier, item: int, here: int) -> Int64:
        """What a tier takes by the bin alone."""
        problem = self._problem
        class_ = int(problem.class_of[item])
        costs = np.zeros(problem.num_bins, dtype=np.int64)
        if tier.open is not None:
            without = self._items.copy()
            without[here] -= 1
            costs += np.where((without == 0) & ~problem.in_use, tier.open, 0)
        if tier.placed is not None:
            costs += tier.placed[problem.class_signature[class_], problem.bin_signature]
        start = int(problem.start[item]) if len(problem.start) else NOWHERE
        if tier.moved is not None and start != NOWHERE:
            costs += np.where(np.arange(problem.num_bins) == start, 0, tier.moved[class_])
        if tier.over_target is None and len(tier.balances) == 0:
            return costs
        demand = problem.demand[class_]
        without = self._load.copy()
        without[here] -= demand
        return costs + _load_cost(problem, tier, without + demand) - _load_cost(problem, tier, without)

    def _of_company(self, tier: Tier, item: int, here: int) -> Int64:
        """What a tier takes by who else is in the bin's domains."""
        problem = self._problem
        class_ = int(problem.class_of[item])
        costs = np.zeros(problem.num_bins, dtype=np.int64)
        for row in np.flatnonzero(tier.pairs.class_ == class_).tolist():
            group = int(tier.pairs.group[row])
            costs += int(tier.pairs.weight[row]) * self._by_bin(group, self._without(group, class_, here))
        for row, group in enumerate(tier.pairs.group.tolist()):
            if is_member(problem, class_, group):
                costs += self._paid_by_others(tier.pairs, row, item)
        for row, group in enumerate(tier.ranges.group.tolist()):
            if is_member(problem, class_, group):
                by_domain = _range_costs(tier.ranges, row, self._without(group, class_, here))
                costs += self._where_counted(group, by_domain)
        for row, group in enumerate(tier.skews.group.tolist()):
            if is_member(problem, class_, group):
                counts = self._without(group, class_, here)
                costs += self._where_counted(group, _skew_costs(tier.skews, row, counts, self._eligible(group)))
        return costs

    def _without(self, group: int, class_: int, here: int) -> Int64:
        """The counts of a group once an item of the class has left a bin."""
        problem = self._problem
        start = problem.groups.start
        counts = self._counts[start[group] : start[group + 1]].copy()
        if is_member(problem, class_, group) and bool(in_scope(problem, group)[here]):
            counts[problem.domain_of[problem.groups.topology[group], here]] -= 1
        return counts

    def _eligible(self, group: int) -> NDArray[np.bool_]:
        return eligible_domains(self._problem, group)

    def _by_bin(self, group: int, by_domain: Int64) -> Int64:
        """Values of domains at the bins, 0 where a bin is in none."""
        domain = self._problem.domain_of[self._problem.groups.topology[group]]
        return np.append(by_domain, 0)[np.where(domain == NOWHERE, len(by_domain), domain)]

    def _where_counted(self, group: int, by_domain: tuple[Int64, int]) -> Int64:
        """The cost with one member more in a bin's domain, or with none more where the group does not count it."""
        more, none = by_domain
        return np.where(in_scope(self._problem, group), self._by_bin(group, more), none)

    def _paid_by_others(self, pairs: PairCosts, row: int, item: int) -> Int64:
        """What the items of a class pay for this one, wherever a group of theirs counts it."""
        problem, group = self._problem, int(pairs.group[row])
        mine = (problem.class_of == pairs.class_[row]) & self._solution.placed
        mine[item] = False
        topology = problem.groups.topology[group]
        domains = problem.domain_of[topology, self._solution.bin_of[mine]]
        there = np.bincount(domains[domains != NOWHERE], minlength=int(problem.num_domains[topology]))
        counted = in_scope(problem, group)
        return np.where(counted, int(pairs.weight[row]) * self._by_bin(group, there.astype(np.int64)), 0)


def _load_cost(problem: Problem, tier: Tier, load: Int64) -> Int64:
    costs = np.zeros(len(load), dtype=np.int64)
    if tier.over_target is not None:
        costs += np.maximum(load - problem.target, 0) @ tier.over_target
    free, balances = problem.capacity - load, tier.balances
    for base, wanted, ratio, weight in zip(
        balances.base, balances.wanted, balances.ratio, balances.weight, strict=True
    ):
        costs += weight * np.maximum(ratio * free[:, base] - free[:, wanted], 0)
    return costs


def _range_costs(ranges: Ranges, row: int, counts: Int64) -> tuple[Int64, int]:
    low, high, weight = int(ranges.at_least[row]), int(ranges.at_most[row]), int(ranges.weight[row])

    def outside(there: Int64) -> Int64:
        beyond: Int64 = np.maximum(low - there, 0) + np.maximum(there - high, 0)
        return weight * beyond

    # Of the other domains the cost stays what it is, so only the difference is told.
    return outside(counts + 1) - outside(counts), 0


def _skew_costs(skews: Skews, row: int, counts: Int64, eligible: NDArray[np.bool_]) -> tuple[Int64, int]:
    weight, allowed = int(skews.weight[row]), int(skews.max_skew[row])
    there = counts[eligible]
    if len(there) == 0:
        return np.zeros_like(counts), 0
    low, high = int(there.min()), int(there.max())
    lows = np.sort(there)[:2]
    # Where the only least domain grows, the next one may become the least.
    grown = min(low + 1, int(lows[1])) if len(lows) > 1 else low + 1
    least = np.where(eligible & (counts == low), grown, low)
    most = np.where(eligible, np.maximum(counts + 1, high), high)
    more: Int64 = weight * np.maximum(most - least - allowed, 0)
    return more, weight * max(high - low - allowed, 0)
