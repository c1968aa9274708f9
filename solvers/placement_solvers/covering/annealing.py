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
from placement_solvers.problem import Bool, Int32, Int64
from placement_solvers.random_bits import UNIT, UInt64, below, next_random

SHIFTS = 0.4
"""Share of shifts among proposals; the rest are swaps."""


@inner
def _matters(load: Int64, capacity: Int64, scarce: Bool) -> bool:
    """Whether a bin is overfull, or has room of a scarce resource."""
    for r in range(len(scarce)):  # noqa: SIM110 - compiled code knows no generators
        if load[r] > capacity[r] or (scarce[r] and load[r] < capacity[r]):
            return True
    return False


@entry
def anneal(
    size: Int64,
    capacity: Int64,
    weight: NDArray[np.float64],
    bin_of: Int32,
    load: Int64,
    random: UInt64,
    hot: float,
    cold: float,
    proposals: int,
    tries: int,
    scarce: Bool,
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
    tries : int
        Items drawn for each proposal until one lies in a bin that is overfull or has room of a scarce resource: near
        the end hardly any does, and nothing is mended without one.
    scarce : (R,) bool
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
        i = below(next_random(random), num_items)
        a = np.int64(bin_of[i])
        for _ in range(tries - 1):
            if _matters(load[a], capacity[a], scarce):
                break
            i = below(next_random(random), num_items)
            a = np.int64(bin_of[i])
        if (next_random(random) >> np.uint64(32)) * UNIT < SHIFTS:
            j = np.int64(-1)
            b = below(next_random(random), num_bins)
        else:
            j = below(next_random(random), num_items)
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
        if delta > 0.0 and (next_random(random) >> np.uint64(32)) * UNIT >= np.exp(-delta / temperature):
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
