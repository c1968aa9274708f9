"""The laws that every solver keeps, whatever it is made of.

A solver is put under them by one line in `SOLVERS`; `tests/solvers/test_conformance.py` runs each law on each
solver over random problems. A solver that raises `UnsupportedProblemError` is excused from that problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from placement_solvers.cp_sat import CpSat, CpSatParameters
from placement_solvers.devices import DevicePacking
from placement_solvers.errors import InvalidSolutionError
from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy, GreedyParameters, Order, Score
from placement_solvers.lns import LargeNeighbourhoodSearch, LnsParameters
from placement_solvers.local_search import LocalSearch, LocalSearchParameters
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.portfolio import Portfolio, PortfolioParameters
from placement_solvers.problem import Problem
from placement_solvers.result import Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.solver import Solver
from placement_solvers.stop import Interruptible, MaxIterations, Progress

SOLVERS: Mapping[str, Callable[[], Solver]] = {
    "greedy": Greedy,
    "greedy by size": lambda: Greedy(GreedyParameters(order=Order.SIZE)),
    "greedy in order of arrival": lambda: Greedy(GreedyParameters(order=Order.ARRIVAL, score=Score.SPREAD, chunk=2)),
    "cp_sat": lambda: CpSat(CpSatParameters(num_workers=1, repeatable=True)),
    "lns": LargeNeighbourhoodSearch,
    "lns of two bins": lambda: LargeNeighbourhoodSearch(LnsParameters(num_bins=2, max_bins=2)),
    "local search": lambda: LocalSearch(LocalSearchParameters(proposals=500)),
    "devices": DevicePacking,
    "portfolio": lambda: Portfolio(PortfolioParameters(num_workers=1, repeatable=True)),
}

Law = Callable[[Solver, Problem], None]

BUDGET = MaxIterations(50)
"""What each run of a law may take; iterations, so that the laws do not depend on the machine."""


def gives_a_feasible_solution(solver: Solver, problem: Problem) -> None:
    result = solver.solve(problem, BUDGET)
    assert violations(problem, result.solution) == []


def tells_the_true_cost(solver: Solver, problem: Problem) -> None:
    result = solver.solve(problem, BUDGET)
    assert result.cost == cost_of(problem, result.solution)


def never_claims_a_bound_above_its_cost(solver: Solver, problem: Problem) -> None:
    result = solver.solve(problem, BUDGET)
    assert result.lower_bound is None or result.lower_bound <= result.cost
    assert result.lower_bound is None or len(result.lower_bound) == len(problem.tiers)


def says_optimal_exactly_when_the_bound_is_met(solver: Solver, problem: Problem) -> None:
    result = solver.solve(problem, BUDGET)
    assert (result.status is Status.OPTIMAL) == (result.lower_bound == result.cost)
    assert result.status is not Status.INFEASIBLE  # leaving items out is always allowed


def repeats_itself_for_one_seed(solver: Solver, problem: Problem) -> None:
    first, second = (solver.solve(problem, BUDGET, seed=7) for _ in range(2))
    assert first.solution.bin_of.tolist() == second.solution.bin_of.tolist()
    assert first.solution.sequence.tolist() == second.solution.sequence.tolist()
    assert (first.cost, first.lower_bound, first.status) == (second.cost, second.lower_bound, second.status)


def is_never_worse_than_its_start(solver: Solver, problem: Problem) -> None:
    result = solver.solve(problem, BUDGET, start=left_as_it_was(problem))
    assert result.cost <= cost_of(problem, left_as_it_was(problem))
    again = solver.solve(problem, BUDGET, start=result.solution)
    assert violations(problem, again.solution) == []
    assert again.cost <= result.cost


def stops_at_once_when_told(solver: Solver, problem: Problem) -> None:
    asked: list[Progress] = []

    def at_once(progress: Progress) -> bool:
        asked.append(progress)
        return True

    result = solver.solve(problem, at_once)
    assert violations(problem, result.solution) == []
    assert len(asked) <= 1
    interrupted = solver.solve(problem, Interruptible(at_once, lambda: True))
    assert interrupted.stopped_by is not StopReason.CRITERION


def leaves_the_problem_untouched(solver: Solver, problem: Problem) -> None:
    before = fingerprint(problem)
    solver.solve(problem, BUDGET)
    assert fingerprint(problem) == before


def bound_holds_for_a_shorter_run(solver: Solver, problem: Problem) -> None:
    """A bound is proven for the problem, not for the run: no other run may get below it."""
    bound = solver.solve(problem, BUDGET).lower_bound
    for stop in (MaxIterations(0), MaxIterations(1)):
        assert bound is None or bound <= solver.solve(problem, stop).cost


def refuses_a_start_of_other_items(solver: Solver, problem: Problem) -> None:
    with pytest.raises(InvalidSolutionError):
        solver.solve(problem, BUDGET, start=Solution.nothing_placed(problem.num_items + 1))


LAWS: tuple[Law, ...] = (
    gives_a_feasible_solution,
    tells_the_true_cost,
    never_claims_a_bound_above_its_cost,
    says_optimal_exactly_when_the_bound_is_met,
    repeats_itself_for_one_seed,
    is_never_worse_than_its_start,
    stops_at_once_when_told,
    leaves_the_problem_untouched,
    bound_holds_for_a_shorter_run,
    refuses_a_start_of_other_items,
)


def fingerprint(problem: Problem) -> dict[str, bytes]:
    """The bytes of every array of a problem by its path, to see whether one changed."""
    found: dict[str, bytes] = {}
    todo: list[tuple[str, object]] = [(name, getattr(problem, name)) for name in problem.__dataclass_fields__]
    while todo:
        path, value = todo.pop()
        if isinstance(value, np.ndarray):
            found[path] = value.tobytes()
        elif isinstance(value, tuple):
            todo += [(f"{path}[{i}]", part) for i, part in enumerate(value)]
        elif hasattr(value, "__dataclass_fields__"):
            todo += [(f"{path}.{name}", getattr(value, name)) for name in value.__dataclass_fields__]
    return found
