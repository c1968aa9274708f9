"""The laws of all solvers on problems that column generation takes; most random ones have a relation it refuses."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from placement_solvers.column_generation import ColumnGeneration, ColumnGenerationParameters
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import Problem
from tests.conformance import LAWS, Law
from tests.strategies import problems

SOLVER = ColumnGeneration(ColumnGenerationParameters(num_workers=1, repeatable=True))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(gangs=False, start=False))
def test_column_generation(law: Law, problem: Problem) -> None:
    try:
        law(SOLVER, problem)
    except UnsupportedProblemError:
        assume(False)
