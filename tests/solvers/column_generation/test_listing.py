"""The pricer that looks at all patterns, against all patterns there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import listing
from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.listing import ListPricer
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int32, Int64
from tests.builders import ProblemBuilder

SIZE = st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 9))
ITEMS = st.lists(st.tuples(SIZE, st.integers(1, 3), st.integers(0, 50)), min_size=1, max_size=6)


def view_of(items: list[tuple[tuple[int, ...], int, int]]) -> tuple[PackingView, Int64]:
    """A view of equal bins, and the price of an item of each of its classes, (1, C)."""
    build = ProblemBuilder(capacity=[[12, 15, 11]] * 18)
    for size, count, _ in items:
        build.items(count, demand=size)
    view = packing_view(build.problem())
    price_of_size = {size: price for size, _, price in items}
    return view, np.array([[price_of_size[tuple(size)] for size in view.demand.tolist()]], dtype=np.int64)


def patterns_of(view: PackingView) -> Int32:
    every = np.array(list(itertools.product(*(range(int(most) + 1) for most in view.most[0]))), dtype=np.int32)
    fitting: Int32 = every[(every @ view.demand <= view.capacity[0]).all(axis=1)]
    return fitting


@settings(max_examples=60, deadline=None)
@given(items=ITEMS, asked=st.floats(0.5, 1.0))
def test_finds_the_best_pattern_through_each_class_of_those_that_pay(
    items: list[tuple[tuple[int, ...], int, int]], asked: float
) -> None:
    view, prices = view_of(items)
    every = patterns_of(view)
    worth = every @ prices[0]
    least = asked * float(worth.max())

    found = ListPricer(view, side_constraints(view)).price(prices, np.array([least]))

    assert found.bound.tolist() == [worth.max()]
    assert (found.patterns @ view.demand <= view.capacity[0]).all()
    for class_ in np.flatnonzero(prices[0]):
        best = worth[every[:, class_] > 0].max()
        if best >= least and best > 0:
            held = found.patterns[found.patterns[:, class_] > 0]
            assert (held @ prices[0]).max() == best


@settings(max_examples=30, deadline=None)
@given(items=ITEMS, prices_after=st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_is_exact_at_other_prices_too(items: list[tuple[tuple[int, ...], int, int]], prices_after: list[int]) -> None:
    view, prices = view_of(items)
    pricer = ListPricer(view, side_constraints(view))
    pricer.price(prices)
    other = np.array([prices_after[: view.num_classes]], dtype=np.int64)

    assert pricer.price(other).bound.tolist() == [(patterns_of(view) @ other[0]).max()]


def test_says_no_less_than_any_pattern_is_worth_when_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "search_paying", lambda *order: listing_gives_up(*order))
    rng = np.random.default_rng(1)
    view, prices = view_of([(tuple(rng.integers(1, 7, 3).tolist()), 2, int(rng.integers(1, 50))) for _ in range(6)])

    found = ListPricer(view, side_constraints(view)).price(prices)

    assert found.bound[0] >= (patterns_of(view) @ prices[0]).max()


def listing_gives_up(*order: object) -> int:
    """What the search says when its steps are over before it has seen a pattern."""
    capacity, unit, _, first, beyond = (np.asarray(each) for each in order[3:8])
    return int(min(beyond[first[r] + capacity[r] // unit[r]] for r in range(len(capacity))))


def test_is_for_bins_that_hold_few_items() -> None:
    few, many = ProblemBuilder(capacity=[[100, 100]] * 9), ProblemBuilder(capacity=[[100, 100]] * 9)
    for size in range(20, 60):
        few.items(1, demand=[size, 80 - size])
        many.items(9, demand=[size % 3 + 1, size % 5 + 1])

    assert ListPricer.suits(packing_view(few.problem()))
    assert not ListPricer.suits(packing_view(many.problem()))


def test_is_for_one_type_of_bins() -> None:
    build = ProblemBuilder(capacity=[[100, 100], [40, 50]])
    build.items(3, demand=[40, 50])

    assert not ListPricer.suits(packing_view(build.problem()))
