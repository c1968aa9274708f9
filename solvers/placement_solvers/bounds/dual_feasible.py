"""Dual feasible functions: sizes seen through steps, so that what cannot share a bin counts as if it filled it.

A function f is dual feasible for a capacity if sizes that fit together still fit when each is replaced by f(size) and
the capacity by f(capacity). All functions here are superadditive and do not decrease, so the same holds of every
smaller bin. The area bound through f is then a bound on the problem. References: Fekete and Schepers, New classes of
fast lower bounds for bin packing problems, Mathematical Programming 91, 2001; Carlier, Clautiaux, Moukrim, New
reduction procedures and lower bounds for the two-dimensional bin packing problem with fixed orientation, Computers and
Operations Research 34, 2007.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from placement_solvers.problem import Int64

MAX_STEPS = 64
"""Values of k tried for the functions with floors; larger ones come close to the area bound."""


def drop_small(size: Int64, capacity: int, k: int) -> Int64:
    """Sizes under k count nothing, what leaves room only for such fills the bin (f0), ``1 <= k <= capacity / 2``."""
    return np.where(size > capacity - k, capacity, np.where(size < k, 0, size))


def halves(size: Int64, capacities: Int64) -> tuple[Int64, Int64]:
    """Sizes above half the largest bin count 2, those of exactly half 1: no bin holds more than 2."""
    largest = int(capacities.max(initial=0))

    def of(amount: Int64) -> Int64:
        return (2 * amount > largest).astype(np.int64) + (2 * amount >= largest)

    return of(size), of(capacities)


def count_steps(size: Int64, capacity: int, k: int) -> Int64:
    """Sizes in steps of k, large ones by what they leave over (f2), ``1 <= k <= capacity / 2``."""
    large = 2 * (capacity // k - np.maximum(capacity - size, 0) // k)
    return np.where(2 * size > capacity, large, np.where(2 * size == capacity, capacity // k, 2 * (size // k)))


def round_to_parts(size: Int64, capacity: int, k: int) -> Int64:
    """Sizes in parts of k + 1, rounded down to parts of k (u), ``k >= 1``; a full bin is k times its capacity."""
    return np.where((k + 1) * size % capacity == 0, k * size, (k + 1) * size // capacity * capacity)


def transformed(size: Int64, capacities: Int64) -> Iterator[tuple[Int64, Int64]]:
    """Sizes (C,) and capacities (T,) seen through each function in turn, sizes that fit no bin as the largest that fit.

    The thresholds of `drop_small` are the sizes themselves and what they leave of the largest bin: between two of them
    nothing changes (Martello and Toth, Lower bounds and reduction procedures for the bin packing problem, 1990).
    """
    largest = int(capacities.max(initial=0))
    if largest <= 0:
        return
    yield halves(np.minimum(size, largest), capacities)
    both = np.concatenate([np.minimum(size, largest), capacities])
    present = np.unique(np.minimum(size, largest))
    thresholds = np.unique(np.concatenate([present, largest - present + 1]))
    functions = [
        *((drop_small, k) for k in thresholds[(thresholds >= 1) & (2 * thresholds <= largest)].tolist()),
        *((count_steps, k) for k in _steps(present, largest)),
        *((round_to_parts, k) for k in range(1, min(MAX_STEPS, largest) + 1)),
    ]
    for function, k in functions:
        found = function(both, largest, k)
        yield found[: len(size)], found[len(size) :]


def _steps(present: Int64, largest: int) -> list[int]:
    """Steps worth counting in: sizes, what they leave, and even parts of the bin."""
    parts = largest // np.arange(2, MAX_STEPS)
    steps = np.unique(np.concatenate([present, largest - present, parts, parts + 1]))
    steps = steps[(steps >= 1) & (2 * steps <= largest)]
    chosen: list[int] = steps[:: max(1, len(steps) // (4 * MAX_STEPS))].tolist()
    return chosen
