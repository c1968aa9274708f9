"""The default solver: runs the others that fit the problem, on the cores there are, until one has the proof."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.watch import OnProgress
from placement_solvers.decomposition import parts
from placement_solvers.devices import DevicePacking
from placement_solvers.portfolio.parameters import PortfolioParameters
from placement_solvers.portfolio.parts import Parts
from placement_solvers.portfolio.whole import Whole
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations, Progress, StoppingCriterion


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Greedy first, then bounds; parts that are independent apart; then whoever can gain or prove something.

    CP-SAT on the whole problem side by side with large neighbourhood search, each going on from what the other has
    found; the search alone where the whole is too large. The incumbent is never worse than
    the start or than greedy's answer.

    Parameters
    ----------
    parameters : PortfolioParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: PortfolioParameters = field(default_factory=PortfolioParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "auto"

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
        UnsupportedProblemError
            If items take devices and are under rules about the plan as a whole.
        """
        if problem.devices.asked:
            return self._on_devices(problem, stop, start, seed)
        watch = begin(problem, stop, start, self.on_progress)
        if watch.should_end():
            return watch.result()
        apart = parts(problem)
        whole = Whole(problem, self.parameters, watch, seed)
        if len(apart) == 1:
            whole.run()
            return watch.result()
        whole.pack()
        if not watch.should_end():
            Parts(problem, apart, self.parameters, watch, seed).run()
        return watch.result()

    def _on_devices(self, problem: Problem, stop: StoppingCriterion, start: Solution | None, seed: int) -> Result:
        limit = MaxIterations(problem.num_items + self.parameters.turns)

        def enough(progress: Progress) -> bool:
            return stop(progress) or (self.parameters.repeatable and limit(progress))

        return DevicePacking(on_progress=self.on_progress).solve(problem, enough, start=start, seed=seed)
