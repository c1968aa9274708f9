"""At which temperature a cooling came to rest: where few of the moves are still made that were made when it was hot."""

from __future__ import annotations

import numpy as np

ACCEPTED = 0.05
"""Share of the moves made when hot that are still made where nearly all is decided."""

LEAST_READINGS, RATED = 40, 4
"""Readings from which on a cooling tells where it came to rest, and how many of so many parts of it are hot."""

MOST_READINGS = 4096


class Readings:
    """How many moves were made at each temperature of a cooling, from hot to cold.

    A long cooling has no more readings than a short one, each the mean of more iterations.
    """

    def __init__(self) -> None:
        self._means: list[tuple[float, float]] = []
        self._each = 1  # iterations
        self._sums, self._summed = (0.0, 0.0), 0

    def add(self, temperature: float, made: int) -> None:
        """Note an iteration: its temperature, and how many moves were made in it."""
        self._sums, self._summed = (self._sums[0] + temperature, self._sums[1] + made), self._summed + 1
        if self._summed < self._each:
            return
        self._means.append((self._sums[0] / self._each, self._sums[1] / self._each))
        self._sums, self._summed = (0.0, 0.0), 0
        if len(self._means) == MOST_READINGS:
            pairs = np.array(self._means).reshape(-1, 2, 2).mean(axis=1)
            self._means, self._each = [(float(at), float(made)) for at, made in pairs], 2 * self._each

    def __len__(self) -> int:
        """How many there are."""
        return len(self._means)

    def resting(self) -> float | None:
        """The temperature at which the cooling came to rest, None if it did not, or if its readings are too few."""
        if len(self._means) < LEAST_READINGS:
            return None
        # Means of some readings each: single ones go up and down.
        parts = np.array_split(np.array(self._means), LEAST_READINGS)
        temperatures, made = np.array([part.mean(axis=0) for part in parts]).T
        resting = np.flatnonzero(made < ACCEPTED * made[:RATED].mean())
        return float(temperatures[resting[0]]) if len(resting) else None
