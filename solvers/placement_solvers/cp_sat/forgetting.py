"""Gangs forgotten for a while: a bound for the whole, and solutions dealt out to gangs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.dealing import dealt_out, free_gangs, without_gangs
from placement_solvers.cp_sat.parameters import CpSatParameters
from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.tier_by_tier import minimise_tiers
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.stop import Progress

MOST_WORK = 2.0
"""Work on the problem in which gangs are forgotten, about a second each; half of what there is, if that is less."""


def forget_gangs(
    problem: Problem,
    watch: Watch,
    parameters: CpSatParameters,
    seed: int,
    before: Callable[[Problem, Watch], None] = lambda problem, watch: None,
) -> None:
    """Solve a problem without its gangs that may lie anywhere; the bound holds, and what is placed is dealt to gangs.

    Parameters
    ----------
    before : callable
        Gets the problem without gangs, and the watch of its run, before the exact solver does.
    """
    free = free_gangs(problem)
    if not free.any() or watch.should_end():
        return
    relaxed = without_gangs(problem, free)
    loose = begin(relaxed, lambda _: watch.should_end(), None, None)

    def remember(_: Progress) -> None:
        if loose.lower_bound is not None:
            watch.raise_bound(loose.lower_bound)
        solution = with_order(problem, dealt_out(problem, free, loose.incumbent()[0].bin_of))[0]
        watch.offer(solution, cost_of(problem, solution))

    remember(loose.progress())
    loose.on_progress = remember
    if not loose.should_end():
        before(relaxed, loose)
    if not loose.should_end():
        budget = parameters.deterministic_time
        work = MOST_WORK if budget is None else min(budget / 2, MOST_WORK)
        minimise_tiers(relaxed, replace(parameters, deterministic_time=work), loose, seed)
