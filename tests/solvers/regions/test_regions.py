from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from placement_datasets import roadef2012
from placement_datasets.roadef2012_evaluator import evaluate
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.local_search import LocalSearch, LocalSearchParameters
from placement_solvers.local_search.solver import movable_items
from placement_solvers.local_search.state import State, state_of
from placement_solvers.local_search.tables import Tables, tables_of
from placement_solvers.local_search.weights import TierWeights, tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.regions import RegionSearch
from placement_solvers.regions.formulate import RegionProgram
from placement_solvers.regions.region import Region, free_classes
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations, MaxRuntime
from tests.builders import ProblemBuilder
from tests.datasets.roadef2012_instances import random_instance
from tests.strategies import problems


def opened(problem: Problem, solution: Solution, bins: list[int]) -> tuple[Tables, TierWeights, State, Region]:
    """The region of some bins with all their free items."""
    weights = tier_weights(problem, evicts=False)
    tables = tables_of(problem, weights)
    movable = movable_items(problem) & free_classes(tables)[problem.class_of]
    state = state_of(problem, tables, solution.bin_of, movable, weights.total(cost_of(problem, solution)))
    items = np.flatnonzero(movable & np.isin(state.bin_of, bins))
    return tables, weights, state, Region.of(tables, state, np.array(bins, dtype=np.int64), items)


def solved(tables: Tables, state: State, region: Region) -> tuple[np.ndarray, int]:
    """Where all items lie in the best way, and how much cheaper that is."""
    program = RegionProgram(tables, state, region)
    outcome = search(program.program, Limits(1, 0, False, 10.0, small=True), lambda *_: False)
    assert outcome.optimal and outcome.values is not None
    values = program.completed(outcome.values)
    bin_of = state.bin_of.copy()
    bin_of[region.items] = region.bins_of_items(state, program.counts(values))
    return bin_of, program.cost(program.hint) - program.cost(values)


def in_any_order(problem: Problem, bin_of: np.ndarray) -> Solution:
    bins = np.where(bin_of == problem.num_bins, NOWHERE, bin_of).astype(np.int32)
    return Solution(bins, np.flatnonzero(bins != NOWHERE).astype(np.int32))


@pytest.mark.parametrize("seed", range(3))
def test_finds_the_best_of_all_ways_to_fill_a_region(seed: int) -> None:
    """Transient loads, conflicts, spread, dependencies, balances, moves: against every way there is."""
    problem = roadef2012.problem(random_instance(seed, num_machines=4, num_processes=14))
    start = left_as_it_was(problem)
    tables, weights, state, region = opened(problem, start, [0, 2, 3])
    region = Region.of(tables, state, region.bins, region.items[:5])

    bin_of, gain = solved(tables, state, region)

    found = in_any_order(problem, bin_of)
    assert violations(problem, found) == []
    assert weights.total(cost_of(problem, start)) - weights.total(cost_of(problem, found)) == gain
    assert cost_of(problem, found) == best_filling(problem, start, region)


def best_filling(problem: Problem, start: Solution, region: Region) -> tuple[int, ...]:
    best = cost_of(problem, start)
    for bins in itertools.product(region.bins.tolist(), repeat=len(region.items)):
        bin_of = start.bin_of.copy()
        bin_of[region.items] = bins
        candidate = in_any_order(problem, bin_of)
        cost = cost_of(problem, candidate)
        if cost < best and violations(problem, candidate) == []:
            best = cost
    return best


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(whole=False))
def test_tells_the_true_gain_on_problems_with_relations_between_items(problem: Problem) -> None:
    start = left_as_it_was(problem)
    if problem.num_bins == 0 or not start.placed.any():
        return
    tables, weights, state, region = opened(problem, start, list(range(problem.num_bins)))
    if len(region.items) == 0:
        return

    bin_of, gain = solved(tables, state, region)

    assert gain >= 0
    before, after = (weights.total(cost_of(problem, in_any_order(problem, bins))) for bins in (state.bin_of, bin_of))
    assert before - after == gain


@pytest.mark.parametrize("seed", range(3))
def test_a_search_makes_machine_reassignment_cheaper_and_keeps_every_rule(seed: int) -> None:
    instance = random_instance(seed, num_machines=8, num_processes=60)
    problem = roadef2012.problem(instance)
    start = left_as_it_was(problem)
    watch = Watch(MaxIterations(1), start, cost_of(problem, start))
    weights = tier_weights(problem, evicts=False)
    searching = RegionSearch(problem, tables_of(problem, weights), weights, watch, movable_items(problem), seed)

    for _ in range(15):
        searching.advance()
    searching.offer()

    judged = evaluate(instance, watch.solution.bin_of.tolist())
    assert judged.feasible
    assert watch.cost == (0, judged.cost) == cost_of(problem, watch.solution)
    assert watch.cost < cost_of(problem, start)


def test_what_attracts_or_is_attracted_stays() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    lone, drawn, drawing = (build.items(1, demand=[1]) for _ in range(3))
    group = build.group(build.each_bin(), members=[drawing])
    build.attract(drawn, group)
    build.tier("unplaced", unplaced=1)
    problem = build.problem()

    free = free_classes(tables_of(problem, tier_weights(problem, evicts=False)))

    assert free[lone] and not free[drawn] and not free[drawing]


def test_an_overfull_bin_gets_no_fuller() -> None:
    build = ProblemBuilder(capacity=[[3], [4]])
    build.items(2, demand=[2], start=[0, 0])
    build.items(1, demand=[1], start=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[0, 5])
    problem = build.problem()

    tables, _, state, region = opened(problem, left_as_it_was(problem), [0, 1])
    bin_of, gain = solved(tables, state, region)

    assert gain == 0
    assert bin_of[2] == 1


def test_items_that_make_no_difference_are_one_kind() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(3, demand=[2], start=[0, 0, 0])
    build.items(2, demand=[1], start=[0, 1])
    build.tier("unplaced", unplaced=1)
    problem = build.problem()

    _, _, _, region = opened(problem, left_as_it_was(problem), [0, 1])

    assert sorted(region.count.tolist()) == [1, 1, 3]


def test_only_as_many_items_go_as_must() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    build.items(5, demand=[1], start=[0] * 5)
    build.tier("unplaced", unplaced=1)
    problem = build.problem()
    started = Greedy().solve(problem, MaxIterations(1), start=left_as_it_was(problem)).solution
    _, _, state, region = opened(problem, started, [0, 1, 2])

    bins = region.bins_of_items(state, np.array([[3, 0, 2]]))

    assert np.bincount(bins, minlength=3).tolist() == [3, 0, 2]


def test_the_last_part_of_a_timed_run_is_for_regions() -> None:
    instance = random_instance(2, num_machines=8, num_processes=60)

    result = LocalSearch(LocalSearchParameters(proposals=500, num_workers=1)).solve(
        roadef2012.problem(instance), MaxRuntime(0.5)
    )

    assert "regions" in result.statistics
    assert evaluate(instance, result.solution.bin_of.tolist()).feasible
