"""Temperatures fall, and most of the time is spent where the cost still moves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from placement_solvers.local_search.schedule import (
    COOLEST,
    HOTTEST,
    MOVING,
    RESTING,
    SLOW,
    Scale,
    heat_for,
    scale_of,
)
from placement_solvers.local_search.state import state_of
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.weights import tier_weights
from tests.builders import ProblemBuilder

SCALE = Scale(mean=1e6, low=1e3)


@pytest.mark.parametrize("heat", [COOLEST, 4.0, HOTTEST])
def test_spends_its_share_above_the_temperature_at_which_nearly_all_rests(heat: float) -> None:
    cooling = SCALE.cooling(heat)

    assert cooling.at(0.0) == pytest.approx(1e6 * heat)
    assert cooling.at(MOVING) == pytest.approx(1e6 * RESTING)
    assert cooling.at(MOVING / 2) == pytest.approx(1e6 * (heat * RESTING) ** 0.5)


@pytest.mark.parametrize("scale", [SCALE, Scale(1e6, 9e5), Scale(3.0, 1.0), Scale(0.0, 0.0)])
@pytest.mark.parametrize("heat", [COOLEST, HOTTEST])
def test_falls_from_hot_to_cold_whatever_moves_cost(scale: Scale, heat: float) -> None:
    cooling = scale.cooling(heat)
    temperatures = [cooling.at(step / 50) for step in range(51)]

    assert all(after <= before * (1 + 1e-9) for before, after in itertools.pairwise(temperatures))
    assert temperatures[-1] == pytest.approx(cooling.cold)


def test_begins_the_hotter_the_more_proposals_there_are_but_not_ever_hotter() -> None:
    heats = [heat_for(proposals, 4.0) for proposals in (1, 100, SLOW / 2, SLOW, 10 * SLOW, 1e6, 1e9)]

    assert heats == sorted(heats)
    assert (heats[0], heats[3], heats[-1]) == (COOLEST, 4.0, HOTTEST)
    assert heats[4] / heats[3] < heats[3] / heats[2] * 2


def _scale(capacity: int) -> Scale:
    """Where moves of small items cost 100, and those of large ones 10,000."""
    build = ProblemBuilder(capacity=[[capacity], [capacity]])
    build.items(2, demand=[1], start=[0, 1])
    build.items(2, demand=[8], start=[0, 1])
    build.tier("moves", moved=[100, 10_000])
    problem = build.problem()
    tables = tables_of(problem, tier_weights(problem, evicts=False))
    state = state_of(problem, tables, problem.start, np.ones(4, dtype=np.bool_), 0)
    return scale_of(tables, state, np.ones(1, dtype=np.uint64))


def test_moves_count_that_there_is_no_room_for_yet() -> None:
    tight, roomy, full = _scale(capacity=10), _scale(capacity=18), _scale(capacity=9)

    assert roomy.mean == pytest.approx(5050, rel=0.05)
    assert full.mean == pytest.approx(5050, rel=0.05)
    assert tight.mean == pytest.approx((5050 * 100) ** 0.5, rel=0.05)
    assert (tight.low, roomy.low, full.low) == (100, 100, 100)
