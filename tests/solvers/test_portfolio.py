from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.local_search import LocalSearch
from placement_solvers.objective import cost_of
from placement_solvers.portfolio import Portfolio, PortfolioParameters, whole
from placement_solvers.problem import Problem
from placement_solvers.result import Status, StopReason
from placement_solvers.stop import MaxIterations, MaxRuntime, Progress
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.solvers.lns.test_lns import zones
from tests.strategies import problems


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=4, max_items=5))
def test_proves_the_optimum_of_any_tiny_problem(problem: Problem) -> None:
    result = Portfolio().solve(problem, MaxRuntime(60))
    assert violations(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    assert result.cost == optimum(problem)[0]


@pytest.mark.parametrize("seed", range(3))
def test_is_never_worse_than_greedy_and_keeps_to_its_time(seed: int) -> None:
    problem = zones(random.Random(200 + seed))
    greedy = Greedy().solve(problem, MaxIterations(1000))
    result = Portfolio(PortfolioParameters(alone=0.1)).solve(problem, MaxRuntime(1.5))
    assert violations(problem, result.solution) == []
    assert cost_of(problem, result.solution) == result.cost <= greedy.cost
    assert result.lower_bound is not None
    assert result.lower_bound <= result.cost
    assert result.elapsed < 6


def apart() -> ProblemBuilder:
    """Three pairs of bins, each with four items of its own that fill one and a half."""
    build = ProblemBuilder(capacity=[[10]] * 6)
    for pair in range(3):
        for demand in (4, 5, 5, 6):
            build.items(1, [demand], eligible=[2 * pair, 2 * pair + 1])
    return build


def test_adds_up_costs_and_bounds_of_parts() -> None:
    result = Portfolio().solve(apart().problem(), MaxRuntime(30))
    assert result.status is Status.OPTIMAL
    assert result.cost == (0, 6)
    assert result.lower_bound == (0, 6)


def test_counts_what_no_part_decides() -> None:
    # Two zones, neither with a bin that anyone may enter: what stays in them is out of range for ever.
    build = ProblemBuilder(capacity=[[1], [2], [2]])
    build.items(1, [2], eligible=[1])
    build.items(1, [2], eligible=[2])
    nobody = build.group(build.topology([0, 1, 2]), [], initial=[3, 0, 0])
    build.tier("unplaced", unplaced=1)
    build.tier("range", ranges=[(nobody, 0, 1, 5)])
    result = Portfolio().solve(build.problem(), MaxRuntime(30))
    assert result.cost == (0, 10)
    assert result.status is Status.OPTIMAL


def test_shows_costs_and_bounds_as_they_improve() -> None:
    seen: list[Progress] = []
    result = Portfolio(on_progress=seen.append).solve(apart().problem(), MaxRuntime(30))
    costs = [progress.cost for progress in seen]
    assert costs == sorted(costs, reverse=True)
    assert seen[-1].cost == result.cost
    assert seen[-1].lower_bound == result.lower_bound


def test_stops_when_told_and_keeps_the_best() -> None:
    problem = zones(random.Random(7))
    result = Portfolio().solve(problem, lambda progress: progress.elapsed > 0.7)
    assert violations(problem, result.solution) == []
    assert result.stopped_by in (StopReason.CRITERION, StopReason.PROOF)


def test_repeats_itself_where_asked_to() -> None:
    problem = zones(random.Random(8))
    parameters = PortfolioParameters(num_workers=1, repeatable=True, work=0.2, steps=10)
    runs = [Portfolio(parameters).solve(problem, MaxRuntime(600), seed=3) for _ in range(2)]
    assert runs[0].solution.bin_of.tolist() == runs[1].solution.bin_of.tolist()
    assert runs[0].cost == runs[1].cost


def test_places_gangs_that_would_lock_each_other_out() -> None:
    # Three gangs whose members fill the bins to the last unit, in one way only up to order: 5 + 3 and 4 + 4.
    build = ProblemBuilder(capacity=[[8]] * 4)
    gangs = [build.gang(3) for _ in range(2)] + [build.gang(2)]
    sizes = {size: build.items(0, demand=[size]) for size in (3, 4, 5)}
    for size, gang in ((4, 0), (4, 1), (3, 2), (5, 0), (4, 1), (4, 0), (3, 1), (5, 2)):
        build.more_items(sizes[size], 1, gang=gangs[gang])
    result = Portfolio(PortfolioParameters(num_workers=1, repeatable=True)).solve(build.problem(), MaxIterations(50))
    assert result.cost == (0, 4)
    assert result.status is Status.OPTIMAL


def test_proves_that_not_all_gangs_fit() -> None:
    build = ProblemBuilder(capacity=[[8]] * 2)
    first, second = build.gang(2), build.gang(2)
    large = build.items(2, demand=[5], gang=first)
    build.more_items(large, 1, gang=second)
    build.items(1, demand=[1], gang=second)
    result = Portfolio(PortfolioParameters(num_workers=1, repeatable=True)).solve(build.problem(), MaxIterations(50))
    assert result.cost == (2, 1)
    assert result.status is Status.OPTIMAL


def test_moves_items_together_where_many_bins_are_half_empty() -> None:
    build = ProblemBuilder(capacity=[[8]] * 60)
    build.items(120, demand=[2], start=[item % 60 for item in range(120)])
    build.tier("unplaced", unplaced=1)
    build.tier("nodes", open=1)
    parameters = PortfolioParameters(num_workers=1, repeatable=True, work=0.0, steps=0, moves=30)
    result = Portfolio(parameters).solve(build.problem(), MaxRuntime(600))
    assert result.cost <= (0, 35)


@pytest.mark.parametrize(("pairs_a_second", "is_asked"), [(1, False), (1_000_000, True)])
def test_builds_no_exact_model_that_there_is_no_time_for(
    pairs_a_second: int, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Problem] = []
    monkeypatch.setattr(whole, "minimise_tiers", lambda problem, *others: asked.append(problem))
    problem = zones(random.Random(200))
    Portfolio(PortfolioParameters(pairs_a_second=pairs_a_second)).solve(problem, MaxRuntime(2))
    assert bool(asked) is is_asked


@pytest.mark.parametrize("repeatable", [False, True])
def test_finds_room_for_what_greedy_left_out_where_no_exact_model_is_built(
    repeatable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = ProblemBuilder(capacity=[[10]] * 2)
    for demand in (4, 4, 3, 3, 3, 3):
        build.items(1, [demand])
    problem = build.problem()
    monkeypatch.setattr(whole.Whole, "pack", lambda _: None)
    monkeypatch.setattr(whole.Whole, "_descend", lambda *_, **__: None)

    result = Portfolio(PortfolioParameters(max_pairs=0, repeatable=repeatable, moves=5, steps=0)).solve(
        problem, MaxRuntime(2)
    )

    assert Greedy().solve(problem, MaxIterations(1000)).cost == (1, 2)
    assert result.cost == (0, 2)


def test_looks_for_no_room_for_what_is_known_to_fit_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    build = ProblemBuilder(capacity=[[10]] * 4)
    build.items(6, [4])
    build.items(1, [11])
    asked: list[Problem] = []
    monkeypatch.setattr(LocalSearch, "improve", lambda *arguments, **_: asked.append(arguments[1]))

    result = Portfolio(PortfolioParameters(max_pairs=0, repeatable=True, steps=1)).solve(build.problem(), MaxRuntime(5))

    assert result.cost[0] == 1
    assert asked == []
