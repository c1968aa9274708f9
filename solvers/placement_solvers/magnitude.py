"""How large the cost of a tier can get, so that sums stay within what solvers count with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Int32, Problem, Tier

LARGEST_COST = 2.0**60
"""Costs of a tier stay below it, far enough within int64 that solvers may add them up in any order."""


def largest_cost(problem: Problem, tier: Tier) -> float:
    """A number that no solution's cost in a tier is above, nor its negative, O(I + B R + rows); a float, so about."""
    items, count = float(problem.num_items), problem.class_count.astype(np.float64)
    total = 0.0
    for weights, amount in ((tier.unplaced, count), (tier.moved, count)):
        if weights is not None:
            total += float(_size(weights) @ amount)
    if tier.open is not None:
        total += float(_size(tier.open).sum())
    for table in (tier.placed, tier.moved_between):
        if table is not None:
            total += items * float(_size(table).max(initial=0.0))
    total += items * abs(float(tier.most_moved.weight))
    pairs, ranges, skews = tier.pairs, tier.ranges, tier.skews
    total += float((_size(pairs.weight) * count[pairs.class_]) @ _most_counted(problem, pairs.group))
    domains = problem.num_domains[problem.groups.topology[ranges.group]]
    total += float((_size(ranges.weight) * domains) @ (_most_counted(problem, ranges.group) + ranges.at_least))
    total += float(_size(skews.weight) @ _most_counted(problem, skews.group))
    return total + _largest_cost_of_loads(problem, tier)


def _largest_cost_of_loads(problem: Problem, tier: Tier) -> float:
    if tier.over_target is None and len(tier.balances) == 0:
        return 0.0
    load = problem.class_count.astype(np.float64) @ problem.demand
    total = 0.0
    if tier.over_target is not None:
        total += float(_size(tier.over_target) @ (load + np.maximum(-problem.target, 0).sum(axis=0, dtype=np.float64)))
    balances = tier.balances
    free = _size(problem.capacity).sum(axis=0) + load
    short = _size(balances.ratio) * free[balances.base] + free[balances.wanted]
    return total + float(_size(balances.weight) @ short)


def _most_counted(problem: Problem, group: Int32) -> NDArray[np.float64]:
    """Members that a domain of each group could hold at most, (N,) float."""
    groups = problem.groups
    most = [float(groups.initial[groups.start[g] : groups.start[g + 1]].max(initial=0)) for g in group.tolist()]
    found: NDArray[np.float64] = np.array(most, dtype=np.float64) + problem.num_items
    return found


def _size(weights: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.abs(weights.astype(np.float64))
