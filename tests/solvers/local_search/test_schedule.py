"""Temperatures fall, and most of the time is spent where the cost still moves."""

from __future__ import annotations

import pytest

from placement_solvers.local_search.schedule import LEAST_READINGS, Cooling

COOLING = Cooling(hot=1e6, cold=1.0)


def readings_of(freezing: float) -> list[tuple[float, int]]:
    """A cooling in which the cost is in proportion to the temperature, and stays as it is below the given one."""
    temperatures = [COOLING.at(step / 100) for step in range(101)]
    return [(temperature, round(max(temperature, freezing))) for temperature in temperatures]


def test_spends_its_share_above_the_temperature_that_froze_an_earlier_one() -> None:
    slowed = COOLING.frozen_at(readings_of(1000.0), 0.9)

    assert 900 < slowed.at(0.9) < 1300
    assert COOLING.at(0.5) == pytest.approx(1000)


@pytest.mark.parametrize("freezing", [1000.0, 1.0, 1e6])
def test_falls_from_hot_to_cold_whatever_the_earlier_one_said(freezing: float) -> None:
    slowed = COOLING.frozen_at(readings_of(freezing), 0.9)
    temperatures = [slowed.at(step / 50) for step in range(51)]

    assert temperatures == sorted(temperatures, reverse=True)
    assert (temperatures[0], temperatures[-1]) == pytest.approx((1e6, 1.0))


def test_does_not_go_by_an_earlier_one_that_was_cut_off() -> None:
    few = readings_of(1000.0)[: LEAST_READINGS - 1]
    assert COOLING.frozen_at(few, 0.9).at(0.5) == COOLING.at(0.5)
