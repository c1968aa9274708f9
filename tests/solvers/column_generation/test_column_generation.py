"""Column generation against exact search and by hand."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement_datasets.packing import packing
from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.cp_sat import CpSat, CpSatParameters
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from placement_solvers.stop import Interruptible, MaxRuntime
from tests.builders import ProblemBuilder

LONG_ENOUGH = MaxRuntime(20)

small = st.builds(
    packing,
    num_items=st.integers(4, 24),
    num_classes=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    priced=st.booleans(),
    zones=st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=small)
def test_its_bound_is_below_and_its_cost_above_the_optimum(problem: Problem) -> None:
    found = ColumnGeneration().solve(problem, LONG_ENOUGH)
    exact = CpSat(CpSatParameters(num_workers=1, repeatable=True)).solve(problem, LONG_ENOUGH, start=found.solution)
    assert violations(problem, found.solution) == []
    assert found.cost == cost_of(problem, found.solution)
    assert found.lower_bound is not None
    # Both bounds hold of the same optimum, whatever either run has proven.
    assert found.lower_bound <= exact.cost
    assert exact.lower_bound is not None
    assert exact.lower_bound <= found.cost
    assert (found.status is Status.OPTIMAL) == (found.cost == found.lower_bound)


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_items_are_packed_and_proven(seed: int) -> None:
    problem = packing(num_items=1_000, num_classes=50, seed=seed)
    found = ColumnGeneration().solve(problem, MaxRuntime(60))
    assert violations(problem, found.solution) == []
    assert found.status is Status.OPTIMAL


def test_three_thirds_and_two_halves_fill_two_bins() -> None:
    build = ProblemBuilder(capacity=[[6]] * 4)
    build.items(3, demand=[2])
    build.items(2, demand=[3])
    found = ColumnGeneration().solve(build.problem(), LONG_ENOUGH)
    assert (found.cost, found.status) == ((0, 2), Status.OPTIMAL)


def test_a_limit_of_one_a_bin_spreads_what_would_fit_together() -> None:
    build = ProblemBuilder(capacity=[[6]] * 4)
    web = build.items(3, demand=[1])
    build.limit(web, build.group(build.each_bin(), members=[web]), at_most=1)
    assert ColumnGeneration().solve(build.problem(), LONG_ENOUGH).cost == (0, 3)


def test_an_interrupted_run_gives_what_it_has() -> None:
    problem = packing(num_items=200, num_classes=10, seed=1)
    found = ColumnGeneration().solve(problem, Interruptible(MaxRuntime(20), lambda: True))
    assert violations(problem, found.solution) == []


def test_items_that_seek_company_are_refused_by_name() -> None:
    build = ProblemBuilder(capacity=[[6]] * 2)
    db = build.items(1, demand=[1])
    web = build.items(1, demand=[1])
    build.attract(web, build.group(build.each_bin(), members=[db]))
    with pytest.raises(UnsupportedProblemError, match="column generation does not know"):
        ColumnGeneration().solve(build.problem(), LONG_ENOUGH)
