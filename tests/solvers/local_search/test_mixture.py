from __future__ import annotations

import pytest

from placement_solvers.local_search.mixture import bins_to_open, kinds_of
from placement_solvers.local_search.tables import Tables, tables_of
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.problem import Problem
from tests.builders import ProblemBuilder


def tables(problem: Problem) -> Tables:
    return tables_of(problem, tier_weights(problem, evicts=False))


def ten_bins(price: int, items: int) -> Problem:
    """Each bin holds 10, of which 5 cost nothing and the rest 1 each."""
    build = ProblemBuilder(capacity=[[10]] * 10)
    build.items(items, demand=[1])
    build.target([[5]] * 10)
    build.tier("cost", open=price, over_target=[1])
    return build.problem()


@pytest.mark.parametrize(("price", "opened"), [(3, 4), (7, 2)])
def test_opens_bins_as_long_as_they_save_more_than_they_cost(price: int, opened: int) -> None:
    chosen = tables(ten_bins(price, 20))

    assert bins_to_open(chosen, kinds_of(chosen)).tolist() == [True] * opened + [False] * (10 - opened)


def test_opens_all_where_not_all_items_find_room() -> None:
    chosen = tables(ten_bins(7, 101))

    assert bins_to_open(chosen, kinds_of(chosen)).all()


def test_opens_all_where_bins_cost_nothing() -> None:
    chosen = tables(ten_bins(0, 20))

    assert bins_to_open(chosen, kinds_of(chosen)).all()


def test_opens_the_kind_first_that_holds_more_for_its_price() -> None:
    build = ProblemBuilder(capacity=[[4], [20], [4], [20]])
    build.items(16, demand=[1])
    build.target([[2], [10], [2], [10]])
    build.tier("cost", open=4, over_target=[1])
    chosen = tables(build.problem())

    assert bins_to_open(chosen, kinds_of(chosen)).tolist() == [False, True, False, True]
