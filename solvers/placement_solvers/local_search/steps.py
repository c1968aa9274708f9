"""Compiled kernels: a move of several steps is made as a whole, or not at all."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import inner
from placement_solvers.local_search.bins import may_be_held
from placement_solvers.local_search.groups import (
    attracted,
    others_allow,
    relation_delta,
    sharing_delta,
    spread_enough,
    within_limits,
)
from placement_solvers.local_search.moving import put
from placement_solvers.local_search.state import COST, FULL, State
from placement_solvers.local_search.tables import Tables


@inner
def is_allowed(tables: Tables, state: State, item: int, source: int, target: int) -> bool:
    """Whether the item may go from source to target by all rules but eligibility and the target's room."""
    return (
        may_be_held(tables, state, item, target)
        and within_limits(tables, state, item, source, target)
        and others_allow(tables, state, item, source, target)
        and attracted(tables, state, item, source, target)
        and spread_enough(tables, state, item, source, target)
    )


@inner
def has_slot(state: State, bin_: int) -> bool:
    """Whether the bin has a slot left; if not, that is noted."""
    if state.slot_count[bin_] < state.slot_start[bin_ + 1] - state.slot_start[bin_]:
        return True
    state.numbers[FULL] = 1
    return False


@inner
def take_back(tables: Tables, state: State, made: int) -> None:
    """Take the first steps of the move at hand back, the last one first."""
    while made > 0:
        made -= 1
        put(tables, state, state.steps[made, 0], state.steps[made, 1])


@inner
def write_step(state: State, step: int, item: int, source: int, target: int) -> None:
    """Note a step of the move at hand."""
    state.steps[step, 0] = item
    state.steps[step, 1] = source
    state.steps[step, 2] = target


@inner
def make_steps(tables: Tables, state: State, num_steps: int, delta: int, threshold: float) -> int:
    """Make the steps at hand if each is allowed after those before it and all together cost little enough.

    What is made of a move that turns out too dear or not allowed is taken back. Gives how many steps were allowed,
    which is all of them where the move is made, and -1 where it is only too dear.
    """
    made = np.int64(0)
    while True:
        item, source, target = state.steps[made, 0], state.steps[made, 1], state.steps[made, 2]
        if not has_slot(state, target):
            break
        if not is_allowed(tables, state, item, source, target):
            break
        delta += relation_delta(tables, state, item, source, target)
        delta += sharing_delta(tables, state, item, source, target)
        if made == num_steps - 1 and delta > threshold:
            take_back(tables, state, made)
            return np.int64(-1)
        put(tables, state, item, target)
        made += 1
        if made == num_steps:
            state.numbers[COST] += delta
            return made
    take_back(tables, state, made)
    return made


@inner
def change_places(
    tables: Tables, state: State, item: int, source: int, other: int, target: int, delta: int, threshold: float
) -> bool:
    """Make two items of one kind change places if that costs little enough. Relations cannot tell them apart."""
    if not has_slot(state, target):
        return False
    delta += sharing_delta(tables, state, item, source, target)
    put(tables, state, item, target)
    delta += sharing_delta(tables, state, other, target, source)
    if delta > threshold:
        put(tables, state, item, source)
        return False
    put(tables, state, other, source)
    state.numbers[COST] += delta
    return True
