"""What a cooling tells of the temperatures that the next one needs.

It came to rest where few of the moves are still made that were made when it was hot. And where placements cost as much
as the one it began with, it was hot enough to lose all that was good in that one: to begin much hotter only costs time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

ACCEPTED = 0.05
"""Share of the moves made when hot that are still made where nearly all is decided."""

LEAST_READINGS, RATED = 40, 4
"""Readings from which on a cooling tells where it came to rest, and how many of so many parts of it are hot."""

MOST_READINGS = 4096

LOSING = 4.0
"""What the temperature at which the first placement is lost is multiplied by for the hottest that is worth while."""


class Readings:
    """How many moves were made at each temperature of a cooling, from hot to cold, and what placements cost there.

    A long cooling has no more readings than a short one, each the mean of more iterations.
    """

    def __init__(self) -> None:
        self._means: list[Float64] = []
        self._each = 1  # iterations
        self._sum, self._summed = np.zeros(3), 0

    def add(self, temperature: float, made: int, cost: float) -> None:
        """Note an iteration: its temperature, how many moves were made in it, and the cost after the last of them."""
        self._sum, self._summed = self._sum + np.array((temperature, made, cost)), self._summed + 1
        if self._summed < self._each:
            return
        self._means.append(self._sum / self._each)
        self._sum, self._summed = np.zeros(3), 0
        if len(self._means) == MOST_READINGS:
            self._means = [*np.array(self._means).reshape(-1, 2, 3).mean(axis=1)]
            self._each *= 2

    def __len__(self) -> int:
        """How many there are."""
        return len(self._means)

    def resting(self) -> float | None:
        """The temperature at which the cooling came to rest, None if it did not, or if its readings are too few."""
        if len(self._means) < LEAST_READINGS:
            return None
        temperatures, made, _ = self._parts()
        resting = np.flatnonzero(made < ACCEPTED * made[:RATED].mean())
        return float(temperatures[resting[0]]) if len(resting) else None

    def hottest(self, cost: float) -> float | None:
        """The highest temperature that is worth while where a placement costs this much already and is laid out well.

        None where the cooling never was above this cost, or stayed there, or if its readings are too few.
        """
        if len(self._means) < LEAST_READINGS:
            return None
        temperatures, _, costs = self._parts()
        above = np.flatnonzero(costs > cost)
        return LOSING * float(temperatures[above[-1]]) if len(above) and above[-1] < len(costs) - 1 else None

    def _parts(self) -> Float64:
        """Temperatures, moves and costs, (3, LEAST_READINGS): means of some readings, as single ones go up and down."""
        parts = np.array_split(np.array(self._means), LEAST_READINGS)
        return np.array([part.mean(axis=0) for part in parts]).T
