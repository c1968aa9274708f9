"""One walk through the placements, from hot to cold, again and again while there is time."""

from __future__ import annotations

import math
import time

import numpy as np

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.lanes import judged_alone, lanes_of
from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.resting import Readings
from placement_solvers.local_search.schedule import NOTHING, Cooling, Found, Horizon, Scale, heat_for, scale_of
from placement_solvers.local_search.state import (
    BEST,
    CHAINS,
    COST,
    FULL,
    HOMES,
    SHIFTS,
    SWAPS,
    State,
    grown,
    state_of,
)
from placement_solvers.local_search.tables import Tables
from placement_solvers.local_search.weights import TierWeights
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.solution import Solution

FIRST_CYCLE = 100
"""Iterations of the first cooling where no end is in sight; each further one lasts twice as long."""

BETWEEN_OFFERS = 0.5
"""Seconds after which a better placement is shown; the last one always is."""


class Walk:
    """The state of one walk; several may share a watch.

    Parameters
    ----------
    solution : Solution
        Where it begins.
    movable : (I,) bool
    number : int
        Of the walks side by side.
    heat : float
        What its start temperature is multiplied by.
    first : float
        Share of the time for a first, short cooling.
    found : Found
        What earlier coolings told.
    opens : bool
        Whether temperatures are such that bins are opened; if not, they are for exchanges between those in use.
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
        *,
        heat: float = 1.0,
        first: float = 0.0,
        found: Found = NOTHING,
        opens: bool = True,
    ) -> None:
        self._problem, self._tables, self._parameters = problem, tables, parameters
        self._watch, self._horizon, self._movable, self._opens = watch, horizon, movable, opens
        self._heat, self._first, self._found = heat, first, found
        rng = np.random.default_rng([seed, number, 0x10CA1])
        self._random = rng.integers(1, 2**63, 1, dtype=np.uint64)
        self._exponentials = -np.log((rng.permutation(4096) + 0.5) / 4096)
        self._start, self._start_cost = solution.bin_of, weights.total(cost_of(problem, solution))
        self._state: State = state_of(problem, tables, self._start, movable, self._start_cost)
        self._lanes = lanes_of(tables)
        self._accepted = 0.0
        self._homesick = parameters.homesick if problem.transient.any() else 0.0
        waiting = bool(np.any(movable & (self._state.bin_of == problem.num_bins)))
        self._nowhere_share = parameters.nowhere if waiting else 0.0
        self._offered_at, self._offered = time.perf_counter(), self._start_cost
        self._began, self._iterations = watch.elapsed, 0
        self._scale = Scale(0.0, 0.0)
        self._heats: list[float] = []
        self._number_of_cooling = -1
        self._cooling = Cooling(0.0, 0.0, 0.0)
        self._readings = Readings()

    def advance(self) -> None:
        """Make one iteration and show what is better."""
        if not self._heats:
            self._begin()
        temperature, made = self._temperature(), self._made()
        self._step(temperature)
        if temperature > 0:
            self._readings.add(temperature, self._made() - made, float(self._state.numbers[COST]))
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

    @property
    def best(self) -> int:
        """The cost of the best placement met, all tiers in one."""
        return int(self._state.numbers[BEST])

    def statistics(self) -> dict[str, int | float | str]:
        """How many moves of each kind were made, for the result."""
        names = {"shifts": SHIFTS, "moves home": HOMES, "swaps": SWAPS, "chains": CHAINS}
        return {name: int(self._state.numbers[at]) for name, at in names.items()}

    @property
    def found(self) -> Found:
        """What the last cooling, or else those before it, told of temperatures."""
        readings = self._readings
        # Only what was laid out anew is worth keeping: what runs somewhere by chance had better be lost.
        hottest = None if self._opens else readings.hottest(float(self._start_cost))
        return Found(hottest, readings.resting()).or_else(self._found)

    def _made(self) -> int:
        return int(self._state.numbers[[SHIFTS, HOMES, SWAPS, CHAINS]].sum())

    def _begin(self) -> None:
        """Measure what moves cost and how many there will be; from these follow the start temperatures."""
        parameters = self._parameters
        proposals = self._iterations_to_come() * parameters.proposals / max(int(self._movable.sum()), 1)
        exchanges = self._tables._replace(open_cost=np.zeros_like(self._tables.open_cost))
        self._scale = scale_of(self._tables if self._opens else exchanges, self._state, self._random)
        hottest = math.inf if self._opens else parameters.levelled
        heat = parameters.heat * self._heat
        self._heats = [min(heat_for(proposals * share, heat), hottest) for share in (self._first, 1 - self._first)]

    def _iterations_to_come(self) -> float:
        """As the horizon tells; the second iteration is timed for it, the first may compile."""
        if self._horizon.iterations is not None:
            return self._horizon.iterations
        if self._horizon.seconds is None:
            return FIRST_CYCLE
        self._step(0.0)
        began = time.perf_counter()
        self._step(0.0)
        seconds = time.perf_counter() - began
        self._iterations = 0
        left = self._horizon.less(self._watch.elapsed - self._began, 0).seconds
        return (left or 0.0) / max(seconds, 1e-6)

    def _temperature(self) -> float:
        """The temperature now."""
        share = self._horizon.share(self._watch.elapsed - self._began, self._iterations)
        if share is None:
            number = (self._iterations // FIRST_CYCLE + 1).bit_length() - 1
            share = (self._iterations - (2**number - 1) * FIRST_CYCLE) / (2**number * FIRST_CYCLE)
        elif share < self._first:
            number, share = 0, share / self._first
        else:
            number, share = 1, (share - self._first) / (1 - self._first)
        if number > self._number_of_cooling:
            self._begin_cooling(number)
        cooled = self._parameters.cooled
        return 0.0 if share >= cooled else self._cooling.at(share / cooled)

    def _begin_cooling(self, number: int) -> None:
        """Begin the next cooling, which knows what those before it told."""
        self._found = self.found
        self._readings = Readings()
        self._number_of_cooling = number
        self._cooling = self._scale.cooling(self._heats[min(number, 1)], self._found.times(self._heat))

    def _step(self, temperature: float) -> None:
        made = self._made()
        asked = anneal(
            self._tables,
            self._state,
            self._lanes,
            self._random,
            self._exponentials,
            temperature,
            self._parameters.proposals,
            self._homesick,
            self._nowhere_share,
            judged_alone(self._tables, self._accepted),
        )
        self._accepted = (self._made() - made) / max(asked, 1)
        if self._state.numbers[FULL]:
            self._state = grown(self._state)
            self._state.numbers[FULL] = 0
        self._iterations += 1
