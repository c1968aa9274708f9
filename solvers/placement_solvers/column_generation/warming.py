"""Getting the kernels that list patterns ready before they are needed."""

from __future__ import annotations

from functools import cache

import numpy as np

from placement_solvers.column_generation.listing import search_paying
from placement_solvers.pattern_pool.enumeration import Budget, enumerate_within


@cache
def load_patterns() -> None:
    """Load the kernels that list patterns from disk, or compile and keep them there: a few seconds, once."""
    one, square, first = np.ones(1, dtype=np.int64), np.ones((1, 1), dtype=np.int64), np.array([0, 4], dtype=np.int64)
    enumerate_within(square, one, one, [Budget(one, 1, 0)])
    found, value = np.zeros((2, 1), dtype=np.int32), np.zeros(2, dtype=np.int64)
    search_paying(square, one, one, one, one, 2 * one, first, np.zeros(4, dtype=np.int64), 1, False, found, value)
