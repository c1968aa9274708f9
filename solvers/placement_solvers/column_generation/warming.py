"""Getting the kernels that list and price patterns ready before they are needed."""

from __future__ import annotations

from functools import cache

import numpy as np

from placement_solvers.column_generation.listing import search_paying
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.tightening import tighten
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_reduction import packing_view
from placement_solvers.pattern_pool.enumeration import Budget, enumerate_within
from placement_solvers.problem import Attractions, Groups, Problem, Spreads, Tier
from placement_solvers.problem import Limits as GroupLimits

SIZES = (67, 60, 50, 40, 33, 30, 20)
"""Items that fill three bins of a hundred to the brim."""


@cache
def load_patterns() -> None:
    """Load the kernels that list patterns from disk, or compile and keep them there: a few seconds, once."""
    one, square, first = np.ones(1, dtype=np.int64), np.ones((1, 1), dtype=np.int64), np.array([0, 4], dtype=np.int64)
    enumerate_within(square, one, one, [Budget(one, 1, 0)])
    found, value = np.zeros((2, 1), dtype=np.int32), np.zeros(2, dtype=np.int64)
    search_paying(square, one, one, one, one, 2 * one, first, np.zeros(4, dtype=np.int64), 1, False, found, value)


@cache
def load_pricers() -> None:
    """Load the kernels for one type of bins and one resource, or compile and keep them: ten seconds, once."""
    view = packing_view(_plain_problem())
    prices, none = view.demand[:, 0] / int(view.capacity[0, 0]), np.zeros((0, view.num_classes), dtype=np.int32)
    tighten(view, 1, len(SIZES) // 2, prices, none, 1, lambda: False)
    Relaxation(view, 1, (0,), Limits(1, 0, True, 1.0)).run(lambda: False)


def _plain_problem() -> Problem:
    num_items = len(SIZES)
    return Problem(
        class_of=np.arange(num_items, dtype=np.int32),
        demand=np.array(SIZES, dtype=np.int64)[:, None],
        capacity=np.full((num_items, 1), sum(SIZES) // 3, dtype=np.int64),
        class_signature=np.zeros(num_items, dtype=np.int32),
        bin_signature=np.zeros(num_items, dtype=np.int32),
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=np.arange(num_items, dtype=np.int32)[None, :],
        scopes=np.zeros((0, num_items), dtype=np.bool_),
        groups=Groups(class_start=np.zeros(num_items + 1, dtype=np.int64)),
        limits=GroupLimits(),
        attractions=Attractions(),
        spreads=Spreads(),
        tiers=(
            Tier("unplaced", unplaced=np.ones(num_items, dtype=np.int64)),
            Tier("bins", open=np.ones(num_items, dtype=np.int64)),
        ),
        class_priority=np.zeros(num_items, dtype=np.int32),
        in_use=np.zeros(num_items, dtype=np.bool_),
        pinned_to=np.full(num_items, -1, dtype=np.int32),
        start=np.zeros(0, dtype=np.int32),
    )
