"""Compiled kernel: packing all items into given bins by annealing what is over their capacity.

Every item is always in some bin, and bins may be overfull: a shift moves an item to another bin, a swap exchanges two.
Where bins are nearly full hardly any move between feasible packings is left, but many between packings that are a
little overfull. Rao, Iyengar, "Bin-packing by simulated annealing", Computers & Mathematics with Applications 27(5)
(1994).
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry, inner
from placement_solvers.problem import Int32, Int64

SHIFTS = 0.4
"""Share of shifts among proposals; the rest are swaps."""

UNIT = 1.0 / 2.0**32


@inner
def _next(random: NDArray[np.uint64]) -> np.uint64:
    """The next 64 random bits of Marsaglia's xorshift generator (2003)."""
    bits = random[0]
    bits ^= bits << np.uint64(13)
    bits ^= bits >> np.uint64(7)
    bits ^= bits << np.uint64(17)
    random[0] = bits
    return bits


@inner
def _below(bits: np.uint64, bound: int) -> int:
    """A number below a bound, from the upper half of random bits."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))


@entry
def anneal(
    size: Int64,
    capacity: Int64,
    weight: NDArray[np.float64],
    bin_of: Int32,
    load: Int64,
    random: NDArray[np.uint64],
    hot: float,
    cold: float,
    proposals: int,
) -> int:
    """Cool a packing and give its overload, summed over bins and resources; ends early where that is 0.

    Parameters
    ----------
    size : (I, R) int64
    capacity : (B, R) int64
    weight : (R,) float64
        What a unit of overload weighs.
    bin_of : (I,) int32
        Changed.
    load : (B, R) int64
        Changed.
    random : (1,) uint64
        State of the generator, not 0; changed.
    """
    num_items, num_bins, num_resources = len(size), len(capacity), len(weight)
    overload = 0
    for b in range(num_bins):
        for r in range(num_resources):
            overload += max(load[b, r] - capacity[b, r], 0)
    temperature = hot
    factor = (cold / hot) ** (1.0 / max(proposals, 1))
    for _ in range(proposals):
        if overload == 0:
            break
        temperature *= factor
        i = _below(_next(random), num_items)
        a = np.int64(bin_of[i])
        if (_next(random) >> np.uint64(32)) * UNIT < SHIFTS:
            j = np.int64(-1)
            b = _below(_next(random), num_bins)
        else:
            j = _below(_next(random), num_items)
            b = np.int64(bin_of[j])
        if a == b:
            continue
        delta = 0.0
        change = 0
        for r in range(num_resources):
            moved = size[i, r]
            if j >= 0:
                moved -= size[j, r]
            over_a, over_b = load[a, r] - capacity[a, r], load[b, r] - capacity[b, r]
            by = max(over_a - moved, 0) + max(over_b + moved, 0) - max(over_a, 0) - max(over_b, 0)
            change += by
            delta += weight[r] * by
        if delta > 0.0 and (_next(random) >> np.uint64(32)) * UNIT >= np.exp(-delta / temperature):
            continue
        overload += change
        for r in range(num_resources):
            moved = size[i, r]
            if j >= 0:
                moved -= size[j, r]
            load[a, r] -= moved
            load[b, r] += moved
        bin_of[i] = b
        if j >= 0:
            bin_of[j] = a
    return overload
