"""Lexicographic minimisation: the tiers of one model in turn, those before held at the best that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement_solvers.cp_sat.candidates import candidate_bins, onto_candidates
from placement_solvers.cp_sat.cells import possible_cells
from placement_solvers.cp_sat.cuts import forbid_order
from placement_solvers.cp_sat.formulate import formulate
from placement_solvers.cp_sat.group_index import GroupIndex
from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.cp_sat.parameters import CpSatParameters
from placement_solvers.cp_sat.program import UNBOUNDED, BuildingStoppedError
from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.rest import Rest
from placement_solvers.cp_sat.search import Limits, Outcome, search
from placement_solvers.cp_sat.symmetry import in_order
from placement_solvers.cp_sat.tiers import moving, tier_sums
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import Cost, cost_of, moved_items
from placement_solvers.problem import Problem
from placement_solvers.solution import Solution

MAX_CUTS = 200
"""Cuts of one tier after which its proof is given up."""


def minimise_tiers(
    problem: Problem, parameters: CpSatParameters, watch: Watch, seed: int
) -> dict[str, int | float | str]:
    """Build the model and minimise its tiers; the statistics of the run, empty if it ended while it was built."""
    try:
        run = TierByTier(problem, parameters, watch, seed)
    except BuildingStoppedError:
        return {}
    run.run()
    return run.statistics()


class TierByTier:
    """One run over one problem.

    What the run decides follows only from what finished searches gave, so that it can be repeated; solutions seen
    while a search goes on are shown and kept, but do not steer it.

    Raises
    ------
    BuildingStoppedError
        If the watch ends the run while the model is in the making.
    """

    def __init__(self, problem: Problem, parameters: CpSatParameters, watch: Watch, seed: int) -> None:
        assert watch.lower_bound is not None  # set before the run
        self._problem, self._parameters, self._watch, self._seed = problem, parameters, watch, seed
        self._kinds = Kinds.of(problem)
        self._bins = candidate_bins(problem, self._kinds, watch.cost, watch.lower_bound)
        cells = possible_cells(problem, self._kinds, np.flatnonzero(self._bins))
        groups, nothing = GroupIndex(problem, self._kinds), Rest.nothing(problem, self._kinds)
        self._model = formulate(problem, self._kinds, groups, cells, nothing, self._bins, watch.should_end)
        program = self._model.program
        self._sums = tier_sums(self._model)
        self._rows = [program.row(tier.total) for tier in self._sums]
        self._trivial = tuple(tier.least for tier in self._sums)
        self._best, self._best_cost = watch.incumbent()
        self._stay_rows = [(program.row(total), most) for total, most in moving(self._model)]
        # By tier: the costs before it and its own when nothing more could be done, and whether that was proven.
        self._settled: dict[int, tuple[Cost, bool]] = {}
        self._work = 0.0
        self._cuts = 0
        watch.raise_bound(self._trivial)

    def run(self) -> None:
        """Go round the tiers that are not proven, with longer and longer slices of work."""
        watch, slice_ = self._watch, self._parameters.first_slice
        self._first_without_moves()
        searched = True
        while searched and not self._finished():
            searched = False
            for tier in range(self._num_proven(), len(self._sums)):
                if self._finished():
                    break
                known = self._settled.get(tier)
                if known is not None and known[0] == self._best_cost[: tier + 1]:
                    if known[1]:
                        self._prove(tier, self._best_cost[tier])
                    continue
                only_open_one = tier == len(self._sums) - 1 and self._num_proven() == tier
                searched |= self._minimise(tier, None if only_open_one else slice_)
            slice_ *= 2
        if self._parameters.repeatable and self._best_cost == watch.cost:
            watch.solution = self._best

    def _first_without_moves(self) -> None:
        """Minimise all tiers once while nothing that lies in a bin may go to another: a good start within moments."""
        if not self._stay_rows or np.any(moved_items(self._problem, self._best)):
            return
        for row, most in self._stay_rows:
            self._model.program.bound_row(row, -UNBOUNDED, most)
        for tier in range(self._num_proven(), len(self._sums)):
            if self._finished():
                break
            if self._best_cost[tier] > self._least(tier):
                outcome = self._search(tier, self._parameters.first_slice, proves=False)
                self._watch.iterations += 1
                self._work += outcome.deterministic_time
                self._take(outcome)
        for row, _ in self._stay_rows:
            self._model.program.bound_row(row, -UNBOUNDED, UNBOUNDED)

    def statistics(self) -> dict[str, int | float | str]:
        """Sizes and work, for the result."""
        return {
            "variables": self._model.program.num_variables,
            "constraints": self._model.program.num_constraints,
            "cells": len(self._model.cells),
            "bins": int(self._bins.sum()),
            "cuts": self._cuts,
            "deterministic_time": self._work,
        }

    def _finished(self) -> bool:
        budget = self._parameters.deterministic_time
        spent = budget is not None and self._work >= budget
        proven = self._best_cost == self._watch.lower_bound or (not self._parameters.repeatable and self._watch.proven)
        return spent or proven or self._watch.should_stop()

    def _num_proven(self) -> int:
        """How many tiers, from the first, are as low as can be."""
        bound = self._watch.lower_bound or self._trivial
        differing = (tier for tier, value in enumerate(self._best_cost) if value != bound[tier])
        return next(differing, len(bound))

    def _least(self, tier: int) -> int:
        """What a tier cannot get below while those before it stay as they are."""
        bound = self._watch.lower_bound or self._trivial
        return max(self._trivial[tier], bound[tier]) if self._num_proven() == tier else self._trivial[tier]

    def _minimise(self, tier: int, slice_: float | None) -> bool:
        """Improve a tier with those before it held; whether a search was needed."""
        for _ in range(MAX_CUTS):
            if self._best_cost[tier] == self._least(tier):
                self._settle(tier, self._best_cost[tier])
                return True
            outcome = self._search(tier, slice_, proves=True)
            self._watch.iterations += 1
            self._work += outcome.deterministic_time
            if outcome.infeasible or (outcome.values is None and outcome.optimal):
                raise AssertionError("the incumbent is no solution of the model: a defect of this program")
            bound = self._least(tier) if outcome.bound is None else outcome.bound + self._sums[tier].total.constant
            impossible = self._take(outcome)
            if not outcome.optimal:
                self._prove(tier, bound)
                self._adopt()
                return True
            if self._best_cost[tier] == bound:
                self._settle(tier, bound)
                return True
            self._prove(tier, bound)
            if not impossible or self._finished():
                break
            assert outcome.values is not None  # optimal
            forbid_order(self._model, outcome.values)
            self._cuts += 1
        self._settled[tier] = self._best_cost[: tier + 1], False
        return True

    def _settle(self, tier: int, value: int) -> None:
        self._prove(tier, value)
        self._settled[tier] = self._best_cost[: tier + 1], True

    def _prove(self, tier: int, bound: int) -> None:
        """Take a bound of a tier; it says something of the whole if all tiers before are proven."""
        if self._num_proven() >= tier:
            self._watch.raise_bound((*self._best_cost[:tier], bound, *self._trivial[tier + 1 :]))

    def _adopt(self) -> None:
        """Go on from what others have found meanwhile, unless the run must repeat itself."""
        solution, cost = self._watch.incumbent()
        if cost < self._best_cost and not self._parameters.repeatable:
            self._best, self._best_cost = solution, cost

    def _search(self, tier: int, slice_: float | None, *, proves: bool) -> Outcome:
        program, parameters = self._model.program, self._parameters
        for number, row in enumerate(self._rows):
            held = number <= tier
            constant = self._sums[number].total.constant
            upper = self._best_cost[number] if held else self._sums[number].most
            lower = self._least(tier) if number == tier else self._trivial[number]
            program.bound_row(row, lower - constant, upper - constant)
        program.minimise(self._sums[tier].total)
        values = self._values_of(self._best)
        if values is None:
            program.drop_hint()
        else:
            program.hint(program.complete(values))
        repeatable = parameters.repeatable
        work = [part for part in (slice_ if repeatable else None, self._left()) if part is not None]
        limits = Limits(parameters.num_workers, self._seed, repeatable, min(work) if work else None)
        patience = None if slice_ is None or repeatable else _Patience(slice_, self._watch)

        def look(values: Sequence[int] | None, bound: int | None) -> bool:
            ended = self._look(tier, values, bound if proves else None)
            return ended or (patience is not None and patience.is_over(values is not None, bound))

        return search(program, limits, look)

    def _left(self) -> float | None:
        budget = self._parameters.deterministic_time
        return None if budget is None else max(budget - self._work, 0.0)

    def _look(self, tier: int, values: Sequence[int] | None, bound: int | None) -> bool:
        """See what a running search has found; whether to end it."""
        if values is not None:
            solution, _, _ = self._solution_of(values)
            self._watch.offer(solution, cost_of(self._problem, solution))
        if bound is not None:
            self._prove(tier, max(bound + self._sums[tier].total.constant, self._trivial[tier]))
        return self._watch.should_stop() or self._closed_by_others(tier)

    def _closed_by_others(self, tier: int) -> bool:
        """Whether somebody else has found what meets the bound of this tier, or has proven a bound that is met."""
        cost, bound = self._watch.cost, self._watch.lower_bound
        found = cost <= self._best_cost and not self._parameters.repeatable
        return found and bound is not None and cost[: tier + 1] == bound[: tier + 1]

    def _take(self, outcome: Outcome) -> bool:
        """Take the solution of a finished search if it is better; whether no order leads to it."""
        if outcome.values is None:
            return False
        solution, whole, impossible = self._solution_of(outcome.values)
        cost = cost_of(self._problem, solution)
        if cost < self._best_cost:
            self._best, self._best_cost = solution, cost
            self._watch.offer(solution, cost)
        return impossible and not whole

    def _solution_of(self, values: Sequence[int]) -> tuple[Solution, bool, bool]:
        cells, kinds = self._model.cells, self._kinds
        items = np.array(values[: len(cells)], dtype=np.int64)
        every = np.ones(len(kinds), dtype=np.bool_)
        pairs = Pairs(cells.kind, cells.bin, cells.kept, items)
        bin_of = kinds.bins_of_items(self._problem, pairs, every, self._best.bin_of)
        return with_order(self._problem, bin_of)

    def _values_of(self, solution: Solution) -> list[int] | None:
        """The values of the cells, contents moved to where the model has them."""
        bin_of = onto_candidates(self._problem, solution.bin_of, self._bins)
        if bin_of is None:
            return None
        bin_of = in_order(self._problem, self._kinds, bin_of, self._bins)
        return self._model.cells.values(self._kinds.pairs_of(self._problem, bin_of), self._problem.num_bins)


class _Patience:
    """Ends a slice of seconds, later where a search still has news, but not after four times as long."""

    def __init__(self, seconds: float, watch: Watch) -> None:
        self._seconds, self._watch = seconds, watch
        self._until = watch.elapsed + seconds
        self._last = watch.elapsed + 4 * seconds
        self._bound: int | None = None

    def is_over(self, has_solution: bool, bound: int | None) -> bool:
        """Whether the slice has ended."""
        now = self._watch.elapsed
        if has_solution or bound != self._bound:
            self._bound = bound
            self._until = min(now + self._seconds, self._last)
        return now > self._until
