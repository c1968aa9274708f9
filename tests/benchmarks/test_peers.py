"""Peers keep every rule, and place small problems as their rules say, counted by hand."""

import numpy as np
import pytest

from benchmarks.contestants import PEERS, contestant
from benchmarks.peers.scheduling import num_to_find
from placement_datasets import clusters
from placement_datasets.packing import packing
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder

APART = ("naive_cp_sat", "as_it_stands", "fgd", "rebalancer")  # those of special problems have tests of their own

HEURISTICS = [name for name in PEERS if name not in APART and not name.startswith("shared_")]

PROBLEMS = {
    "limits": lambda: packing(120, 12, 1),
    "prices": lambda: packing(120, 12, 1, priced=True),
    "zones": lambda: packing(120, 12, 1, zones=True),
    "bins in use": lambda: packing(120, 12, 1, num_existing=10),
    "raw units": lambda: clusters.raw_packing(120, 12, 1),
    "affinity": lambda: clusters.diverse_pods(120, 20, 1),
    "a selector": lambda: clusters.few_pods(40, 1, 20),
}


def solved(name, problem, seed=0, seconds=20.0):
    return contestant(name).solve(problem, MaxRuntime(seconds), seed=seed)


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("name", HEURISTICS)
def test_keeps_every_rule(name, kind):
    problem = PROBLEMS[kind]()

    result = solved(name, problem)

    assert violations(problem, result.solution) == []
    assert result.cost == cost_of(problem, result.solution)
    # Company is sought on a node that others have filled: nobody who places one by one can know.
    assert result.cost[0] <= (20 if kind == "affinity" else 0)
    assert (result.status, result.lower_bound) == (Status.FEASIBLE, None)


@pytest.mark.parametrize("name", ["first_fit_decreasing", "best_fit_decreasing", "kube_scheduler"])
def test_takes_back_a_gang_that_does_not_fit_as_a_whole(name):
    build = ProblemBuilder(capacity=[[4], [4]], in_use=[True, True])
    gang = build.gang(at_least=3)
    build.items(3, demand=[3], gang=gang)
    build.items(2, demand=[2])
    build.tier("unplaced", unplaced=[1, 1])
    problem = build.problem()

    result = solved(name, problem)

    assert violations(problem, result.solution) == []
    assert result.solution.placed.tolist() == [False, False, False, True, True]


def test_items_with_a_start_stay():
    problem = clusters.stranded_priorities(4, 4, 1.0, 1)

    for name in ("as_it_stands", "first_fit_decreasing", "kube_scheduler_most_allocated"):
        result = solved(name, problem)

        assert violations(problem, result.solution) == []
        started = problem.start >= 0
        assert result.solution.bin_of[started].tolist() == problem.start[started].tolist()


def one_resource(demands, capacities, price=None):
    build = ProblemBuilder(capacity=[[capacity] for capacity in capacities])
    for demand in demands:
        build.items(1, demand=[demand])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=price or 1)
    return build.problem()


def test_first_fit_takes_the_first_bin_and_best_fit_the_fullest():
    problem = one_resource([7, 6, 3], [10, 10, 10])

    assert solved("first_fit_decreasing", problem).solution.bin_of.tolist() == [0, 1, 0]

    # After 6 and 5 the bins have 4 and 5 left: 4 goes first to the first bin either way, 3 only fits the second.
    problem = one_resource([5, 6, 4], [10, 10, 10])
    assert solved("first_fit_decreasing", problem).solution.bin_of.tolist() == [1, 0, 0]
    assert solved("best_fit_decreasing", problem).solution.bin_of.tolist() == [1, 0, 0]

    problem = one_resource([6, 7, 3], [10, 10, 10])
    assert solved("first_fit_decreasing", problem).solution.bin_of.tolist() == [1, 0, 0]

    problem = one_resource([5, 7, 5, 3], [11, 11, 11])
    # 7 | 5: then 5 fits the second only, 3 fits the first (4 left) and no more the second (1 left).
    assert solved("best_fit_decreasing", problem).solution.bin_of.tolist() == [1, 0, 1, 0]


def test_a_node_without_a_shape_becomes_the_cheapest_that_holds_it():
    # The large bin is cheaper for its room, but 5 fit the small one.
    problem = one_resource([3, 2], [20, 5], price=[20, 10])

    assert solved("first_fit_by_price", problem).cost == (0, 10)
    assert solved("first_fit_decreasing", problem).cost == (0, 20)


def test_the_default_scheduler_spreads_and_most_allocated_packs():
    build = ProblemBuilder(capacity=[[8, 8], [8, 8]])
    build.items(2, demand=[2, 2])
    build.tier("unplaced", unplaced=[1])
    build.tier("bins", open=[1, 1])
    problem = build.problem()

    assert solved("kube_scheduler", problem).cost == (0, 2)
    assert solved("kube_scheduler_most_allocated", problem).cost == (0, 1)


def test_the_scheduler_looks_for_as_many_nodes_as_upstream():
    # pkg/scheduler/schedule_one_test.go, TestNumFeasibleNodesToFind.
    assert [num_to_find(nodes) for nodes in (10, 1000, 5000, 6000)] == [10, 420, 500, 300]


def test_the_same_seed_draws_the_same_bins():
    problem = packing(120, 12, 1)

    first, second, other = (solved("kube_scheduler", problem, seed=seed).solution.bin_of for seed in (1, 1, 2))

    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_the_naive_model_proves_what_it_finds():
    problem = clusters.few_pods(24, 1, 10)

    result = solved("naive_cp_sat", problem)

    assert violations(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    assert result.lower_bound == result.cost == solved("cp_sat", problem).cost


def test_the_naive_model_keeps_limits_of_others():
    build = ProblemBuilder(capacity=[[4], [4]])
    web, batch = build.items(1, demand=[1]), build.items(2, demand=[1])
    webs = build.group(build.each_bin(), members=[web])
    build.limit(batch, webs, at_most=1)
    build.tier("unplaced", unplaced=[1, 1])
    build.tier("bins", open=[1, 1])
    problem = build.problem()

    result = solved("naive_cp_sat", problem)

    assert result.status is Status.OPTIMAL
    assert result.cost == (0, 2)


@pytest.mark.parametrize("name", ["dot_product", "first_fit_by_price", "naive_cp_sat"])
def test_refuses_gangs_it_does_not_know(name):
    with pytest.raises(UnsupportedProblemError, match="gangs"):
        solved(name, clusters.gang_deadlock(3, 2, 1))
