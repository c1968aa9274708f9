"""Packing by column generation: a bound from patterns, and packings rounded from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement_solvers.bounds.family import best_lower_bound
from placement_solvers.column_generation.parameters import ColumnGenerationParameters
from placement_solvers.column_generation.run import Run
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.opening import open_watch
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class ColumnGeneration:
    """Packs items into the fewest or cheapest bins by patterns, and proves how far that is from the best.

    Bins that are alike are one type, and the linear programme over all patterns of all types gives the bound
    (Gilmore and Gomory, A linear programming approach to the cutting stock problem, Operations Research 9(6), 1961).
    Its solution is rounded, and what is left over is packed by CP-SAT. The tiers are minimised one after the other.

    Limits and exclusions within bins, and spreads and limits of a set of classes over larger domains, are honoured;
    other relations, gangs and items with a start are not: see `placement_solvers.packing_view`. Tiers that ask for
    more than items placed and bins opened are left as they come.

    Parameters
    ----------
    parameters : ColumnGenerationParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: ColumnGenerationParameters = field(default_factory=ColumnGenerationParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "column_generation"

    def supports(self, problem: Problem) -> bool:
        """Whether the problem is a packing problem all through."""
        return not _runs_already(problem) and _refusal(packing_view(problem)) is None

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve, with `start` as the first incumbent.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If the problem has a family of constraints that patterns do not express.
        """
        watch = open_watch(problem, stop, start, self.on_progress)
        view = packing_view(problem)
        refusal = _refusal(view)
        if refusal is not None:
            raise UnsupportedProblemError(f"column generation does not know: {refusal}")
        bound = best_lower_bound(problem, by_columns=False, should_stop=watch.should_stop)
        watch.raise_bound(bound.cost, bound.witness)
        self._improve(view, watch, seed)
        return watch.result()

    def improve(self, problem: Problem, watch: Watch, seed: int = 0) -> None:
        """Go on from the incumbent and the bound of a run until it should end; nothing if the problem is no packing."""
        if _runs_already(problem):
            return
        view = packing_view(problem)
        if _refusal(view) is None:
            self._improve(view, watch, seed)

    def _improve(self, view: PackingView, watch: Watch, seed: int) -> None:
        if view.num_types and not watch.should_end():
            Run(view, self.parameters, watch, seed).run()


def _runs_already(problem: Problem) -> bool:
    """Whether items lie somewhere, which no view can say: asked first, as large views take long to make."""
    return len(problem.start) > 0 and bool((problem.start != NOWHERE).any())


def _refusal(view: PackingView) -> str | None:
    if view.relaxed:
        return ", ".join(view.relaxed)
    return "a first tier that asks for more than items placed and bins opened" if view.num_tiers == 0 else None
