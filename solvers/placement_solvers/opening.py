"""How every run opens: the problem and the start are checked, and the clock begins with what there is."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion
from placement_solvers.validation import validate, validate_solution


def open_watch(
    problem: Problem, stop: StoppingCriterion, start: Solution | None, on_progress: OnProgress | None
) -> Watch:
    """A watch whose incumbent is `start`, or without one that nothing has happened yet, which is always feasible.

    Raises
    ------
    InvalidProblemError
        If the instance contradicts itself.
    InvalidSolutionError
        If `start` speaks of other items or bins.
    """
    validate(problem)
    if start is not None:
        validate_solution(problem, start)
    first = left_as_it_was(problem) if start is None else start
    return Watch(stop, first, cost_of(problem, first), on_progress=on_progress)


def left_as_it_was(problem: Problem) -> Solution:
    """The solution in which nothing has happened yet: items with a start stay, all others wait."""
    if len(problem.start) == 0:
        return Solution.nothing_placed(problem.num_items)
    return Solution(problem.start.copy(), np.flatnonzero(problem.start >= 0).astype(np.int32))
