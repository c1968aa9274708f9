"""A first plan with evictions: what lies somewhere asks for its place again, after all that is more important."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.greedy.state import GreedyState
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem
from placement_solvers.solution import Solution

MOST_ITEMS = 50_000
"""Items beyond which no such plan is made: each is asked one by one."""


def preempting_plans(problem: Problem) -> Iterator[Solution]:
    """Feasible solutions by greedy in which the more important go first: one that evicts, one that moves, too.

    Items that start in a bin are asked to enter it in their turn and are out if nothing is left of it; in the second
    plan those that may move then go to another. A gang stays as it is or is out. Nothing where a rule is about
    the plan as a whole or where moves hold resources, which is not kept in view here. O(I x a question to greedy).
    """
    if len(problem.start) == 0 or problem.num_items > MOST_ITEMS:
        return
    if len(problem.breadths) or len(problem.dependencies) or problem.transient.any():
        return
    started = problem.start != NOWHERE
    free = np.ones_like(started) if len(problem.gangs) == 0 else problem.gangs.of_item == NOWHERE
    movable = np.zeros_like(started)
    order = _by_importance(problem, started)
    yield _placed(problem, order, started, free, movable)
    movable = started & (problem.class_movable[problem.class_of] if len(problem.class_movable) else True)
    if movable.any():
        yield _placed(problem, order, started, free, movable)


def _by_importance(problem: Problem, started: Bool) -> Int64:
    """Items by priority, those with a start before others of the same, larger ones before smaller ones, (I,) int64."""
    share = problem.demand / np.maximum(problem.capacity.max(axis=0, initial=1), 1)
    size = share.max(axis=1, initial=0.0)[problem.class_of]
    return np.lexsort((-size, ~started, -problem.class_priority[problem.class_of])).astype(np.int64)


def _placed(problem: Problem, order: Int64, started: Bool, free: Bool, movable: Bool) -> Solution:
    state = GreedyState(problem)
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    for item in order[started[order] | free[order]].tolist():
        class_, start = int(problem.class_of[item]), int(problem.start[item])
        if start == NOWHERE:
            bin_of[item] = state.place(class_)
        elif state.fits(class_, start):
            state.commit(class_, start)
            bin_of[item] = start
        elif movable[item] and free[item]:
            bin_of[item] = state.place(class_)
    if not free.all():
        gangs = problem.gangs.of_item
        changed = np.unique(gangs[(gangs != NOWHERE) & (bin_of != problem.start)])
        bin_of[np.isin(gangs, changed) & (gangs != NOWHERE)] = NOWHERE
    return with_order(problem, bin_of)[0]
