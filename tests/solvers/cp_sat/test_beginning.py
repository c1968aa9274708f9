from __future__ import annotations

import random

import numpy as np
import pytest

from placement_solvers.cp_sat.beginning import begin
from placement_solvers.greedy import Greedy, GreedyParameters
from placement_solvers.greedy.parameters import Order
from placement_solvers.objective import Cost
from placement_solvers.problem import Problem
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder


def crowded(seed: int) -> Problem:
    """Bins of several sizes, and classes that together fill nearly all of them; every other with two resources."""
    rng = random.Random(seed)
    resources = range(1 + seed % 2)
    build = ProblemBuilder(capacity=[[rng.choice([20, 30, 60]) for _ in resources] for _ in range(12)])
    room = build.capacity.sum(axis=0) * 0.93
    while (room > 0).all():
        count, demand = rng.randint(1, 6), [rng.randint(1, 20) for _ in resources]
        build.items(count, demand)
        room -= count * np.array(demand)
    return build.problem()


def greedily(problem: Problem, order: Order) -> Cost:
    return Greedy(GreedyParameters(order=order)).solve(problem, lambda _: False).cost


@pytest.mark.parametrize("seed", range(6))
def test_begins_with_the_best_of_mixed_classes_and_large_items_first(seed: int) -> None:
    problem = crowded(seed)
    mixed, by_size = greedily(problem, Order.INTERLEAVED), greedily(problem, Order.SIZE)

    begun = begin(problem, MaxRuntime(10), None, None)

    assert begun.cost <= min(mixed, by_size)


def test_neither_order_is_always_the_better_one() -> None:
    costs = [(greedily(crowded(seed), Order.INTERLEAVED), greedily(crowded(seed), Order.SIZE)) for seed in range(6)]

    assert any(mixed < by_size for mixed, by_size in costs)
    assert any(by_size < mixed for mixed, by_size in costs)
