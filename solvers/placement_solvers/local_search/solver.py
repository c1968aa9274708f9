"""Local search: many small moves, from hot to cold."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.bounds.area import lower_bound
from placement_solvers.cp_sat.beginning import left_as_it_was
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.greedy import Greedy
from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.walk import Walk
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion
from placement_solvers.validation import validate

HEAT_OF_WORKERS = (1.0, 0.2, 4.0, 0.05)
"""Start temperatures of walks side by side, as a multiple: no single one is best for all instances."""


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """Improves a placement by shifts, swaps and chains under simulated annealing. Proves nothing.

    Knows every family of `Problem` but devices. Items of gangs, and those that may not be moved, stay where they are.
    Where an order of admission matters it is sought for each placement shown, and what finds no turn is left out of it.

    Parameters
    ----------
    parameters : LocalSearchParameters
    on_progress : callable, optional
        Told of every better cost that is shown.
    """

    parameters: LocalSearchParameters = field(default_factory=LocalSearchParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "local_search"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Improve `start`, or what runs now with greedy's places for what waits.

        The whole time of a `MaxRuntime` or all iterations of a `MaxIterations` are cooled through once; under other
        criteria coolings follow each other, each twice as long as the one before.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        UnsupportedProblemError
            If two tiers share out moves between classes, or items take devices.
        """
        validate(problem)
        if problem.devices.asked:
            raise UnsupportedProblemError("local search does not know devices")
        first = left_as_it_was(problem) if start is None else start
        watch = Watch(stop, first, cost_of(problem, first), on_progress=self.on_progress)
        watch.raise_bound(lower_bound(problem))
        if watch.should_end():
            return watch.result()
        if not first.placed.all():
            _place_waiting(problem, watch, first)
        solution, _ = watch.incumbent()
        movable = movable_items(problem, solution)
        if problem.num_bins == 0 or not movable.any():
            return watch.result()
        weights = tier_weights(problem, evicts=bool(np.any(movable & ~solution.placed)))
        tables = tables_of(problem, weights)
        walks = [
            Walk(problem, tables, weights, self.parameters, watch, solution, movable, seed + worker, heat)
            for worker, heat in zip(range(self.parameters.num_workers), HEAT_OF_WORKERS * 64, strict=False)
        ]
        _run(walks, watch)
        statistics: dict[str, int | float | str] = {"tiers searched": weights.num_searched}
        return watch.result(statistics | walks[0].statistics())


def movable_items(problem: Problem, solution: Solution) -> Bool:
    """Items that the search may move, (I,) bool: not of gangs, nor held at their start or kept out of it."""
    movable = np.ones(problem.num_items, dtype=np.bool_)
    if len(problem.gangs):
        movable &= problem.gangs.of_item == NOWHERE
    if len(problem.start) and len(problem.class_movable):
        movable &= problem.class_movable[problem.class_of] | (problem.start == NOWHERE)
    return movable


def _place_waiting(problem: Problem, watch: Watch, first: Solution) -> None:
    try:
        found = Greedy().solve(problem, lambda _: False, start=first)
    except UnsupportedProblemError:
        return  # the walk itself places what waits
    watch.offer(found.solution, found.cost)


def _run(walks: list[Walk], watch: Watch) -> None:
    """The first walk here, where the criterion may be asked, the others in threads until it ends."""

    def ended() -> bool:
        watch.iterations += 1
        return watch.should_end()

    threads = [threading.Thread(target=walk.run, args=(watch.should_end,), daemon=True) for walk in walks[1:]]
    for thread in threads:
        thread.start()
    walks[0].run(ended)
    for thread in threads:
        thread.join()
