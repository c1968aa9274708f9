"""Prices that leave few patterns."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.column_generation.leaning import Leaning, Network, lean
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int64, Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder


def bins_of(capacity: int, sizes: list[tuple[int, int]], num_bins: int = 20) -> Problem:
    build = ProblemBuilder(capacity=[[capacity]] * num_bins)
    for size, count in sizes:
        build.items(count, demand=[size])
    return build.problem()


def converged(problem: Problem) -> Relaxation:
    relaxation = Relaxation(packing_view(problem), 1, (0,), Limits(1, 0, True, 1.0))
    relaxation.run(lambda: False)
    return relaxation


def leaning(relaxation: Relaxation, bins: int) -> Leaning:
    found = lean(relaxation, bins, np.random.default_rng(0), lambda: False)
    assert found is not None
    return found


def fitting(view: PackingView) -> Int64:
    """Every pattern that fits, by enumeration."""
    most = np.minimum(view.most[0], view.count)
    every = np.array(list(itertools.product(*(range(int(items) + 1) for items in most))), dtype=np.int64)
    held: Int64 = every[(every @ view.demand <= view.capacity[0]).all(axis=1)]
    return held


def kept(view: PackingView, found: Leaning, bins: int) -> Int64:
    """The patterns that the proof leaves to packings of so many bins, by enumeration."""
    earned, prices = int(found.proof.earned[0]), found.proof.of_item
    short = bins * earned - int(view.count @ prices)
    every = fitting(view)
    left: Int64 = every[every @ prices >= earned - short]
    return left


SIZES = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 3)), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(sizes=SIZES)
def test_no_pattern_earns_more_than_the_proof_says_and_no_pattern_that_is_left_is_missed(
    sizes: list[tuple[int, int]],
) -> None:
    relaxation = converged(bins_of(13, sizes))
    view = relaxation.view

    found = leaning(relaxation, relaxation.lower_bound)

    assert (fitting(view) @ found.proof.of_item).max() == found.proof.earned[0]
    assert found.patterns >= len(kept(view, found, relaxation.lower_bound))


@settings(max_examples=25, deadline=None)
@given(bins=st.lists(st.sampled_from([(8, 5), (6, 4, 3), (7, 3, 2, 1), (9, 4), (5, 5, 3)]), min_size=2, max_size=5))
def test_a_packing_without_waste_uses_only_patterns_that_are_left(bins: list[tuple[int, ...]]) -> None:
    sizes, counts = np.unique(np.concatenate(bins), return_counts=True)
    relaxation = converged(bins_of(13, list(zip(sizes.tolist(), counts.tolist(), strict=True))))
    view = relaxation.view

    found = leaning(relaxation, len(bins))

    left = {tuple(pattern) for pattern in kept(view, found, len(bins)).tolist()}
    for contents in bins:
        assert tuple(contents.count(int(size)) for size in view.demand[:, 0].tolist()) in left


def test_where_nothing_may_be_wasted_leaning_prices_leave_fewer_patterns_than_sizes_do() -> None:
    rng = np.random.default_rng(3)
    cuts = np.sort(rng.integers([[52, 4]] * 12, [[75, 15]] * 12), axis=1)[:, ::-1]
    pieces = np.concatenate([cuts, 100 - cuts.sum(axis=1, keepdims=True)], axis=1).reshape(-1)
    sizes = [(int(size), int((pieces == size).sum())) for size in np.unique(pieces)]
    relaxation = converged(bins_of(100, sizes))
    view = relaxation.view
    bins = int(view.demand[:, 0] @ view.count) // 100

    found = leaning(relaxation, bins)

    by_size = Network(view, bins).leaning(view.demand[:, 0].astype(np.float64))
    assert 12 <= found.patterns < by_size.patterns / 2


def test_looking_for_prices_leaves_bound_and_optimum_of_the_relaxation_alone() -> None:
    relaxation = converged(bins_of(100, [(51, 3), (27, 4), (26, 5), (23, 6), (11, 2)]))
    columns = relaxation.columns()
    assert columns is not None
    before = relaxation.lower_bound, relaxation.witness, columns.usage.sum()

    leaning(relaxation, relaxation.lower_bound)

    after = relaxation.columns()
    assert after is not None
    assert (relaxation.lower_bound, relaxation.witness) == before[:2]
    assert abs(after.usage.sum() - before[2]) < 1e-6


def test_two_resources_are_no_paths_to_lean_on() -> None:
    build = ProblemBuilder(capacity=[[10, 10]] * 4)
    build.items(3, demand=[4, 5])
    relaxation = converged(build.problem())

    assert lean(relaxation, 2, np.random.default_rng(0), lambda: False) is None


def brute_force(sizes: list[int], capacity: int) -> int:
    """The fewest bins, by putting item after item into every bin there is and a new one."""
    best = len(sizes)

    def put(number: int, loads: tuple[int, ...]) -> None:
        nonlocal best
        if len(loads) >= best:
            return
        if number == len(sizes):
            best = len(loads)
            return
        for at in sorted({load: bin_ for bin_, load in enumerate(loads)}.values()):
            if loads[at] + sizes[number] <= capacity:
                put(number + 1, (*loads[:at], loads[at] + sizes[number], *loads[at + 1 :]))
        put(number + 1, (*loads, sizes[number]))

    put(0, ())
    return best


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.tuples(st.integers(11, 19), st.integers(1, 9)), min_size=2, max_size=4))
def test_what_is_proven_of_bins_without_room_to_waste_is_what_enumeration_finds(parts: list[tuple[int, int]]) -> None:
    # Odd pieces of full bins, one of them moved from bin to bin: sizes add up, but seldom go together.
    sizes = [piece for big, small in parts for piece in (big, 30 - big - small, small)]
    sizes[1] += 1
    sizes[4] -= 1
    sizes.sort(reverse=True)
    problem = bins_of(30, [(size, sizes.count(size)) for size in sorted(set(sizes))])

    result = ColumnGeneration().solve(problem, MaxRuntime(20.0))

    assert result.status is Status.OPTIMAL
    assert result.cost == (0, brute_force(sizes, 30))
