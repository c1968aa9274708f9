from __future__ import annotations

import numpy as np

from placement_datasets.shards import unbalanced_shards
from placement_solvers.feasibility import violations
from placement_solvers.local_search.falling import fall
from placement_solvers.local_search.schedule import Horizon
from placement_solvers.objective import cost_of
from placement_solvers.opening import open_watch
from placement_solvers.problem import Problem
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder


def fallen(problem: Problem, iterations: int) -> tuple[np.ndarray, tuple[int, ...]]:
    watch = open_watch(problem, MaxIterations(10_000), None, None)
    fall(problem, watch.solution, watch, Horizon(iterations=iterations), seed=1)
    assert violations(problem, watch.solution) == []
    assert cost_of(problem, watch.solution) == watch.cost
    return watch.solution.bin_of, watch.cost


def test_makes_few_large_moves_rather_than_many_small_ones() -> None:
    problem = unbalanced_shards(1_000, 1)
    bins, cost = fallen(problem, 60)

    # To level the load takes 95 moves at least; a plain descent makes more than 200.
    assert (bins != problem.start).sum() < 180
    assert cost[-1] < 9_500


def test_gives_the_same_for_a_seed_and_as_many_iterations() -> None:
    problem = unbalanced_shards(1_000, 2)

    assert (fallen(problem, 10)[0] == fallen(problem, 10)[0]).all()


def test_leaves_a_placement_alone_that_nothing_betters() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(2, demand=[3], start=[0, 1])

    assert fallen(build.problem(), 3)[0].tolist() == [0, 1]
