"""The cost: a tuple of integer tiers, compared lexicographically."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from placement_solvers.counting import Occupancy, eligible_domains, group_counts, in_scope, is_member, occupancy
from placement_solvers.problem import NOWHERE, Bool, Int64, PairCosts, Problem, Ranges, Skews, Tier
from placement_solvers.solution import Solution

Cost = tuple[int, ...]
"""One integer a tier; Python's order of tuples is the order of costs."""


def cost_of(problem: Problem, solution: Solution) -> Cost:
    """The cost of a solution, summed anew from the problem. O(I + B), or O(I log I + B + rows) with soft relations."""
    placed = solution.placed
    tally = _Tally(
        left_out=np.bincount(problem.class_of[~placed], minlength=problem.num_classes),
        moved=np.bincount(problem.class_of[moved_items(problem, solution)], minlength=problem.num_classes),
        opened=np.zeros(problem.num_bins, dtype=np.bool_),
    )
    tally.opened[solution.bin_of[placed]] = True
    tally.opened[problem.in_use] = False
    by_bin = any(_asks_for_bins(tier) for tier in problem.tiers)
    occupied = occupancy(problem, solution.bin_of) if by_bin else None
    by_count = any(_asks_for_counts(tier) for tier in problem.tiers)
    counts = group_counts(problem, occupied) if by_count and occupied is not None else None
    cost = []
    for tier in problem.tiers:
        total = _cost_by_class(tier, tally)
        if occupied is not None:
            total += placed_cost(problem, tier, occupied) + load_cost(problem, tier, occupied)
        if occupied is not None and counts is not None:
            total += pair_cost(problem, tier.pairs, occupied, counts)
            total += range_cost(problem, tier.ranges, counts)
            total += skew_cost(problem, tier.skews, counts)
        cost.append(total + move_cost(problem, tier, solution))
    return tuple(cost)


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """Items left out and moved by class, (C,) int64, and bins opened, (B,) bool."""

    left_out: Int64
    moved: Int64
    opened: Bool


def _cost_by_class(tier: Tier, tally: _Tally) -> int:
    total = 0
    if tier.unplaced is not None:
        total += int(tier.unplaced @ tally.left_out)
    if tier.open is not None:
        total += int(tier.open[tally.opened].sum())
    if tier.moved is not None:
        total += int(tier.moved @ tally.moved)
    return total


def moved_items(problem: Problem, solution: Solution) -> Bool:
    """Items with a start that lie in another bin now, (I,) bool; those left out are not moved."""
    if len(problem.start) == 0:
        return np.zeros(problem.num_items, dtype=np.bool_)
    moved: Bool = (problem.start != NOWHERE) & solution.placed & (solution.bin_of != problem.start)
    return moved


def placed_cost(problem: Problem, tier: Tier, occupied: Occupancy) -> int:
    """What items pay by the signatures of their class and their bin."""
    if tier.placed is None:
        return 0
    signatures = problem.class_signature[occupied.class_], problem.bin_signature[occupied.bin]
    return int(tier.placed[signatures] @ occupied.items)


def pair_cost(problem: Problem, pairs: PairCosts, occupied: Occupancy, counts: Int64) -> int:
    """What items pay for the members of groups they share a domain with; themselves not counted."""
    groups = problem.groups
    first, last = (np.searchsorted(occupied.class_, pairs.class_, side) for side in ("left", "right"))
    total = 0
    for row, (class_, group, weight) in enumerate(zip(pairs.class_, pairs.group, pairs.weight, strict=True)):
        bins, items = occupied.bin[first[row] : last[row]], occupied.items[first[row] : last[row]]
        domains = problem.domain_of[groups.topology[group], bins]
        bins, items, domains = (array[domains != NOWHERE] for array in (bins, items, domains))
        company = counts[groups.start[group] + domains]
        if is_member(problem, int(class_), int(group)):
            company = company - in_scope(problem, int(group), bins)
        total += int(weight) * int(company @ items)
    return total


