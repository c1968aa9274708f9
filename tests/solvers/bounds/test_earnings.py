"""Rewards are counted as far as there is room for those who earn them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.problem import Problem, Tier
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.cases import cases
from tests.strategies import problems


@settings(max_examples=cases(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=3, max_items=5))
def test_no_floor_of_a_tier_exceeds_what_it_can_cost_alone(problem: Problem) -> None:
    for tier in problem.tiers:
        alone = replace(problem, tiers=(tier,))
        assert floor_of_terms(problem, tier) <= optimum(alone)[0][0]


def test_the_bin_that_pays_most_is_paid_for_by_no_more_than_it_holds() -> None:
    build = ProblemBuilder(capacity=[[4], [9], [9]])
    build.items(5, demand=[2])
    build.tier("unplaced", unplaced=1)
    build.tier("wishes", placed=[[-10, -3, 0]])
    # Two find room where ten is paid, and three, for which there would be room for four, where three is.
    assert lower_bound(build.problem()) == (0, -29)


def test_company_is_counted_as_far_as_a_domain_holds_it() -> None:
    build = ProblemBuilder(capacity=[[6], [4], [2]])
    class_ = build.items(6, demand=[2])
    group = build.group(build.each_bin(), [class_], initial=[0, 1, 0])
    build.tier("unplaced", unplaced=1)
    build.tier("wishes", pairs=[(class_, group, -1)])
    # Three find two others each; two find one and the one that is there; the last is alone.
    assert lower_bound(build.problem()) == (0, -10)
    assert optimum(build.problem())[0] == (0, -10)


def test_what_starts_in_an_overfull_bin_earns_there() -> None:
    build = ProblemBuilder(capacity=[[2]])
    class_ = build.items(3, demand=[2], start=[0, 0, 0])
    group = build.group(build.each_bin(), [class_])
    tier = Tier("wishes")
    build.tier("wishes", pairs=[(class_, group, -1)])
    problem = build.problem()
    assert floor_of_terms(problem, problem.tiers[0]) == optimum(problem)[0][0] == -6
    assert floor_of_terms(problem, tier) == 0
