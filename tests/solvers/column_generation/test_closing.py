"""Packings at the bound by choosing from all patterns that may be in one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.column_generation.choosing import choose_patterns
from placement_solvers.column_generation.closing import Closing
from placement_solvers.column_generation.enumeration import enumerate_patterns
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.cp_sat.search import Limits
from placement_solvers.feasibility import violations
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Problem
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


def maximal_patterns(view: PackingView) -> set[tuple[int, ...]]:
    most = view.most[0]
    fitting = [
        pattern
        for pattern in itertools.product(*(range(int(items) + 1) for items in most))
        if (np.array(pattern) @ view.demand <= view.capacity[0]).all()
    ]
    return {
        pattern
        for pattern in fitting
        if not any(other != pattern and all(a >= b for a, b in zip(other, pattern, strict=True)) for other in fitting)
    }


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(
        st.tuples(st.lists(st.integers(1, 9), min_size=2, max_size=2), st.integers(1, 3)), min_size=1, max_size=4
    ),
    shortfall=st.floats(0, 1),
)
def test_finds_every_maximal_pattern_that_falls_short_by_no_more(
    sizes: list[tuple[list[int], int]], shortfall: float
) -> None:
    view = packing_view(bins_of([11, 9], sizes))
    relaxation = converged(view.problem)
    assert relaxation.witness is not None
    prices, allowed = relaxation.witness, int(shortfall * relaxation.witness.unit)
    listed = enumerate_patterns(view, 0, prices, allowed)
    wanted = {
        pattern
        for pattern in maximal_patterns(view)
        if np.array(pattern) @ prices.of_item[0] >= prices.unit * view.open[1, 0] - allowed
    }
    assert listed.is_complete
    assert {tuple(row) for row in listed.patterns.tolist()} == wanted


def test_covers_with_the_fewest_patterns() -> None:
    patterns = np.array([[2, 0, 0], [0, 2, 0], [1, 1, 1], [0, 0, 1]], dtype=np.int32)
    chosen = choose_patterns(patterns, np.array([3, 3, 1]), at_least=2, seconds=10)
    assert chosen.times is not None
    assert (int(chosen.times.sum()), chosen.at_least) == (3, 3)
    assert (chosen.times @ patterns >= [3, 3, 1]).all()


def test_says_when_a_class_is_in_no_pattern() -> None:
    chosen = choose_patterns(np.array([[1, 0]], dtype=np.int32), np.array([1, 1]), at_least=1, seconds=10)
    assert (chosen.times, chosen.at_least) == (None, 2)


def test_proves_that_the_linear_bound_cannot_be_met() -> None:
    # The linear programme says 2, whole patterns need 3 (Marcotte, 1986).
    problem = bins_of([132], [([44], 2), ([33], 3), ([12], 6)])
    closing = Closing(converged(problem))
    found = closing.search(10.0)
    assert closing.lower_bound == 3
    assert found is None or found.times.sum() >= 3


@pytest.mark.parametrize("seed", range(3))
def test_triplets_are_packed_without_waste(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = []
    for _ in range(20):
        first, second = rng.integers(200, 400, 2).tolist()
        sizes += [first, second, 1000 - first - second]
    build = ProblemBuilder(capacity=[[1000]] * 30)
    for size in sizes:
        build.items(1, demand=[size])
    problem = build.problem()
    found = ColumnGeneration().solve(problem, MaxRuntime(120))
    assert (found.cost, found.status) == ((0, 20), Status.OPTIMAL)
    assert violations(problem, found.solution) == []
