from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.borg import borg_cell
from placement_solvers.validation import validate


def test_jobs_ask_for_the_load_of_what_is_scarcer():
    problem = borg_cell(400, 0.8, seed=1, num_classes=60)
    validate(problem)
    asked = problem.demand[problem.class_of].sum(axis=0) / problem.capacity.sum(axis=0)

    assert asked.max() == pytest.approx(0.8, abs=0.05)
    assert problem.num_classes == 60


def test_few_jobs_have_most_of_the_tasks():
    count = np.sort(borg_cell(2000, 0.8, seed=2).class_count)[::-1]

    assert count[:50].sum() > count[50:].sum()


def test_every_task_runs_somewhere_and_some_on_one_platform_only():
    problem = borg_cell(2000, 0.8, seed=3)
    alone = 0
    for class_ in range(problem.num_classes):
        bins = problem.eligible_bins(class_)
        assert (problem.capacity[bins] >= problem.demand[class_]).all(axis=1).any()
        alone += not bins.all()

    assert 0.02 < alone / problem.num_classes < 0.12


def test_production_comes_before_batch_and_batch_before_what_is_free():
    problem = borg_cell(50, 0.5, seed=1, num_classes=40)

    assert [tier.name for tier in problem.tiers] == [
        "unplaced production",
        "unplaced batch",
        "unplaced free",
        "machines",
    ]
    assert (sum(tier.unplaced for tier in problem.tiers[:3]) == 1).all()
    assert (problem.class_priority == 2).tolist() == (problem.tiers[0].unplaced == 1).tolist()


def test_equal_arguments_give_equal_cells():
    first, again = (borg_cell(60, 0.7, seed=5, num_classes=30) for _ in range(2))

    assert np.array_equal(first.class_of, again.class_of)
    assert np.array_equal(first.capacity, again.capacity)


def test_refuses_a_cell_without_machines():
    with pytest.raises(ValueError, match="a cell of 0 machines"):
        borg_cell(0, 0.5, seed=1)
