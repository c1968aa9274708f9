"""The family of bounds against the true optimum, its witness, and cases counted by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement_datasets.packing import packing
from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.family import best_lower_bound
from placement_solvers.bounds.witness import Witness, verify
from placement_solvers.problem import Problem
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.cases import cases
from tests.solvers.bounds.martello_toth import l2
from tests.strategies import problems


@settings(max_examples=cases(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=3, max_items=5))
def test_no_bound_exceeds_the_optimum_nor_any_better_bound(problem: Problem) -> None:
    best, _ = optimum(problem)
    quick = best_lower_bound(problem, by_columns=False)
    whole = best_lower_bound(problem)
    assert lower_bound(problem) <= quick.cost <= whole.cost <= best


@settings(max_examples=cases(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=3, max_items=5, gangs=False, start=False))
def test_a_witness_proves_at_least_the_quick_bounds_and_never_more_than_is_true(problem: Problem) -> None:
    best, _ = optimum(problem)
    quick = best_lower_bound(problem, by_columns=False)
    assert quick.cost <= verify(problem, quick.witness) <= best
    written = json.dumps(best_lower_bound(problem).witness.as_dict())
    assert lower_bound(problem) <= verify(problem, Witness.from_dict(json.loads(written))) <= best


@settings(max_examples=60, deadline=None)
@given(
    size=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    count=st.lists(st.integers(1, 5), min_size=8, max_size=8),
    capacity=st.integers(30, 40),
)
def test_dual_feasible_functions_prove_at_least_what_martello_and_toth_do(
    size: list[int], count: list[int], capacity: int
) -> None:
    build = ProblemBuilder(capacity=[[capacity]] * 40)
    for amount, items in zip(size, count, strict=False):
        build.items(items, demand=[amount])
    proven = best_lower_bound(build.problem(), by_columns=False).cost
    assert proven >= (0, l2(np.array(size), np.array(count[: len(size)]), capacity))


def test_items_above_half_a_bin_count_a_bin_each() -> None:
    build = ProblemBuilder(capacity=[[10]] * 6)
    build.items(3, demand=[6])
    build.items(2, demand=[7])
    problem = build.problem()
    assert lower_bound(problem) == (0, 4)
    assert best_lower_bound(problem, by_columns=False).cost == (0, 5)


def test_two_in_a_bin_that_no_single_resource_says_needs_patterns() -> None:
    build = ProblemBuilder(capacity=[[10, 10]] * 8)
    build.items(4, demand=[6, 1])
    build.items(4, demand=[1, 6])
    build.items(4, demand=[4, 4])
    assert best_lower_bound(build.problem(), by_columns=False).cost == (0, 5)
    assert best_lower_bound(build.problem()).cost == (0, 6)


def test_a_witness_says_what_patterns_prove_without_them() -> None:
    problem = packing(num_items=200, num_classes=12, seed=3, priced=True)
    bound = best_lower_bound(problem)
    assert bound.cost > best_lower_bound(problem, by_columns=False).cost > lower_bound(problem)
    assert verify(problem, bound.witness) == bound.cost


def test_a_witness_that_asks_too_much_proves_no_more_than_is_true() -> None:
    problem = packing(num_items=60, num_classes=6, seed=1, priced=True)
    bound = best_lower_bound(problem)
    greedy_for_more = Witness(tuple(replace(one, of_item=one.of_item * 2) for one in bound.witness.prices))
    assert verify(problem, greedy_for_more) <= bound.cost


def test_a_witness_of_another_problem_proves_nothing() -> None:
    problem, other = packing(60, 6, seed=1, priced=True), packing(60, 5, seed=1, priced=True)
    assert verify(problem, best_lower_bound(other).witness) == lower_bound(problem)


def test_prices_on_an_earlier_cost_that_is_not_proven_prove_nothing() -> None:
    problem = packing(num_items=60, num_classes=6, seed=1, priced=True)
    witness = best_lower_bound(problem).witness
    hopeful = Witness(tuple(replace(one, earlier=(7,)) for one in witness.prices))
    assert verify(problem, hopeful) == lower_bound(problem)


def test_an_interrupted_search_leaves_a_bound_that_holds() -> None:
    problem = packing(num_items=200, num_classes=12, seed=3, priced=True)
    bound = best_lower_bound(problem, should_stop=lambda: True)
    assert lower_bound(problem) <= bound.cost <= best_lower_bound(problem).cost


def test_a_pinned_item_that_lies_elsewhere_may_stay_there() -> None:
    build = ProblemBuilder(capacity=[[2], [4]], in_use=[True, False])
    build.items(1, demand=[2], pinned_to=1, start=[0])
    build.items(1, demand=[4])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[0, 0])
    problem = build.problem()
    assert optimum(problem)[0] == best_lower_bound(problem).cost == (0, 0)


def test_a_pinned_item_may_come_after_those_whom_it_would_have_held_back() -> None:
    build = ProblemBuilder(capacity=[[4], [4]], in_use=[True, False])
    kept_apart, daemon = build.items(1, demand=[1]), build.items(1, demand=[1], pinned_to=0)
    build.limit(kept_apart, build.group(build.each_bin(), [daemon]))
    problem = build.problem()
    assert optimum(problem)[0] == best_lower_bound(problem).cost == (0, 0)


def test_a_pinned_item_that_keeps_away_as_well_is_there_first() -> None:
    build = ProblemBuilder(capacity=[[4], [4]], in_use=[True, False])
    kept_apart, daemon = build.items(1, demand=[1]), build.items(1, demand=[1], pinned_to=0)
    each_bin = build.each_bin()
    build.limit(kept_apart, build.group(each_bin, [daemon]))
    build.limit(daemon, build.group(each_bin, [kept_apart]))
    problem = build.problem()
    assert optimum(problem)[0] == best_lower_bound(problem).cost == (0, 1)


def test_a_resource_that_two_others_imply_still_limits_each_class() -> None:
    build = ProblemBuilder(capacity=[[6, 1, 4]])
    build.items(4, demand=[2, 0, 3])
    build.items(1, demand=[2, 1, 2])
    build.tier("unplaced", unplaced=[3, 2])
    problem = build.problem()
    assert optimum(problem)[0] == best_lower_bound(problem).cost == (11,)


@pytest.mark.parametrize("asked", range(5))
def test_a_search_for_bounds_that_is_stopped_leaves_one_that_holds(asked: int) -> None:
    build = ProblemBuilder(capacity=[[10, 10]] * 6)
    build.items(3, demand=[6, 1])
    build.items(2, demand=[1, 7])
    problem = build.problem()
    times = iter(range(10**6))

    stopped = best_lower_bound(problem, should_stop=lambda: next(times) >= asked)

    assert lower_bound(problem) <= stopped.cost <= best_lower_bound(problem).cost
    assert verify(problem, stopped.witness) <= best_lower_bound(problem).cost
    assert next(times) <= asked + 10


def test_of_very_many_resources_the_one_most_asked_for_gives_the_bound() -> None:
    resources, scarce = 300, 280
    build = ProblemBuilder(capacity=[[10] * resources] * 6)
    for amount, items in ((6, 3), (7, 2)):
        demand = [1] * resources
        demand[scarce] = amount
        build.items(items, demand=demand)
    assert best_lower_bound(build.problem(), by_columns=False).cost == (0, 5)
