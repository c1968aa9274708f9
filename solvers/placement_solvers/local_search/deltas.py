"""Compiled kernels: how much dearer a move makes the bins it touches, relations between items left aside."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.bins import cost_instead, cost_with, lying_cost
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables


@inner
def opening(tables: Tables, state: State, source: int, target: int) -> int:
    """What one item that goes from source to target opens and closes."""
    cost = np.int64(0)
    if state.num_items[target] == 0:
        cost += tables.open_cost[target]
    if state.num_items[source] == 1:
        cost -= tables.open_cost[source]
    return cost


@inner
def shift_delta(tables: Tables, state: State, item: int, source: int, target: int) -> int:
    """Cost of a shift, relations between items left aside."""
    return (
        cost_with(tables, state, item, target, 1)
        - state.bin_cost[target]
        + cost_with(tables, state, item, source, -1)
        - state.bin_cost[source]
        + lying_cost(tables, item, target)
        - lying_cost(tables, item, source)
        + opening(tables, state, source, target)
    )


@inner
def swap_delta(tables: Tables, state: State, item: int, source: int, other: int, target: int) -> int:
    """Cost of a swap of the item in the source with the other in the target, relations left aside."""
    return (
        cost_instead(tables, state, item, target, other)
        - state.bin_cost[target]
        + cost_instead(tables, state, other, source, item)
        - state.bin_cost[source]
        + lying_cost(tables, item, target)
        - lying_cost(tables, item, source)
        + lying_cost(tables, other, source)
        - lying_cost(tables, other, target)
    )
