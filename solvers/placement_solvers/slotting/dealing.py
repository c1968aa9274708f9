"""Places that a packing without relations has found, dealt out to items whom relations let in.

A packing says how many items of each size lie in each bin; which of those that are alike in size is nobody's concern
there. So each place is made a *slot*: a resource of its own of which the bin has as many as places, and an item of that
size takes one. Greedy then places all items by all rules, but only into slots, those first who are to be spread.
What finds no slot is placed anywhere at the end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.counting import small_topologies
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.greedy.gathering import spread_out
from placement_solvers.greedy.greedy import Greedy
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Balances, Int32, Int64, Problem
from placement_solvers.slotting.exchanging import in_cheaper_bins
from placement_solvers.slotting.loosened import Loosened, loosened
from placement_solvers.slotting.meeting import meet, topped_up
from placement_solvers.slotting.sharing import FREE
from placement_solvers.slotting.zones import everywhere, told_apart
from placement_solvers.solution import Solution
from placement_solvers.stop import Progress, StoppingCriterion

MOST_SLOTS = 256
"""Kinds of slots beyond which greedy, for which each is a resource, would take too long."""

NEARLY = 500
"""How exactly those are packed who are told apart afterwards: the rest of the time is better spent on all."""

PLAIN, DRAWN, SPREAD, SPREAD_WIDELY = range(4)


def pack_and_deal(
    problem: Problem, patterns: ColumnGeneration, stop: StoppingCriterion, watch: Watch, seed: int
) -> None:
    """Offer `watch` a packing by patterns of a problem whose relations patterns cannot express.

    Parameters
    ----------
    patterns : ColumnGeneration
    stop : StoppingCriterion
        When to leave off packing; dealing takes a few runs of greedy more, and begins only while the watch goes on.
    watch : Watch
        Told of what comes out.

    Nothing is offered where items have a start, gangs or devices, or rules hold of the plan as a whole.
    """
    if not suits(problem):
        return
    begun = meet(problem)
    if begun.placed.any():
        begun = topped_up(problem, begun, _binding(problem))
    left = loosened(problem, begun)
    if left is None or left.slot.max(initial=-1) >= MOST_SLOTS or watch.should_end():
        return
    loose = everywhere(left.problem)
    start = _all_in(left.problem)
    if loose is not None:
        # Much smaller, and so soon solved; what cannot be told apart again costs something.
        alike = patterns.solve(loose.problem, _nearly(stop), start=_all_in(loose.problem), seed=seed).solution
        apart = Greedy().solve(left.problem, lambda _: False, start=told_apart(left.problem, loose, alike)).solution
        _offer(problem, begun, left, apart, watch)
        start = min(start, apart, key=lambda each: cost_of(left.problem, each))
    if loose is None or not watch.should_end():
        _offer(problem, begun, left, patterns.solve(left.problem, stop, start=start, seed=seed).solution, watch)


def _nearly(stop: StoppingCriterion) -> StoppingCriterion:
    """Stops also where the last tier is within one part in `NEARLY` of its bound, the others at theirs."""

    def ends(progress: Progress) -> bool:
        cost, bound = progress.cost, progress.lower_bound
        near = bound is not None and cost[:-1] == bound[:-1] and NEARLY * (cost[-1] - bound[-1]) <= bound[-1]
        return near or stop(progress)

    return ends


def _offer(problem: Problem, begun: Solution, left: Loosened, packed: Solution, watch: Watch) -> None:
    found = in_cheaper_bins(problem, deal(problem, begun, left, packed))
    watch.offer(found, cost_of(problem, found))


def _all_in(problem: Problem) -> Solution:
    """A packing that leaves few out: by patterns alone it takes long until as few are."""
    nobody = np.zeros(problem.num_classes, dtype=np.bool_)
    return spread_out(problem, nobody, Solution.nothing_placed(problem.num_items))


def suits(problem: Problem) -> bool:
    """Whether bins are to be few or cheap, and all else that is asked are relations between items that wait."""
    refused = len(problem.gangs) + len(problem.breadths) + len(problem.dependencies)
    refused += len(problem.start) + len(problem.transient)
    opens = any(tier.open is not None for tier in problem.tiers)
    return opens and problem.num_bins > 0 and refused == 0 and not problem.devices.asked


def deal(problem: Problem, begun: Solution, left: Loosened, packed: Solution) -> Solution:
    """Items in the slots that a packing of what is left has, by all rules of the problem; the rest anywhere."""
    placed = packed.placed
    slots = np.zeros((problem.num_bins, int(left.slot.max(initial=-1)) + 1), dtype=np.int64)
    slot = left.slot[left.problem.class_of[placed]]
    np.add.at(slots, (left.bins[packed.bin_of[placed]], slot), 1)
    takes = np.zeros((problem.num_classes, slots.shape[1]), dtype=np.int64)
    waiting = np.flatnonzero(left.slot_of != FREE)
    takes[waiting, left.slot_of[waiting]] = 1
    # Whoever has met has not taken a slot.
    slots[begun.bin_of[begun.placed]] += problem.num_items
    slotted = replace(
        problem,
        demand=np.hstack([problem.demand, takes]),
        capacity=np.hstack([problem.capacity, slots]),
        class_priority=_turns(problem),
        tiers=tuple(replace(tier, over_target=None, balances=Balances()) for tier in problem.tiers),
        target=np.zeros((0, 0), dtype=np.int64),
    )
    dealt = Greedy().solve(slotted, lambda _: False, start=_with_shares(problem, begun, left, packed)).solution
    return Greedy().solve(problem, lambda _: False, start=dealt).solution


def _with_shares(problem: Problem, begun: Solution, left: Loosened, packed: Solution) -> Solution:
    """What has begun, and those who have a share of a domain where the packing has them: level by level, and first.

    Whoever is drawn to others comes after those who have met. Greedy takes of it what rules let in.
    """
    bin_of = begun.bin_of.copy()
    inside = packed.placed
    packed_in = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    packed_in[left.items[inside]] = left.bins[packed.bin_of[inside]]
    turns = left.turns[packed_in[left.turns] != NOWHERE]
    bin_of[turns] = packed_in[turns]
    drawn = np.zeros(problem.num_classes, dtype=np.bool_)
    drawn[problem.attractions.class_] = True
    later = drawn[problem.class_of[turns]]
    return Solution(bin_of, np.concatenate([turns[~later], begun.sequence, turns[later]]).astype(np.int32))


def _turns(problem: Problem) -> Int32:
    """Priorities by which the items are asked, (C,) int32: by the problem's own, then by how many rules bind them."""
    _, rank = np.unique(problem.class_priority, return_inverse=True)
    turns: Int32 = (rank.reshape(-1) * (SPREAD_WIDELY + 1) + _binding(problem)).astype(np.int32)
    return turns


def _binding(problem: Problem) -> Int64:
    """How strictly rules bind each class, (C,) int64."""
    found = np.full(problem.num_classes, PLAIN, dtype=np.int64)
    found[problem.attractions.class_] = DRAWN
    spreads = problem.spreads
    fine = small_topologies(problem)[problem.groups.topology[spreads.group]]
    found[spreads.class_[fine]] = SPREAD
    found[spreads.class_[~fine]] = SPREAD_WIDELY
    return found
