"""Of all optimal prices, those that leave few patterns to choose from.

Where bins have to be full to the brim the relaxation has many optimal prices. Those by size alone say nothing beyond
what room says, and leave any pattern that wastes nothing; others leave a few hundred of 10^14. A pattern is worth less
than a bin at some optimal prices unless an optimum of the relaxation uses it. Such prices are optimal still when a
little less is asked for of what patterns that are left hold on average: whoever lowers the worth of their mean lowers
that of many (compare the several dual solutions by which de Lima, Iori, Miyazawa fix arcs, Exact solution of network
flow models with strong relaxations, Mathematical Programming 197, 2023, section 4).

Any prices prove what they prove; only how much they prove depends on how they were found.
"""

# mypy: disable-error-code="no-any-return"
# Numbers in a kernel are of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.column_generation.closing import Proof
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.compiled import allocating, inner
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.pattern_pool.enumeration import fill_beyond
from placement_solvers.problem import Int64

MOST_CELLS = 2**24
"""Cells of each table, 8 bytes each; there are three."""

PRICE_BITS = 40
"""A bin's worth in units of price; so fine that rounding hides no pattern that is worth less."""

LESS = (0.01, 0.1)
"""How much of the mean pattern is asked for less, in turns."""

SPREAD = (0.5, 1.5)
"""Random factors on that, so that no two turns are alike."""

TURNS = 12
"""Most times that other prices are looked for."""

MOST_IDLE = 4
"""Turns one after the other that do not halve what is left."""

ENOUGH = 300.0
"""With so few patterns left nothing more is gained."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaning:
    """Prices and what they leave.

    Attributes
    ----------
    prices : (C,) float64
    proof : Proof
    patterns : float
        About how many keep within the proof's slack.
    mean : (C,) float64
        Items of each class that these hold on average.
    """

    prices: Float
    proof: Proof
    patterns: float
    mean: Float


class Network:
    """Patterns of a view with one type of bins and one resource as paths: class by class, by the room they have taken.

    Parameters
    ----------
    view : PackingView
        One that `SweepPricer.suits`.
    bins : int
        The most that a packing may use.
    """

    def __init__(self, view: PackingView, bins: int) -> None:
        self._count, self._bins = view.count, bins
        most = np.minimum(view.most[0], view.count).astype(np.int64)
        classes = np.flatnonzero(most > 0)
        self._classes = classes[np.argsort(-view.demand[classes, 0], kind="stable")]
        self._limit = most[self._classes]
        sizes, capacity = view.demand[self._classes, 0], int(view.capacity[0, 0])
        unit = max(int(np.gcd.reduce(sizes)), 1)
        self._sizes, self._shape = sizes // unit, (len(classes) + 1, capacity // unit + 1)

    @property
    def is_small(self) -> bool:
        """Whether its tables fit in memory."""
        return self._shape[0] * self._shape[1] <= MOST_CELLS

    def leaning(self, prices: Float) -> Leaning:
        """What prices (C,) leave. O(W) for each item of a class in a bin."""
        top = float(prices[self._classes] @ self._limit)
        worth_of = np.floor(np.maximum(prices, 0.0) * (2.0**PRICE_BITS / max(top, 1e-300) * self._bins)).astype(
            np.int64
        )
        worth = worth_of[self._classes]
        beyond, before = np.empty(self._shape, dtype=np.int64), np.empty(self._shape, dtype=np.int64)
        fill_beyond(self._sizes, self._limit, worth, beyond)
        earned = int(beyond[0, -1])
        short = self._bins * earned - int(self._count @ worth_of)
        mean = np.zeros(len(worth))
        fill_before(self._sizes, self._limit, worth, before)
        patterns = float(count_paths(self._sizes, self._limit, worth, before, beyond, earned - short, mean))
        of_class = np.zeros(len(self._count))
        of_class[self._classes] = mean
        return Leaning(prices, Proof(worth_of, np.array([earned], dtype=np.int64)), patterns, of_class)


def lean(
    relaxation: Relaxation, bins: int, rng: np.random.Generator, should_stop: Callable[[], bool]
) -> Leaning | None:
    """Prices of a relaxation that leave few patterns to packings of at most `bins` bins.

    None where patterns are no paths through tables of a size that fits.
    """
    view = relaxation.view
    if not SweepPricer.suits(view) or should_stop():
        return None
    network = Network(view, bins)
    if not network.is_small:
        return None
    idle = 0
    best = network.leaning(relaxation.prices()[0])
    for turn in range(TURNS):
        if best.patterns <= ENOUGH or idle == MOST_IDLE or should_stop():
            break
        less = LESS[turn % len(LESS)] * best.mean * rng.uniform(*SPREAD, len(best.mean))
        prices = relaxation.prices_for(np.maximum(view.count - less, 0.0), should_stop)
        if prices is None:
            break
        before = best.patterns
        for candidate in (prices, (prices + best.prices) / 2):
            found = network.leaning(candidate)
            if found.patterns < best.patterns:
                best = found
        idle = 0 if 2 * best.patterns < before else idle + 1
    return best


@allocating
def fill_before(size: Int64, most: Int64, worth: Int64, before: Int64) -> None:
    """Fill `before` (C + 1, W): the most that items of classes below k are worth that take a room, -1 if none do."""
    width = before.shape[1]
    before[0] = -1
    before[0, 0] = 0
    for k in range(len(size)):
        before[k + 1] = before[k]
        for items in range(1, most[k] + 1):
            taken = items * size[k]
            if taken >= width:
                break
            gain = items * worth[k]
            for room in range(width - taken):
                if before[k, room] >= 0:
                    before[k + 1, room + taken] = max(before[k + 1, room + taken], before[k, room] + gain)


@inner
def _is_left(k: int, room: int, items: int, after: int, worth: Int64, before: Int64, beyond: Int64, least: int) -> bool:
    """Whether a path that takes items of class k, from `room` to `after`, can be worth at least `least`."""
    return before[k, room] + items * worth[k] + beyond[k + 1, beyond.shape[1] - 1 - after] >= least


@allocating
def count_paths(size: Int64, most: Int64, worth: Int64, before: Int64, beyond: Int64, least: int, mean: Float) -> float:
    """How many patterns are worth at least `least`, or a few more; to `mean` (C,) what they hold on average."""
    num_classes, width = len(size), before.shape[1]
    paths = np.zeros((num_classes + 1, width))
    paths[0, 0] = 1.0
    for k in range(num_classes):
        for room in range(width):
            if paths[k, room] == 0.0:
                continue
            for items in range(most[k] + 1):
                after = room + items * size[k]
                if after >= width:
                    break
                if _is_left(k, room, items, after, worth, before, beyond, least):
                    paths[k + 1, after] += paths[k, room]
    number = paths[num_classes].sum()
    if number == 0.0:
        return 0.0
    onward, below = np.ones(width), np.zeros(width)
    for k in range(num_classes - 1, -1, -1):
        held = 0.0
        for room in range(width):
            below[room] = 0.0
            if paths[k, room] == 0.0:
                continue
            for items in range(most[k] + 1):
                after = room + items * size[k]
                if after >= width:
                    break
                if _is_left(k, room, items, after, worth, before, beyond, least):
                    below[room] += onward[after]
                    held += items * paths[k, room] * onward[after]
        mean[k] = held / number
        onward, below = below, onward
    return number
