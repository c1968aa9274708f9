"""Which of two solutions the search goes on from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from placement_solvers.objective import Cost


class AcceptanceCriterion(Protocol):
    """Decides whether a candidate becomes the current solution; the best one is kept anyway."""

    def __call__(self, rng: np.random.Generator, best: Cost, current: Cost, candidate: Cost, /) -> bool:
        """Whether to go on from the candidate."""


@dataclass(frozen=True, slots=True)
class NotWorse:
    """Takes what is at least as good, so that plateaus are walked along."""

    def __call__(self, rng: np.random.Generator, best: Cost, current: Cost, candidate: Cost, /) -> bool:
        return candidate <= current


@dataclass(slots=True)
class SimulatedAnnealing:
    """Takes a worse solution with a probability that falls with the loss and with time.

    The loss is counted in the first tier that differs, as a share of the best cost of that tier: a tier is never
    traded for another.

    Parameters
    ----------
    share : float
        Loss that is taken every second time at the beginning.
    cooling : float
        Factor a step.

    References
    ----------
    Ropke, Pisinger, "An Adaptive Large Neighborhood Search Heuristic for the Pickup and Delivery Problem with Time
    Windows" (2006), section 3.5.
    """

    share: float = 0.01
    cooling: float = 0.995
    _temperature: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if not (self.share > 0 and 0 < self.cooling <= 1):
            raise ValueError("annealing needs a share above 0 and a cooling factor in (0, 1]")
        self._temperature = self.share / math.log(2)

    def __call__(self, rng: np.random.Generator, best: Cost, current: Cost, candidate: Cost, /) -> bool:
        temperature, self._temperature = self._temperature, self._temperature * self.cooling
        if candidate <= current:
            return True
        differing = (tier for tier, pair in enumerate(zip(current, candidate, strict=True)) if pair[0] != pair[1])
        tier = next(differing)
        loss = (candidate[tier] - current[tier]) / max(abs(best[tier]), 1)
        return bool(rng.random() < math.exp(-loss / max(temperature, 1e-12)))


@dataclass(frozen=True, slots=True)
class RecordToRecord:
    """Takes what is worse than the best by no more than a share, in the first tier that differs.

    References
    ----------
    Dueck, "New Optimization Heuristics: The Great Deluge Algorithm and the Record-to-Record Travel" (1993).
    """

    share: float = 0.002

    def __call__(self, rng: np.random.Generator, best: Cost, current: Cost, candidate: Cost, /) -> bool:
        for record, value in zip(best, candidate, strict=True):
            if value != record:
                return value < record or value - record <= self.share * abs(record)
        return True
