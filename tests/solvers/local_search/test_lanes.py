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
from placement_solvers.local_search.judging import (
    draw_thresholds,
    judge_all,
    judge_alone,
    prepare_exchanges,
    prepare_homecomings,
)
from placement_solvers.local_search.lanes import (
    EMPTY,
    LANES_PER_BIN,
    NOBODY,
    NUM_LANES,
    Lanes,
    choose_items,
    draw_bins,
    judged_alone,
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
def draw(tables: Any, state: Any, lanes: Any, random: Any, alone: Any) -> Any:
    draw_thresholds(lanes, ENOUGH, EXPONENTIALS)
    source = draw_bins(tables, state, lanes, random, 0.0, alone)
    return source, choose_items(state, lanes, random, source)


@numba.njit
def judge(tables: Any, state: Any, lanes: Any, item: Any, source: Any, alone: Any) -> None:
    """Judge the exchanges of an item with all lanes, one after the other or side by side."""
    prepare_exchanges(tables, state, lanes, item, source, alone)
    if not alone:
        judge_all(tables, state, lanes, item, source, 0, False)
        return
    for lane in range(len(lanes.item)):
        if lanes.passed[lane] >= 0:
            judge_alone(tables, state, lanes, item, source, lane, 0, False)


@numba.njit
def found_alone(tables: Any, state: Any, item: Any, source: Any, other: Any, target: Any) -> Any:
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
    anneal(tables, state, lanes, random, EXPONENTIALS, 30.0, 20_000, 0.0, 0.0, 0)
    return tables, state, lanes, random


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_judges_every_exchange_as_one_alone_is_judged(seed: int, alone: bool) -> None:
    tables, state, lanes, random = walked(seed)
    allowed, barred = 0, 0
    for _ in range(40):
        source, num_items = draw(tables, state, lanes, random, alone)
        for item in lanes.chosen[:num_items].tolist():
            judge(tables, state, lanes, item, source, alone)
            for lane in range(NUM_LANES):
                target, other = int(lanes.bin[lane // LANES_PER_BIN]), int(lanes.item[lane])
                if other == EMPTY or (item == NOBODY and other == NOBODY):
                    assert lanes.passed[lane] < 0
                    continue
                if item != NOBODY and tables.start[item] == target:
                    continue  # ways home are judged by themselves
                expected, delta = found_alone(tables, state, item, source, other, target)
                assert (lanes.passed[lane] >= 0) == expected
                allowed, barred = allowed + expected, barred + (not expected)
                if expected:
                    assert lanes.delta[lane] == delta
    assert allowed > 100
    assert barred > 100


def homecoming(tables: Tables, state: State, item: int, source: int) -> int | None:
    """Where the item started, if that is elsewhere and has room for it."""
    home = int(tables.start[item])
    if home in (source, len(tables.open_cost) - 1):
        return None
    return home if home_has_room(tables, state, item, home) else None


@numba.njit
def home_has_room(tables: Any, state: Any, item: Any, home: Any) -> Any:
    return fits(tables, state, item, home)


@numba.njit
def judge_homecomings(tables: Any, state: Any, lanes: Any, item: Any, source: Any, home: Any, alone: Any) -> None:
    prepare_homecomings(tables, state, lanes, item, source, home, 0)
    if not alone:
        judge_all(tables, state, lanes, item, source, 0, True)
        return
    for lane in range(len(lanes.item)):
        if lanes.passed[lane] >= 0:
            judge_alone(tables, state, lanes, item, source, lane, 0, True)


@pytest.mark.parametrize("seed", range(6))
def test_judges_chains_side_by_side_and_alone_alike(seed: int) -> None:
    tables, state, lanes, random = walked(seed)
    allowed = 0
    for _ in range(60):
        source, num_items = draw(tables, state, lanes, random, False)
        for item in lanes.chosen[: num_items - 1].tolist():
            home = homecoming(tables, state, item, source)
            if home is None:
                continue
            judge_homecomings(tables, state, lanes, item, source, home, False)
            passed, delta = lanes.passed >= 0, lanes.delta.copy()
            judge_homecomings(tables, state, lanes, item, source, home, True)
            assert np.array_equal(lanes.passed >= 0, passed)
            assert np.array_equal(lanes.delta[passed], delta[passed])
            allowed += int(passed.sum())
    assert allowed > 50


def test_judges_alone_where_resources_are_many_or_most_is_made() -> None:
    tables, _, _, _ = walked(0)
    assert judged_alone(tables, 0.01) == 0
    assert judged_alone(tables, 0.5) > 1
    wide = tables._replace(demand=np.zeros((1, 300), dtype=np.int64))
    assert judged_alone(wide, 0.0) == 1
