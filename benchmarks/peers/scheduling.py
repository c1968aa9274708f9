"""kube-scheduler on arrays: one item after the other, a sample of feasible bins scored, one of the best drawn.

Of the default profile's scores those that arrays can tell are counted: NodeResourcesFit (LeastAllocated or
MostAllocated) and NodeResourcesBalancedAllocation over the first two resources, weight 1 each, in the scheduler's
integers. The soft spreading of replicas that the default profile adds is not: it would use more nodes still. What a bin
has left for items counts as its allocatable. ``placement/kube_scheduler`` simulates all of it on objects.

Source: kubernetes v1.36, ``pkg/scheduler/schedule_one.go`` (``numFeasibleNodesToFind``, ``selectHost``) and
``framework/plugins/noderesources``.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.fitting import settle
from benchmarks.peers.orders import arriving, units
from benchmarks.peers.rules import (
    Placed,
    Rules,
    compiled,
    enter,
    floors_of,
    may_enter,
    may_start,
    most_spreads,
    rules_of,
)
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution

MAX_SCORE = 100
FEWEST_SCORED = 100
FEWEST_PERCENT = 5


def least_allocated(problem: Problem, seed: int) -> Solution:
    """The default profile: empty bins first."""
    return _schedule(problem, seed, most=False)


def most_allocated(problem: Problem, seed: int) -> Solution:
    """The profile that packs: full bins first."""
    return _schedule(problem, seed, most=True)


def num_to_find(num_bins: int) -> int:
    """Feasible bins after which the search for an item ends: 50 % of a hundred, 5 % of the largest clusters."""
    if num_bins < FEWEST_SCORED:
        return num_bins
    percent = max(50 - num_bins // 125, FEWEST_PERCENT)
    return max(num_bins * percent // 100, FEWEST_SCORED)


def _schedule(problem: Problem, seed: int, *, most: bool) -> Solution:
    rules, placed = rules_of(problem), Placed(problem)
    enough = num_to_find(problem.num_bins)
    floors = np.zeros(most_spreads(rules), dtype=np.int64)
    state = np.zeros(1, dtype=np.int64)
    seed_draws(seed)
    while len(waiting := placed.waiting()):
        before = placed.count
        for unit in units(problem, arriving(problem, waiting)):
            found = np.full(len(unit), NOWHERE, dtype=np.int32)
            schedule_items(rules, problem.class_of[unit], problem.capacity, enough, floors, most, state, found)
            settle(problem, rules, placed, unit, found)
        if placed.count == before:
            break
    return Solution(placed.bin_of, placed.sequence[: placed.count].copy())


@compiled
def seed_draws(seed: int) -> None:
    """Seed the generator that compiled code draws from."""
    np.random.seed(seed)


@compiled
def schedule_items(
    rules: Rules, classes: Int32, allocatable: Int64, enough: int, floors: Int64, most: bool, state: Int64, found: Int32
) -> None:
    """Place items of the classes one after the other; `found` gets their bins, `state` where the next search begins."""
    num_bins = len(rules.free)
    for at in range(len(classes)):
        class_ = classes[at]
        floors_of(rules, class_, floors)
        starts = may_start(rules, class_)
        chosen, best, equals, feasible, looked_at = NOWHERE, -1, 0, 0, 0
        for step in range(num_bins):
            bin_ = (state[0] + step) % num_bins
            looked_at += 1
            if not may_enter(rules, class_, bin_, floors, starts):
                continue
            score = fit_score(rules, class_, bin_, allocatable, most) + balance_score(rules, class_, bin_, allocatable)
            if score > best:
                chosen, best, equals = bin_, score, 1
            elif score == best:
                equals += 1
                if np.random.randint(0, equals) == 0:
                    chosen = bin_
            feasible += 1
            if feasible >= enough:
                break
        if num_bins:
            state[0] = (state[0] + looked_at) % num_bins
        if chosen != NOWHERE:
            enter(rules, class_, chosen, 1)
            found[at] = chosen


@compiled
def fit_score(rules: Rules, class_: int, bin_: int, allocatable: Int64, most: bool) -> int:
    """NodeResourcesFit: the mean share free, or taken, with the item in, in whole percent."""
    total, number = 0, 0
    for resource in range(min(2, rules.demand.shape[1])):
        there = allocatable[bin_, resource]
        if there <= 0:
            continue
        left = max(rules.free[bin_, resource] - rules.demand[class_, resource], 0)
        total += ((there - left) if most else left) * MAX_SCORE // there
        number += 1
    return total // number if number else 0


@compiled
def balance_score(rules: Rules, class_: int, bin_: int, allocatable: Int64) -> int:
    """NodeResourcesBalancedAllocation: how much the item betters the balance of the bin."""
    if rules.demand.shape[1] < 2:
        return MAX_SCORE
    before, after = np.zeros(2), np.zeros(2)
    for resource in range(2):
        there = max(allocatable[bin_, resource], 1)
        used = there - rules.free[bin_, resource]
        before[resource] = min(1.0, used / there)
        after[resource] = min(1.0, (used + rules.demand[class_, resource]) / there)
    gain = int((1 - abs(after[0] - after[1]) / 2) * MAX_SCORE) - int((1 - abs(before[0] - before[1]) / 2) * MAX_SCORE)
    half = MAX_SCORE // 2
    return half + int((half + gain) / 2)
