"""Which operator is asked next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import numpy as np


class Gain(IntEnum):
    """What became of a neighbourhood, from nothing to a new best."""

    REJECTED = 0
    ACCEPTED = 1
    BETTER = 2
    BEST = 3


class OperatorSelection(Protocol):
    """Draws operators and learns from what they gave."""

    def choose(self, rng: np.random.Generator, num_operators: int) -> int:
        """Number of the operator to ask."""

    def learn(self, operator: int, gain: Gain, effort: float) -> None:
        """What an operator gave, for how much work."""


@dataclass(slots=True)
class RouletteWheel:
    """Draws operators by weights that follow their scores.

    Parameters
    ----------
    scores : tuple of float
        Score of each `Gain`, a unit of work.
    decay : float
        Share of its weight that an operator keeps when it learns.

    References
    ----------
    Ropke, Pisinger (2006), section 3.4.
    """

    scores: tuple[float, float, float, float] = (0.1, 1.0, 8.0, 20.0)
    decay: float = 0.8
    _weights: list[float] = field(default_factory=list)

    def choose(self, rng: np.random.Generator, num_operators: int) -> int:
        if len(self._weights) != num_operators:
            self._weights = [self.scores[Gain.BETTER]] * num_operators
        weights = np.array(self._weights)
        return int(rng.choice(num_operators, p=weights / weights.sum()))

    def learn(self, operator: int, gain: Gain, effort: float) -> None:
        score = self.scores[gain] / max(effort, 1e-3)
        self._weights[operator] = self.decay * self._weights[operator] + (1 - self.decay) * min(score, 100.0)
