"""Relaxations by interior points, and packings sought among the patterns that their prices leave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.column_generation.central import Converged, converge
from placement_solvers.column_generation.interior import InteriorMaster, factorise, solved
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.tightening import Tightened, may_tighten, tighten
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder

SIZES = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 3)), min_size=1, max_size=5)


def bins_of(capacity: int, sizes: list[tuple[int, int]], num_bins: int = 20) -> Problem:
    build = ProblemBuilder(capacity=[[capacity]] * num_bins)
    for size, count in sizes:
        build.items(count, demand=[size])
    return build.problem()


def by_size(view: PackingView) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    prices: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = view.demand[:, 0] / float(view.capacity[0, 0])
    return prices


def relaxed(view: PackingView, most_bins: int = 100) -> Converged:
    found = converge(view, by_size(view), np.zeros((0, view.num_classes), dtype=np.int32), most_bins, lambda: False)
    assert found is not None
    return found


def tightened(view: PackingView, bins: int) -> Tightened:
    return tighten(view, 1, bins, by_size(view), np.zeros((0, view.num_classes), dtype=np.int32), 9, lambda: False)


def fewest(capacity: int, items: list[int]) -> int:
    """The fewest bins, by trying all ways to fill the next one with the first item that is left."""
    if not items:
        return 0
    best = len(items)
    first, rest = items[0], items[1:]
    for subset in range(2 ** len(rest)):
        inside = [i for i in range(len(rest)) if subset >> i & 1]
        if first + sum(rest[i] for i in inside) <= capacity:
            left = [size for i, size in enumerate(rest) if i not in inside]
            best = min(best, 1 + fewest(capacity, left))
            if best * capacity < sum(items) + capacity:
                break
    return best


@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
@settings(deadline=None)  # kernels compile when first called
def test_factor_solves_systems_of_any_size(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.random((size, size))
    matrix, wanted = root @ root.T + np.eye(size), rng.random(size)
    factor = np.triu(matrix)

    factorise(factor, np.zeros(size))

    np.testing.assert_allclose(matrix @ solved(factor, wanted), wanted, atol=1e-8)


def test_master_finds_the_middle_of_all_optimal_prices() -> None:
    master = InteriorMaster(np.array([1, 1]))
    master.add(np.array([[1, 1]], dtype=np.int32))

    centre = master.solve(np.array([0.9, 0.1]), 1e-9)

    assert centre.bins == pytest.approx(1.0)
    assert centre.prices.sum() == pytest.approx(1.0)
    assert centre.prices.min() > 0.05  # not at an end, where one of them costs nothing


def test_master_takes_a_pattern_in_once() -> None:
    master = InteriorMaster(np.array([1, 2]))

    assert master.add(np.array([[1, 1], [1, 1], [0, 2]], dtype=np.int32)) == 2
    assert master.add(np.array([[0, 2]], dtype=np.int32)) == 0
    assert master.patterns(np.arange(2)).tolist() == [[1, 1], [0, 2]]


@given(SIZES, st.integers(12, 30))
@settings(max_examples=40, deadline=None)  # kernels compile when first called
def test_relaxation_comes_to_what_the_simplex_comes_to(sizes: list[tuple[int, int]], capacity: int) -> None:
    view = packing_view(bins_of(capacity, sizes))
    relaxation = Relaxation(view, 1, (0,), Limits(1, 0, True, 1.0))
    relaxation.run(lambda: False)

    found = relaxed(view)

    assert found.is_optimal
    assert found.bound == pytest.approx(relaxation.objective, abs=1e-6)
    assert found.bins == pytest.approx(relaxation.objective, abs=1e-6)
    assert (found.columns @ view.demand[:, 0] <= capacity).all()


@given(SIZES, st.integers(12, 24))
@settings(max_examples=40, deadline=None)  # kernels compile when first called
def test_search_is_right_about_packings_at_the_relaxations_bound(sizes: list[tuple[int, int]], capacity: int) -> None:
    view = packing_view(bins_of(capacity, sizes))
    bins = int(np.ceil(relaxed(view).bound - 1e-6))
    items = sorted((size for size, count in sizes for _ in range(count)), reverse=True)

    found = tightened(view, bins)

    if found.packing is not None:
        assert int(found.packing.times.sum()) <= bins
        assert (found.packing.packed() >= view.count).all()
        assert (found.packing.patterns @ view.demand[:, 0] <= capacity).all()
    elif found.is_complete:
        assert fewest(capacity, items) > bins


def test_search_branches_where_patterns_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement_solvers.column_generation.tightening.FEW_PATTERNS", 0.0)
    view = packing_view(bins_of(100, [(67, 1), (33, 1), (60, 1), (40, 1), (50, 1), (30, 1), (20, 1), (71, 1), (29, 1)]))

    found = tightened(view, 4)

    assert found.packing is not None
    assert (found.packing.packed() == view.count).all()
    assert (found.packing.patterns @ view.demand[:, 0] <= 100).all()


def test_search_proves_that_a_perfect_packing_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement_solvers.column_generation.tightening.FEW_PATTERNS", 0.0)
    # Halves of perfect bins, and no whole ones: the relaxation needs three bins, a packing four.
    view = packing_view(bins_of(30, [(15, 1), (10, 2), (6, 1), (12, 2), (8, 1), (9, 1), (4, 2)]))
    items = [15, 12, 12, 10, 10, 9, 8, 6, 4, 4]

    found = tightened(view, 3)

    assert (found.packing is not None) == (fewest(30, items) <= 3)
    assert found.packing is not None or found.is_complete


def test_search_ends_when_nobody_waits_for_it() -> None:
    view = packing_view(bins_of(100, [(67, 1), (33, 1), (60, 1), (40, 1)]))

    found = tighten(view, 1, 2, by_size(view), np.zeros((0, 4), dtype=np.int32), 1, lambda: True)

    assert found.packing is None
    assert not found.is_complete


def test_views_with_two_resources_are_left_alone() -> None:
    build = ProblemBuilder(capacity=[[10, 10]] * 3)
    build.items(2, demand=[4, 5])
    build.items(2, demand=[5, 3])

    assert not may_tighten(packing_view(build.problem()))


def test_perfect_packing_of_many_sizes_is_found_and_proven() -> None:
    rng = np.random.default_rng(3)
    sizes: list[int] = []
    for _ in range(12):
        cuts = np.sort(rng.choice(np.arange(100, 1900), 2, replace=False))
        sizes += np.diff(np.concatenate([[0], cuts, [2000]])).tolist()

    result = ColumnGeneration().solve(bins_of(2000, [(size, 1) for size in sizes]), MaxRuntime(20))

    assert result.status is Status.OPTIMAL
    assert result.cost == (0, 12)
