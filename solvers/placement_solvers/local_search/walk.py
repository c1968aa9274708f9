"""One walk through the placements, from hot to cold, again and again while there is time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.local_search.annealing import CHAIN, HOME, NOWHERE_SHARE, SWAP, anneal
from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.schedule import Cooling, Horizon, cooling_of
from placement_solvers.local_search.state import BEST, CHAINS, FULL, HOMES, SHIFTS, SWAPS, State, grown, state_of
from placement_solvers.local_search.tables import Tables
from placement_solvers.local_search.weights import TierWeights
from placement_solvers.objective import Cost, cost_of
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.solution import Solution

FIRST_CYCLE = 100
"""Iterations of the first cooling where no end is in sight; each further one lasts twice as long."""

BETWEEN_OFFERS = 0.5
"""Seconds after which a better placement is shown; the last one always is."""

SMALLEST_BATCH, LARGEST_BATCH = 64, 1024
"""Proposals between two bins, by how much lies in them."""


class Walk:
    """The state of one walk; several may share a watch.

    Parameters
    ----------
    solution : Solution
        Where it begins.
    movable : (I,) bool
    heat : float
        Times the start temperature.
    """

    def __init__(
        self,
        problem: Problem,
        tables: Tables,
        weights: TierWeights,
        parameters: LocalSearchParameters,
        watch: Watch,
        solution: Solution,
        movable: Bool,
        seed: int,
        heat: float = 1.0,
    ) -> None:
        self._problem, self._tables, self._weights, self._parameters = problem, tables, weights, parameters
        self._watch, self._movable = watch, movable
        rng = np.random.default_rng([seed, 0x10CA1])
        self._random = rng.integers(1, 2**63, 1, dtype=np.uint64)
        self._exponentials = -np.log((rng.permutation(4096) + 0.5) / 4096)
        self._state: State = state_of(
            problem, tables, solution.bin_of, movable, weights.total(cost_of(problem, solution))
        )
        self._batch = min(max(2 * problem.num_items // max(problem.num_bins, 1), SMALLEST_BATCH), LARGEST_BATCH)
        self._shares = self._shares_of_moves()
        self._heat = heat * parameters.heat
        self._horizon = Horizon.of(watch.stop)
        self._offered_at, self._offered = time.perf_counter(), int(self._state.numbers[BEST])
        self._iterations = 0

    def run(self, ended: Callable[[], bool]) -> None:
        """Walk until the run is over, then offer the best placement met."""
        cooling = self._cooling()
        while not ended():
            self._step(self._temperature(cooling))
            self._offer(final=False)
        self._offer(final=True)

    def statistics(self) -> dict[str, int | float | str]:
        """How many moves of each kind were made, for the result."""
        names = {"shifts": SHIFTS, "moves home": HOMES, "swaps": SWAPS, "chains": CHAINS}
        return {name: int(self._state.numbers[at]) for name, at in names.items()}

    def _shares_of_moves(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        parameters = self._parameters
        transient = bool(self._problem.transient.any())
        shares = np.zeros(4)
        shares[HOME] = parameters.home if transient else parameters.home_otherwise
        shares[CHAIN] = parameters.chain * shares[HOME]
        shares[SWAP] = parameters.swap
        waiting = bool(np.any(self._movable & (self._state.bin_of == self._problem.num_bins)))
        shares[NOWHERE_SHARE] = parameters.nowhere if waiting else 0.0
        return shares

    def _cooling(self) -> Cooling:
        """Temperatures by the proposals there will be; the second iteration is timed for it, the first may compile."""
        self._step(0.0)
        began = time.perf_counter()
        self._step(0.0)
        seconds = time.perf_counter() - began
        iterations = float(FIRST_CYCLE)
        if self._horizon.seconds is not None:
            iterations = max(self._horizon.seconds - self._watch.elapsed, 0.0) / max(seconds, 1e-6)
        elif self._horizon.iterations is not None:
            iterations = self._horizon.iterations
        proposals = iterations * self._parameters.proposals / max(int(self._movable.sum()), 1)
        return cooling_of(self._tables, self._state, self._random, proposals, self._heat)

    def _temperature(self, cooling: Cooling) -> float:
        share = self._horizon.share(self._watch.elapsed, self._iterations)
        if share is None:
            cycle = (self._iterations // FIRST_CYCLE + 1).bit_length() - 1
            first = (2**cycle - 1) * FIRST_CYCLE
            share = (self._iterations - first) / (2**cycle * FIRST_CYCLE)
        if share >= self._parameters.cooled:
            return 0.0
        return cooling.at(share / self._parameters.cooled)

    def _step(self, temperature: float) -> None:
        anneal(
            self._tables,
            self._state,
            self._random,
            self._exponentials,
            self._shares,
            temperature,
            self._parameters.proposals,
            self._batch,
        )
        if self._state.numbers[FULL]:
            self._state = grown(self._state)
            self._state.numbers[FULL] = 0
        self._iterations += 1

    def _offer(self, *, final: bool) -> None:
        best = int(self._state.numbers[BEST])
        now = time.perf_counter()
        if best >= self._offered or (not final and now < self._offered_at + BETWEEN_OFFERS):
            return
        bin_of = np.where(self._state.best_of == self._problem.num_bins, NOWHERE, self._state.best_of)
        solution, _, _ = with_order(self._problem, bin_of.astype(np.int32))
        cost: Cost = cost_of(self._problem, solution)
        self._watch.offer(solution, cost)
        self._offered = best
        # Orders take long where relations are many: show the next one after ten times as long.
        self._offered_at = time.perf_counter() + 10 * (time.perf_counter() - now)
