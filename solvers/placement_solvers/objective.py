"""The cost: a tuple of integer tiers, compared lexicographically."""

from __future__ import annotations

import numpy as np

from placement_solvers.problem import Problem
from placement_solvers.solution import Solution

Cost = tuple[int, ...]
"""One integer a tier; Python's order of tuples is the order of costs."""


def cost_of(problem: Problem, solution: Solution) -> Cost:
    """The cost of a solution, summed anew from the problem. O(I + B)."""
    left_out = np.bincount(problem.class_of[~solution.placed], minlength=problem.num_classes).astype(np.int64)
    opened = np.zeros(problem.num_bins, dtype=np.bool_)
    opened[solution.bin_of[solution.placed]] = True
    opened &= ~problem.in_use
    cost = []
    for tier in problem.tiers:
        total = 0
        if tier.unplaced is not None:
            total += int(tier.unplaced @ left_out)
        if tier.open is not None:
            total += int(tier.open[opened].sum())
        cost.append(total)
    return tuple(cost)


def gap(cost: Cost, lower_bound: Cost | None) -> float | None:
    """How far the first tier that is not proven is from its bound, as a share of the cost.

    0.0 where every tier meets its bound; None without a bound. Tiers after the first open one are not
    proven by a bound that was computed for another value of that one, so they do not enter.
    """
    if lower_bound is None:
        return None
    for value, bound in zip(cost, lower_bound, strict=True):
        if value != bound:
            return (value - bound) / max(abs(value), 1)
    return 0.0
