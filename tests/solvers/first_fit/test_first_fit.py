"""First fit keeps to capacity, packs as plain Python does, and bins taken in another order never cost more."""

from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.plain import plain_problem
from placement_solvers.cp_sat.beginning import begin
from placement_solvers.feasibility import violations
from placement_solvers.first_fit import FirstFit
from placement_solvers.first_fit.kernels import first_fit
from placement_solvers.first_fit.orders import cheapest_bins, orders, shares
from placement_solvers.greedy import Greedy
from placement_solvers.opening import open_watch
from placement_solvers.portfolio import Portfolio, PortfolioParameters
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxIterations, MaxRuntime
from tests.builders import ProblemBuilder

FEW_ROUNDS = PortfolioParameters(num_workers=1, repeatable=True, regroupings=20, steps=0, work=0.1)


def lasting(seed: int, *, num_items: int = 60, moments: int = 24, unlike: bool = False) -> Problem:
    """Items that each ask for one amount at some moments in a row, with more bins than they need."""
    rng = np.random.default_rng(seed)
    begins = rng.integers(0, moments, num_items)
    ends = np.minimum(begins + rng.integers(1, moments, num_items), moments)
    at = np.arange(moments)
    runs = (begins[:, None] <= at) & (at < ends[:, None])
    sizes = (runs * rng.integers(10, 70, num_items)[:, None]).astype(np.int64)
    num_bins = num_items // 2
    capacity = np.full((num_bins, moments), 100, dtype=np.int64)
    price = np.ones(num_bins, dtype=np.int64)
    if unlike:
        price = rng.integers(1, 9, num_bins)
        capacity += rng.integers(-30, 30, num_bins)[:, None]
    return plain_problem(sizes, capacity, price, "price")


def packed_by_hand(problem: Problem, order: np.ndarray, bins: np.ndarray) -> np.ndarray:
    free, bin_of = problem.capacity.copy(), np.full(problem.num_items, NOWHERE)
    for item in order:
        demand = problem.demand[problem.class_of[item]]
        for bin_ in bins:
            if (demand <= free[bin_]).all():
                free[bin_] -= demand
                bin_of[item] = bin_
                break
    return bin_of


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_packs_as_plain_python_does(seed: int) -> None:
    problem = lasting(seed, unlike=bool(seed % 2))
    bins = cheapest_bins(problem, np.ones(problem.num_bins, dtype=np.int64))[: 8 + seed]
    class_, resource = np.nonzero(problem.demand)
    start = np.searchsorted(class_, np.arange(problem.num_classes + 1)).astype(np.int64)

    for order in orders(problem, shares(problem)):
        bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        first_fit(
            order,
            problem.class_of,
            start,
            resource.astype(np.int32),
            problem.demand[class_, resource],
            bins,
            problem.capacity.copy(),
            np.zeros(problem.num_classes, dtype=np.int64),
            bin_of,
        )

        assert bin_of.tolist() == packed_by_hand(problem, order, bins).tolist()


def test_every_order_asks_every_item_once() -> None:
    problem = lasting(3)

    for order in orders(problem, shares(problem)):
        assert sorted(order.tolist()) == list(range(problem.num_items))


def test_one_order_is_that_of_the_first_resource() -> None:
    problem = lasting(3)
    first = (problem.demand > 0).argmax(axis=1)[problem.class_of]

    assert any((np.diff(first[order]) >= 0).all() for order in orders(problem, shares(problem)))


def test_bins_in_use_are_offered_first_then_cheap_room() -> None:
    build = ProblemBuilder(capacity=[[4] * 20, [8] * 20, [4] * 20])
    build.items(1, [1] * 20)
    problem = build.problem()

    assert cheapest_bins(problem, np.array([3, 3, 1], dtype=np.int64)).tolist() == [2, 1, 0]


@pytest.mark.parametrize("seed", range(6))
def test_bins_taken_in_another_order_never_cost_more(seed: int) -> None:
    problem = lasting(seed, unlike=bool(seed % 2))
    watch = open_watch(problem, MaxIterations(10_000), None, None)
    FirstFit().begin(problem, watch)
    first = watch.cost

    FirstFit().regroup(problem, watch, seed, lambda rounds: rounds >= 64)

    assert violations(problem, watch.solution) == []
    assert watch.cost <= first
    assert [point.cost for point in watch.trace] == sorted((point.cost for point in watch.trace), reverse=True)


def test_regrouping_finds_better_packings() -> None:
    gains = 0
    for seed in range(6):
        problem = lasting(seed, num_items=200, moments=60)
        watch = open_watch(problem, MaxIterations(10_000), None, None)
        FirstFit().begin(problem, watch)
        first = watch.cost
        FirstFit().regroup(problem, watch, seed, lambda rounds: rounds >= 256)
        gains += watch.cost < first

    assert gains > 0


@pytest.mark.parametrize("seed", range(6))
def test_a_run_begins_no_worse_than_greedy_where_there_are_many_resources(seed: int) -> None:
    problem = lasting(seed)

    begun = begin(problem, MaxRuntime(20), None, None)

    assert begun.solution.placed.all()
    assert begun.cost <= Greedy().solve(problem, lambda _: False).cost


def test_an_incumbent_that_leaves_items_out_is_completed() -> None:
    problem = lasting(1)
    watch = open_watch(problem, MaxIterations(10_000), None, None)

    FirstFit().regroup(problem, watch, 0, lambda rounds: rounds >= 1)

    assert watch.solution.placed.all()


def test_plain_packing_with_many_resources_is_its_business_alone() -> None:
    few, related = ProblemBuilder(capacity=[[4]]), ProblemBuilder(capacity=[[4] * 20] * 2)
    few.items(1, [1])
    related.items(1, [1] * 20)
    problem = related.problem()

    assert FirstFit().suits(lasting(0))
    assert not FirstFit().suits(few.problem())
    assert FirstFit(many_resources=21).suits(problem) is False


def test_the_portfolio_packs_items_that_last_and_gives_the_same_each_time() -> None:
    problem = lasting(2, num_items=30, moments=20)

    first, again = (Portfolio(FEW_ROUNDS).solve(problem, MaxIterations(10_000), seed=3) for _ in range(2))

    assert first.solution.bin_of.tolist() == again.solution.bin_of.tolist()
    assert first.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert violations(problem, first.solution) == []
