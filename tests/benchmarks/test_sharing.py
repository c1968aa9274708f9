"""Peers that place items on devices do what the paper's policies say, counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from benchmarks.contestants import contestant
from placement_solvers.feasibility import violations
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder
from tests.solvers.devices.machines import problems_with_devices, with_devices

POLICIES = ["fgd", "shared_best_fit", "shared_dot_product", "shared_packing", "shared_clustering", "shared_random"]


def bins(name, problem, seed=0):
    return contestant(name).solve(problem, MaxRuntime(60), seed=seed).solution.bin_of.tolist()


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=25, deadline=None)
@given(problem=problems_with_devices())
def test_keeps_every_rule_on_devices(name, problem):
    if problem.num_bins:
        assert violations(problem, contestant(name).solve(problem, MaxRuntime(60)).solution) == []


def machines(asked, *, devices, capacity=None, counts=None):
    build = ProblemBuilder(capacity=capacity or [[100]] * len(devices))
    for number in counts or [1] * len(asked):
        build.items(number, demand=[1])
    return with_devices(build.problem(), devices, asked)


def test_best_fit_prefers_the_bin_with_least_left():
    problem = machines([(1, 500)], devices=[[1000] * 8, [1000], [1000] * 2])

    assert bins("shared_best_fit", problem) == [1]


def test_dot_product_prefers_the_bin_least_aligned():
    problem = machines([(1, 1000)], devices=[[1000] * 8, [1000], [1000] * 2])

    assert bins("shared_dot_product", problem) == [1]


def test_packing_takes_devices_in_use_before_idle_ones():
    """The second share would go to the empty bin with fewer devices, were there none in use."""
    problem = machines([(1, 400)], devices=[[1000] * 4, [1000] * 2], counts=[3])

    assert bins("shared_packing", problem) == [1, 1, 1]


def test_clustering_puts_like_beside_like():
    problem = machines([(1, 400), (1, 1000)], devices=[[1000] * 4, [1000] * 4], counts=[2, 2])

    assert bins("shared_clustering", problem) == [0, 0, 1, 1]


def test_random_ones_differ_by_seed():
    problem = machines([(1, 100)], devices=[[1000] * 4] * 50, counts=[8])

    assert bins("shared_random", problem, seed=1) == bins("shared_random", problem, seed=1)
    assert bins("shared_random", problem, seed=1) != bins("shared_random", problem, seed=2)


def test_fgd_fills_the_gap_that_fits_nobody_else():
    """300 are left on the first bin's device: no use to the whole ones and the 700 of the mix, so a 300 goes there."""
    problem = machines([(1, 700), (1, 300), (1, 1000)], devices=[[1000], [1000]], counts=[1, 1, 6])

    assert bins("fgd", problem)[:2] == [0, 0]


def test_fgd_counts_fragments_as_the_paper_does():
    """One bin, devices with 500 and 1000 idle; half the mix wants a whole device, a quarter a share, a quarter none.

    The whole ones cannot use the 500, the shares can use all, who wants none leaves all: 0.5 * 0.5 + 0.25 * 1.5.
    """
    from benchmarks.peers import sharing
    from benchmarks.peers.fleet import fleet_of
    from benchmarks.peers.rules import rules_of

    problem = machines([(1, 1000), (1, 100), (0, 0)], devices=[[1000, 1000]], counts=[2, 1, 1])
    fleet = fleet_of(problem)
    fleet.free[0, 0] = 500
    rules = rules_of(problem)

    assert sharing.fragments(rules, fleet, 0, 100) == pytest.approx(0.5 * 0.5 + 0.25 * 1.5)
    assert sharing.fragments(rules, fleet, 0, 0) == pytest.approx(1.5)
