"""What each term of a tier costs at least, whatever is placed where: 0 or a reward that cannot be exceeded."""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.earnings import Earnings
from placement_solvers.problem import NOWHERE, Int64, Problem, Tier


def floor_of_terms(problem: Problem, tier: Tier) -> int:
    """A lower bound on a tier by the signs of its weights. O((C + rows) B R) where items earn, else O(C + B + rows).

    Terms with weights of 0 or more cost at least nothing; for negative ones it is assumed that every item, bin, pair
    or domain earns as much as it can in the room there is for its class.
    """
    count = problem.class_count
    started = started_of_class(problem)
    earnings = Earnings(problem)
    floor = _earned(tier.unplaced, count) + _earned(tier.moved, started)
    if tier.open is not None:
        floor += int(np.minimum(tier.open[~problem.in_use], 0).sum())
    if tier.placed is not None:
        floor += _floor_of_signatures(problem, tier.placed, started, earnings)
    if tier.moved_between is not None:
        floor += int(started.sum()) * int(tier.moved_between.min(initial=0))
    if len(tier.most_moved.set_of):
        floor += int(started.sum()) * min(tier.most_moved.weight, 0)
    floor += earnings.of_company(tier.pairs)
    return floor + _floor_of_groups(problem, tier) + _floor_of_loads(problem, tier)


def started_of_class(problem: Problem) -> Int64:
    """Items of each class that have a start, (C,) int64."""
    if len(problem.start) == 0:
        return np.zeros(problem.num_classes, dtype=np.int64)
    classes = problem.class_of[problem.start != NOWHERE]
    return np.bincount(classes, minlength=problem.num_classes).astype(np.int64)


def _earned(weight: Int64 | None, count: Int64) -> int:
    return 0 if weight is None else int(np.minimum(weight, 0) @ count)


def _floor_of_signatures(problem: Problem, placed: Int64, started: Int64, earnings: Earnings) -> int:
    """Each item takes the best signature there is for it, or stays where nothing is asked of it, or is left out."""
    if placed.size == 0:
        return 0
    anywhere = np.minimum(placed, 0).min(axis=1)
    waiting = earnings.of_signatures(placed, problem.class_count - started)
    return waiting + int(anywhere[problem.class_signature] @ started)


def _floor_of_groups(problem: Problem, tier: Tier) -> int:
    """Negative weights of ranges and skews earn at most as if all members met in one domain."""
    floor = 0
    ranges, skews = tier.ranges, tier.skews
    for group, at_least, at_most, weight in zip(
        ranges.group, ranges.at_least, ranges.at_most, ranges.weight, strict=True
    ):
        if weight < 0:
            domains = int(problem.num_domains[problem.groups.topology[group]])
            outside = max(int(at_least), 0) + max(_most_in_a_domain(problem, int(group)) - int(at_most), 0)
            floor += int(weight) * domains * outside
    for group, weight in zip(skews.group, skews.weight, strict=True):
        floor += min(int(weight), 0) * _most_in_a_domain(problem, int(group))
    return floor


def _most_in_a_domain(problem: Problem, group: int) -> int:
    groups = problem.groups
    initial = groups.initial[groups.start[group] : groups.start[group + 1]]
    members = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))[groups.of_class == group]
    return int(initial.max(initial=0)) + int(problem.class_count[members].sum())


def _floor_of_loads(problem: Problem, tier: Tier) -> int:
    """Negative weights of load above target, and of free amounts out of ratio, earn at most with all items on a bin."""
    if tier.over_target is None and len(tier.balances) == 0:
        return 0
    floor = 0
    total = problem.class_count @ problem.demand
    if tier.over_target is not None:
        most = total * problem.num_bins + np.maximum(-problem.target, 0).sum(axis=0)
        floor += int(np.minimum(tier.over_target, 0) @ most)
    balances = tier.balances
    for base, wanted, ratio, weight in zip(
        balances.base, balances.wanted, balances.ratio, balances.weight, strict=True
    ):
        if weight < 0:
            amounts = np.abs(problem.capacity) + total
            floor += int(weight) * int(abs(int(ratio)) * amounts[:, base].sum() + amounts[:, wanted].sum())
    return floor
