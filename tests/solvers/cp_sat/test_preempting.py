"""First plans with evictions: the more important first, and nothing that is not allowed."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from placement_solvers.cp_sat.preempting import preempting_plans
from placement_solvers.feasibility import violations
from placement_solvers.problem import Problem
from tests.builders import ProblemBuilder
from tests.strategies import problems


def plans(problem: Problem) -> list[list[int]]:
    return [solution.bin_of.tolist() for solution in preempting_plans(problem)]


def test_evicts_the_less_important_and_moves_them_where_they_may() -> None:
    build = ProblemBuilder(capacity=[[4], [2]])
    build.items(1, demand=[4], priority=1)
    build.items(1, demand=[2], start=[0])
    assert plans(build.problem()) == [[0, -1], [0, 1]]


def test_leaves_the_more_important_where_they_are() -> None:
    build = ProblemBuilder(capacity=[[4], [2]])
    build.items(1, demand=[4])
    build.items(1, demand=[2], start=[0], priority=1)
    assert plans(build.problem()) == [[-1, 0], [-1, 0]]


def test_moves_nothing_that_is_held() -> None:
    build = ProblemBuilder(capacity=[[4], [2]])
    build.items(1, demand=[4], priority=1)
    build.items(1, demand=[2], start=[0], movable=False)
    assert plans(build.problem()) == [[0, -1]]


def test_has_nothing_to_say_where_nothing_runs() -> None:
    build = ProblemBuilder(capacity=[[4]])
    build.items(2, demand=[4])
    assert plans(build.problem()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems().filter(lambda problem: len(problem.start) > 0))
def test_keeps_every_rule(problem: Problem) -> None:
    for solution in preempting_plans(problem):
        assert violations(problem, solution) == []
        assert solution.bin_of.dtype == np.int32
