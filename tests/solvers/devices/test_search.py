"""Devices under all rules: laws, brute force, and what a search must find where one pass does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.devices import DevicePacking
from placement_solvers.devices.relaxation import as_packing, pooled_bound
from placement_solvers.feasibility import violations
from placement_solvers.objective import Cost, cost_of
from placement_solvers.portfolio import Portfolio
from placement_solvers.problem import NOWHERE, Gangs, Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder, solution
from tests.conformance import LAWS, Law
from tests.solvers.devices.machines import problems_with_devices, with_devices

SLOW = [HealthCheck.too_slow]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(problem=problems_with_devices(runs=True))
def test_keeps_the_laws_of_all_solvers(law: Law, problem: Problem) -> None:
    law(DevicePacking(), problem)


def first_items(problem: Problem, number: int) -> Problem:
    """The problem with its first items only."""
    gangs = problem.gangs
    return replace(
        problem,
        class_of=problem.class_of[:number],
        start=problem.start[:number],
        gangs=replace(gangs, of_item=gangs.of_item[:number]) if len(gangs) else Gangs(),
    )


def best_cost(problem: Problem) -> Cost:
    """The least cost, by trying every placement in every order."""
    best: Cost | None = None
    for bins in product(range(-1, problem.num_bins), repeat=problem.num_items):
        placed = [item for item, bin_ in enumerate(bins) if bin_ >= 0]
        cost = cost_of(problem, solution(bins))
        if best is not None and cost >= best:
            continue
        if any(not violations(problem, solution(bins, order)) for order in permutations(placed)):
            best = cost
    assert best is not None
    return best


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(problem=problems_with_devices(runs=True, max_bins=3, max_items=4))
def test_no_bound_denies_the_optimum(problem: Problem) -> None:
    best = best_cost(problem)

    found = DevicePacking().solve(problem, MaxIterations(problem.num_items + 30))

    assert pooled_bound(problem) <= best
    assert found.lower_bound is not None
    assert found.lower_bound <= best <= found.cost


def test_the_portfolio_keeps_relations_between_items_with_devices() -> None:
    """Two of a kind may not meet, and zones must be level: of five only four go onto the four bins."""
    build = ProblemBuilder(capacity=[[9]] * 4)
    class_ = build.items(5, demand=[1])
    build.limit(class_, build.group(build.each_bin(), [class_]))
    build.spread(class_, build.group(build.topology([0, 0, 1, 1]), [class_]))
    problem = with_devices(build.problem(), [[10, 10]] * 4, [(1, 5)])

    result = Portfolio().solve(problem, MaxIterations(30))

    assert sorted(result.solution.bin_of.tolist()) == [-1, 0, 1, 2, 3]
    assert violations(problem, result.solution) == []


@pytest.mark.parametrize(("movable", "evicted"), [(True, 0), (False, 1)])
def test_one_share_makes_room_for_a_dearer_item(movable: bool, evicted: int) -> None:
    """Both bins hold three shares on two devices. One waits for a whole device: one share of the three has to go.

    The other bin has room for it, if it may move.
    """
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(6, demand=[1], start=[0, 0, 0, 1, 1, 1], movable=movable)
    build.items(1, demand=[1], priority=1)
    build.tier("unplaced at priority 1", unplaced=[0, 1])
    build.tier("evicted", unplaced=[1, 0])
    problem = with_devices(build.problem(), [[10, 10], [10, 10]], [(1, 4), (1, 10)])

    result = DevicePacking().solve(problem, MaxIterations(60))

    assert result.cost == (0, evicted)
    assert violations(problem, result.solution) == []


def test_who_is_in_the_way_by_a_rule_makes_room_too() -> None:
    """There is room for both in the bin, but they may not meet."""
    build = ProblemBuilder(capacity=[[9]])
    cheap = build.items(1, demand=[1], start=[0])
    dear = build.items(1, demand=[1], priority=1)
    build.limit(dear, build.group(build.each_bin(), [cheap]))
    build.tier("unplaced at priority 1", unplaced=[0, 1])
    build.tier("evicted", unplaced=[1, 0])
    problem = with_devices(build.problem(), [[10]], [(1, 4), (1, 4)])

    assert DevicePacking().solve(problem, MaxIterations(60)).solution.bin_of.tolist() == [NOWHERE, 0]


def test_what_may_not_move_is_evicted_or_stays() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(1, demand=[1], start=[0], movable=False)
    build.items(1, demand=[1], eligible=[0], priority=1)
    build.tier("unplaced at priority 1", unplaced=[0, 1])
    build.tier("evicted", unplaced=[1, 0])
    problem = with_devices(build.problem(), [[10], [10]], [(1, 6), (1, 6)])

    assert DevicePacking().solve(problem, MaxIterations(40)).solution.bin_of.tolist() == [NOWHERE, 0]


def test_a_gang_is_let_in_whole_or_not_at_all() -> None:
    """Three of a gang need three bins emptied of what is cheap; where one of these is too small none is emptied."""
    build = ProblemBuilder(capacity=[[9]] * 3)
    build.items(3, demand=[1], start=[0, 1, 2], movable=False)
    build.items(3, demand=[1], priority=1, gang=build.gang(3))
    build.tier("unplaced at priority 1", unplaced=[0, 1])
    build.tier("evicted", unplaced=[1, 0])
    asked = [(1, 6), (1, 6)]

    whole = DevicePacking().solve(with_devices(build.problem(), [[10]] * 3, asked), MaxIterations(80))
    none = DevicePacking().solve(with_devices(build.problem(), [[10], [10], [5]], asked), MaxIterations(80))

    assert whole.cost == (0, 3)
    assert none.solution.bin_of.tolist() == [0, 1, 2, -1, -1, -1]


def test_closes_a_bin_that_others_have_room_for() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    build.items(3, demand=[1], start=[0, 1, 2])
    problem = with_devices(build.problem(), [[10, 10], [10, 10], [10, 10]], [(1, 5)])

    assert DevicePacking().solve(problem, MaxIterations(60)).cost == (0, 1)


def test_the_programme_bounds_what_relations_leave_open() -> None:
    """Three shares of six are eighteen of twenty, but two devices of ten hold only one each."""
    build = ProblemBuilder(capacity=[[9]])
    class_ = build.items(3, demand=[1], start=[0])
    build.limit(class_, build.group(build.each_bin(), [class_]), at_most=3)
    build.tier("unplaced", unplaced=1)
    problem = with_devices(build.problem(), [[10, 10]], [(1, 6)])

    result = DevicePacking().solve(problem, MaxIterations(60))

    assert pooled_bound(problem) == (0,)
    assert result.lower_bound == result.cost == (1,)
    assert result.status is Status.OPTIMAL


def test_no_packing_bounds_what_runs_where_it_could_not_enter() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(2, demand=[1], start=[0, 0])
    problem = with_devices(build.problem(), [[10]], [(1, 6)])

    assert as_packing(problem) is None
    assert DevicePacking().solve(problem, MaxIterations(20)).cost[0] == 0
