"""Dealing places out to gangs: whole ones only, the dearest first."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from placement_solvers.bounds.area import lower_bound
from placement_solvers.cp_sat.dealing import dealt_out, free_gangs, without_gangs
from placement_solvers.problem import Problem
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.strategies import problems


def int32(*values: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.array(values, dtype=np.int32)


def test_gives_the_places_of_half_gangs_to_a_whole_one() -> None:
    # Two gangs of two alike items; the program placed one of each.
    build = ProblemBuilder(capacity=[[1], [1]])
    class_ = build.items(0, demand=[1])
    for gang in (build.gang(2), build.gang(2)):
        build.more_items(class_, 2, gang=gang)
    problem = build.problem()
    assert dealt_out(problem, free_gangs(problem), int32(0, -1, 1, -1)).tolist() == [1, 0, -1, -1]


def test_gives_what_no_gang_can_use_to_items_in_no_gang() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    class_ = build.items(2, demand=[1], gang=build.gang(2))
    build.more_items(class_, 1)
    problem = build.problem()
    assert dealt_out(problem, free_gangs(problem), int32(0, -1, -1)).tolist() == [-1, -1, 0]


def test_serves_the_dearest_gang_first() -> None:
    # There are places for either gang, not for both: they share a class.
    build = ProblemBuilder(capacity=[[1], [1], [1]])
    cheap = build.items(2, demand=[1], gang=build.gang(2))
    second = build.gang(2)
    build.items(1, demand=[1], gang=second)
    build.more_items(cheap, 1, gang=second)
    build.tier("unplaced", unplaced=[1, 5])
    problem = build.problem()
    assert dealt_out(problem, free_gangs(problem), int32(0, 1, 2, -1)).tolist() == [-1, -1, 2, 1]


def test_leaves_gangs_alone_that_ask_for_a_domain_or_have_begun() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    zone = build.topology([0, 1])
    build.items(2, demand=[1], gang=build.gang(2, zone))
    build.items(2, demand=[1], gang=build.gang(2), start=[0])
    build.items(2, demand=[1], gang=build.gang(2))
    problem = build.problem()
    assert free_gangs(problem).tolist() == [False, False, True]
    assert without_gangs(problem, free_gangs(problem)).gangs.of_item.tolist() == [0, 0, 1, 1, -1, -1]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=3, max_items=4).filter(lambda problem: free_gangs(problem).any()))
def test_a_bound_without_gangs_is_a_bound(problem: Problem) -> None:
    assert lower_bound(without_gangs(problem, free_gangs(problem))) <= optimum(problem)[0]
