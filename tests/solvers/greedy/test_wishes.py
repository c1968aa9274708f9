from __future__ import annotations

import numpy as np
import pytest

from placement_solvers.greedy import Greedy, GreedyParameters, Score
from placement_solvers.greedy.wishes import wishes_of
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder

UNTIL_DONE = MaxIterations(10**9)


@pytest.fixture(params=["each bin", "zones"])
def build(request: pytest.FixtureRequest) -> tuple[ProblemBuilder, int]:
    """Three bins with room for all, each a domain of its own; the zones hold an empty-handed second bin each."""
    zones = request.param == "zones"
    build = ProblemBuilder(capacity=[[9, 9], [9, 9], [9, 9]] + [[0, 0]] * (3 if zones else 0))
    return build, build.topology([0, 1, 2, 0, 1, 2]) if zones else build.each_bin()


def bins(build: ProblemBuilder, score: Score = Score.PACK) -> list[int]:
    return Greedy(GreedyParameters(score=score)).solve(build.problem(), UNTIL_DONE).solution.bin_of.tolist()


@pytest.mark.parametrize("score", list(Score))
def test_keeps_items_apart_that_wish_to_be(build: tuple[ProblemBuilder, int], score: Score) -> None:
    problem, topology = build
    web = problem.items(3, demand=[1, 1])
    group = problem.group(topology, [web])
    problem.tier("unplaced", unplaced=1)
    problem.tier("wishes", pairs=[(web, group, 100)])
    problem.tier("bins", open=1)
    assert sorted(bins(problem, score)) == [0, 1, 2]


def test_saves_bins_before_it_heeds_wishes_of_a_later_tier(build: tuple[ProblemBuilder, int]) -> None:
    problem, topology = build
    web = problem.items(3, demand=[1, 1])
    group = problem.group(topology, [web])
    problem.tier("unplaced", unplaced=1)
    problem.tier("bins", open=1)
    problem.tier("wishes", pairs=[(web, group, 100)])
    assert bins(problem) == [0, 0, 0]


@pytest.mark.parametrize("score", list(Score))
def test_follows_company_that_is_wished_for(build: tuple[ProblemBuilder, int], score: Score) -> None:
    problem, topology = build
    leader = problem.items(1, demand=[2, 1], eligible=[1], priority=1)
    follower = problem.items(2, demand=[1, 1])
    problem.tier("unplaced", unplaced=1)
    problem.tier("wishes", pairs=[(follower, problem.group(topology, [leader]), -1)])
    assert bins(problem, score) == [1, 1, 1]


def test_levels_a_skew(build: tuple[ProblemBuilder, int]) -> None:
    problem, topology = build
    web = problem.items(4, demand=[1, 1])
    group = problem.group(topology, [web], initial=[2, 1, 0])
    problem.tier("unplaced", unplaced=1)
    problem.tier("skew", skews=[(group, 1, 7)])
    assert Greedy().solve(problem.problem(), UNTIL_DONE).cost == (0, 0)


def test_fills_ranges_up_and_not_beyond(build: tuple[ProblemBuilder, int]) -> None:
    problem, topology = build
    web = problem.items(5, demand=[1, 1])
    group = problem.group(topology, [web])
    problem.tier("unplaced", unplaced=1)
    problem.tier("range", ranges=[(group, 1, 2, 3)])
    assert Greedy().solve(problem.problem(), UNTIL_DONE).cost == (0, 0)


def test_weighs_taste_against_company_in_one_tier() -> None:
    build = ProblemBuilder(capacity=[[9, 9], [9, 9]])
    web = build.items(3, demand=[1, 1])
    group = build.group(build.each_bin(), [web])
    build.tier("unplaced", unplaced=1)
    build.tier("wishes", pairs=[(web, group, 10)], placed=[[0, 15]])
    # The first two find bin 0 cheaper (0 and 10 against 15), the third pays 20 there and 15 in bin 1.
    assert bins(build) == [0, 0, 1]


def test_puts_an_earlier_tier_of_wishes_first() -> None:
    build = ProblemBuilder(capacity=[[9, 9], [9, 9]])
    web = build.items(2, demand=[1, 1])
    group = build.group(build.each_bin(), [web])
    build.tier("unplaced", unplaced=1)
    build.tier("apart", pairs=[(web, group, 1)])
    build.tier("together", pairs=[(web, group, -1000)])
    assert sorted(bins(build)) == [0, 1]


def test_counts_the_greatest_weight_in_64_steps() -> None:
    build = ProblemBuilder(capacity=[[9]])
    web = build.items(1, demand=[1])
    group = build.group(build.each_bin(), [web])
    build.tier("small", pairs=[(web, group, 3), (web, group, -2)])
    assert wishes_of(build.problem(), np.array([True])).slope.tolist() == [3, -2]
    build.tier("large", pairs=[(web, group, 1000)], placed=[[500]])
    wishes = wishes_of(build.problem(), np.array([True]))
    assert wishes.slope.tolist() == [3 * 256, -2 * 256, 64]
    assert wishes.placed.tolist() == [[32]]
