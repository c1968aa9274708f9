"""Items that seek company in their bin meet before bins fill up with others."""

from __future__ import annotations

import pytest

from placement_datasets.clusters import diverse_pods
from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.greedy.gathering import gather
from tests.builders import ProblemBuilder


@pytest.mark.parametrize("seed", [1, 2])
def test_places_diverse_items_that_greedy_leaves_out(seed: int) -> None:
    problem = diverse_pods(num_items=600, num_shapes=60, seed=seed)
    alone = Greedy().solve(problem, lambda _: False)
    found = gather(problem)
    assert found is not None
    assert violations(problem, found) == []
    assert found.placed.sum() > alone.solution.placed.sum()


def test_says_nothing_where_nobody_seeks_company() -> None:
    build = ProblemBuilder(capacity=[[4]] * 2)
    build.items(3, demand=[1])
    assert gather(build.problem()) is None


def test_who_keeps_off_its_like_gets_the_cheapest_bins() -> None:
    build = ProblemBuilder(capacity=[[40]] * 2 + [[4]] * 4)
    db = build.items(1, demand=[1])
    web = build.items(5, demand=[1])
    build.attract(web, build.group(build.each_bin(), members=[db]))
    lone = build.items(3, demand=[1])
    build.limit(lone, build.group(build.each_bin(), members=[lone]))
    build.tier("unplaced", unplaced=[1, 1, 1])
    build.tier("price", open=[20, 20, 9, 9, 9, 9])
    problem = build.problem()
    found = gather(problem)
    assert found is not None
    assert found.placed.all()
    assert set(found.bin_of[problem.class_of == lone].tolist()) == {2, 3, 4}


def test_takes_a_bin_that_is_overfull_in_what_nobody_asks_for() -> None:
    build = ProblemBuilder(capacity=[[6, 4, 3], [2, -1, 7]])
    seeker = build.items(3, demand=[0, 1, 2])
    build.attract(seeker, build.group(build.each_bin(), [seeker]), self_starting=True)
    solution = gather(build.problem())
    assert solution is not None
    assert solution.bin_of.tolist().count(0) == 1
