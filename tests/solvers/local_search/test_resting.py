import pytest

from placement_solvers.local_search.resting import ACCEPTED, MOST_READINGS, Readings
from placement_solvers.local_search.schedule import MOVING, Scale

SCALE = Scale(mean=1e6, low=1e3)


def cooled(iterations: int) -> Readings:
    """Readings of a cooling in which fewer moves are made the colder it is than a mean move costs."""
    cooling, readings = SCALE.cooling(4.0), Readings()
    for step in range(iterations):
        temperature = cooling.at(step / iterations)
        readings.add(temperature, round(1e4 * min(temperature / 1e6, 1.0)))
    return readings


@pytest.mark.parametrize("iterations", [400, 3 * MOST_READINGS])
def test_the_next_cooling_rests_where_this_one_came_to_rest(iterations: int) -> None:
    resting = cooled(iterations).resting()

    assert resting == pytest.approx(1e6 * ACCEPTED, rel=0.2)
    assert SCALE.cooling(4.0, resting).at(MOVING) == pytest.approx(resting)


@pytest.mark.parametrize("readings", [[], [5] * 3, [100] * 400], ids=["none", "few", "never came to rest"])
def test_nobody_knows_where_it_rests_without_having_been_there(readings: list[int]) -> None:
    kept = Readings()
    for made in readings:
        kept.add(1.0, made)

    assert kept.resting() is None


def test_a_long_cooling_keeps_no_more_readings_than_a_short_one() -> None:
    assert len(cooled(MOST_READINGS - 1)) == MOST_READINGS - 1
    assert MOST_READINGS / 2 <= len(cooled(20 * MOST_READINGS)) < MOST_READINGS
