"""Packings by diving in one programme again and again."""

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.plunging import Plunging
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from tests.builders import ProblemBuilder

LIMITS = Limits(workers=1, seed=0, interleave=False, deterministic_time=1.0)


def vectors(num_items: int) -> PackingView:
    rng = np.random.default_rng(7)
    build = ProblemBuilder(capacity=[[100, 100, 100]] * num_items)
    for _ in range(num_items):
        build.items(1, demand=rng.integers(10, 60, 3).tolist())
    return packing_view(build.problem())


def relaxed(view: PackingView) -> Relaxation:
    relaxation = Relaxation(view, 1, (0,), LIMITS)
    relaxation.run(lambda: False)
    assert relaxation.lists
    assert relaxation.converged
    return relaxation


def test_packs_vectors_into_as_many_bins_as_are_needed() -> None:
    view = vectors(40)
    relaxation = relaxed(view)
    plunging = Plunging(relaxation, 1, np.random.default_rng(0))

    dives = (plunging.dive(relaxation.lower_bound, lambda: False) for _ in range(12))
    packing = next((found for found in dives if found is not None), None)

    assert packing is not None
    assert packing.times.sum() == relaxation.lower_bound
    assert (packing.packed() >= view.count).all()
    assert (packing.patterns @ view.demand <= view.capacity[0]).all()


def test_asks_for_all_items_again_after_a_dive() -> None:
    view = vectors(20)
    relaxation = relaxed(view)
    before = relaxation.objective

    Plunging(relaxation, 1, np.random.default_rng(0)).dive(relaxation.lower_bound - 1, lambda: False)
    columns = relaxation.columns()

    assert columns is not None
    assert np.isclose(columns.usage.sum(), before)


def test_finds_nothing_where_the_bins_are_too_few() -> None:
    view = vectors(20)
    relaxation = relaxed(view)
    plunging = Plunging(relaxation, 1, np.random.default_rng(0))

    assert all(plunging.dive(relaxation.lower_bound - 1, lambda: False) is None for _ in range(5))


def test_ends_when_told_to() -> None:
    view = vectors(20)

    assert Plunging(relaxed(view), 1, np.random.default_rng(0)).dive(20, lambda: True) is None
