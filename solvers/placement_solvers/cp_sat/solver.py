"""Exact placement by CP-SAT on integers of kind and bin, tier after tier."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.forgetting import forget_gangs
from placement_solvers.cp_sat.parameters import CpSatParameters
from placement_solvers.cp_sat.tier_by_tier import minimise_tiers
from placement_solvers.cp_sat.watch import OnProgress
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class CpSat:
    """Solves the whole problem at once and proves what it finds.

    The unknowns are how many items of each kind (class and gang) lie in each bin, never single items; like bins are
    put in order; bins that no optimal solution needs are left out. The tiers are minimised one after the other with
    the earlier ones held. Order of admission is no part of the program: what an order demands of the final counts is
    in it, and a placement that no order leads to is cut off when it turns up.

    Parameters
    ----------
    parameters : CpSatParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: CpSatParameters = field(default_factory=CpSatParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "cp_sat"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve from `start` and from greedy's answer, whichever is better.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        """
        watch = begin(problem, stop, start, self.on_progress)
        if watch.should_end():
            return watch.result()
        forget_gangs(problem, watch, self.parameters, seed)
        if watch.should_end():
            return watch.result()
        return watch.result(minimise_tiers(problem, self.parameters, watch, seed))
