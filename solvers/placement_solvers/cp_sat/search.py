"""One call of CP-SAT: solved in a thread of its own, so that the caller's thread can watch, stop and be interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from placement_solvers.cp_sat.program import Program

POLL = 0.01
"""Seconds between two looks at a running search."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a search may take.

    Attributes
    ----------
    workers : int
    seed : int
    interleave : bool
        Whether several workers take turns in a fixed order, which makes the run repeatable.
    deterministic_time : float or None
        CP-SAT's count of work, about a second each.
    small: bool
        Whether the program is one of very many that are searched within tenths of a second: the linear relaxation as
        it stands leads to the end there, and looking for cuts, symmetry and failing literals does not pay.
    """

    workers: int
    seed: int
    interleave: bool
    deterministic_time: float | None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search found.

    Attributes
    ----------
    values : list of int or None
        The best assignment.
    bound : int or None
        No assignment's objective, its constant left out, is below it; None if nothing was proven.
    optimal, infeasible : bool
    deterministic_time : float
    """

    values: list[int] | None
    bound: int | None
    optimal: bool
    infeasible: bool
    deterministic_time: float


Watch = Callable[[list[int] | None, int | None], bool]
"""Sees the newest assignment and bound, None where nothing is new; True ends the search."""


def search(program: Program, limits: Limits, watch: Watch) -> Outcome:
    """Minimise the program's objective until it is proven, the work is used up or `watch` ends it."""
    from ortools.sat.python import cp_model_helper

    parameters = cp_model_helper.SatParameters()
    parameters.num_workers = limits.workers
    parameters.random_seed = limits.seed
    parameters.catch_sigint_signal = False
    if limits.interleave and limits.workers > 1:
        parameters.interleave_search = True
    if limits.deterministic_time is not None:
        parameters.max_deterministic_time = limits.deterministic_time
    if limits.small:
        parameters.linearization_level = 2
        parameters.cut_level = 0
        parameters.cp_model_probing_level = 0
        parameters.symmetry_level = 0
    solver = cp_model_helper.SolveWrapper()
    solver.set_parameters(parameters)
    news = _News()

    class OnSolution(cp_model_helper.SolutionCallback):
        def OnSolutionCallback(self) -> None:  # noqa: N802
            news.solution = list(self.Response().solution)  # type: ignore[no-untyped-call]

    callback = OnSolution()
    solver.add_solution_callback(callback)
    solver.add_best_bound_callback(news.tell_bound)
    responses: list[Any] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            responses.append(solver.solve(program.proto))  # type: ignore[no-untyped-call]
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="cp-sat", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
            if thread.is_alive() and watch(*news.take()):
                break
    finally:
        solver.stop_search()
        thread.join()
        solver.clear_solution_callback(callback)
    if failures:
        raise failures[0]
    return _outcome(responses[0], cp_model_helper)


def _outcome(response: Any, cp_model_helper: Any) -> Outcome:
    status = response.status
    found = status in (cp_model_helper.OPTIMAL, cp_model_helper.FEASIBLE)
    if status == cp_model_helper.MODEL_INVALID:
        raise AssertionError("CP-SAT refused the model: a defect of this program")
    return Outcome(
        values=list(response.solution) if found else None,
        # A search that found nothing reports a bound of 0, proven or not.
        bound=int(response.inner_objective_lower_bound) if found else None,
        optimal=status == cp_model_helper.OPTIMAL,
        infeasible=status == cp_model_helper.INFEASIBLE,
        deterministic_time=float(response.deterministic_time),
    )


class _News:
    """The latest solution and bound, handed from the solver's threads to the watching one."""

    def __init__(self) -> None:
        self.solution: list[int] | None = None
        self.bound: int | None = None

    def tell_bound(self, bound: float) -> None:
        # The callback rounds to a double; beyond its precision nothing is told before the end.
        if abs(bound) < 2**52:
            self.bound = round(bound)

    def take(self) -> tuple[list[int] | None, int | None]:
        solution, self.solution = self.solution, None
        return solution, self.bound
