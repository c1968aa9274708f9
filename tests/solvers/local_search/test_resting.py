import pytest

from placement_solvers.local_search.resting import ACCEPTED, LOSING, MOST_READINGS, Readings
from placement_solvers.local_search.schedule import MOVING, Found, Scale

SCALE = Scale(mean=1e6, low=1e3)


def cooled(iterations: int) -> Readings:
    """Readings of a cooling in which fewer moves are made the colder it is than a mean move costs.

    Placements cost a thousand and a thousand times the temperature.
    """
    cooling, readings = SCALE.cooling(4.0), Readings()
    for step in range(iterations):
        temperature = cooling.at(step / iterations)
        readings.add(temperature, round(1e4 * min(temperature / 1e6, 1.0)), 1000.0 * (1.0 + temperature))
    return readings


@pytest.mark.parametrize("iterations", [400, 3 * MOST_READINGS])
def test_the_next_cooling_rests_where_this_one_came_to_rest(iterations: int) -> None:
    resting = cooled(iterations).resting()

    assert resting == pytest.approx(1e6 * ACCEPTED, rel=0.2)
    assert SCALE.cooling(4.0, Found(resting=resting)).at(MOVING) == pytest.approx(resting)


def test_the_next_cooling_begins_little_hotter_than_where_what_was_there_is_lost() -> None:
    hottest = cooled(4000).hottest(1000.0 * 1e5)
    assert hottest == pytest.approx(LOSING * 1e5, rel=0.3)
    assert SCALE.cooling(4.0, Found(hottest=hottest)).hot == hottest
    assert SCALE.cooling(0.1, Found(hottest=hottest)).hot == pytest.approx(1e5)
    assert SCALE.cooling(4.0, Found(hottest=hottest).times(0.5)).hot == pytest.approx(hottest / 2)


@pytest.mark.parametrize("cost", [0.0, 1e12], ids=["never as cheap again", "never as dear"])
def test_nothing_says_how_hot_to_begin_where_the_first_placement_was_never_met_again(cost: float) -> None:
    assert cooled(4000).hottest(cost) is None


def test_what_a_cooling_does_not_tell_an_earlier_one_may_have_told() -> None:
    assert Found(resting=3.0).or_else(Found(hottest=5.0, resting=4.0)) == Found(hottest=5.0, resting=3.0)


@pytest.mark.parametrize("readings", [[], [5] * 3, [100] * 400], ids=["none", "few", "never came to rest"])
def test_nobody_knows_where_it_rests_without_having_been_there(readings: list[int]) -> None:
    kept = Readings()
    for made in readings:
        kept.add(1.0, made, 0.0)

    assert kept.resting() is None
    assert kept.hottest(1.0) is None


def test_a_long_cooling_keeps_no_more_readings_than_a_short_one() -> None:
    assert len(cooled(MOST_READINGS - 1)) == MOST_READINGS - 1
    assert MOST_READINGS / 2 <= len(cooled(20 * MOST_READINGS)) < MOST_READINGS
