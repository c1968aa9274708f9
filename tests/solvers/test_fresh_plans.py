"""Plans from nothing bound those with starts, and lie over them with as little moved as may be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.feasibility import violations
from placement_solvers.fresh_plans import bound_of, indifferent_tiers, laid_over, relaxes, without_starts
from placement_solvers.objective import cost_of
from placement_solvers.portfolio import Portfolio, PortfolioParameters
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.stop import MaxIterations
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.cases import cases
from tests.strategies import problems


@settings(max_examples=cases(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=3, max_items=5, gangs=False))
def test_the_optimum_without_starts_bounds_that_with_them(problem: Problem) -> None:
    fresh = without_starts(problem)
    if fresh is not None and relaxes(problem, fresh):
        assert bound_of(problem, optimum(fresh)[0]) <= optimum(problem)[0]


@settings(max_examples=cases(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=4, max_items=5))
def test_a_plan_laid_over_keeps_all_rules_and_costs_what_it_cost(problem: Problem) -> None:
    fresh = without_starts(problem)
    if fresh is None:
        return
    cost, best = optimum(fresh)
    solution, whole, _ = with_order(problem, laid_over(problem, fresh, best.bin_of))
    assert violations(problem, solution) == []
    if whole and problem.class_movable.all():
        assert cost_of(problem, solution)[: len(fresh.tiers)] == cost


def one_signature(problem: Problem) -> Problem:
    """The same problem, whose bins and classes are all one to `eligible`."""
    return replace(
        problem,
        class_signature=np.zeros_like(problem.class_signature),
        bin_signature=np.zeros_like(problem.bin_signature),
        eligible=np.ones((1, 1), dtype=np.bool_),
    )


def test_like_bins_are_swapped_so_that_most_stays() -> None:
    build = ProblemBuilder(capacity=[[6]] * 3, in_use=[True] * 3)
    build.items(4, demand=[2], start=[0, 0, 1, 2])
    build.items(2, demand=[3], start=[1, NOWHERE])
    build.tier("unplaced", unplaced=1)
    build.tier("moved", moved=1)
    problem = one_signature(build.problem())
    fresh = without_starts(problem)
    assert fresh is not None
    # From nothing: three of the first class in bin 1, one of each in bin 2, one of the second in bin 0. Four can stay.
    laid = laid_over(problem, fresh, np.array([1, 1, 1, 2, 0, 2], dtype=np.int32))
    assert np.count_nonzero(laid == problem.start) == 4
    assert sorted(np.bincount(laid, weights=[2, 2, 2, 2, 3, 3]).tolist()) == [3, 5, 6]


def test_tiers_from_the_first_that_counts_moves_are_left_to_the_whole() -> None:
    build = ProblemBuilder(capacity=[[6]])
    build.items(1, demand=[2], start=[0])
    build.tier("unplaced", unplaced=1)
    build.tier("moved", moved=1)
    build.tier("nodes", open=1)
    assert indifferent_tiers(build.problem()) == 1


def test_everything_goes_in_where_the_way_there_is_to_move_nearly_all() -> None:
    # Each bin of ten holds a six and a three; sixes and fours, threes, threes and fours fill bins to the brim.
    build = ProblemBuilder(capacity=[[10]] * 6, in_use=[True] * 6)
    build.items(3, demand=[6], start=[0, 1, 2])
    build.items(6, demand=[3], start=[0, 1, 2, 3, 4, 5])
    build.items(6, demand=[4])
    build.tier("unplaced", unplaced=[1, 1, 1])
    build.tier("moved", moved=[1, 1, 0])
    problem = one_signature(build.problem())
    parameters = PortfolioParameters(num_workers=1, repeatable=True, work=0.0, steps=0)
    result = Portfolio(parameters).solve(problem, MaxIterations(1_000))
    assert violations(problem, result.solution) == []
    assert result.cost[0] == 0
