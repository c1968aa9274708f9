"""Zones forgotten for packing and settled afterwards: nobody where he may not be, and nobody lost without need."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.problem import Problem
from placement_solvers.slotting.dealing import deal
from placement_solvers.slotting.loosened import loosened
from placement_solvers.slotting.sharing import shares
from placement_solvers.slotting.zones import everywhere, told_apart
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder

ZONES = 3


def spread_over_others(counts: list[list[int]], capacity: int = 4, spare: int = 2) -> Problem:
    """Items of label a, so many of each that are spread over those of label b, in like bins of three zones."""
    total = sum(map(sum, counts))
    each = -(-total // (capacity * ZONES)) + spare
    build = ProblemBuilder(capacity=[[capacity]] * (each * ZONES))
    zones = build.topology([bin_ % ZONES for bin_ in range(each * ZONES)])
    classes = [[build.items(number, demand=[1]) for number in row] for row in counts]
    groups = [build.group(zones, row) for row in classes]
    for row in classes:
        for looked_at, class_ in enumerate(row):
            build.spread(class_, groups[looked_at])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[1] * (each * ZONES))
    return build.problem()


def nothing(problem: Problem) -> Solution:
    return Solution.nothing_placed(problem.num_items)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=3))
def test_all_who_have_a_share_enter_level_by_level_where_the_packing_has_them(counts: list[list[int]]) -> None:
    """Each is spread over another label than its own, so that only the labels' own evenness lets all of them in."""
    counts[0][0] += 1
    problem = spread_over_others(counts)
    left = loosened(problem, nothing(problem))
    assert left is not None
    packed = Greedy().solve(left.problem, MaxIterations(100)).solution
    assert packed.placed.all()

    found = deal(problem, nothing(problem), left, packed)

    assert violations(problem, found) == []
    assert (found.bin_of[left.items] == left.bins[packed.bin_of]).all()


def test_a_share_of_a_domain_that_holds_members_already_is_smaller() -> None:
    build = ProblemBuilder(capacity=[[9]] * 9)
    zones = build.topology([0, 1, 2] * 3)
    item = build.items(7, demand=[1])
    build.spread(item, build.group(zones, [item], initial=[3, 0, 1]))
    problem = build.problem()

    found = shares(problem, np.ones(7, dtype=np.bool_), np.arange(9, dtype=np.int32))

    assert np.bincount(found.domain, minlength=3).tolist() == [1, 4, 2]
    assert found.domain[found.turns].tolist()[0] == 1  # the emptiest first


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3),
    plain=st.integers(0, 30),
)
def test_contents_and_items_change_places_until_all_are_where_they_may_be(counts: list[list[int]], plain: int) -> None:
    counts[0][0] += 3
    problem = spread_over_others(counts, capacity=5)
    left = loosened(problem, nothing(problem))
    assert left is not None
    loose = everywhere(left.problem)
    if loose is None:
        return
    packed = Greedy().solve(loose.problem, MaxIterations(100)).solution

    found = told_apart(left.problem, loose, packed)

    assert violations(left.problem, found) == []
    assert found.placed.sum() <= packed.placed.sum()
    assert loose.problem.num_classes < left.problem.num_classes


def test_zones_are_not_forgotten_where_one_has_hardly_room_for_those_bound_to_it() -> None:
    """Half of what is asked may only go to the first bin, which is a third of the room."""
    build = ProblemBuilder(capacity=[[4]] * 3)
    build.items(4, demand=[1], eligible=[0])
    build.items(4, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[1, 1, 1])
    problem = build.problem()
    left = loosened(problem, nothing(problem))
    assert left is not None
    assert everywhere(left.problem) is None
