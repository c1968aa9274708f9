from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from placement_datasets import roadef2012
from placement_datasets.roadef2012_evaluator import evaluate
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.local_search import LocalSearch, LocalSearchParameters, solver
from placement_solvers.local_search.walk import Walk
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import MostMoved, Problem, Tier
from placement_solvers.result import StopReason
from placement_solvers.stop import MaxIterations, MaxRuntime
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.conformance import LAWS, Law
from tests.datasets.roadef2012_instances import random_instance
from tests.strategies import problems

SMALL = LocalSearchParameters(proposals=500)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("seed", range(2))
def test_keeps_the_laws_on_machine_reassignment(law: Law, seed: int) -> None:
    law(LocalSearch(SMALL), roadef2012.problem(random_instance(seed)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(max_items=4, max_bins=3, relations=False, gangs=False))
def test_finds_the_optimum_of_small_problems_without_relations(problem: Problem) -> None:
    best, _ = optimum(problem)

    result = LocalSearch(LocalSearchParameters(proposals=2000)).solve(problem, MaxIterations(40))

    held = len(problem.class_movable) > 0 and not problem.class_movable.all()
    assert result.cost >= best
    assert held or result.cost == best


def test_empties_the_dearer_of_two_half_full_bins() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(1, demand=[2], start=[0])
    build.items(1, demand=[2], start=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[3, 5])

    result = LocalSearch(SMALL).solve(build.problem(), MaxIterations(100))

    assert result.cost == (0, 3)
    assert result.solution.bin_of.tolist() == [0, 0]


def test_moves_an_item_only_if_that_is_worth_it() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(2, demand=[2], start=[0, 1])
    build.tier("unplaced", unplaced=1)
    build.tier("one sum", open=3, moved=[4])

    result = LocalSearch(SMALL).solve(build.problem(), MaxIterations(10))

    assert result.solution.bin_of.tolist() == [0, 1]


def test_two_of_a_kind_change_places_where_each_is_in_the_others_way() -> None:
    """One a bin, and no third bin: neither can leave before the other has."""
    build = ProblemBuilder(capacity=[[4], [4]])
    large = build.items(1, demand=[3], start=[0])
    small = build.items(1, demand=[1], start=[1])
    group = build.group(build.each_bin(), members=[large, small])
    build.limit(large, group)
    build.limit(small, group)
    build.target([[1], [3]])
    build.tier("unplaced", unplaced=1)
    build.tier("load", over_target=[10], moved=2)

    result = LocalSearch(SMALL).solve(build.problem(), MaxIterations(20))

    assert result.solution.bin_of.tolist() == [1, 0]
    assert result.cost == (0, 4)


@pytest.mark.parametrize("seed", range(3))
def test_improves_machine_reassignment_under_the_rules_of_the_challenge(seed: int) -> None:
    instance = random_instance(seed, num_machines=8, num_processes=60)
    problem = roadef2012.problem(instance)

    result = LocalSearch(SMALL).solve(problem, MaxIterations(200), seed=seed)

    evaluation = evaluate(instance, result.solution.bin_of.tolist())
    assert evaluation.feasible
    assert result.cost == (0, evaluation.cost)
    assert evaluation.cost < evaluate(instance, instance.initial.tolist()).cost


def test_ends_with_its_time() -> None:
    problem = roadef2012.problem(random_instance(0))
    LocalSearch(SMALL).solve(problem, MaxIterations(1))  # compiled before the clock is looked at

    result = LocalSearch().solve(problem, MaxRuntime(0.5))

    assert 0.5 <= result.elapsed < 1.0


def test_walks_side_by_side() -> None:
    problem = roadef2012.problem(random_instance(4))

    result = LocalSearch(replace(SMALL, num_workers=3)).solve(problem, MaxRuntime(0.3))

    assert violations(problem, result.solution) == []
    assert result.cost == cost_of(problem, result.solution)
    assert result.cost < cost_of(problem, left_as_it_was(problem))


def test_ends_by_itself_after_the_iterations_it_was_given_and_repeats_itself() -> None:
    problem = roadef2012.problem(random_instance(4))
    search = LocalSearch(replace(SMALL, num_workers=2, iterations=30))

    runs = [search.solve(problem, MaxRuntime(600), seed=3) for _ in range(2)]

    assert [run.iterations for run in runs] == [30, 30]
    assert runs[0].stopped_by is StopReason.FINISHED
    assert runs[0].solution.bin_of.tolist() == runs[1].solution.bin_of.tolist()


def test_never_breaks_a_gang() -> None:
    build = ProblemBuilder(capacity=[[4], [4], [4]])
    gang = build.gang(2)
    build.items(2, demand=[2], gang=gang)
    build.items(3, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[3, 5, 4])

    result = LocalSearch(SMALL).solve(build.problem(), MaxIterations(50))

    assert violations(build.problem(), result.solution) == []
    assert result.solution.placed.all()


def test_refuses_two_tiers_that_share_out_moves() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(2, demand=[2], start=[0, 1])
    problem = build.problem()
    sharing = Tier("moves", most_moved=MostMoved(np.zeros(1, dtype=np.int32), 1))

    with pytest.raises(UnsupportedProblemError, match="one tier that shares out moves"):
        LocalSearch(SMALL).solve(replace(problem, tiers=(*problem.tiers, sharing, sharing)), MaxIterations(5))


def test_shows_what_a_first_cooling_found_although_the_second_begins_hotter() -> None:
    problem = roadef2012.problem(random_instance(4, num_machines=8, num_processes=60))
    found: list[tuple[int, ...]] = []

    result = LocalSearch(SMALL, on_progress=lambda progress: found.append(progress.cost)).solve(
        problem, MaxIterations(200)
    )

    assert found == sorted(found, reverse=True)
    assert result.cost == found[-1]


@pytest.mark.parametrize("cores", [1, 2])
def test_walks_from_hot_and_from_cool_before_the_rest(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = roadef2012.problem(random_instance(3))
    begun: list[float] = []
    walk = Walk

    def noted(*arguments: Any, heat: float, **options: Any) -> Walk:
        begun.append(heat)
        return walk(*arguments, heat=heat, **options)

    monkeypatch.setattr(solver, "Walk", noted)
    parameters = LocalSearchParameters(proposals=1000, num_workers=cores)
    monkeypatch.setattr(LocalSearchParameters, "walks", lambda *_, **__: cores)

    LocalSearch(parameters).solve(problem, MaxRuntime(0.5))

    first = [parameters.near, 1.0] if cores == 1 else [1.0, parameters.near]
    assert begun[:2] == first
    assert begun[2:] in ([1.0], [1.0, parameters.near], [1.0, parameters.apart])
    assert len(begun) == 2 + cores
