"""One walk through the placements, from hot to cold, again and again while there is time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.local_search.annealing import CHAIN, HOME, NOWHERE_SHARE, SWAP, anneal
from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.schedule import Cooling, Horizon, SlowedCooling, cooling_of
from placement_solvers.local_search.state import BEST, CHAINS, COST, FULL, HOMES, SHIFTS, SWAPS, State, grown, state_of
from placement_solvers.local_search.tables import Tables
from placement_solvers.local_search.weights import TierWeights
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.solution import Solution

FIRST_CYCLE = 100
"""Iterations of the first cooling where no end is in sight; each further one lasts twice as long."""

BETWEEN_OFFERS = 0.5
"""Seconds after which a better placement is shown; the last one always is."""

SMALLEST_BATCH, LARGEST_BATCH = 64, 1024
"""Proposals between two bins, by how much lies in them."""


@dataclass(frozen=True, slots=True)
class Temper:
    """What tells walks side by side apart, as multiples: no one setting is best for all instances."""

    heat: float
    home: float


TEMPERS = (Temper(4.0, 1.0), Temper(2.0, 1.0), Temper(4.0, 0.3), Temper(0.3, 1.0))
"""Those of the first four walks; further ones begin again with the first."""


class Walk:
    """The state of one walk; several may share a watch.

    Parameters
    ----------
    solution : Solution
        Where it begins.
    movable : (I,) bool
    number : int
        Of the walks side by side.
    """

    def __init__(
        self,
        problem: Problem,
        tables: Tables,
        weights: TierWeights,
        parameters: LocalSearchParameters,
        watch: Watch,
        horizon: Horizon,
        solution: Solution,
        movable: Bool,
        seed: int,
        number: int = 0,
    ) -> None:
        self._problem, self._tables, self._parameters = problem, tables, parameters
        self._watch, self._horizon, self._movable = watch, horizon, movable
        rng = np.random.default_rng([seed, number, 0x10CA1])
        self._random = rng.integers(1, 2**63, 1, dtype=np.uint64)
        self._exponentials = -np.log((rng.permutation(4096) + 0.5) / 4096)
        self._state: State = state_of(
            problem, tables, solution.bin_of, movable, weights.total(cost_of(problem, solution))
        )
        self._batch = min(max(2 * problem.num_items // max(problem.num_bins, 1), SMALLEST_BATCH), LARGEST_BATCH)
        self._temper = TEMPERS[number % len(TEMPERS)]
        self._shares = self._shares_of_moves()
        self._offered_at, self._offered = time.perf_counter(), int(self._state.numbers[BEST])
        self._began, self._iterations = watch.elapsed, 0
        self._coolings: tuple[Cooling, Cooling] | None = None
        self._readings: list[tuple[float, int]] = []
        self._slowed: SlowedCooling | None = None

    def advance(self) -> None:
        """Make one iteration and show what is better."""
        if self._coolings is None:
            self._coolings = self._measured()
        temperature = self._temperature(*self._coolings)
        self._step(temperature)
        if self._slowed is None and temperature > 0:
            self._readings.append((temperature, int(self._state.numbers[COST])))
        # Where iterations are counted the clock has no say, not even in what is shown.
        counts = self._horizon.counts
        if self._iterations & (self._iterations - 1) == 0 if counts else time.perf_counter() >= self._offered_at:
            self.offer()

    def offer(self) -> None:
        """Show the best placement met, if it is better than the last one shown."""
        best = int(self._state.numbers[BEST])
        if best >= self._offered:
            return
        began = time.perf_counter()
        bin_of = np.where(self._state.best_of == self._problem.num_bins, NOWHERE, self._state.best_of)
        solution, _, _ = with_order(self._problem, bin_of.astype(np.int32))
        self._watch.offer(solution, cost_of(self._problem, solution))
        self._offered = best
        # Orders take long where relations are many: show the next one after ten times as long.
        now = time.perf_counter()
        self._offered_at = now + max(BETWEEN_OFFERS, 10 * (now - began))

    def statistics(self) -> dict[str, int | float | str]:
        """How many moves of each kind were made, for the result."""
        names = {"shifts": SHIFTS, "moves home": HOMES, "swaps": SWAPS, "chains": CHAINS}
        return {name: int(self._state.numbers[at]) for name, at in names.items()}

    def _shares_of_moves(self) -> NDArray[np.float64]:
        parameters = self._parameters
        transient = bool(self._problem.transient.any())
        shares = np.zeros(4)
        shares[HOME] = (parameters.home if transient else parameters.home_otherwise) * self._temper.home
        shares[CHAIN] = parameters.chain * shares[HOME]
        shares[SWAP] = parameters.swap
        waiting = bool(np.any(self._movable & (self._state.bin_of == self._problem.num_bins)))
        shares[NOWHERE_SHARE] = parameters.nowhere if waiting else 0.0
        return shares

    def _measured(self) -> tuple[Cooling, Cooling]:
        """The coolings by the proposals there will be; the second iteration is timed for it, the first may compile."""
        self._step(0.0)
        began = time.perf_counter()
        self._step(0.0)
        seconds = time.perf_counter() - began
        self._iterations = 0
        iterations = float(FIRST_CYCLE)
        if self._horizon.iterations is not None:
            iterations = self._horizon.iterations
        elif self._horizon.seconds is not None:
            left = self._horizon.less(self._watch.elapsed - self._began, 0).seconds
            iterations = (left or 0.0) / max(seconds, 1e-6)
        proposals = iterations * self._parameters.proposals / max(int(self._movable.sum()), 1)
        heat, first = self._temper.heat * self._parameters.heat, self._parameters.first
        tables, state, random = self._tables, self._state, self._random
        return (
            cooling_of(tables, state, random, proposals * first, heat),
            cooling_of(tables, state, random, proposals * (1 - first), heat),
        )

    def _temperature(self, short: Cooling, long: Cooling) -> float:
        """The temperature now; where the first cooling froze says how the others share out their time."""
        first, cooled = self._parameters.first, self._parameters.cooled
        share = self._horizon.share(self._watch.elapsed - self._began, self._iterations)
        if share is None:
            cycle = (self._iterations // FIRST_CYCLE + 1).bit_length() - 1
            share = (self._iterations - (2**cycle - 1) * FIRST_CYCLE) / (2**cycle * FIRST_CYCLE)
            begins, cooling = cycle == 0, long
        else:
            begins, cooling = share < first, short
            share = share / first if begins else (share - first) / (1 - first)
        if share >= cooled:
            return 0.0
        if begins:
            return cooling.at(share / cooled)
        if self._slowed is None:
            self._slowed = long.frozen_at(self._readings, self._parameters.moving)
            self._readings.clear()
        return self._slowed.at(share / cooled)

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
