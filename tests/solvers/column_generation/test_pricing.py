"""Pricers of one type of bins and one resource, against all patterns there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import pricing
from placement_solvers.column_generation.branching import BranchPricer
from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.pricing import KnapsackPricer, Rounding
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int32, Int64
from tests.builders import ProblemBuilder

ITEMS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(0, 50)), min_size=1, max_size=5)


def view_of(capacity: int, items: list[tuple[int, int, int]]) -> tuple[PackingView, Int64]:
    """A view of equal bins, and the price of an item of each of its classes, (1, C)."""
    build = ProblemBuilder(capacity=[[capacity]] * 20)
    for size, count, _ in items:
        build.items(count, demand=[size])
    view = packing_view(build.problem())
    price_of_size = {size: price for size, _, price in items}
    return view, np.array([[price_of_size[int(size)] for size in view.demand[:, 0]]], dtype=np.int64)


def patterns_of(view: PackingView) -> Int32:
    every = np.array(list(itertools.product(*(range(int(most) + 1) for most in view.most[0]))), dtype=np.int32)
    fitting: Int32 = every[(every @ view.demand <= view.capacity[0]).all(axis=1)]
    return fitting


@settings(max_examples=60, deadline=None)
@given(items=ITEMS, capacity=st.integers(9, 30))
def test_sweeps_find_the_best_pattern_with_each_class(items: list[tuple[int, int, int]], capacity: int) -> None:
    view, prices = view_of(capacity, items)

    found = SweepPricer(view, side_constraints(view)).price(prices)

    every = patterns_of(view)
    worth = every @ prices[0]
    assert found.bound.tolist() == [worth.max()]
    assert (found.patterns @ view.demand <= view.capacity[0]).all()
    for class_ in np.flatnonzero(view.most[0]):
        held = found.patterns[found.patterns[:, class_] > 0]
        assert (held @ prices[0]).max() == worth[every[:, class_] > 0].max()


@settings(max_examples=60, deadline=None)
@given(items=ITEMS, capacity=st.integers(9, 30), scale=st.sampled_from([1, 1_000_003]))
def test_branching_finds_the_best_pattern(items: list[tuple[int, int, int]], capacity: int, scale: int) -> None:
    scaled = [(size * scale - (size > 1 and scale > 1), count, price) for size, count, price in items]
    view, prices = view_of(capacity * scale, scaled)

    found = BranchPricer(view, side_constraints(view)).price(prices)

    best = (patterns_of(view) @ prices[0]).max()
    assert found.bound.tolist() == [best]
    assert (found.patterns @ prices[0]).tolist() == [best]
    assert (found.patterns @ view.demand <= view.capacity[0]).all()


def test_sizes_in_large_units_give_only_patterns_that_fit() -> None:
    sizes = [(2_000_000 + 999 * k * k, 1, 10 + k) for k in range(12)]
    view, prices = view_of(9_000_000, sizes)
    pricer = SweepPricer(view, side_constraints(view))

    found = pricer.price(prices)

    assert not pricer.is_exact
    assert len(found.patterns) > 0
    assert (found.patterns @ view.demand <= view.capacity[0]).all()


@pytest.mark.parametrize("rounding", [Rounding.DOWN, Rounding.NEAREST])
def test_makes_the_grid_coarser_where_many_classes_remember_it(
    rounding: Rounding, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, prices = view_of(60, [(size, 1, size) for size in range(7, 31)])
    monkeypatch.setattr(pricing, "MOST_BYTES", 200)

    pricer = KnapsackPricer(view, side_constraints(view), rounding, 1000)

    assert pricer.is_usable
    assert pricer.num_cells <= 200 // 20
    found = pricer.price(prices)
    assert (found.patterns @ view.demand <= view.capacity[0]).all()
    assert rounding is Rounding.NEAREST or found.bound[0] >= 60


def test_an_exact_grid_that_is_not_usable_is_not_said_to_be_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    view, _ = view_of(60, [(size, 1, size) for size in range(7, 31)])
    fits = KnapsackPricer(view, side_constraints(view), Rounding.EXACT, 1000)
    monkeypatch.setattr(pricing, "MOST_BYTES", 200)

    does_not = KnapsackPricer(view, side_constraints(view), Rounding.EXACT, 1000)

    assert (fits.is_usable, fits.is_complete) == (True, True)
    assert (does_not.is_usable, does_not.is_complete) == (False, False)
