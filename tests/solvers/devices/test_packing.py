"""All items at once on devices: nothing beats the bound, and small problems are solved to the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from placement_solvers.devices import DevicePacking, PackingParameters
from placement_solvers.devices.contents import Contents, contents_of
from placement_solvers.devices.fleet import fleet_of
from placement_solvers.devices.linear import Programme
from placement_solvers.devices.patterns import MAX_STEPS, best_pattern
from placement_solvers.devices.relaxation import pooled, pooled_bound
from placement_solvers.feasibility import violations
from placement_solvers.objective import Cost, cost_of
from placement_solvers.problem import Problem, Tier
from placement_solvers.result import Status
from placement_solvers.stop import MaxIterations, MaxRuntime
from tests.builders import ProblemBuilder, solution
from tests.conformance import LAWS, Law
from tests.solvers.devices.machines import problems_with_devices, with_devices


def solver() -> DevicePacking:
    return DevicePacking(PackingParameters(num_bins=2, seconds=1.0))


def only_left_out(problem: Problem) -> Problem:
    """The problem without costs but those of items left out, and without pins."""
    return replace(
        problem,
        tiers=tuple(Tier(tier.name, unplaced=tier.unplaced) for tier in problem.tiers),
        pinned_to=np.full_like(problem.pinned_to, -1),
    )


packings = problems_with_devices(width=1, relations=False).map(only_left_out)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=packings)
def test_keeps_the_laws_of_all_solvers(law: Law, problem: Problem) -> None:
    law(solver(), problem)


def best_cost(problem: Problem) -> Cost:
    """The least cost, by trying every placement."""
    bins = range(-1, problem.num_bins)
    placements = (solution(chosen) for chosen in product(bins, repeat=problem.num_items))
    return min(cost_of(problem, found) for found in placements if not violations(problem, found))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=packings)
def test_no_bound_denies_the_optimum(problem: Problem) -> None:
    problem = replace(problem, class_of=problem.class_of[:4])
    assume((problem.num_bins + 1) ** problem.num_items <= 700)
    best = best_cost(problem)
    worth = problem.tiers[0].unplaced
    assert worth is not None
    placed_most = int(worth @ problem.class_count) - best[0]

    optimum = Programme(problem, worth).solve(lambda: False)
    found = solver().solve(problem, MaxIterations(problem.num_items + 12))

    assert pooled_bound(problem) <= best
    assert optimum is not None
    assert optimum.most >= placed_most
    assert found.lower_bound is not None
    assert found.lower_bound <= best <= found.cost
    if problem.num_bins:
        contents = Contents(problem, fleet_of(problem), worth, seconds=5.0, optimum=optimum)
        for _ in range(3):
            _, most = contents.improve(lambda: False)
            assert most is not None
            assert most >= placed_most


def machines(
    devices: list[list[int]], asked: list[tuple[int, int]], counts: list[int], demand: list[int], capacity: int = 100
) -> Problem:
    build = ProblemBuilder(capacity=[[capacity]] * len(devices))
    for number, amount in zip(counts, demand, strict=True):
        build.items(number, demand=[amount])
    build.tier("share", unplaced=[count * share for count, share in asked])
    return with_devices(build.problem(), devices, asked)


def test_proves_that_unlike_shares_go_together() -> None:
    """7 with 3 fill a device, 6 with 4; whoever puts the first that fit together is left with three fives of twenty."""
    problem = machines([[10], [10]], [(1, 7), (1, 6), (1, 4), (1, 3)], [1, 1, 1, 1], [0] * 4)

    result = solver().solve(problem, MaxRuntime(20))

    assert result.status is Status.OPTIMAL
    assert result.solution.placed.all()


def test_proves_how_little_fits_where_shares_leave_gaps() -> None:
    """Six of ten on each device, whatever the four others ask for: areas alone would let ten in of twelve."""
    problem = machines([[10, 10], [10, 10]], [(1, 6)], [8], [0])

    result = solver().solve(problem, MaxRuntime(20))

    assert pooled_bound(problem) == (12,)
    assert result.lower_bound == result.cost == (24,)


def test_proves_that_processors_of_one_bin_are_no_help_to_another() -> None:
    """Each bin has processors for one item only, and devices for two; together they would have had for three."""
    problem = machines([[10, 10], [10, 10]], [(1, 10)], [4], [3], capacity=5)

    result = solver().solve(problem, MaxRuntime(20))

    assert result.status is Status.OPTIMAL
    assert result.cost == (20,)


def test_proves_how_few_are_left_out_once_it_is_proven_how_much() -> None:
    """Either the large one or the five small ones fill the device: as much, but one left out is less than five."""
    problem = machines([[10]], [(1, 10), (1, 2)], [1, 5], [0, 0])
    both = replace(problem, tiers=(*problem.tiers, Tier("items", unplaced=np.ones(2, dtype=np.int64))))

    result = solver().solve(both, MaxRuntime(20))

    assert result.status is Status.OPTIMAL
    assert result.lower_bound == result.cost == (10, 1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=packings, counts=st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_no_bound_of_a_second_tier_denies_the_optimum(problem: Problem, counts: list[int]) -> None:
    problem = replace(
        problem,
        class_of=problem.class_of[:4],
        tiers=(
            Tier("first", unplaced=problem.tiers[0].unplaced),
            Tier("second", unplaced=np.array(counts[: problem.num_classes], dtype=np.int64)),
        ),
    )
    assume((problem.num_bins + 1) ** problem.num_items <= 300)

    found = solver().solve(problem, MaxIterations(problem.num_items + 12))

    assert found.lower_bound is not None
    assert found.lower_bound <= best_cost(problem) <= found.cost


def test_items_on_several_devices_share_them() -> None:
    """Three pairs of halves need three devices; three wholes of two devices would need six."""
    problem = machines([[10, 10, 10]], [(2, 5)], [3], [0])

    assert solver().solve(problem, MaxRuntime(20)).cost == (0,)


@settings(max_examples=50, deadline=None)
@given(
    capacity=st.integers(0, 24),
    shares=st.lists(st.tuples(st.integers(2, 12), st.integers(0, 9)), min_size=1, max_size=3),
)
def test_the_best_pattern_is_worth_most(capacity: int, shares: list[tuple[int, int]]) -> None:
    sizes, price = (np.array(column, dtype=np.int64) for column in zip(*shares, strict=True))

    worth, pattern = best_pattern(capacity, sizes, price)

    assert pattern @ sizes <= capacity
    assert pattern @ price == worth
    most = max(
        sum(n * p for n, (_, p) in zip(numbers, shares, strict=True))
        for numbers in product(*(range(capacity // size + 1) for size, _ in shares))
        if sum(n * size for n, (size, _) in zip(numbers, shares, strict=True)) <= capacity
    )
    assert worth == most


def test_a_device_of_too_many_steps_is_bounded_by_area() -> None:
    worth, pattern = best_pattern(10 * MAX_STEPS + 5, np.array([7, 10], dtype=np.int64), np.array([7, 11]))

    assert worth == -(-11 * (10 * MAX_STEPS + 5) // 10)
    assert pattern.tolist() == [0, MAX_STEPS]


def test_bins_that_differ_in_nothing_are_of_one_kind() -> None:
    problem = machines([[5, 10], [10, 5], [10]], [(1, 6), (2, 6)], [1, 1], [0, 0])

    fleet = fleet_of(problem)

    assert fleet.size.tolist() == [1, 2] or fleet.size.tolist() == [2, 1]
    assert fleet.kind_of[0] == fleet.kind_of[1] != fleet.kind_of[2]
    assert fleet.allowed[0].all()
    assert not fleet.allowed[1].any()  # six of two devices each: no bin has two as large
    assert contents_of(problem, fleet, np.array([0, -1], dtype=np.int32)) == [(int(fleet.kind_of[0]), ((0, 1),))]


@settings(max_examples=40, deadline=None)
@given(problem=problems_with_devices())
def test_what_is_feasible_stays_so_with_devices_pooled(problem: Problem) -> None:
    pool = pooled(problem)
    for bins in product(range(-1, problem.num_bins), repeat=min(problem.num_items, 2)):
        chosen = solution([*bins, *[-1] * (problem.num_items - len(bins))])
        if not violations(problem, chosen):
            assert not violations(pool, chosen)
            assert cost_of(pool, chosen) == cost_of(problem, chosen)


def test_a_price_that_was_cut_short_proves_nothing() -> None:
    """CP-SAT shows a bound of 0 before it knows any; taken for one, it would prove that nothing can be placed."""
    problem = machines([[10, 10]], [(1, 6), (1, 4)], [3, 3], [1, 1])
    worth = problem.tiers[0].unplaced
    assert worth is not None
    optimum = Programme(problem, worth).solve(lambda: False)
    assert optimum is not None

    contents = Contents(problem, fleet_of(problem), worth, seconds=0.0, optimum=optimum)

    assert contents.improve(lambda: False)[1] is None
