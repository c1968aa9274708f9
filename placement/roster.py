"""The solvers a user can name, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from placement.errors import UnknownSolverError
from placement.policy import Fill, Policy
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.solver import Solver
from placement_solvers.stop import StoppingCriterion

GREEDY = "greedy"
KUBE_SCHEDULER = "kube-scheduler"
"""The simulated default scheduler: it works on objects, so it is no solver of problems."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A solver that goes on from what greedy fills as the policy likes it, and leaves that where it gains nothing."""

    solver: Solver
    fill: Fill

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return self.solver.name

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve from greedy's answer; see `Solver`."""
        first = _greedy(self.fill).solve(problem, stop, start=start, seed=seed)
        return self.solver.solve(problem, stop, start=first.solution, seed=seed)


MOVES_A_POD, LEAST_ITERATIONS = 20_000, 20
"""Moves tried for each running pod that may move; small clusters have nothing left to find after as many."""


def _greedy(fill: Fill) -> Solver:
    from placement_solvers.greedy import Greedy, GreedyParameters, Score

    return Greedy(GreedyParameters(score=Score(fill)))


def _auto(seconds: float) -> Solver:
    from placement_solvers.portfolio import Portfolio, PortfolioParameters

    # Fixed amounts of work, in proportion to the time there is: the same input and seed give the same plan.
    steps, moves = max(int(seconds * 5), 1), max(int(seconds * 25), 1)
    return Portfolio(PortfolioParameters(repeatable=True, work=seconds / 2, steps=steps, moves=moves))


def _cp_sat(seconds: float) -> Solver:
    from placement_solvers.cp_sat import CpSat, CpSatParameters

    return CpSat(CpSatParameters(repeatable=True, deterministic_time=seconds))


def _lns(seconds: float) -> Solver:
    from placement_solvers.lns import LargeNeighbourhoodSearch

    return LargeNeighbourhoodSearch()


def _local_search(seconds: float) -> Solver:
    from placement_solvers.local_search import LocalSearch, LocalSearchParameters

    # Counted iterations give the same plan again; about so many are made in the time there is.
    return LocalSearch(LocalSearchParameters(iterations=max(int(seconds * 50), 1)))


def _column_generation(seconds: float) -> Solver:
    from placement_solvers.column_generation import ColumnGeneration

    return ColumnGeneration()


def preemption_solver(seconds: float) -> Solver:
    """The solver that decides who makes room: the one that knows starts and moves."""
    return _cp_sat(seconds)


def rebalancing_solver(seconds: float, num_pods: int) -> Solver:
    """The solver that decides who moves where so many running pods may: the one that reassigns machines."""
    from placement_solvers.local_search import LocalSearch, LocalSearchParameters

    parameters = LocalSearchParameters()
    enough = max(num_pods * MOVES_A_POD // parameters.proposals, LEAST_ITERATIONS)
    return LocalSearch(replace(parameters, iterations=min(enough, max(int(seconds * 50), 1))))


FACTORIES: dict[str, Callable[[float], Solver]] = {
    "auto": _auto,
    "cp-sat": _cp_sat,
    "lns": _lns,
    "local-search": _local_search,
    "column-generation": _column_generation,
}


def solver_names() -> tuple[str, ...]:
    """The names that `plan` takes."""
    return (*FACTORIES, GREEDY, KUBE_SCHEDULER)


def solver_named(name: str, policy: Policy, seconds: float) -> Solver:
    """The solver of a name, set up for a policy and the time there is.

    Raises
    ------
    UnknownSolverError
        If there is none of that name.
    """
    if name == GREEDY:
        return _greedy(policy.fill)
    if name not in FACTORIES:
        raise UnknownSolverError(f"no solver {name!r}; expected one of: {', '.join(solver_names())}")
    return Filled(FACTORIES[name](seconds), policy.fill)
