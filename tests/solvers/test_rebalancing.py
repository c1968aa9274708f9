"""Rules and costs of moving what already runs: transient resources, breadth, dependency, targets, balance, moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placement_solvers.errors import InvalidProblemError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.problem import Balances, Breadths, Dependencies, MostMoved, Tier
from placement_solvers.validation import validate
from tests.builders import ProblemBuilder, solution


def int32(*values):
    return np.array(values, dtype=np.int32)


def int64(*values):
    return np.array(values, dtype=np.int64)


@pytest.fixture
def two_full_bins():
    """Two items of the same size that could only change places."""
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(1, demand=[2], start=[0])
    build.items(1, demand=[2], start=[1])
    return build.problem()


def test_lets_two_items_change_places_when_nothing_is_transient(two_full_bins):
    assert violations(two_full_bins, solution([1, 0])) == []


def test_refuses_a_move_whose_target_still_holds_what_leaves_it(two_full_bins):
    problem = replace(two_full_bins, transient=np.array([True]))

    assert violations(problem, solution([1, 0]))
    assert violations(problem, solution([0, 1])) == []


def test_frees_the_transient_resources_of_an_item_that_is_left_out(two_full_bins):
    problem = replace(two_full_bins, transient=np.array([True]))

    assert violations(problem, solution([1, -1])) == []


@pytest.fixture
def three_replicas():
    """Three items in a group counted in two zones of two bins, at least two zones wanted."""
    build = ProblemBuilder(capacity=[[9]] * 4)
    web = build.items(3, demand=[1], start=[0, 1, 2])
    group = build.group(build.topology([0, 0, 1, 1]), members=[web])
    return replace(build.problem(), breadths=Breadths(int32(group), int32(2)))


@pytest.mark.parametrize(
    ("bins", "broken"),
    [([0, 1, 2], False), ([0, 1, 0], True), ([2, 3, 0], False), ([-1, -1, 0], False), ([0, 0, -1], True)],
)
def test_counts_the_domains_of_the_members_that_are_in(three_replicas, bins, broken):
    assert bool(violations(three_replicas, solution(bins))) is broken


def test_does_not_ask_a_group_that_was_left_as_it_started(three_replicas):
    problem = replace(three_replicas, start=int32(0, 0, 1))

    assert violations(problem, solution([0, 0, 1])) == []


@pytest.fixture
def two_that_need_each_other():
    build = ProblemBuilder(capacity=[[9]] * 2)
    front, back = build.items(1, demand=[1], start=[0]), build.items(1, demand=[1], start=[0])
    bins = build.each_bin()
    groups = build.group(bins, members=[front]), build.group(bins, members=[back])
    return replace(build.problem(), dependencies=Dependencies(int32(*groups), int32(*groups[::-1])))


@pytest.mark.parametrize(("bins", "broken"), [([1, 1], False), ([0, 0], False), ([1, 0], True), ([1, -1], True)])
def test_asks_a_dependency_of_the_plan_as_a_whole(two_that_need_each_other, bins, broken):
    assert bool(violations(two_that_need_each_other, solution(bins))) is broken


def test_charges_load_above_the_target():
    build = ProblemBuilder(capacity=[[9, 9], [9, 9]])
    build.items(2, demand=[2, 1])
    build.tier("load", unplaced=100)
    problem = build.problem()
    tier = replace(problem.tiers[0], over_target=int64(10, 1))
    problem = replace(problem, tiers=(tier,), target=np.array([[1, 1], [2, 0]], dtype=np.int64))

    assert cost_of(problem, solution([0, 0])) == (3 * 10 + 1,)
    assert cost_of(problem, solution([0, 1])) == (10 + 1,)


def test_charges_what_is_free_of_one_resource_short_of_its_ratio_to_another():
    build = ProblemBuilder(capacity=[[4, 10], [1, 10]])
    build.items(1, demand=[0, 6])
    build.tier("balance")
    problem = build.problem()
    balances = Balances(base=int32(0), wanted=int32(1), ratio=int64(2), weight=int64(5))
    problem = replace(problem, tiers=(replace(problem.tiers[0], balances=balances),))

    assert cost_of(problem, solution([0])) == ((2 * 4 - 4) * 5,)
    assert cost_of(problem, solution([1])) == (0,)


def test_charges_a_move_by_the_bins_it_goes_between():
    build = ProblemBuilder(capacity=[[9]] * 3)
    build.items(3, demand=[1], start=[0, 1])
    build.tier("moves")
    problem = build.problem()
    between = np.array([[0, 7, 8], [9, 0, 1], [1, 1, 0]], dtype=np.int64)
    problem = replace(problem, tiers=(replace(problem.tiers[0], moved_between=between),))

    assert cost_of(problem, solution([1, 0, 2])) == (7 + 9,)
    assert cost_of(problem, solution([-1, 2, 0])) == (1,)


def test_charges_the_set_that_was_moved_most():
    build = ProblemBuilder(capacity=[[9]] * 2)
    build.items(2, demand=[1], start=[0, 0])
    build.items(2, demand=[2], start=[0, 0])
    build.items(1, demand=[3], start=[0])
    build.tier("moves")
    problem = build.problem()
    most_moved = MostMoved(set_of=int32(0, 0, -1), weight=10)
    problem = replace(problem, tiers=(replace(problem.tiers[0], most_moved=most_moved),))

    assert cost_of(problem, solution([0, 0, 0, 0, 1])) == (0,)
    assert cost_of(problem, solution([1, 1, 1, 0, 1])) == (30,)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("breadths.at_least", {"breadths": Breadths(int32(0), int32(0))}),
        ("dependencies.on", {"dependencies": Dependencies(int32(0), int32(1))}),
        ("transient", {"transient": np.array([True, False])}),
        ("target", {"target": np.zeros((1, 1), dtype=np.int64)}),
        ("tiers[0].over_target", {"tiers": (Tier("load", over_target=int64(1)),)}),
        ("tiers[0].balances.base", {"tiers": (Tier("b", balances=Balances(int32(1), int32(0), int64(1), int64(1))),)}),
        ("tiers[0].moved_between", {"tiers": (Tier("moves", moved_between=np.zeros((1, 1), dtype=np.int64)),)}),
    ],
)
def test_names_the_attribute_at_fault(field, change):
    build = ProblemBuilder(capacity=[[9]] * 2)
    web = build.items(1, demand=[1])
    build.group(build.each_bin(), members=[web])
    build.group(build.topology([0, 0]), members=[web])

    with pytest.raises(InvalidProblemError) as error:
        validate(replace(build.problem(), **change))

    assert error.value.field == field
