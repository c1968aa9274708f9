"""Shares that fit onto one device together, and the best of them at given prices."""

from __future__ import annotations

import numpy as np

from placement_solvers.problem import Int64

MAX_STEPS = 20_000
"""Steps of a device's capacity beyond which no programme over all loads is run; the bound by area serves instead."""


def best_pattern(capacity: int, sizes: Int64, price: Int64) -> tuple[int, Int64]:
    """The most that shares on one device are worth, and how many of each size that takes.

    The unbounded knapsack, by dynamic programming over loads in steps of the sizes' greatest common divisor: O(steps x
    sizes). A size of 0 that is worth anything has no limit and may not be passed. Where there are too many steps the
    worth is a bound, from the best price by size, and the pattern that size alone.

    Parameters
    ----------
    capacity : int
    sizes, price : (S,) int64
        Above 0, and 0 or more.
    """
    count = np.zeros(len(sizes), dtype=np.int64)
    useful = np.flatnonzero((sizes <= capacity) & (price > 0))
    if len(useful) == 0:
        return 0, count
    step = int(np.gcd.reduce(sizes[useful]))
    steps = capacity // step
    if steps > MAX_STEPS:
        best = useful[np.argmax(price[useful] / sizes[useful])]
        count[best] = capacity // sizes[best]
        bound = max(-(-int(price[s]) * capacity // int(sizes[s])) for s in useful)
        return bound, count
    worth = np.zeros(steps + 1, dtype=np.int64)
    last = np.full(steps + 1, -1, dtype=np.int64)
    weights = (sizes[useful] // step).tolist()
    prices = price[useful].tolist()
    for load in range(1, steps + 1):
        worth[load], last[load] = worth[load - 1], -1
        for at, (weight, gain) in enumerate(zip(weights, prices, strict=True)):
            if weight <= load and worth[load - weight] + gain > worth[load]:
                worth[load], last[load] = worth[load - weight] + gain, at
    load = steps
    while load > 0:
        if last[load] < 0:
            load -= 1
        else:
            count[useful[last[load]]] += 1
            load -= weights[last[load]]
    return int(worth[steps]), count
