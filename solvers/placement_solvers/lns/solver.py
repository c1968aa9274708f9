"""Large neighbourhood search: open a few bins, let CP-SAT fill them, go on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.search import Limits
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.lns.destroy import DestroyOperator, standard_operators
from placement_solvers.lns.parameters import LnsParameters
from placement_solvers.lns.repair import Repair
from placement_solvers.lns.select import Gain
from placement_solvers.lns.state import State
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class LargeNeighbourhoodSearch:
    """Improves a solution for as long as it may, a few bins at a time.

    Each step an operator opens some bins; CP-SAT places their items, and some of those left out, in the best way that
    leaves all other bins alone; operators that gain more are drawn more often, and neighbourhoods grow as long as
    they can be searched to their end. Proves nothing beyond the bounds it is given.

    Parameters
    ----------
    parameters : LnsParameters
    on_progress : callable, optional
        Told of every better cost.

    References
    ----------
    Shaw, "Using Constraint Programming and Local Search Methods to Solve Vehicle Routing Problems" (1998); Ropke,
    Pisinger (2006) for the adaptive choice.
    """

    parameters: LnsParameters = field(default_factory=LnsParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "lns"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Improve `start`, or greedy's answer if there is none or that is better.

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
        descent = Descent(problem, self.parameters, watch, seed)
        descent.run()
        return watch.result(descent.statistics())


class Descent:
    """One run of the search on what a watch holds; others may put better solutions there meanwhile."""

    def __init__(self, problem: Problem, parameters: LnsParameters, watch: Watch, seed: int) -> None:
        self._problem, self._parameters, self._watch = problem, parameters, watch
        self._rng = np.random.default_rng(seed)
        self._kinds = Kinds.of(problem)
        self._repair = Repair(problem, self._kinds, parameters.max_cells)
        self._operators: Sequence[DestroyOperator] = parameters.operators or standard_operators(problem)
        self._sizes = [float(min(parameters.num_bins, problem.num_bins))] * len(self._operators)
        self._asked = [0] * len(self._operators)
        self._gained = [0] * len(self._operators)
        self._exhausted = False

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Search until the watch or `until` ends it, or nothing can be opened."""
        watch = self._watch
        if not self._operators or self._problem.num_bins == 0:
            return
        accept, select = self._parameters.accept(), self._parameters.select()
        state = self._state(watch.incumbent()[0])
        while not self._exhausted and not watch.should_end() and not until():
            if watch.cost < state.cost:
                state = self._state(watch.incumbent()[0])
            operator = select.choose(self._rng, len(self._operators))
            candidate, effort = self._neighbour(operator, state)
            watch.iterations += 1
            gain = Gain.REJECTED
            if candidate is not None and candidate.cost < watch.cost:
                watch.offer(candidate.solution, candidate.cost)
                gain = Gain.BEST
            elif candidate is not None and accept(self._rng, watch.cost, state.cost, candidate.cost):
                gain = Gain.BETTER if candidate.cost < state.cost else Gain.ACCEPTED
            if candidate is not None and gain is not Gain.REJECTED:
                state = candidate
            select.learn(operator, gain, effort)
            self._asked[operator] += 1
            self._gained[operator] += gain >= Gain.BETTER

    def statistics(self) -> dict[str, int | float | str]:
        """How often each operator was asked and gained, for the result."""
        found: dict[str, int | float | str] = {}
        for operator, asked, gained in zip(self._operators, self._asked, self._gained, strict=True):
            found[f"{operator.name}: asked"] = asked
            found[f"{operator.name}: gained"] = gained
        return found

    def _neighbour(self, operator: int, state: State) -> tuple[State | None, float]:
        """A repaired solution, None where there is none but the one before, and the work."""
        parameters, watch = self._parameters, self._watch
        size = round(self._sizes[operator])
        if size >= self._problem.num_bins:
            bins = np.arange(self._problem.num_bins)
        else:
            bins = self._operators[operator](state, size, self._rng)
        seed = int(self._rng.integers(2**31))
        limits = Limits(parameters.num_workers, seed, False, parameters.work)
        repaired = self._repair(state, bins, self._rng, limits, watch.should_stop)
        self._resize(operator, repaired.complete)
        candidate, whole = state, True
        if repaired.bin_of is not None:
            solution, whole, _ = with_order(self._problem, repaired.bin_of)
            candidate = self._state(solution)
        if repaired.complete and repaired.everything:
            # Nothing is left to open: what was found is the optimum, if it has an order.
            self._exhausted = True
            if whole:
                watch.raise_bound(candidate.cost)
        return (None if candidate is state else candidate), repaired.effort

    def _resize(self, operator: int, complete: bool) -> None:
        most = float(min(self._parameters.max_bins, self._problem.num_bins))
        size = self._sizes[operator] * (1.05 if complete else 0.9)
        self._sizes[operator] = min(max(size, min(2.0, most)), most)

    def _state(self, solution: Solution) -> State:
        return State(self._problem, self._kinds, solution, cost_of(self._problem, solution))
