"""The solvers a user can name, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from placement.errors import UnknownSolverError, UnsuitedSolverError
from placement.policy import Fill, Policy
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.solver import Solver
from placement_solvers.stop import StoppingCriterion

AUTO = "auto"
GREEDY = "greedy"
KUBE_SCHEDULER = "kube-scheduler"
"""The simulated default scheduler: it works on objects, so it is no solver of problems."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A solver that goes on from what greedy fills as the policy likes it, and leaves that where it gains nothing.

    Attributes
    ----------
    knows_devices : bool
        Whether it solves problems whose items take devices; greedy does not.
    """

    solver: Solver
    fill: Fill
    knows_devices: bool = False

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return self.solver.name

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve from greedy's answer; see `Solver`.

        Raises
        ------
        UnsuitedSolverError
            If items take devices, which this solver does not know.
        """
        if problem.devices.asked:
            if not self.knows_devices:
                name, choices = self.name.replace("_", "-"), ", ".join((AUTO, GREEDY, KUBE_SCHEDULER))
                raise UnsuitedSolverError(
                    f"solver {name!r} does not know GPUs that pods share; expected one of: {choices}"
                )
            return self.solver.solve(problem, stop, start=start, seed=seed)
        first = _greedy(self.fill).solve(problem, stop, start=start, seed=seed)
        return self.solver.solve(problem, stop, start=first.solution, seed=seed)


@dataclass(frozen=True, slots=True)
class Either:
    """One solver, and another for problems whose items take devices."""

    solver: Solver
    on_devices: Solver

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return self.solver.name

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve by the one that knows the problem; see `Solver`."""
        chosen = self.on_devices if problem.devices.asked else self.solver
        return chosen.solve(problem, stop, start=start, seed=seed)


MOVES_A_POD, LEAST_ITERATIONS = 20_000, 20
"""Moves tried for each running pod that may move; small clusters have nothing left to find after as many."""


def _greedy(fill: Fill) -> Solver:
    from placement_solvers.devices import OnlineDevices
    from placement_solvers.greedy import Greedy, GreedyParameters, Score

    return Either(Greedy(GreedyParameters(score=Score(fill))), OnlineDevices())


def _auto(seconds: float) -> Solver:
    from placement_solvers.portfolio import Portfolio, PortfolioParameters

    # Fixed amounts of work, in proportion to the time there is: the same input and seed give the same plan.
    steps, moves, turns = (max(int(seconds * each), 1) for each in (5, 25, 50))
    return Portfolio(PortfolioParameters(repeatable=True, work=seconds / 2, steps=steps, moves=moves, turns=turns))


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
    return Either(_cp_sat(seconds), _auto(seconds))


def rebalancing_solver(seconds: float, num_pods: int) -> Solver:
    """The solver that decides who moves where so many running pods may: the one that reassigns machines."""
    from placement_solvers.local_search import LocalSearch, LocalSearchParameters

    parameters = LocalSearchParameters()
    enough = max(num_pods * MOVES_A_POD // parameters.proposals, LEAST_ITERATIONS)
    return LocalSearch(replace(parameters, iterations=min(enough, max(int(seconds * 50), 1))))


FACTORIES: dict[str, Callable[[float], Solver]] = {
    AUTO: _auto,
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
    return Filled(FACTORIES[name](seconds), policy.fill, knows_devices=name == AUTO)
