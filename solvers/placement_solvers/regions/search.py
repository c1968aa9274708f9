"""Large neighbourhood search where a walk has come to rest: regions are solved one after the other.

After D. Mehta, B. O'Sullivan, H. Simonis, "Comparing solution methods for the machine reassignment problem" (CP 2012)
and W. Jaskowski, M. Szubert, P. Gawron, "A hybrid MIP-based large neighborhood search heuristic for solving the machine
reassignment problem", Annals of Operations Research 242 (2016): a few bins are opened, and some or all of their items
are placed anew by an exact solver. Here it is CP-SAT, and which bins, and how many, is learned.
"""

from __future__ import annotations

import time

import numpy as np

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.local_search.state import COST, State, state_of
from placement_solvers.local_search.tables import Tables
from placement_solvers.local_search.weights import TierWeights
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem
from placement_solvers.regions.arms import Arm, draw
from placement_solvers.regions.choosing import CHOICES, filled
from placement_solvers.regions.formulate import RegionProgram
from placement_solvers.regions.region import Region, free_classes

BETWEEN_OFFERS = 0.5
"""Seconds after which a better placement is shown; the last one always is."""

WORK = 0.3
"""Deterministic time that a region may take."""

WORK_OF_PAIR = 2e-5
"""Deterministic time that building the program takes for a pair of kind and bin."""

MOST_PAIRS = 3000
"""Pairs of kind and bin in a region."""

SOME_ITEMS = 6
"""Items a bin gives where not all are free."""


class RegionSearch:
    """The state of one search; several may share a watch, and go on from the best there is.

    Parameters
    ----------
    movable : (I,) bool
    number : int
        Of the searches side by side.
    """

    def __init__(
        self,
        problem: Problem,
        tables: Tables,
        weights: TierWeights,
        watch: Watch,
        movable: Bool,
        seed: int,
        number: int = 0,
    ) -> None:
        self._problem, self._tables, self._weights, self._watch = problem, tables, weights, watch
        self._movable = movable & free_classes(tables)[problem.class_of]
        self._free = int(self._movable.sum())
        self._rng = np.random.default_rng([seed, number, 0x4E610])
        whole = [Arm(choice, None, 3.0) for choice in CHOICES]
        self._arms = whole + [Arm(choice, SOME_ITEMS, 6.0) for choice in CHOICES]
        self._asked = 0
        self._ended = False
        self._state: State
        self._go_on_from_incumbent()

    @property
    def ended(self) -> bool:
        """Whether there is nothing to open, or the region of all free items was searched to its end."""
        return self._ended or self._problem.num_bins < 2 or not self._movable.any()

    def advance(self) -> None:
        """Solve one region and show what is better."""
        if self.ended:
            return
        if self._weights.total(self._watch.incumbent()[1]) < self._known:
            self._go_on_from_incumbent()
        arm = draw(self._arms, self._rng)
        region = self._region(arm)
        seed = int(self._rng.integers(2**31))
        self._asked += 1
        if region is None:
            arm.learn(0, 1.0, 1.0, complete=True)
            return
        program = RegionProgram(self._tables, self._state, region)
        limits = Limits(1, seed, False, WORK, small=True)
        outcome = search(program.program, limits, lambda *_: self._watch.should_stop())
        effort = outcome.deterministic_time + WORK_OF_PAIR * region.size
        gain = 0
        if outcome.values is not None:
            values = program.completed(outcome.values)
            gain = program.cost(program.hint) - program.cost(values)
            if gain >= 0 and values != program.hint:
                bin_of = self._state.bin_of.copy()
                bin_of[region.items] = region.bins_of_items(self._state, program.counts(values))
                self._state = self._state_of(bin_of, int(self._state.numbers[COST]) - gain)
        arm.learn(max(gain, 0), effort, WORK, outcome.optimal)
        everything = len(region.bins) == self._problem.num_bins and len(region.items) == self._free
        self._ended = everything and outcome.optimal
        if time.perf_counter() >= self._offered_at:
            self.offer()

    def offer(self) -> None:
        """Show the placement, if it is better than the last one shown."""
        if int(self._state.numbers[COST]) >= self._known:
            return
        began = time.perf_counter()
        solution, _, _ = with_order(self._problem, self._bins())
        self._watch.offer(solution, cost_of(self._problem, solution))
        self._go_on_from_incumbent()
        now = time.perf_counter()
        self._offered_at = now + max(BETWEEN_OFFERS, 10 * (now - began))

    def statistics(self) -> dict[str, int | float | str]:
        """How many regions were solved, for the result."""
        return {"regions": self._asked, "regions improved": sum(arm.gained for arm in self._arms)}

    def _go_on_from_incumbent(self) -> None:
        solution, cost = self._watch.incumbent()
        bin_of = np.where(solution.bin_of == NOWHERE, self._problem.num_bins, solution.bin_of).astype(np.int32)
        self._known = self._weights.total(cost)
        self._state = self._state_of(bin_of, self._known)
        self._offered_at = time.perf_counter() + BETWEEN_OFFERS

    def _state_of(self, bin_of: Int32, cost: int) -> State:
        bins = np.where(bin_of == self._problem.num_bins, NOWHERE, bin_of).astype(np.int32)
        return state_of(self._problem, self._tables, bins, self._movable, cost)

    def _bins(self) -> Int32:
        bin_of = self._state.bin_of
        return np.where(bin_of == self._problem.num_bins, NOWHERE, bin_of).astype(np.int32)

    def _region(self, arm: Arm) -> Region | None:
        """A region by an arm, None where its bins hold no free item."""
        size = min(max(round(arm.size), 2), self._problem.num_bins)
        chosen = arm.choice(self._tables, self._state, self._rng, size)
        bins = filled(chosen, self._problem.num_bins, self._rng, size)
        most = MOST_PAIRS // len(bins)
        items = np.concatenate([self._free_items(int(bin_), arm.items_per_bin) for bin_ in bins])
        if len(items) > most:
            items = self._rng.permutation(items)[:most]
        return Region.of(self._tables, self._state, bins, items) if len(items) else None

    def _free_items(self, bin_: int, most: int | None) -> Int64:
        state = self._state
        first = int(state.slot_start[bin_])
        items = state.slot[first : first + int(state.slot_count[bin_])].astype(np.int64)
        return items if most is None else self._rng.permutation(items)[:most]
