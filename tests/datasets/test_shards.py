from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.shards import HOST, unbalanced_shards
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate


def test_shards_start_where_the_rules_let_them_and_unevenly():
    problem = unbalanced_shards(1000, seed=3)
    validate(problem)
    everything = np.arange(1000, dtype=np.int32)
    entered = Solution(problem.start, everything)
    load = np.zeros((problem.num_bins, 2), dtype=np.int64)
    np.add.at(load, problem.start, problem.demand[problem.class_of])

    assert violations(problem, entered) == []
    assert cost_of(problem, entered) == (0, int(np.maximum(load - problem.target, 0).sum()))
    assert load.max() > 0.9 * HOST
    assert load.min() < 0.6 * HOST
    for service in range(100):
        assert len(set(problem.start[10 * service : 10 * service + 10].tolist())) == 10


def test_equal_arguments_give_equal_problems():
    first, again, other = (unbalanced_shards(900, seed=seed) for seed in (1, 1, 2))

    assert np.array_equal(first.demand, again.demand)
    assert np.array_equal(first.start, again.start)
    assert not np.array_equal(first.demand, other.demand)


def test_refuses_fewer_shards_than_services_need_hosts():
    with pytest.raises(ValueError, match="fewer than 800"):
        unbalanced_shards(799, seed=1)
