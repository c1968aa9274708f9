from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.churn import LARGE, NODE, churned_cluster
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate


def test_pods_run_within_their_nodes_and_stay_below_the_load():
    problem = churned_cluster(60, seed=1)
    validate(problem)
    as_it_is = Solution(problem.start, np.arange(problem.num_items, dtype=np.int32))
    load = problem.demand[problem.class_of].sum(axis=0) / problem.capacity.sum(axis=0)

    assert violations(problem, as_it_is) == []
    assert cost_of(problem, as_it_is) == (0, len(set(problem.start.tolist())), 0)
    assert 0.4 < load.max() < 0.6


def test_nodes_could_be_saved():
    problem = churned_cluster(60, seed=1)
    needed = (problem.demand[problem.class_of].sum(axis=0) / NODE).max()

    assert len(set(problem.start.tolist())) > 1.5 * needed


def test_large_pods_find_no_room_though_there_is_plenty():
    problem = churned_cluster(60, seed=2, load=0.7, large=4)
    free = problem.capacity.copy()
    runs = problem.start >= 0
    np.subtract.at(free, problem.start[runs], problem.demand[problem.class_of[runs]])

    assert (~runs).sum() == 4
    assert free.sum(axis=0).min() > 4 * LARGE.min()
    assert not (free >= LARGE).all(axis=1).any()


def test_leaving_out_one_that_runs_is_worse_than_leaving_all_that_wait():
    problem = churned_cluster(20, seed=1, large=3)

    assert sorted(set(problem.tiers[0].unplaced.tolist())) == [1, 5]


def test_equal_arguments_give_equal_clusters():
    first, again = (churned_cluster(20, seed=4) for _ in range(2))

    assert np.array_equal(first.start, again.start)


def test_refuses_a_load_above_the_peak():
    with pytest.raises(ValueError, match="expected 0 < load <= peak"):
        churned_cluster(20, seed=1, load=0.9, peak=0.8)
