"""What is judged side by side is what is found one exchange at a time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from placement_datasets import roadef2012
from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.bins import fits, may_lie, may_swap
from placement_solvers.local_search.deltas import shift_delta, swap_delta
from placement_solvers.local_search.groups import in_the_way
from placement_solvers.local_search.judging import draw_thresholds, exchanges
from placement_solvers.local_search.lanes import (
    EMPTY,
    LANES_PER_BIN,
    NOBODY,
    NUM_LANES,
    Lanes,
    choose_items,
    draw_bins,
    lanes_of,
)
from placement_solvers.local_search.solver import movable_items
from placement_solvers.local_search.state import State, state_of
from placement_solvers.local_search.tables import Tables, tables_of
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from tests.datasets.roadef2012_instances import random_instance

EXPONENTIALS = -np.log((np.random.default_rng(0).permutation(4096) + 0.5) / 4096)
ENOUGH = 1e12
"""A temperature at which nothing is too dear."""


@numba.njit
def draw(tables: Any, state: Any, lanes: Any, random: Any) -> Any:
    draw_thresholds(lanes, ENOUGH, EXPONENTIALS)
    source = draw_bins(tables, state, lanes, random, 0.0)
    return source, choose_items(state, lanes, random, source)


@numba.njit
def judge(tables: Any, state: Any, lanes: Any, item: Any, source: Any) -> Any:
    return exchanges(tables, state, lanes, item, source, 0)


@numba.njit
def judge_alone(tables: Any, state: Any, item: Any, source: Any, other: Any, target: Any) -> Any:
    """Whether bins allow the exchange, and what it costs."""
    if other == NOBODY:
        if not may_lie(tables, item, target) or not fits(tables, state, item, target):
            return False, 0
        allowed = not in_the_way(tables, state, tables.class_of[item], source, target)
        return allowed, shift_delta(tables, state, item, source, target)
    if item == NOBODY:
        if not may_lie(tables, other, source) or not fits(tables, state, other, source):
            return False, 0
        allowed = not in_the_way(tables, state, tables.class_of[other], target, source)
        return allowed, shift_delta(tables, state, other, target, source)
    allowed = (
        may_swap(tables, state, item, source, other, target)
        and not in_the_way(tables, state, tables.class_of[item], source, target)
        and not in_the_way(tables, state, tables.class_of[other], target, source)
    )
    return allowed, swap_delta(tables, state, item, source, other, target)


def walked(seed: int) -> tuple[Tables, State, Lanes, np.ndarray]:
    """An instance of machine reassignment after some moves."""
    problem = roadef2012.problem(random_instance(seed, num_machines=8, num_processes=60))
    start = left_as_it_was(problem)
    weights = tier_weights(problem, evicts=True)
    tables = tables_of(problem, weights)
    state = state_of(problem, tables, start.bin_of, movable_items(problem), weights.total(cost_of(problem, start)))
    lanes, random = lanes_of(tables), np.array([seed + 1], dtype=np.uint64)
    anneal(tables, state, lanes, random, EXPONENTIALS, 30.0, 20_000, 0.0, 0.0)
    return tables, state, lanes, random


@pytest.mark.parametrize("seed", range(6))
def test_judges_every_exchange_as_one_alone_is_judged(seed: int) -> None:
    tables, state, lanes, random = walked(seed)
    allowed, barred = 0, 0
    for _ in range(40):
        source, num_items = draw(tables, state, lanes, random)
        for item in lanes.chosen[:num_items].tolist():
            found = judge(tables, state, lanes, item, source)
            assert found == bool((lanes.passed >= 0).any())
            for lane in range(NUM_LANES):
                target, other = int(lanes.bin[lane // LANES_PER_BIN]), int(lanes.item[lane])
                if other == EMPTY or (item == NOBODY and other == NOBODY):
                    assert lanes.passed[lane] < 0
                    continue
                if item != NOBODY and tables.start[item] == target:
                    continue  # ways home are judged by themselves
                expected, delta = judge_alone(tables, state, item, source, other, target)
                assert (lanes.passed[lane] >= 0) == expected
                allowed, barred = allowed + expected, barred + (not expected)
                if expected:
                    assert lanes.delta[lane] == delta
    assert allowed > 100
    assert barred > 100
