"""The one signature all solvers share."""

from __future__ import annotations

from typing import Protocol

from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


class Solver(Protocol):
    """Turns a problem into the best solution it can find before the criterion ends the run."""

    @property
    def name(self) -> str:
        """The name users choose it by."""

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve, from `start` if there is one; the same arguments give the same result."""
