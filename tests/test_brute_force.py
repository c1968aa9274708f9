from __future__ import annotations

from hypothesis import given, settings

from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.strategies import problems


def test_finds_the_order_that_an_attraction_needs() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    follower, leader = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.attract(follower, build.group(build.topology([0, 0]), [leader]))
    cost, best = optimum(build.problem())
    assert cost == (0, 2)
    assert best.sequence.tolist() == [1, 0]


def test_moves_an_item_to_save_a_bin() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(2, demand=[1], start=[0, 1])
    assert optimum(build.problem())[0] == (0, 1)


@settings(max_examples=50, deadline=None)
@given(problem=problems(max_bins=3, max_items=4))
def test_gives_a_feasible_solution_with_its_cost(problem: Problem) -> None:
    cost, best = optimum(problem)
    assert violations(problem, best) == []
    assert cost == cost_of(problem, best)
