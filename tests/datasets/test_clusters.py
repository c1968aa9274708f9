"""Generated clusters are what their generators say."""

import numpy as np
import pytest

from placement_datasets import clusters
from placement_datasets.drafting import APART, HOST, ZONE
from placement_solvers.cp_sat import CpSat
from placement_solvers.feasibility import violations
from placement_solvers.problem import NOWHERE
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxRuntime
from placement_solvers.validation import validate

GENERATORS = {
    "raw_packing": lambda seed: clusters.raw_packing(60, 6, seed),
    "stranded_priorities": lambda seed: clusters.stranded_priorities(4, 4, 1.0, seed),
    "gang_deadlock": lambda seed: clusters.gang_deadlock(4, 3, seed),
    "its twin": lambda seed: clusters.gang_deadlock(4, 3, seed, solvable=False),
    "diverse_pods": lambda seed: clusters.diverse_pods(90, 12, seed),
    "few_pods": lambda seed: clusters.few_pods(30, seed),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_a_seed_gives_one_valid_problem(name):
    first, second, other = (GENERATORS[name](seed) for seed in (1, 1, 2))

    validate(first)
    assert np.array_equal(first.demand, second.demand)
    assert np.array_equal(first.class_of, second.class_of)
    assert not (np.array_equal(first.demand, other.demand) and np.array_equal(first.class_of, other.class_of))


def test_pods_of_more_than_the_least_priority_wait_while_lower_ones_run():
    problem = clusters.stranded_priorities(4, 4, 1.0, 1)
    waits = problem.start == NOWHERE
    priority = problem.class_priority[problem.class_of]

    assert priority[waits].max() > 0
    assert priority[~waits].min() == 0
    assert violations(problem, Solution(problem.start, np.flatnonzero(~waits).astype(np.int32))) == []
    assert [tier.name for tier in problem.tiers] == [
        "unplaced at priority 3",
        "unplaced at priority 2",
        "unplaced at priority 1",
        "unplaced at priority 0",
        "disturbed",
    ]


def test_a_load_that_strands_nobody_is_refused():
    with pytest.raises(ValueError, match="strands nobody"):
        clusters.stranded_priorities(8, 4, 0.2, 1)


@pytest.mark.parametrize("seed", range(1, 7))
def test_gangs_fill_every_device_and_all_fit_but_none_of_the_twins_do(seed):
    problem = clusters.gang_deadlock(4, 3, seed)
    twin = clusters.gang_deadlock(4, 3, seed, solvable=False)

    assert problem.demand[problem.class_of].sum() == problem.capacity.sum()
    assert problem.gangs.at_least.min() >= 2
    assert np.bincount(problem.gangs.of_item).tolist() == problem.gangs.at_least.tolist()
    assert CpSat().solve(problem, MaxRuntime(10)).cost == (0,)
    for_twin = CpSat().solve(twin, MaxRuntime(10))
    assert for_twin.lower_bound is not None
    assert for_twin.lower_bound > (0,)


def test_too_few_bins_for_a_deadlock_are_refused():
    with pytest.raises(ValueError, match="do not lock each other out"):
        clusters.gang_deadlock(1, 1, 1)


def test_an_odd_twin_has_devices_enough():
    twin = clusters.gang_deadlock(4, 3, 1, solvable=False)
    size = twin.demand[twin.class_of, 0]

    assert size.sum() == twin.capacity.sum()
    assert (size == 5).sum() == twin.num_bins + 1


def test_diverse_pods_are_of_six_kinds_on_shapes_with_prices():
    problem = clusters.diverse_pods(600, 12, 1)
    of_zone = problem.groups.topology == ZONE
    spread, attraction = problem.spreads, problem.attractions

    assert problem.num_items == 600
    assert len(np.unique(problem.capacity, axis=0)) == 12
    assert (problem.groups.topology[problem.limits.group] == HOST).all()
    assert problem.class_count[problem.limits.class_].sum() == 100
    assert problem.class_count[spread.class_[of_zone[spread.group]]].sum() == 100
    assert problem.class_count[spread.class_[~of_zone[spread.group]]].sum() == 100
    assert problem.class_count[attraction.class_].sum() == 200
    # One in seven selects the label it bears.
    assert 10 < problem.class_count[spread.class_[spread.counts_itself == 1]].sum() < 60
    assert 10 < problem.class_count[attraction.class_[attraction.self_starting[attraction.class_]]].sum() < 60
    price, cores = problem.tiers[1].open, problem.capacity[:, 0] / 1000
    assert np.allclose(price / cores, 1000 * (0.1 + 0.1 * 2 * 2**30 / 1e9), atol=1)
    assert APART == 5


def test_few_pods_are_five_workloads_of_which_one_has_a_selector():
    problem = clusters.few_pods(100, 1)

    assert problem.class_count.tolist() == [10] * 5
    assert [int(problem.eligible_bins(class_).sum()) for class_ in range(5)] == [100, 100, 100, 100, 10]
    assert not problem.attractions.self_starting[3]
