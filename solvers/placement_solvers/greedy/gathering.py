"""A start for problems in which items seek company within one bin.

An item that asks for another kind of item in its bin waits for a bin that has one and has room. Placed in turn with
all others, company and room run apart: bins fill up, and nobody opens one for those who are left. So those who seek
and those who are sought go first, into few large bins, where everybody meets.
Then come those who keep off their like in a bin and so need a bin each: they get the cheapest bins, not those with the
best price for what they hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.counting import small_topologies
from placement_solvers.greedy.greedy import Greedy
from placement_solvers.greedy.order import bins_forced
from placement_solvers.greedy.parameters import GreedyParameters, Order
from placement_solvers.problem import Bool, Int32, Problem
from placement_solvers.solution import Solution

SPARE = 1.1
"""How many times the demand of all who gather the chosen bins hold."""


def gather(problem: Problem) -> Solution | None:
    """What greedy makes of a problem after those who seek company in a bin have met; None if nobody does.

    No better than greedy's own answer by any rule: whoever calls compares. O(B log B) and two runs of greedy.
    """
    by_signature = any(tier.placed is not None or tier.moved_between is not None for tier in problem.tiers)
    beyond_greedy = len(problem.breadths) or len(problem.dependencies) or problem.devices.asked
    if len(problem.attractions) == 0 or len(problem.start) or by_signature or beyond_greedy:
        return None
    gathers = _who_gathers(problem)
    if not gathers.any():
        return None
    bins = large_bins(problem, gathers, SPARE)
    nobody = np.zeros(problem.num_classes, dtype=np.bool_)
    found = Greedy().solve(only(problem, gathers, bins, anywhere=nobody), lambda _: False)
    return spread_out(problem, gathers, found.solution)


def spread_out(problem: Problem, gathers: Bool, begun: Solution) -> Solution:
    """What greedy makes of a problem when those who keep off their like come first, in the cheapest bins.

    Who gathers (C,) may go anywhere all the time. Two runs of greedy.
    """
    found, forced = begun, bins_forced(problem)
    if forced.any():
        cheapest = _cheapest_bins(problem, int(forced.sum()))
        alone = only(problem, (forced > 0) & ~gathers, cheapest, anywhere=gathers)
        found = Greedy(GreedyParameters(order=Order.SIZE)).solve(alone, lambda _: False, start=begun).solution
    return Greedy().solve(problem, lambda _: False, start=found).solution


def _who_gathers(problem: Problem) -> Bool:
    """Classes that seek somebody in their bin, and whom they seek, (C,) bool."""
    groups, gathers = problem.groups, seekers(problem)
    member = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))
    gathers[member[np.isin(groups.of_class, sought_groups(problem))]] = True
    return gathers


def seekers(problem: Problem) -> Bool:
    """Classes that seek somebody in their bin, (C,) bool."""
    attractions = problem.attractions
    found = np.zeros(problem.num_classes, dtype=np.bool_)
    found[attractions.class_[small_topologies(problem)[problem.groups.topology[attractions.group]]]] = True
    return found


def sought_groups(problem: Problem) -> Int32:
    """Groups of which somebody seeks a member in the own bin, ascending."""
    sought = problem.attractions.group
    found: Int32 = np.unique(sought[small_topologies(problem)[problem.groups.topology[sought]]])
    return found


def large_bins(problem: Problem, gathers: Bool, spare: float) -> Int32:
    """The largest bins, as many as hold `spare` times those who gather; of one larger domain, if they can be.

    Company is sought in larger domains, too: who has met in one zone need not look for anybody in another.
    """
    wanted = spare * (problem.class_count[gathers] @ problem.demand[gathers]).astype(np.float64)
    share = problem.capacity / np.maximum(wanted, 1)
    size = np.where(wanted > 0, share, np.inf).min(axis=1, initial=1.0)
    coarse = problem.domain_of[~small_topologies(problem)]
    region = np.unique(coarse, axis=1, return_inverse=True)[1].reshape(-1) if coarse.size else np.zeros(len(size), int)
    room = np.bincount(region, weights=size)
    order = np.lexsort((-size, region, -room[region]))
    free = np.maximum(problem.capacity[order], 0)
    held = np.cumsum(free, axis=0, dtype=np.float64)
    enough = int((held < wanted).any(axis=1).sum()) + 1
    chosen = order[:enough].astype(np.int32)
    if 1 < enough <= len(order):
        # The last need not be as large as the others.
        lacking = wanted - held[enough - 2]
        beside = order[(region[order] == region[chosen[-1]]) & (free >= lacking).all(axis=1)]
        beside = beside[~np.isin(beside, chosen[:-1])]
        chosen[-1] = beside[np.argmin(size[beside])]
    return chosen


def _cheapest_bins(problem: Problem, number: int) -> Int32:
    """So many bins that cost least to open, (number,) int32."""
    prices = [tier.open for tier in problem.tiers if tier.open is not None]
    order = np.lexsort(prices[::-1]) if prices else np.arange(problem.num_bins)
    return order[:number].astype(np.int32)


def only(problem: Problem, classes: Bool, bins: Int32, anywhere: Bool) -> Problem:
    """The problem with some bins for some classes, all bins for others, and none for the rest."""
    rows, columns = problem.eligible.shape
    eligible = np.zeros((3 * rows, 2 * columns), dtype=np.bool_)
    eligible[:rows, :columns] = problem.eligible
    eligible[rows : 2 * rows, :columns] = eligible[rows : 2 * rows, columns:] = problem.eligible
    here = np.zeros(problem.num_bins, dtype=np.bool_)
    here[bins] = True
    block = np.where(classes, 0, np.where(anywhere, 1, 2))
    return replace(
        problem,
        eligible=eligible,
        class_signature=(problem.class_signature + rows * block).astype(np.int32),
        bin_signature=(problem.bin_signature + np.where(here, 0, columns)).astype(np.int32),
    )
