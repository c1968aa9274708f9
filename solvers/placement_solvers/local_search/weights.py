"""One integer for all tiers, so that the inner loop compares one number.

A tier weighs one more than all that the tiers after it can make up together, each by its weight; then the order of the
sums is the order of the tuples. Ranges are exact for what a search can reach, not for what integers can hold, so that
four or five tiers of large clusters fit into 62 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import Int64, Problem, Tier

LARGEST = 2**61
"""Sums stay below it, so that a few of them may be added in int64."""


@dataclass(frozen=True, slots=True)
class TierWeights:
    """What one unit of each tier weighs in the sum.

    Attributes
    ----------
    of_tier : tuple of int
        0 for tiers that no longer fit; these come last and are not searched.
    """

    of_tier: tuple[int, ...]

    @property
    def num_searched(self) -> int:
        """Tiers that the sum knows."""
        return sum(weight > 0 for weight in self.of_tier)

    def total(self, cost: tuple[int, ...]) -> int:
        """The sum of a cost."""
        return sum(weight * value for weight, value in zip(self.of_tier, cost, strict=True))


def tier_weights(problem: Problem, *, evicts: bool) -> TierWeights:
    """Weights under which sums compare as tuples do.

    Parameters
    ----------
    evicts : bool
        Whether the search may leave items out; if not, `Tier.unplaced` makes no difference.
    """
    members = _members(problem)
    ranges = [_range(problem, tier, members, evicts) for tier in problem.tiers]
    for searched in range(len(ranges), 0, -1):
        weights = [1] * searched
        for tier in range(searched - 2, -1, -1):
            weights[tier] = weights[tier + 1] * (ranges[tier + 1] + 1)
        if sum(weight * most for weight, most in zip(weights, ranges, strict=False)) < LARGEST:
            return TierWeights((*weights, *[0] * (len(ranges) - searched)))
    return TierWeights(tuple([0] * len(ranges)))


def _range(problem: Problem, tier: Tier, members: Int64, evicts: bool) -> int:
    """How far two values of a tier can be apart."""
    count = problem.class_count
    total = 0
    if tier.unplaced is not None and evicts:
        total += int(np.abs(tier.unplaced) @ count)
    if tier.open is not None:
        total += int(np.abs(tier.open).sum())
    if tier.moved is not None:
        total += int(np.abs(tier.moved) @ count)
    if tier.placed is not None and tier.placed.size:
        widest = np.maximum(tier.placed.max(axis=1), 0) - np.minimum(tier.placed.min(axis=1), 0)
        total += int(widest[problem.class_signature] @ count)
    if tier.over_target is not None:
        total += int(_demand(problem) @ np.abs(tier.over_target))
    if tier.moved_between is not None and tier.moved_between.size:
        total += problem.num_items * int(np.abs(tier.moved_between).max())
    if len(tier.most_moved.set_of):
        total += abs(tier.most_moved.weight) * problem.num_items
    balances = tier.balances
    for row in range(len(balances)):
        free = np.abs(problem.capacity).sum(axis=0) + _demand(problem)
        most = int(balances.ratio[row]) * int(free[balances.base[row]]) + int(free[balances.wanted[row]])
        total += abs(int(balances.weight[row])) * most
    return total + _relation_range(problem, tier, members)


def _demand(problem: Problem) -> Int64:
    demand: Int64 = problem.class_count @ problem.demand
    return demand


def _relation_range(problem: Problem, tier: Tier, members: Int64) -> int:
    total = 0
    for class_, group, weight in zip(tier.pairs.class_, tier.pairs.group, tier.pairs.weight, strict=True):
        total += abs(int(weight)) * int(problem.class_count[class_]) * int(members[group])
    for group, at_least, weight in zip(tier.ranges.group, tier.ranges.at_least, tier.ranges.weight, strict=True):
        domains = int(problem.num_domains[problem.groups.topology[group]])
        total += abs(int(weight)) * (domains * int(at_least) + int(members[group]))
    for group, weight in zip(tier.skews.group, tier.skews.weight, strict=True):
        total += abs(int(weight)) * int(members[group])
    return total


def _members(problem: Problem) -> Int64:
    """Members each group can have at most, those already there included, (G,) int64."""
    groups = problem.groups
    sums = np.concatenate([[0], np.cumsum(groups.initial, dtype=np.int64)])
    members: Int64 = sums[groups.start[1:]] - sums[groups.start[:-1]]
    if len(groups.of_class):
        owner = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))
        np.add.at(members, groups.of_class, problem.class_count[owner])
    return members
