"""A heuristic that runs through once, under the signature of the solvers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Incumbent, Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class Peer:
    """A heuristic by its name. It is not stopped half-way: whoever runs it kills what takes too long."""

    name: str
    heuristic: Callable[[Problem, int], Solution]

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Run the heuristic; `start` and `stop` play no part."""
        began = time.perf_counter()
        solution = self.heuristic(problem, seed)
        elapsed = time.perf_counter() - began
        cost = cost_of(problem, solution)
        return Result(
            status=Status.FEASIBLE,
            stopped_by=StopReason.FINISHED,
            solution=solution,
            cost=cost,
            lower_bound=None,
            elapsed=elapsed,
            trace=(Incumbent(elapsed, cost, None),),
        )


def as_it_stands(problem: Problem, seed: int) -> Solution:
    """What has a bin stays in it, nothing else is placed."""
    if len(problem.start) == 0:
        return Solution.nothing_placed(problem.num_items)
    return Solution(problem.start.copy(), np.flatnonzero(problem.start != NOWHERE).astype(np.int32))
