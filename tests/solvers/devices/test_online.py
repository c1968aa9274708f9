"""Items that come one at a time: which bin and device they are put on, and what is kept of the laws of all solvers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from placement_solvers.devices import Mix, OnlineDevices, OnlineParameters, kernels
from placement_solvers.devices.state import bins_of, classes_of, room_for
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.problem import Problem
from tests.builders import ProblemBuilder
from tests.conformance import BUDGET, LAWS, Law
from tests.solvers.devices.machines import problems_with_devices, with_devices

EXPECTED = OnlineDevices(OnlineParameters(Mix.EXPECTED))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("mix", Mix)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems_with_devices())
def test_keeps_the_laws_of_all_solvers(mix: Mix, law: Law, problem: Problem) -> None:
    try:
        law(OnlineDevices(OnlineParameters(mix)), problem)
    except UnsupportedProblemError:
        assume(False)


@settings(max_examples=60, deadline=None)
@given(problem=problems_with_devices(relations=False))
def test_leaves_out_only_what_fits_nowhere_when_it_comes(problem: Problem) -> None:
    """Nothing is held back for a better item to come: what was left out did not fit beside those before it."""
    solution = OnlineDevices().solve(problem, BUDGET).solution
    alone = [b for b in range(problem.num_bins) if not (solution.bin_of == b).any()]

    for item in np.flatnonzero(~solution.placed):
        for bin_ in alone:
            bins = np.full(problem.num_items, -1, dtype=np.int32)
            bins[item] = bin_
            assert violations(problem, type(solution)(bins, np.array([item], dtype=np.int32)))


def test_a_share_goes_where_a_device_is_in_use_already() -> None:
    """Whole devices are what the mix asks for most, so a second share does not spoil another one."""
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(2, demand=[1])
    build.items(8, demand=[1])
    problem = with_devices(build.problem(), [[10, 10], [10, 10]], [(1, 5), (1, 10)])

    solution = EXPECTED.solve(problem, BUDGET).solution

    assert solution.bin_of[0] == solution.bin_of[1]
    assert solution.placed.sum() == 2 + 3


def test_what_needs_no_device_goes_where_devices_are_not_stranded() -> None:
    """Both bins have two devices, one of them processors to spare: what takes only processors goes there."""
    build = ProblemBuilder(capacity=[[8], [20]])
    build.items(1, demand=[6])
    build.items(4, demand=[4])
    problem = with_devices(build.problem(), [[10, 10], [10, 10]], [(0, 0), (1, 10)])

    solution = EXPECTED.solve(problem, BUDGET).solution

    assert solution.bin_of[0] == 1
    assert solution.placed.all()


def test_a_resource_that_is_but_the_sum_of_the_devices_strands_nothing() -> None:
    build = ProblemBuilder(capacity=[[20, 20]])
    build.items(1, demand=[10, 7])
    build.items(1, demand=[4, 1])
    problem = with_devices(build.problem(), [[10, 10]], [(2, 5), (1, 4)])

    assert classes_of(problem, np.ones(2), np.array([0.1])).per_device.tolist() == pytest.approx([0.0, 4 / 0.7])


def test_an_item_on_several_devices_takes_the_fullest_that_have_room() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(1, demand=[1])
    build.items(1, demand=[1])
    build.items(1, demand=[1])
    problem = with_devices(build.problem(), [[10, 10, 10]], [(1, 5), (2, 5), (1, 10)])

    assert EXPECTED.solve(problem, BUDGET).solution.placed.all()


def test_what_is_idle_but_useless_is_counted_in_devices() -> None:
    """Of two devices one is half taken. Half the mix asks for a whole one, half for none: lost are the half, and all.

    Each item of the mix takes half a device and two processors on average, so that four a device are wanted; the bin
    has five left, good for 1.25 of the 1.5 idle devices.
    """
    build = ProblemBuilder(capacity=[[5]])
    build.items(1, demand=[2])
    build.items(1, demand=[2])
    problem = with_devices(build.problem(), [[5, 10]], [(1, 10), (0, 0)])
    bins = bins_of(problem)._replace(unit=np.array([0.1]))

    kernels.value_all(bins, classes_of(problem, np.ones(2), bins.unit), room_for(problem))

    assert bins.value.tolist() == pytest.approx([0.5 * 0.5 + 0.5 * 1.5 + (1.5 - 5 / 4)])


@settings(max_examples=60, deadline=None)
@given(problem=problems_with_devices(), cut=st.integers(0, 8))
def test_what_has_not_come_yet_plays_no_part_unless_it_is_expected(problem: Problem, cut: int) -> None:
    whole = replace(problem, class_priority=np.zeros_like(problem.class_priority))
    beginning = replace(whole, class_of=whole.class_of[:cut])

    bins = OnlineDevices().solve(whole, BUDGET).solution.bin_of[:cut]

    assert bins.tolist() == OnlineDevices().solve(beginning, BUDGET).solution.bin_of.tolist()


def test_important_items_are_placed_first() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(1, demand=[1])
    build.items(1, demand=[1], priority=1)
    problem = with_devices(build.problem(), [[10]], [(1, 6), (1, 6)])

    assert OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist() == [-1, 0]


def test_refuses_items_that_run_already_by_name() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(1, demand=[1], start=[0])
    problem = with_devices(build.problem(), [[10]], [(1, 6)])

    with pytest.raises(UnsupportedProblemError, match="items with a start"):
        OnlineDevices().solve(problem, BUDGET)


def test_takes_problems_in_which_nobody_asks_for_devices() -> None:
    build = ProblemBuilder(capacity=[[3], [3]])
    build.items(2, demand=[2])

    assert OnlineDevices().solve(build.problem(), BUDGET).solution.bin_of.tolist() == [0, 1]
