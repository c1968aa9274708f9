"""The sums that kernels keep are those that the objective and the replay add up anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement_datasets import roadef2012
from placement_solvers.feasibility import violations
from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.lanes import lanes_of
from placement_solvers.local_search.solver import movable_items
from placement_solvers.local_search.state import BEST, COST, FULL, SHIFTS, State, grown, state_of
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.solution import Solution
from tests.datasets.roadef2012_instances import random_instance
from tests.strategies import problems

EXPONENTIALS = -np.log((np.random.default_rng(0).permutation(4096) + 0.5) / 4096)
KEPT = (
    *("room", "over", "bin_cost", "num_items", "slot_count", "counts", "needers", "payers", "members"),
    *("width", "smallest", "largest", "level", "moved", "moved_level"),
)


def walked(problem: Problem, temperature: float, proposals: int, seed: int = 0) -> tuple[State, State, int]:
    """The state after a walk, the state made anew from where it ended, and the sum of its tiers."""
    start = left_as_it_was(problem)
    movable = movable_items(problem)
    weights = tier_weights(problem, evicts=True)
    tables = tables_of(problem, weights)
    state = state_of(problem, tables, start.bin_of, movable, weights.total(cost_of(problem, start)))
    lanes = lanes_of(tables)
    random = np.array([seed + 1], dtype=np.uint64)
    for alone in (0, 1, 0, 1):
        anneal(tables, state, lanes, random, EXPONENTIALS, temperature, proposals, 2.0, 0.3, alone)
        if state.numbers[FULL]:
            state = grown(state)
            state.numbers[FULL] = 0
    total = weights.total(cost_of(problem, solution_of(problem, state.bin_of)))
    return state, state_of(problem, tables, placement(problem, state.bin_of), movable, total), total


def placement(problem: Problem, bin_of: np.ndarray) -> np.ndarray:
    return np.where(bin_of == problem.num_bins, NOWHERE, bin_of).astype(np.int32)


def solution_of(problem: Problem, bin_of: np.ndarray) -> Solution:
    bins = placement(problem, bin_of)
    return Solution(bins, np.flatnonzero(bins != NOWHERE).astype(np.int32))


def assert_same(kept: State, anew: State, total: int) -> None:
    for name in KEPT:
        assert np.array_equal(getattr(kept, name), getattr(anew, name)), name
    assert kept.numbers[COST] == total
    assert kept.numbers[BEST] <= kept.numbers[COST]
    for bin_ in range(len(kept.slot_count)):
        there = kept.slot[kept.slot_start[bin_] :][: kept.slot_count[bin_]]
        assert np.all(kept.bin_of[there] == bin_)
        assert np.array_equal(kept.slot[kept.slot_start[bin_] + kept.slot_of[there]], there)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), temperature=st.sampled_from([0.0, 1.0, 1e3, 1e12]), seed=st.integers(0, 1000))
def test_keeps_every_sum_on_problems_with_every_relation(problem: Problem, temperature: float, seed: int) -> None:
    if problem.num_bins == 0:
        return
    assert_same(*walked(problem, temperature, 200, seed))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("temperature", [0.0, 10.0, 1e9])
def test_keeps_every_sum_on_machine_reassignment(seed: int, temperature: float) -> None:
    problem = roadef2012.problem(random_instance(seed))
    kept, anew, total = walked(problem, temperature, 2000, seed)
    assert_same(kept, anew, total)
    assert violations(problem, solution_of(problem, kept.bin_of)) == []


def test_moves_a_good_deal_on_the_way() -> None:
    """Else the tests above would compare starts with themselves."""
    problem = roadef2012.problem(random_instance(1))
    walks = [walked(problem, temperature, 20_000)[0] for temperature in (10.0, 1e9)]

    assert max((kept.bin_of != problem.start).sum() for kept in walks) > 5
    assert sum(kept.numbers[SHIFTS:] for kept in walks).min() > 0, "a kind of move was never made"
