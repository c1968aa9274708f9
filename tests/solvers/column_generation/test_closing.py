"""Packings at the bound by choosing from all patterns that may be in one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.column_generation.closing import Closing, Proof, suits
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.cp_sat.search import Limits
from placement_solvers.feasibility import violations
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int64, Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder


def bins_of(capacity: list[int], sizes: list[tuple[list[int], int]], num_bins: int = 20) -> Problem:
    build = ProblemBuilder(capacity=[capacity] * num_bins)
    for demand, count in sizes:
        build.items(count, demand=demand)
    return build.problem()


def converged(problem: Problem) -> Relaxation:
    relaxation = Relaxation(packing_view(problem), 1, (0,), Limits(1, 0, False, 1.0))
    relaxation.run(lambda: False, exactly=True)
    return relaxation


def fewest_bins(view: PackingView) -> int:
    """By dynamic programming over all sets of items, with every pattern there is."""
    most = np.minimum(view.most[0], view.count)
    every = np.array(list(itertools.product(*(range(int(items) + 1) for items in most))))
    fitting = [tuple(row) for row in every[(every @ view.demand <= view.capacity[0]).all(axis=1)].tolist() if any(row)]
    reached, bins = {tuple([0] * view.num_classes)}, 0
    target = tuple(view.count.tolist())
    while target not in reached:
        bins += 1
        reached = {
            tuple(min(a + b, c) for a, b, c in zip(state, row, target, strict=True))
            for state in reached
            for row in fitting
        }
    return bins


SIZES = st.lists(
    st.tuples(st.lists(st.integers(1, 9), min_size=2, max_size=2), st.integers(1, 3)), min_size=1, max_size=4
)


@settings(max_examples=40, deadline=None)
@given(sizes=SIZES, priced=st.booleans(), more=st.integers(0, 1))
def test_finds_the_fewest_bins_or_proves_that_more_are_needed(
    sizes: list[tuple[list[int], int]], priced: bool, more: int
) -> None:
    problem = bins_of([11, 9], sizes)
    view = packing_view(problem)
    proof = None
    if priced:
        relaxation = converged(problem)
        assert relaxation.witness is not None
        proof = Proof.of(relaxation.witness, relaxation.earned)
    fewest = fewest_bins(view)

    for bins in (fewest - 1, fewest + more):
        assert suits(view, 1, (0,))
        closing = Closing(view, 1, bins, proof)
        packing, proven = closing.search(0, 4.0)

        assert closing.is_complete
        assert proven == min(fewest, bins + 1)
        assert bins < fewest or packing is not None
        if packing is not None:
            assert packing.times.sum() == fewest or bins < fewest
            assert (packing.packed() >= view.count).all()
            assert (packing.patterns @ view.demand <= view.capacity[0]).all()


def test_bins_that_cost_nothing_are_filled_as_well() -> None:
    build = ProblemBuilder(capacity=[[7]] * 4 + [[10]] * 6, in_use=[True] * 2 + [False] * 8)
    build.items(3, demand=[7])
    build.items(4, demand=[5])
    build.tier("unplaced", unplaced=1)
    build.tier("bins", open=[1] * 10)
    problem = build.problem()

    found = ColumnGeneration().solve(problem, MaxRuntime(60))

    assert (found.cost, found.status) == ((0, 3), Status.OPTIMAL)


def test_counts_the_bins_that_pinned_items_open() -> None:
    build = ProblemBuilder(capacity=[[12], [10], [10], [10], [10]])
    build.items(1, demand=[2], pinned_to=0)
    for size in (4, 6, 3, 7, 5, 5):
        build.items(1, demand=[size])
    problem = build.problem()

    found = ColumnGeneration().solve(problem, MaxRuntime(60))

    assert (found.cost, found.status) == ((0, 3), Status.OPTIMAL)


def test_proves_that_the_linear_bound_cannot_be_met() -> None:
    # Patterns with more items than there are would say 2, whole ones need 3 (Marcotte, 1986).
    view = packing_view(bins_of([132], [([44], 2), ([33], 3), ([12], 6)]))
    packing, proven = Closing(view, 1, 2).search(2, 4.0)
    assert (packing, proven) == (None, 3)


def perfect(rng: np.random.Generator, num_bins: int, capacity: Int64) -> Problem:
    """Three items a bin that fill it to the brim in every resource, in bins to spare."""
    build = ProblemBuilder(capacity=[capacity.tolist()] * (num_bins + num_bins // 4))
    for _ in range(num_bins):
        first, second = rng.integers(capacity // 5, 2 * capacity // 5, (2, len(capacity)))
        for demand in (first, second, capacity - first - second):
            build.items(1, demand=demand.tolist())
    return build.problem()


@pytest.mark.parametrize("capacity", [[1000], [1000, 800, 600]])
def test_triplets_are_packed_without_waste(capacity: list[int]) -> None:
    problem = perfect(np.random.default_rng(1), 20, np.array(capacity))
    found = ColumnGeneration().solve(problem, MaxRuntime(120))
    assert (found.cost, found.status) == ((0, 20), Status.OPTIMAL)
    assert violations(problem, found.solution) == []
