"""Compiled kernels: random numbers for kernels that draw many.

Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003, the generator of 64 bits.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import inner

UInt64 = NDArray[np.uint64]

UNIT = 1.0 / 2.0**32
"""What makes 32 random bits a number from 0 up to 1."""


@inner
def next_random(random: UInt64) -> np.uint64:
    """The next 64 random bits; the state, (1,) and not 0, is changed."""
    bits = random[0]
    bits ^= bits << np.uint64(13)
    bits ^= bits >> np.uint64(7)
    bits ^= bits << np.uint64(17)
    random[0] = bits
    return bits


@inner
def below(bits: np.uint64, bound: int) -> int:
    """A number from 0 to ``bound - 1`` out of the upper half of random bits."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))
