"""Start temperatures are tried in turns, and the better ones go on."""

from __future__ import annotations

from itertools import pairwise

import pytest

from placement_solvers.local_search.contest import Contest, Leg

ROUNDS = ((4, 0.2), (2, 0.3), (1, 0.5))


def legs_of(contest: Contest, cost_of_heat: dict[float, int]) -> list[Leg]:
    """All legs of a run in which each heat always reaches the same cost."""
    legs = [contest.leg]
    while not contest.is_last:
        contest.go_on(cost_of_heat[contest.leg.entrant.heat], [(1.0, 1)])
        legs.append(contest.leg)
    return legs


def test_gives_the_most_time_to_the_heat_that_cooled_best() -> None:
    legs = legs_of(Contest((1.0, 2.0, 3.0, 4.0), ROUNDS), {1.0: 40, 2.0: 10, 3.0: 30, 4.0: 20})

    assert [leg.entrant.heat for leg in legs[4:]] == [2.0, 4.0, 2.0]


def test_of_equals_the_one_that_comes_first_goes_on() -> None:
    legs = legs_of(Contest((1.0, 2.0, 3.0, 4.0), ROUNDS), dict.fromkeys((1.0, 2.0, 3.0, 4.0), 7))

    assert [leg.entrant.heat for leg in legs[4:]] == [1.0, 2.0, 1.0]


def test_legs_follow_each_other_from_the_beginning_of_the_run_to_its_end() -> None:
    legs = legs_of(Contest((1.0, 2.0, 3.0, 4.0), ROUNDS), {1.0: 40, 2.0: 10, 3.0: 30, 4.0: 20})

    assert legs[0].begins == 0.0
    assert legs[-1].ends == pytest.approx(1.0)
    assert all(one.ends == pytest.approx(following.begins) for one, following in pairwise(legs))
    assert [round(leg.ends - leg.begins, 9) for leg in legs] == [0.05] * 4 + [0.15] * 2 + [0.5]


def test_heats_grow_from_round_to_round_where_they_are_told_to() -> None:
    contest = Contest((2.0,), ((1, 0.1), (1, 0.9)), growth=3.0)
    contest.go_on(5, [])

    assert contest.leg.entrant.heat == 6.0
    assert contest.is_last


def test_remembers_of_each_heat_what_its_last_trial_showed() -> None:
    contest = Contest((1.0, 2.0), ((2, 0.4), (1, 0.6)))
    contest.go_on(9, [(1.0, 90)])
    contest.go_on(5, [(2.0, 50), (1.0, 5)])

    assert contest.leg.entrant.cost == 5
    assert contest.leg.entrant.readings == [(2.0, 50), (1.0, 5)]