def range_cost(problem: Problem, ranges: Ranges, counts: Int64) -> int:
    """What groups pay for each member too few or too many in an eligible domain."""
    total = 0
    for group, at_least, at_most, weight in zip(
        ranges.group, ranges.at_least, ranges.at_most, ranges.weight, strict=True
    ):
        there = _eligible_counts(problem, int(group), counts)
        outside = np.maximum(at_least - there, 0) + np.maximum(there - at_most, 0)
        total += int(weight) * int(outside.sum())
    return total


def skew_cost(problem: Problem, skews: Skews, counts: Int64) -> int:
    """What groups pay for the distance of their largest from their smallest count beyond the allowed skew."""
    total = 0
    for group, max_skew, weight in zip(skews.group, skews.max_skew, skews.weight, strict=True):
        there = _eligible_counts(problem, int(group), counts)
        if len(there):
            total += int(weight) * max(0, int(there.max() - there.min()) - int(max_skew))
    return total


def load_cost(problem: Problem, tier: Tier, occupied: Occupancy) -> int:
    """What bins pay for load above their targets and for free amounts out of ratio."""
    if tier.over_target is None and len(tier.balances) == 0:
        return 0
    load = np.zeros_like(problem.capacity)
    np.add.at(load, occupied.bin, problem.demand[occupied.class_] * occupied.items[:, None])
    total = 0
    if tier.over_target is not None:
        total += int(np.maximum(load - problem.target, 0).sum(axis=0) @ tier.over_target)
    free = problem.capacity - load
    balances = tier.balances
    for base, wanted, ratio, weight in zip(
        balances.base, balances.wanted, balances.ratio, balances.weight, strict=True
    ):
        total += int(weight) * int(np.maximum(ratio * free[:, base] - free[:, wanted], 0).sum())
    return total


def move_cost(problem: Problem, tier: Tier, solution: Solution) -> int:
    """What moved items pay by the bins they went between, and the set that was moved most."""
    if tier.moved_between is None and len(tier.most_moved.set_of) == 0:
        return 0
    moved = moved_items(problem, solution)
    total = 0
    if tier.moved_between is not None and moved.any():
        total += int(tier.moved_between[problem.start[moved], solution.bin_of[moved]].sum())
    if len(tier.most_moved.set_of):
        sets = tier.most_moved.set_of[problem.class_of[moved]]
        total += tier.most_moved.weight * int(np.bincount(sets[sets >= 0]).max(initial=0))
    return total


def _eligible_counts(problem: Problem, group: int, counts: Int64) -> Int64:
    start = problem.groups.start
    return counts[start[group] : start[group + 1]][eligible_domains(problem, group)]


def _asks_for_bins(tier: Tier) -> bool:
    return tier.placed is not None or tier.over_target is not None or len(tier.balances) > 0 or _asks_for_counts(tier)


def _asks_for_counts(tier: Tier) -> bool:
    return len(tier.pairs) + len(tier.ranges) + len(tier.skews) > 0


def num_closed(cost: Cost, lower_bound: Cost) -> int:
    """Tiers from the first on that meet their bounds, up to the first that does not."""
    met = (value == bound for value, bound in zip(cost, lower_bound, strict=True))
    return sum(takewhile(bool, met))


def gap(cost: Cost, lower_bound: Cost | None) -> float | None:
    """How far the first tier that is not proven is from its bound, as a share of the greater of the two.

    0.0 where every tier meets its bound; None without a bound. Tiers after the first open one are not
    proven by a bound that was computed for another value of that one, so they do not enter.
    """
    if lower_bound is None:
        return None
    tier = num_closed(cost, lower_bound)
    if tier == len(cost):
        return 0.0
    value, bound = cost[tier], lower_bound[tier]
    return (value - bound) / max(abs(value), abs(bound), 1)
