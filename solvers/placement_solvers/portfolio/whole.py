"""A problem in one piece: who is asked, in which order and for how long."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace

from placement_solvers.column_generation import ColumnGeneration, ColumnGenerationParameters
from placement_solvers.covering import CoverAndPack
from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.forgetting import forget_gangs
from placement_solvers.cp_sat.parameters import CpSatParameters
from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.tier_by_tier import minimise_tiers
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.first_fit import FirstFit
from placement_solvers.fresh_plans import bound_of, laid_over, relaxes, without_starts
from placement_solvers.lns.parameters import LnsParameters
from placement_solvers.lns.solver import Descent
from placement_solvers.local_search import LocalSearch, LocalSearchParameters
from placement_solvers.local_search.falling import fall
from placement_solvers.local_search.schedule import Horizon
from placement_solvers.objective import cost_of, num_closed
from placement_solvers.portfolio.parameters import PortfolioParameters
from placement_solvers.portfolio.sharing import shared
from placement_solvers.problem import Problem
from placement_solvers.slotting import pack_and_deal
from placement_solvers.stop import Progress

POLL = 0.01
"""Seconds between two looks at the thread of the exact solver."""

COVERING_ROUNDS = 3
"""Rounds that cover and pack has before column generation, where the bins are few of a kind."""


class Whole:
    """One problem that is solved as a whole."""

    def __init__(self, problem: Problem, parameters: PortfolioParameters, watch: Watch, seed: int) -> None:
        self._problem, self._parameters, self._watch, self._seed = problem, parameters, watch, seed
        pairs = problem.num_classes * problem.num_bins
        self._exact_fits = pairs <= parameters.max_pairs
        self._exact_fits_beside = pairs <= parameters.max_pairs_beside
        self._search_fits = pairs <= parameters.max_pairs_searched

    def run(self, *, again: bool = False) -> None:
        """Run the solvers that fit until the watch ends it; `again` leaves out those that gave up before."""
        if not again:
            self._forget_gangs()
            self._forget_starts()
            self._regroup(self._parameters.regrouping)
            if self._watch.should_end():
                return
            if self._rebalance():
                if not self._search_fits:
                    return
            else:
                self._find_room()
        if self._watch.should_end():
            return
        if self._parameters.repeatable:
            self._take_turns(again=again)
        elif self._exact_fits:
            self._side_by_side(again=again)
        else:
            self.pack()
            self._regroup(1.0)
            self._descend(num_workers=self._parameters.num_workers)

    def _regroup(self, share: float) -> None:
        """First fit again and again, where there are many resources, for a share of the time there is."""
        problem, watch, parameters = self._problem, self._watch, self._parameters
        if watch.should_end() or not FirstFit().suits(problem):
            return
        until = watch.elapsed + self._seconds_for(share)

        def enough(rounds: int) -> bool:
            return rounds >= parameters.regroupings if parameters.repeatable else watch.elapsed >= until

        FirstFit().regroup(problem, watch, self._seed, enough)

    def pack(self) -> None:
        """Column generation, where this is a packing problem: nothing else proves so much of those.

        Where the exact solver could go on it gives up as soon as all its ways to round have failed, once where that
        solver is at its best and twice where it is not. Where relations are in its way, and the problem is too large
        for that solver, it packs as if they were not, and the places are dealt out by all rules.
        """
        if not self._exact_fits:
            self._pack_and_deal()
        if not self._watch.should_end():
            self._pack(self._problem, self._watch)

    def _pack_and_deal(self) -> None:
        watch, parameters = self._watch, self._parameters
        if ColumnGeneration().supports(self._problem):
            return
        patterns = ColumnGeneration(
            ColumnGenerationParameters(parameters.num_workers, parameters.repeatable, max_rounds=1)
        )
        horizon = None if parameters.repeatable else self._left()
        part = None if horizon is None else horizon.part(parameters.packing)
        until = None if part is None or part.seconds is None else watch.elapsed + part.seconds

        def stop(_: Progress) -> bool:
            return watch.should_end() or (until is not None and watch.elapsed >= until)

        pack_and_deal(self._problem, patterns, stop, watch, self._seed)

    def _pack(self, problem: Problem, watch: Watch) -> None:
        parameters = self._parameters
        if CoverAndPack().suits(problem):
            covering = shared(watch)
            CoverAndPack().improve(problem, covering, self._seed, COVERING_ROUNDS)
            watch.iterations += covering.iterations
            if watch.should_end():
                return
        patterns = ColumnGenerationParameters(num_workers=parameters.num_workers, repeatable=parameters.repeatable)
        if self._exact_fits:
            patterns = replace(patterns, max_rounds=1 if self._exact_fits_beside else 2)
        packing = shared(watch)
        ColumnGeneration(patterns).improve(problem, packing, self._seed)
        watch.iterations += packing.iterations

    def _forget_gangs(self) -> None:
        """Solve without the gangs that may lie anywhere, as far as that goes quickly."""
        parameters = self._parameters
        if self._exact_fits:
            workers = 1 if parameters.repeatable else parameters.num_workers
            exact = CpSatParameters(workers, parameters.repeatable, deterministic_time=parameters.work)
            forget_gangs(self._problem, self._watch, exact, self._seed, before=self._pack)

    def _forget_starts(self) -> None:
        """Plan from nothing, where what can be in at all is open, and lay that over what lies in the bins."""
        problem, watch, parameters = self._problem, self._watch, self._parameters
        fresh = without_starts(problem)
        if fresh is None or not self._exact_fits or watch.should_end():
            return
        tiers, bounds = len(fresh.tiers), relaxes(problem, fresh)
        if watch.lower_bound is not None and watch.cost[:tiers] == watch.lower_bound[:tiers]:
            return
        until = math.inf if parameters.repeatable else watch.elapsed + self._seconds_for(parameters.fresh)

        def stop(_: Progress) -> bool:
            known = watch.lower_bound
            settled = known is not None and watch.cost[:tiers] == known[:tiers]
            return settled or watch.elapsed >= until or watch.should_end()

        loose = begin(fresh, stop, None, None)

        def remember(_: Progress) -> None:
            if bounds and loose.lower_bound is not None:
                watch.raise_bound(bound_of(problem, loose.lower_bound))
            if loose.cost <= watch.cost[:tiers]:
                solution = with_order(problem, laid_over(problem, fresh, loose.incumbent()[0].bin_of))[0]
                watch.offer(solution, cost_of(problem, solution))

        remember(loose.progress())
        loose.on_progress = remember
        if not loose.should_end():
            Whole(fresh, parameters, loose, self._seed).run()
        watch.iterations += loose.iterations

    def _rebalance(self) -> bool:
        """Local search, where many bins hold items that may move: nobody else tries so many moves.

        Tells whether it was run.
        """
        problem, watch, parameters = self._problem, self._watch, self._parameters
        search = self._local_search()
        levels = any(tier.over_target is not None or len(tier.balances) for tier in problem.tiers)
        many = problem.num_bins >= parameters.min_bins_moved or (
            levels and problem.num_classes * problem.num_bins >= parameters.min_pairs_levelled
        )
        rebalances = search.rebalances(problem)
        # What lies nowhere yet is laid out by search only where an exact model would be too large.
        if not many or not (rebalances or (levels and not self._exact_fits)) or watch.should_end():
            return False
        anew = levels and search.level(problem, watch, self._seed)
        if not (anew or rebalances) or watch.should_end():
            return anew
        share = parameters.levelling if levels else parameters.moving
        left = self._part_for_moves(share if self._search_fits else 1.0)
        if levels and not anew:
            self._level(search, left)
        else:
            search.improve(problem, watch, left, self._seed, opens=not anew)
        return True

    def _find_room(self) -> None:
        """Local search for room for what waits, where no exact model of the whole is built: greedy never looks back."""
        problem, watch, search = self._problem, self._watch, self._local_search()
        if self._exact_fits or not self._may_find_room() or watch.should_end() or not search.supports(problem):
            return
        search.improve(problem, watch, self._part_for_moves(self._parameters.finding), self._seed)

    def _may_find_room(self) -> bool:
        """Whether a tier that counts what waits is not known to be at its best."""
        watch = self._watch
        closed = 0 if watch.lower_bound is None else num_closed(watch.cost, watch.lower_bound)
        counted = any(tier.unplaced is not None for tier in self._problem.tiers[closed:])
        return counted and not watch.solution.placed.all()

    def _left(self) -> Horizon:
        """The time or the iterations that are left, as far as the criterion tells."""
        return Horizon.of(self._watch.stop).less(self._watch.elapsed, self._watch.iterations)

    def _seconds_for(self, share: float) -> float:
        """A share of the seconds that are left, or what a part gets where no end is in sight."""
        part = self._left().part(share)
        return self._parameters.part_seconds if part is None or part.seconds is None else part.seconds

    def _part_for_moves(self, share: float) -> Horizon:
        """How long local search goes on: a share of what is left, or what it gets where no end is in sight."""
        parameters = self._parameters
        if parameters.repeatable:
            return Horizon(iterations=parameters.moves)
        return self._left().part(share) or Horizon(seconds=parameters.part_seconds)

    def _local_search(self) -> LocalSearch:
        parameters = self._parameters
        iterations = parameters.moves if parameters.repeatable else None
        return LocalSearch(LocalSearchParameters(num_workers=parameters.num_workers, iterations=iterations))

    def _level(self, search: LocalSearch, horizon: Horizon) -> None:
        """The largest gains first; then local search, and who of the two found more goes on.

        Annealing has to find back to where items lie, if few moves are enough; a descent cannot leave what it reached.
        """
        problem, watch, falling = self._problem, self._watch, self._parameters.falling
        begins = watch.incumbent()[0]
        first, last = horizon.part(falling), horizon.part(1 - 2 * falling)
        assert first is not None
        assert last is not None  # both are shares of something
        fall(problem, begins, watch, first, self._seed)
        fallen = watch.cost
        search.improve(problem, watch, first, self._seed)
        if watch.should_end():
            return
        if watch.cost < fallen:
            search.improve(problem, watch, last, self._seed + 1)
        else:
            fall(problem, begins, watch, last, self._seed + 1)

    def _take_turns(self, *, again: bool) -> None:
        parameters = self._parameters
        if not again:
            self.pack()
        if self._exact_fits and not self._watch.should_end():
            exact = CpSatParameters(num_workers=1, repeatable=True, deterministic_time=parameters.work)
            minimise_tiers(self._problem, exact, self._watch, self._seed)
        if not self._watch.should_end():
            steps = self._watch.iterations + parameters.steps
            Descent(self._problem, LnsParameters(), self._watch, self._seed).run(
                lambda: self._watch.iterations >= steps
            )

    def _side_by_side(self, *, again: bool) -> None:
        """The exact solver in a thread of its own beside column generation, then beside the search of neighbourhoods.

        Each of the two here has a moment for itself first.
        """
        watch, parameters = self._watch, self._parameters
        packs = not again and (ColumnGeneration().supports(self._problem) or CoverAndPack().suits(self._problem))
        begins = threading.Event()
        failures: list[BaseException] = []

        def prove() -> None:
            begins.wait(parameters.before_exact if self._exact_fits_beside else None)
            try:
                if not (watch.proven or watch.stopped_by) and self._has_time_for_exact():
                    exact = CpSatParameters(num_workers=max(1, parameters.num_workers - 1))
                    minimise_tiers(self._problem, exact, watch, self._seed)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=prove, name="exact", daemon=True)
        thread.start()
        try:
            if packs:
                self.pack()
        finally:
            begins.set()
        joins_at = watch.elapsed + parameters.alone
        while thread.is_alive() and watch.elapsed < joins_at and not watch.should_end():
            thread.join(POLL)
        if thread.is_alive() and not watch.should_end():
            self._descend(num_workers=1, until=lambda: not thread.is_alive())
        while thread.is_alive():
            watch.should_stop()
            thread.join(POLL)
        if failures:
            raise failures[0]
        if not watch.should_end():
            self._descend(num_workers=parameters.num_workers)

    def _has_time_for_exact(self) -> bool:
        left = self._left()
        pairs = self._problem.num_classes * self._problem.num_bins
        return left.seconds is None or pairs <= self._parameters.pairs_a_second * left.seconds

    def _descend(self, num_workers: int, until: Callable[[], bool] = lambda: False) -> None:
        parameters = LnsParameters(num_workers=num_workers)
        Descent(self._problem, parameters, self._watch, self._seed).run(until)
