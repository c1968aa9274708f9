"""Independent parts of a problem: each is solved apart, and what they cost is put together."""

from __future__ import annotations

from placement_solvers.bounds.area import lower_bound
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.decomposition import Part, merge
from placement_solvers.objective import Cost, cost_of
from placement_solvers.portfolio.parameters import PortfolioParameters
from placement_solvers.portfolio.whole import Whole
from placement_solvers.problem import Problem
from placement_solvers.stop import Progress


class Parts:
    """Independent parts, solved in turn, in rounds of growing slices; costs and bounds add up."""

    def __init__(
        self, problem: Problem, apart: list[Part], parameters: PortfolioParameters, watch: Watch, seed: int
    ) -> None:
        self._problem, self._apart, self._parameters, self._watch, self._seed = problem, apart, parameters, watch, seed
        self._solutions = [part.restrict(watch.solution) for part in apart]
        self._costs = [cost_of(part.problem, own) for part, own in zip(apart, self._solutions, strict=True)]
        self._bounds = [lower_bound(part.problem) for part in apart]
        # What no part decides: soft costs of groups that no class of any part is in.
        self._fixed = tuple(total - sum(parts_) for total, *parts_ in zip(watch.cost, *self._costs, strict=True))
        self._asked = [False] * len(apart)
        self._report()

    def run(self) -> None:
        """Solve every part until all are proven, or the watch ends it."""
        seconds = self._parameters.part_seconds
        repeatable = self._parameters.repeatable
        while not self._watch.should_end():
            for number in range(len(self._apart)):
                if self._costs[number] == self._bounds[number]:
                    continue
                if self._watch.should_end():
                    return
                self._solve(number, None if repeatable else seconds)
            if repeatable:
                return
            seconds *= 2

    def _solve(self, number: int, seconds: float | None) -> None:
        part = self._apart[number].problem
        began = self._watch.elapsed

        def ended(_: Progress) -> bool:
            late = seconds is not None and self._watch.elapsed - began >= seconds
            return late or self._watch.should_stop()

        watch = Watch(ended, self._solutions[number], self._costs[number], self._bounds[number])
        if not watch.should_end():
            Whole(part, self._parameters, watch, self._seed).run(again=self._asked[number])
        self._asked[number] = True
        self._watch.iterations += watch.iterations
        self._solutions[number], self._costs[number] = watch.incumbent()
        self._bounds[number] = watch.lower_bound or self._bounds[number]
        self._report()

    def _report(self) -> None:
        """Put the parts together as they are now."""
        bound: Cost = tuple(sum(tier) for tier in zip(self._fixed, *self._bounds, strict=True))
        self._watch.raise_bound(bound)
        cost: Cost = tuple(sum(tier) for tier in zip(self._fixed, *self._costs, strict=True))
        if cost < self._watch.cost:
            solution = merge(self._problem, list(zip(self._apart, self._solutions, strict=True)))
            self._watch.offer(solution, cost)
