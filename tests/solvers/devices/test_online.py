"""Items that come one at a time: which bin and device they are put on, and what is kept of the laws of all solvers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement_solvers.devices import DevicePacking, Mix, OnlineDevices, OnlineParameters, kernels, told_online
from placement_solvers.devices.state import Bins, Float64, bins_of, classes_of, devices_of, room_for
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.problem import NOWHERE, Int64, Problem
from placement_solvers.solver import Solver
from tests.builders import ProblemBuilder
from tests.conformance import BUDGET, LAWS, Law
from tests.solvers.devices.machines import problems_with_devices, with_devices

EXPECTED = OnlineDevices(OnlineParameters(Mix.EXPECTED))


def test_goes_by_another_name_where_it_is_told_the_mix() -> None:
    assert (told_online().name, OnlineDevices().name) == ("devices_told", "devices_online")
    assert told_online() == EXPECTED


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("mix", Mix)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems_with_devices(runs=True))
def test_keeps_the_laws_of_all_solvers(mix: Mix, law: Law, problem: Problem) -> None:
    law(OnlineDevices(OnlineParameters(mix)), problem)


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


def test_cores_go_where_there_is_little_memory_beside_them() -> None:
    """Cores without memory are of no use to those who ask for both: on the first device the others would lack them."""
    build = ProblemBuilder(capacity=[[99], [99]])
    build.items(1, demand=[1])
    build.items(9, demand=[1])
    problem = with_devices(build.problem(), [[(8, 8)], [(8, 2)]], [(1, (4, 1)), (1, (1, 1))], 2)

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

    in_the_end = OnlineDevices().solve(whole, BUDGET).solution.bin_of[:cut]
    then = OnlineDevices().solve(beginning, BUDGET).solution.bin_of

    assert in_the_end[then != NOWHERE].tolist() == then[then != NOWHERE].tolist()  # who waited may have been let in


def test_important_items_are_placed_first() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(1, demand=[1])
    build.items(1, demand=[1], priority=1)
    problem = with_devices(build.problem(), [[10]], [(1, 6), (1, 6)])

    assert OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist() == [-1, 0]


@pytest.mark.parametrize("solver", [OnlineDevices(), DevicePacking()], ids=["online", "at once"])
def test_refuses_rules_of_the_whole_by_name(solver: Solver) -> None:
    build = ProblemBuilder(capacity=[[9]])
    class_ = build.items(1, demand=[1])
    build.breadth(build.group(build.each_bin(), [class_]), 1)
    problem = with_devices(build.problem(), [[10]], [(1, 6)])

    with pytest.raises(UnsupportedProblemError, match="breadths"):
        solver.solve(problem, BUDGET)


def test_what_runs_keeps_its_devices() -> None:
    """Six of ten are taken on the one device of the first bin: the next six go to the second bin."""
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(3, demand=[1], start=[0])
    problem = with_devices(build.problem(), [[10], [10]], [(1, 6)])

    assert OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist() == [0, 1, -1]


def test_no_one_joins_what_runs_on_overfull_devices() -> None:
    """Two of six on a device of ten run on; even an item that takes nothing of a device would break the rule anew."""
    build = ProblemBuilder(capacity=[[9]])
    build.items(2, demand=[1], start=[0, 0])
    build.items(1, demand=[1])
    build.items(1, demand=[1])
    problem = with_devices(build.problem(), [[10]], [(1, 6), (1, 0), (0, 0)])

    assert OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist() == [0, 0, -1, 0]


def test_a_gang_waits_for_room_for_all_in_one_domain() -> None:
    """The first domain has most devices, but half of each: three halves and more go to the second, or none goes."""
    build = ProblemBuilder(capacity=[[9]] * 4)
    racks = build.topology([0, 0, 1, 1])
    gang = build.gang(4, racks)
    build.items(4, demand=[1], gang=gang)
    build.items(1, demand=[1])
    devices = [[5, 5, 5], [5, 5, 5], [10, 10], [10, 10]]
    problem = with_devices(build.problem(), devices, [(1, 6), (1, 6)])

    assert OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist() == [2, 2, 3, 3, -1]
    too_few = with_devices(build.problem(), [*devices[:3], [10]], [(1, 6), (1, 6)])
    assert OnlineDevices().solve(too_few, BUDGET).solution.bin_of.tolist()[:4] == [-1] * 4


def test_who_waits_for_company_goes_in_when_it_comes() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    later, first = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.attract(later, build.group(build.each_bin(), [first]))
    problem = with_devices(build.problem(), [[10], [10]], [(1, 4), (1, 4)])

    bins = OnlineDevices().solve(problem, BUDGET).solution.bin_of.tolist()

    assert bins[0] == bins[1] != NOWHERE


def test_takes_problems_in_which_nobody_asks_for_devices() -> None:
    build = ProblemBuilder(capacity=[[3], [3]])
    build.items(2, demand=[2])

    assert OnlineDevices().solve(build.problem(), BUDGET).solution.bin_of.tolist() == [0, 1]


def unused_by(asked: Int64, free: Int64, unit: Float64) -> float:
    """What as many items as go on a device in fractions leave idle of it; nothing if they ask for nothing."""
    if not asked.any():
        return 0.0
    items = (free[asked > 0] / asked[asked > 0]).min()
    return float(unit @ (free - items * asked))


def value_of(problem: Problem, bins: Bins, weight: Float64, bin_: int) -> float:
    """What of a bin's idle devices is of no use to the mix, class by class as `kernels` says it."""
    devices, unit = devices_of(problem), bins.unit
    free = bins.device_free[bins.start[bin_] : bins.start[bin_ + 1]]
    worth = [float(unit @ device.clip(min=0)) for device in free]
    idle = sum(worth)
    if idle <= 0 or weight.sum() == 0:
        return 0.0
    fragments = 0.0
    for class_, share in enumerate(weight / weight.sum()):
        count, asked, demand = int(devices.count[class_]), devices.share[class_], problem.demand[class_]
        eligible = problem.eligible[problem.class_signature[class_], problem.bin_signature[bin_]]
        enters = eligible and all((demand <= 0) | (demand <= bins.free[bin_]))
        fits = [all((asked <= 0) | (asked <= device)) for device in free]
        takes = count > 0 and enters and sum(fits) >= count
        unused = [unused_by(asked, device.clip(min=0), unit) for device in free]
        useless = sum(left if fit else w for w, left, fit in zip(worth, unused, fits, strict=True))
        fragments += share * (useless if takes else idle)
    asked_of = classes_of(problem, weight, unit).per_device
    served = [idle, *(max(room, 0) / need for room, need in zip(bins.free[bin_], asked_of, strict=True) if need > 0)]
    return float(fragments + idle - min(served))


@settings(max_examples=60, deadline=None)
@given(problem=problems_with_devices(), seed=st.integers(0, 99))
def test_values_are_those_of_the_plain_sum_over_classes(problem: Problem, seed: int) -> None:
    bins, rng = bins_of(problem), np.random.default_rng(seed)
    bins.device_free[:] = rng.integers(0, 1 + bins.device_free.clip(min=0))
    weight = rng.integers(0, 3, problem.num_classes).astype(np.float64)

    kernels.value_all(bins, classes_of(problem, weight, bins.unit), room_for(problem))

    expected = [value_of(problem, bins, weight, bin_) for bin_ in range(problem.num_bins)]
    assert bins.value.tolist() == pytest.approx(expected, abs=1e-9)
