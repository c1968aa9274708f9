from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.bounds.area import lower_bound
from placement_solvers.problem import Balances, Problem
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.strategies import problems


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(max_bins=3, max_items=5))
def test_never_exceeds_the_optimum(problem: Problem) -> None:
    best, _ = optimum(problem)
    assert lower_bound(problem) <= best


def test_leaves_out_what_no_bin_could_hold() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(2, demand=[5])
    build.items(1, demand=[1], eligible=[])
    build.items(3, demand=[3])
    assert lower_bound(build.problem()) == (4, 2)


def test_opens_a_bin_once_for_an_item_that_enters_it_and_one_that_stays_where_it_may_not_go() -> None:
    build = ProblemBuilder(capacity=[[1]])
    build.items(1, demand=[1])
    alone = build.items(2, demand=[0], eligible=[], start=[0])
    build.limit(alone, build.group(build.each_bin(), members=[alone]))
    assert lower_bound(build.problem()) == (1, 1)


def test_leaves_out_the_cheapest_of_what_is_too_much() -> None:
    build = ProblemBuilder(capacity=[[4]])
    build.items(3, demand=[2])
    build.items(1, demand=[1])
    build.tier("unplaced", unplaced=[5, 1])
    assert lower_bound(build.problem()) == (6,)


def test_leaves_low_priorities_out_first() -> None:
    build = ProblemBuilder(capacity=[[4]])
    build.items(3, demand=[2], priority=1)
    build.items(2, demand=[1])
    build.tier("unplaced at priority 1", unplaced=[1, 0])
    build.tier("unplaced at priority 0", unplaced=[0, 1])
    assert lower_bound(build.problem()) == (1, 2)


def test_opens_as_many_bins_as_the_scarcest_resource_needs() -> None:
    build = ProblemBuilder(capacity=[[10, 4]] * 5)
    build.items(9, demand=[1, 2])
    assert lower_bound(build.problem()) == (0, 5)


def test_fills_bins_in_use_first() -> None:
    build = ProblemBuilder(capacity=[[6], [4], [4]], in_use=[True, False, False])
    build.items(10, demand=[1])
    assert lower_bound(build.problem()) == (0, 1)


def test_opens_the_bins_that_are_cheapest_for_what_they_hold() -> None:
    build = ProblemBuilder(capacity=[[4], [10], [10]])
    build.items(14, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[3, 10, 10])
    assert lower_bound(build.problem()) == (0, 13)


def test_takes_no_more_of_a_bin_than_a_multiple_of_all_sizes() -> None:
    build = ProblemBuilder(capacity=[[5]] * 9)
    build.items(4, demand=[2])
    build.items(2, demand=[4])
    assert lower_bound(build.problem()) == (0, 4)


def test_spreads_a_group_whose_members_exclude_each_other() -> None:
    build = ProblemBuilder(capacity=[[99]] * 8)
    web, api = build.items(4, demand=[1]), build.items(3, demand=[1])
    both = build.group(build.each_bin(), [web, api])
    build.limit(web, both)
    build.limit(api, both)
    assert lower_bound(build.problem()) == (0, 7)


def test_leaves_out_what_a_group_has_no_domain_for() -> None:
    build = ProblemBuilder(capacity=[[99]] * 6)
    web, api = build.items(3, demand=[1]), build.items(2, demand=[1])
    zones = build.group(build.topology([0, 0, 1, 1, 2, 2]), [web, api], initial=[1, 0, 0])
    build.limit(web, zones)
    build.limit(api, zones)
    assert lower_bound(build.problem())[0] == 3


def test_looks_at_the_bins_of_one_signature_on_their_own() -> None:
    build = ProblemBuilder(capacity=[[4], [4], [99], [99]])
    build.items(12, demand=[1], eligible=[0, 1])
    build.items(1, demand=[1])
    assert lower_bound(build.problem()) == (4, 2)


def test_adds_parts_that_share_nothing() -> None:
    build = ProblemBuilder(capacity=[[4]] * 6)
    build.items(5, demand=[1], eligible=[0, 1, 2])
    build.items(5, demand=[1], eligible=[3, 4, 5])
    assert lower_bound(build.problem()) == (0, 4)


def test_keeps_a_gang_out_of_which_too_few_can_be_in() -> None:
    build = ProblemBuilder(capacity=[[4]])
    gang = build.gang(at_least=3)
    build.items(2, demand=[1], gang=gang)
    build.items(1, demand=[9], gang=gang)
    assert lower_bound(build.problem()) == (3, 0)


def test_lets_items_stay_where_nothing_would_let_them_in() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    build.items(2, demand=[1], start=[0, 0], eligible=[1])
    assert lower_bound(build.problem())[0] == 0
    build = ProblemBuilder(capacity=[[-5]])
    build.items(1, demand=[3], start=[0])
    assert lower_bound(build.problem())[0] == 0


def test_weighs_leaving_out_against_opening_within_a_tier() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(6, demand=[1])
    build.tier("both", unplaced=1, open=6)
    assert lower_bound(build.problem()) == (6,)


def test_counts_load_above_all_targets_together() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(5, demand=[2])
    build.tier("unplaced", unplaced=1)
    build.tier("load")
    problem = build.problem()
    load = dataclasses.replace(problem.tiers[1], over_target=np.array([10], dtype=np.int64))
    target = np.array([[3], [4]], dtype=np.int64)
    assert lower_bound(dataclasses.replace(problem, tiers=(problem.tiers[0], load), target=target)) == (0, 30)


def test_counts_free_amounts_out_of_ratio_over_all_bins() -> None:
    build = ProblemBuilder(capacity=[[9, 9], [9, 9]])
    build.items(2, demand=[1, 6])
    build.tier("unplaced", unplaced=1)
    build.tier("balance")
    problem = build.problem()
    one = np.array([1], dtype=np.int64)
    balances = Balances(np.array([0], dtype=np.int32), np.array([1], dtype=np.int32), one, 5 * one)
    tier = dataclasses.replace(problem.tiers[1], balances=balances)
    assert lower_bound(dataclasses.replace(problem, tiers=(problem.tiers[0], tier))) == (0, 5 * (16 - 6))


def test_stays_exact_where_amounts_leave_int64() -> None:
    build = ProblemBuilder(capacity=[[2**52]] * 4000)
    build.items(4100, demand=[2**51 + 1])
    assert lower_bound(build.problem()) == (100, 4000)


@pytest.mark.parametrize("bins", [0, 2])
def test_says_nothing_of_nothing(bins: int) -> None:
    assert lower_bound(ProblemBuilder(capacity=[[1]] * bins).problem()) == (0, 0)
