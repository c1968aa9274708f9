"""How hot a walk is at each moment, from the costs of moves and the time there is.

The mean cost of a move that makes the placement dearer says how hot is hot for an instance. Where little fits, those
there is room for are the cheap ones and say too little, and all that can be thought of say too much: a walk gets to
most of these in the end. So their geometric mean counts. Nearly all is decided between some times that and some
thousandths of it, so that most of the time is spent there. Large instances have no time to come to rest at high
temperatures and start the lower the fewer proposals there are for each item. Short trials do not tell how hot to begin:
what begins cool is better early and worse in the end.
"""

# mypy: disable-error-code="return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.compiled import entry
from placement_solvers.local_search.bins import fits, may_lie
from placement_solvers.local_search.deltas import shift_delta
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import Int64
from placement_solvers.random_bits import UInt64, below, next_random
from placement_solvers.stop import Interruptible, MaxIterations, MaxRuntime, StoppingCriterion

SAMPLES = 4096
TRIALS = 400_000

COOLEST, HOTTEST = 0.15, 10.0
"""Bounds of the start temperature, in mean costs of a move."""

SLOW = 4e4
"""Proposals an item from which on more of them are spent on cooling more slowly rather than from a hotter start."""

RESTING = 0.006
"""Temperature, in mean costs of a move, above which nearly all is decided; what follows only tidies up.

So as long as no cooling showed it (`Found`)."""

MOVING = 0.9
"""Share of a cooling for the temperatures above that."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long a run may last, as far as its criterion tells.

    Attributes
    ----------
    seconds : float or None
    iterations : int or None
    """

    seconds: float | None = None
    iterations: int | None = None

    @classmethod
    def of(cls, stop: StoppingCriterion) -> Horizon:
        """The horizon of a criterion; empty for one that does not tell."""
        match stop:
            case Interruptible():
                return cls.of(stop.criterion)
            case MaxRuntime():
                return cls(seconds=stop.seconds)
            case MaxIterations():
                return cls(iterations=stop.iterations)
            case _:
                return cls()

    def less(self, elapsed: float, iterations: int) -> Horizon:
        """What is left of it after so many seconds and iterations."""
        return Horizon(
            None if self.seconds is None else max(self.seconds - elapsed, 0.0),
            None if self.iterations is None else max(self.iterations - iterations, 0),
        )

    def part(self, share: float) -> Horizon | None:
        """A share of it, None where there is no end in sight."""
        if self.seconds is None and self.iterations is None:
            return None
        return Horizon(
            None if self.seconds is None else self.seconds * share,
            None if self.iterations is None else int(self.iterations * share),
        )

    @property
    def counts(self) -> bool:
        """Whether the run ends after so many iterations, whatever the clock says."""
        return self.iterations is not None

    def share(self, elapsed: float, iterations: int) -> float | None:
        """Share of the run that is over, None where there is no end in sight."""
        if self.iterations is not None:
            return min(iterations / self.iterations, 1.0) if self.iterations > 0 else 1.0
        if self.seconds is not None:
            return min(elapsed / self.seconds, 1.0) if self.seconds > 0 else 1.0
        return None


@dataclass(frozen=True, slots=True)
class Cooling:
    """Geometric cooling from one temperature to a second, and quicker from there to a third.

    Attributes
    ----------
    hot, resting, cold : float
    """

    hot: float
    resting: float
    cold: float

    def at(self, share: float) -> float:
        """Temperature when that share of the cooling is over."""
        if share <= MOVING:
            return float(self.hot * (self.resting / self.hot) ** (share / MOVING))
        return float(self.resting * (self.cold / self.resting) ** ((share - MOVING) / (1 - MOVING)))


@dataclass(frozen=True, slots=True)
class Found:
    """What earlier coolings told of temperatures; None where they did not (`resting.Readings`).

    Attributes
    ----------
    hottest : float or None
        The highest one that is worth while.
    resting : float or None
        The one above which nearly all is decided.
    """

    hottest: float | None = None
    resting: float | None = None

    def times(self, heat: float) -> Found:
        """The same for a walk that begins so many times as hot."""
        return self if self.hottest is None else replace(self, hottest=self.hottest * heat)

    def or_else(self, earlier: Found) -> Found:
        """What it tells, and what earlier ones told where it tells nothing."""
        return Found(
            earlier.hottest if self.hottest is None else self.hottest,
            earlier.resting if self.resting is None else self.resting,
        )


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Scale:
    """What moves cost that make a placement dearer.

    Attributes
    ----------
    mean : float
        The geometric mean of two: of all moves, and of those that there is room for.
    low : float
        A tenth of the latter cost less. Both are 0 where no move makes it dearer.
    """

    mean: float
    low: float

    def cooling(self, heat: float, found: Found = NOTHING) -> Cooling:
        """The cooling that starts at a temperature given in mean costs, or cooler by what was found."""
        if self.mean == 0:
            return Cooling(1.0, 1.0, 1.0)
        hot = max(self.mean * heat, 1.0)
        if found.hottest is not None:
            hot = max(min(hot, found.hottest), 1.0)
        cold = min(max(self.low / 100, hot * 10**-4.5), hot * 1e-4)
        return Cooling(hot, min(max(self.mean * RESTING if found.resting is None else found.resting, cold), hot), cold)


def heat_for(proposals_per_item: float, heat: float) -> float:
    """The start temperature for a cooling of so many proposals, given the one at forty thousand an item."""
    times = proposals_per_item / SLOW
    return min(max(heat * float(times ** (1 / 2 if times < 1 else 1 / 6)), COOLEST), HOTTEST)


def scale_of(tables: Tables, state: State, random: UInt64) -> Scale:
    """What moves cost, from samples of the placement as it is."""
    means = []
    low = 0.0
    for asks_room in (False, True):
        deltas = np.zeros(SAMPLES, dtype=np.int64)
        found = sample_deltas(tables, state, random, deltas, TRIALS, asks_room)
        dearer = deltas[:found][deltas[:found] > 0]
        if len(dearer):
            means.append(float(dearer.mean()))
            low = float(np.quantile(dearer, 0.1))
    return Scale(float(np.exp(np.mean(np.log(means)))), low) if means else Scale(0.0, 0.0)


@entry
def sample_deltas(tables: Tables, state: State, random: UInt64, deltas: Int64, trials: int, asks_room: bool) -> int:
    """Costs of random shifts, all or those that bins have room for; how many were found."""
    num_bins = len(tables.open_cost) - 1
    found = np.int64(0)
    for _ in range(trials):
        if found == len(deltas):
            break
        source, target = below(next_random(random), num_bins), below(next_random(random), num_bins)
        if source == target or state.slot_count[source] == 0:
            continue
        bits = next_random(random)
        item = np.int64(state.slot[state.slot_start[source] + below(bits, state.slot_count[source])])
        if may_lie(tables, item, target) and (not asks_room or fits(tables, state, item, target)):
            deltas[found] = shift_delta(tables, state, item, source, target)
            found += 1
    return found
