"""Local search: many small moves, from hot to cold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from placement_solvers.bounds.area import lower_bound
from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.greedy import Greedy
from placement_solvers.local_search.levelling import level_placement, levels_freely
from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.schedule import NOTHING, Found, Horizon
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.walk import Walk
from placement_solvers.local_search.warming import load_kernels
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.opening import open_watch
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.regions import RegionSearch
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """Improves a placement by shifts, swaps and chains under simulated annealing. Proves nothing.

    Where the clock ends a run there are two short walks first, from hot and from cool. Then regions of a few bins are
    tried: their items are placed anew by an exact solver, which finds what no short chain of moves leads to. What they
    gain there says how much of the time they get in the end.

    Where load above targets is paid for and moves are not, all is first laid out anew (`levelling`).

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

        The time of a `MaxRuntime`, the iterations of a `MaxIterations` or of the parameters are cooled through twice,
        shortly and then thoroughly; where none of these is given coolings follow each other, each twice as long as the
        one before.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If two tiers share out moves between classes, or items take devices.
        """
        load_kernels()
        watch = open_watch(problem, stop, start, self.on_progress)
        if problem.devices.asked:
            raise UnsupportedProblemError("local search does not know devices")
        watch.raise_bound(lower_bound(problem))
        if watch.should_end():
            return watch.result()
        levelled = self.level(problem, watch, seed)
        if not watch.solution.placed.all():
            _place_waiting(problem, watch, watch.incumbent()[0])
        horizon = Horizon.of(stop).less(watch.elapsed, watch.iterations)
        return watch.result(self.improve(problem, watch, horizon, seed, opens=not levelled))

    def level(self, problem: Problem, watch: Watch, seed: int = 0) -> bool:
        """Lay all out anew where load above targets is paid for and moves are not; whether that is cheaper."""
        movable = movable_items(problem)
        if not levels_freely(problem) or not movable.any():
            return False
        before = watch.cost
        found = level_placement(problem, watch.incumbent()[0].bin_of, movable, seed)
        solution, _, _ = with_order(problem, found)
        watch.offer(solution, cost_of(problem, solution))
        return watch.cost < before

    def supports(self, problem: Problem) -> bool:
        """Whether it knows all that the problem asks."""
        return not problem.devices.asked and sum(len(tier.most_moved.set_of) > 0 for tier in problem.tiers) <= 1

    def rebalances(self, problem: Problem) -> bool:
        """Whether it knows all that the problem asks, and there are items with a start that it may move."""
        return self.supports(problem) and bool(np.any(movable_items(problem) & started_items(problem)))

    def improve(
        self, problem: Problem, watch: Watch, horizon: Horizon, seed: int = 0, *, opens: bool = True
    ) -> dict[str, int | float | str]:
        """Go on from the incumbent of a run until the horizon is reached or the run should end; gives statistics.

        Parameters
        ----------
        opens : bool
            Whether temperatures are such that bins are opened; if not, they are for exchanges between those in use.

        Raises
        ------
        UnsupportedProblemError
            If two tiers share out moves between classes.
        """
        load_kernels()
        solution, _ = watch.incumbent()
        movable = movable_items(problem)
        if problem.num_bins == 0 or not movable.any():
            return {}
        if self.parameters.iterations is not None:
            horizon = Horizon(iterations=self.parameters.iterations)
        weights = tier_weights(problem, evicts=bool(np.any(movable & ~solution.placed)))
        tables = tables_of(problem, weights)
        parameters = self.parameters
        numbers = range(parameters.walks(counted=horizon.counts))

        def walked(part: Horizon, heats: Mapping[int, float], first: float = 0.0, found: Found = NOTHING) -> list[Walk]:
            """Walks side by side, each by its number with what its start temperature is multiplied by."""
            walks = [
                Walk(
                    problem,
                    tables,
                    weights,
                    parameters,
                    watch,
                    part,
                    watch.incumbent()[0],
                    movable,
                    seed,
                    number,
                    heat=heat,
                    first=first,
                    found=found,
                    opens=opens,
                )
                for number, heat in heats.items()
            ]
            _run(walks, watch, part)
            return walks

        statistics: dict[str, int | float | str] = {"tiers searched": weights.num_searched}
        # Which heat suits differs between instances and from run to run: walks side by side begin apart.
        heats = {number: parameters.apart**number for number in numbers}
        share = parameters.share_of_regions(int(movable.sum()))
        if horizon.counts or horizon.seconds is None or share == 0:
            return statistics | walked(horizon, heats, parameters.first)[0].statistics()
        ends = watch.elapsed + horizon.seconds
        short = Horizon(horizon.seconds * parameters.first_walk)
        # Some are best left near where they are: what begins cool finds that soon, what begins hot never does.
        near = {number: parameters.near if number else 1.0 for number in numbers}
        alone = walked(short, {1: parameters.near}) if len(near) == 1 else []
        far, *others = walked(short, near) + alone
        if min(walk.best for walk in others) < far.best:
            heats = near
        before = weights.total(watch.incumbent()[1])
        searches = [RegionSearch(problem, tables, weights, watch, movable, seed, number) for number in numbers]
        _run(searches, watch, Horizon(horizon.seconds * parameters.probe), lambda: searches[0].ended)
        gain = (before - weights.total(watch.incumbent()[1])) / max(abs(before), 1)
        share *= min(1.0, gain / parameters.convincing)
        rest = Horizon(max(ends - watch.elapsed - share * horizon.seconds, 0.0))
        statistics |= walked(rest, heats, found=far.found)[0].statistics()
        _run(searches, watch, Horizon(max(ends - watch.elapsed, 0.0)), lambda: searches[0].ended)
        return statistics | searches[0].statistics()


def started_items(problem: Problem) -> Bool:
    """Items that lie in a bin now, (I,) bool."""
    return problem.start != NOWHERE if len(problem.start) else np.zeros(problem.num_items, dtype=np.bool_)


def movable_items(problem: Problem) -> Bool:
    """Items that the search may move, (I,) bool: not of gangs, nor held at their start or kept out of it."""
    movable = np.ones(problem.num_items, dtype=np.bool_)
    if len(problem.gangs):
        movable &= problem.gangs.of_item == NOWHERE
    if len(problem.class_movable):
        movable &= problem.class_movable[problem.class_of] | ~started_items(problem)
    return movable


def _place_waiting(problem: Problem, watch: Watch, first: Solution) -> None:
    try:
        found = Greedy().solve(problem, lambda _: False, start=first)
    except UnsupportedProblemError:
        return  # the walk itself places what waits
    watch.offer(found.solution, found.cost)


class _Searching(Protocol):
    """A search that several threads run side by side, a step at a time."""

    def advance(self) -> None:
        """Make one iteration."""

    def offer(self) -> None:
        """Show the best placement."""


def _run(
    searches: Sequence[_Searching], watch: Watch, horizon: Horizon, ended: Callable[[], bool] = lambda: False
) -> None:
    """Let the searches go on until the horizon is reached, the run should end, or they have nothing left to do."""
    began = watch.elapsed

    def over(done: int) -> bool:
        return watch.should_end() or ended() or horizon.share(watch.elapsed - began, done) == 1.0

    if horizon.counts:
        _take_turns(searches, watch, over)
    else:
        _run_side_by_side(searches, watch, over)


def _take_turns(searches: Sequence[_Searching], watch: Watch, over: Callable[[int], bool]) -> None:
    """One iteration each, again and again, in this thread: every run gives the same."""
    done = 0
    while not over(done):
        for one in searches:
            one.advance()
        done += 1
        watch.iterations += 1
    for one in searches:
        one.offer()


def _run_side_by_side(searches: Sequence[_Searching], watch: Watch, over: Callable[[int], bool]) -> None:
    """The first search here, where the criterion may be asked, the others in threads until it ends."""
    ends = threading.Event()
    failures: list[BaseException] = []

    def run(one: _Searching) -> None:
        try:
            while not ends.is_set():
                one.advance()
            one.offer()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(one,), daemon=True) for one in searches[1:]]
    for thread in threads:
        thread.start()
    try:
        while not over(0) and not failures:
            searches[0].advance()
            watch.iterations += 1
        searches[0].offer()
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
