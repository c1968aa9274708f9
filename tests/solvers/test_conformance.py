from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from tests.builders import ProblemBuilder
from tests.conformance import BUDGET, LAWS, SOLVERS, Law
from tests.strategies import problems


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", SOLVERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_every_solver(name: str, law: Law, problem: Problem) -> None:
    try:
        law(SOLVERS[name](), problem)
    except UnsupportedProblemError:
        assume(False)


def no_items() -> Problem:
    return ProblemBuilder(capacity=[[3], [3]]).problem()


def no_bins() -> Problem:
    build = ProblemBuilder(capacity=[])
    build.items(3, demand=[1])
    return build.problem()


def nothing_fits() -> Problem:
    build = ProblemBuilder(capacity=[[3], [3]])
    build.items(2, demand=[4])
    build.items(1, demand=[1], eligible=[])
    return build.problem()


@pytest.mark.parametrize("edge", [no_items, no_bins, nothing_fits])
@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_takes_an_edge_case(name: str, edge: object) -> None:
    problem = edge()  # type: ignore[operator]
    result = SOLVERS[name]().solve(problem, BUDGET)
    assert violations(problem, result.solution) == []
    assert not result.solution.placed.any()
    assert result.cost == (problem.num_items, 0)
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)


@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_proves_that_nothing_fits(name: str) -> None:
    assert SOLVERS[name]().solve(nothing_fits(), BUDGET).status is Status.OPTIMAL


@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_takes_a_soft_relation_where_there_is_no_bin(name: str) -> None:
    """Company that would pay keeps the bound below the cost, so that every part of a solver runs, with no bin."""
    build = ProblemBuilder(capacity=[])
    class_ = build.items(2, demand=[0])
    group = build.group(build.each_bin(), [class_])
    build.spread(class_, group)
    build.tier("unplaced", unplaced=1)
    build.tier("soft", pairs=[(class_, group, -1)])
    problem = build.problem()
    assert SOLVERS[name]().solve(problem, BUDGET).cost == (2, 0)
