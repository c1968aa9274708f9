from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.lns import LargeNeighbourhoodSearch, LnsParameters, standard_operators
from placement_solvers.lns.state import State
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder
from tests.strategies import problems

SMALL = LnsParameters(num_bins=2, max_bins=2)
"""Neighbourhoods that leave something alone even in a problem of three bins."""


def zones(dice: random.Random) -> Problem:
    """Twelve bins in three zones, with a relation of each sort within and across them."""
    build = ProblemBuilder(capacity=[[dice.randint(4, 9), dice.randint(4, 9)] for _ in range(12)])
    hosts, zone = build.each_bin(), build.topology([b % 3 for b in range(12)])
    classes = [
        build.items(
            dice.randint(2, 6),
            demand=[dice.randint(1, 4), dice.randint(1, 4)],
            start=[dice.randrange(12)] if dice.random() < 0.3 else [],
        )
        for _ in range(7)
    ]
    build.limit(classes[0], build.group(hosts, [classes[0]]))
    build.spread(classes[1], build.group(zone, [classes[1]]), max_skew=1)
    build.attract(classes[2], build.group(zone, [classes[3]]))
    build.attract(classes[4], build.group(zone, [classes[4]]), self_starting=True)
    build.limit(classes[5], build.group(zone, [classes[6]]))
    build.limit(classes[6], build.group(zone, [classes[5]]))
    build.tier("unplaced", unplaced=[dice.randint(1, 2) for _ in classes])
    build.tier("price", open=[dice.randint(2, 4) for _ in range(12)])
    build.tier(
        "soft",
        moved=1,
        pairs=[(classes[1], build.group(hosts, [classes[2]]), 1)],
        skews=[(build.group(zone, [classes[3]]), 1, 2)],
    )
    return build.problem()


@pytest.mark.parametrize("seed", range(6))
def test_improves_on_greedy_without_breaking_a_rule(seed: int) -> None:
    problem = zones(random.Random(seed))
    greedy = Greedy().solve(problem, MaxIterations(1000))
    result = LargeNeighbourhoodSearch(LnsParameters(num_bins=4)).solve(problem, MaxIterations(40), seed=seed)
    assert violations(problem, result.solution) == []
    assert result.cost == cost_of(problem, result.solution)
    assert result.cost <= greedy.cost


def test_gains_something_on_most_problems_that_greedy_leaves_open() -> None:
    gained = 0
    for seed in range(5):
        problem = zones(random.Random(100 + seed))
        greedy = Greedy().solve(problem, MaxIterations(1000))
        result = LargeNeighbourhoodSearch(LnsParameters(num_bins=4)).solve(problem, MaxIterations(40), seed=seed)
        gained += result.cost < greedy.cost
    assert gained >= 3


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=5, max_items=8))
def test_stays_feasible_while_most_bins_are_left_alone(problem: Problem) -> None:
    result = LargeNeighbourhoodSearch(SMALL).solve(problem, MaxIterations(8))
    assert violations(problem, result.solution) == []
    assert result.cost == cost_of(problem, result.solution)
    assert result.lower_bound is not None
    assert result.lower_bound <= result.cost


def test_proves_the_optimum_once_it_has_opened_everything() -> None:
    build = ProblemBuilder(capacity=[[10], [10], [10]])
    for demand in (4, 5, 5, 6):
        build.items(1, demand=[demand])
    result = LargeNeighbourhoodSearch().solve(build.problem(), MaxIterations(5))
    assert result.status is Status.OPTIMAL
    assert result.cost == (0, 2)


def test_repeats_itself_for_one_seed() -> None:
    problem = zones(random.Random(5))
    runs = [LargeNeighbourhoodSearch(SMALL).solve(problem, MaxIterations(15), seed=3) for _ in range(2)]
    assert runs[0].cost == runs[1].cost
    assert runs[0].solution.bin_of.tolist() == runs[1].solution.bin_of.tolist()


@pytest.mark.parametrize("placed", [True, False])
def test_every_operator_gives_bins_that_exist_each_once(placed: bool) -> None:
    problem = zones(random.Random(1))
    solution = Solution.nothing_placed(problem.num_items)
    if placed:
        solution = Greedy().solve(problem, MaxIterations(1000)).solution
    state = State(problem, Kinds.of(problem), solution, cost_of(problem, solution))
    operators = standard_operators(problem)
    assert len(operators) == 6
    for operator in operators:
        for seed in range(20):
            bins = operator(state, 4, np.random.default_rng(seed))
            assert 1 <= len(bins) <= 8, operator.name
            assert len(np.unique(bins)) == len(bins), operator.name
            assert bins.min() >= 0, operator.name
            assert bins.max() < problem.num_bins, operator.name


def test_refuses_sizes_and_work_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="num_bins"):
        LnsParameters(num_bins=9, max_bins=3)
    with pytest.raises(ValueError, match="repair"):
        LnsParameters(work=0.0)
