"""Packings by fixing patterns and relaxing what is left."""

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.diving import dive
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_reduction import packing_view
from tests.builders import ProblemBuilder

LIMITS = Limits(workers=1, seed=0, interleave=False, deterministic_time=1.0)


def test_fills_bins_to_the_brim_where_patterns_are_too_many_to_list() -> None:
    rng, num_bins, capacity = np.random.default_rng(3), 12, 1000
    build = ProblemBuilder(capacity=[[capacity]] * 18)
    for _ in range(num_bins):
        cuts = np.sort(rng.choice(np.arange(1, 20), 4, replace=False)) * 50 + rng.integers(-20, 21, 4)
        for size in np.diff([0, *np.sort(cuts).tolist(), capacity]).tolist():
            build.items(1, demand=[size])
    view = packing_view(build.problem())
    relaxation = Relaxation(view, 1, (0,), LIMITS)
    relaxation.run(lambda: False)
    columns = relaxation.columns()
    assert columns is not None

    dives = (
        dive(view, 1, (0,), columns, num_bins, num_bins, LIMITS, rng, number, lambda: False) for number in range(6)
    )
    packing = next((found for found in dives if found is not None), None)

    assert packing is not None
    assert packing.times.sum() == num_bins
    assert (packing.packed() >= view.count).all()
    assert (packing.patterns @ view.demand <= view.capacity[0]).all()


def test_ends_without_a_packing_where_the_bins_are_too_few() -> None:
    build = ProblemBuilder(capacity=[[10]] * 9)
    for size in (6, 6, 6, 5, 5, 4):
        build.items(1, demand=[size])
    view = packing_view(build.problem())
    relaxation = Relaxation(view, 1, (0,), LIMITS)
    relaxation.run(lambda: False)
    columns = relaxation.columns()
    assert columns is not None

    assert dive(view, 1, (0,), columns, 3, 3, LIMITS, np.random.default_rng(0), 0, lambda: False) is None
    found = dive(view, 1, (0,), columns, 3, 4, LIMITS, np.random.default_rng(0), 0, lambda: False)
    assert found is not None
    assert found.times.sum() == 4
