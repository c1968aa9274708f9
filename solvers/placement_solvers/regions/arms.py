"""Ways to choose a region, each with its own size, drawn by what they gained for their work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.regions.choosing import Choice

DECAY = 0.9
"""Share of what an arm is worth that it keeps when it learns."""

CURIOSITY = 0.3
"""Share of the draws in which all arms are alike."""

LEAST_BINS, MOST_BINS = 2.0, 60.0

AIM = 0.15
"""Share of the work allowed that a region should take: many regions done gain more than few large ones left off."""

SHRINKS, GROWS = 0.85, 1.4
"""What the size of a region is multiplied by at least and at most."""


@dataclass(slots=True)
class Arm:
    """One way to choose a region.

    Attributes
    ----------
    choice : callable
        Gives the bins.
    items_per_bin : int or None
        Items freed in each bin; None for all.
    size : float
        Bins opened. Grows as long as regions are searched to their end with little work, and shrinks where they are
        not.
    worth : float
        Gain for a unit of work.
    asked, gained : int
        Regions searched, and those that made the placement cheaper.
    """

    choice: Choice
    items_per_bin: int | None
    size: float
    worth: float = 0.0
    asked: int = 0
    gained: int = 0

    def learn(self, gain: int, effort: float, limit: float, complete: bool) -> None:
        """What a region gave, for how much work of what it was allowed."""
        self.worth = DECAY * self.worth + (1 - DECAY) * gain / effort
        self.asked += 1
        self.gained += gain > 0
        factor = (AIM * limit / effort) ** 0.15 if complete else SHRINKS
        self.size = min(max(self.size * min(max(factor, SHRINKS), GROWS), LEAST_BINS), MOST_BINS)


def draw(arms: list[Arm], rng: np.random.Generator) -> Arm:
    """An arm, one that gained more with a greater probability."""
    worths = np.array([arm.worth for arm in arms])
    if worths.sum() <= 0 or rng.random() < CURIOSITY:
        return arms[int(rng.integers(len(arms)))]
    return arms[int(rng.choice(len(arms), p=worths / worths.sum()))]
