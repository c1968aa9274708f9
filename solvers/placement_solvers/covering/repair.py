"""A packing that is a little overfull, mended by packing a few bins anew with CP-SAT."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement_solvers.cp_sat.program import Program, Sum
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.problem import Bool, Int32, Int64

MOST_OVERFULL = 3
"""Overfull bins that are packed anew at once."""

LIKELIHOOD_OF_THE_FULL = 0.02
"""That a bin without room is drawn, where one with a unit of room has 1."""


def chosen_bins(rng: np.random.Generator, capacity: Int64, load: Int64, number: int) -> Int64:
    """Some overfull bins, and others drawn by the room they have of what is short, ascending."""
    over = np.maximum(load - capacity, 0)
    overfull = rng.permutation(np.flatnonzero(over.any(axis=1)))[:MOST_OVERFULL]
    short: Bool = over[overfull].any(axis=0)
    likely = np.maximum(capacity - load, 0)[:, short].sum(axis=1) + LIKELIHOOD_OF_THE_FULL
    likely[over.any(axis=1)] = 0.0
    others = min(number - len(overfull), int((likely > 0).sum()))
    if others <= 0:
        return np.sort(overfull)
    drawn = rng.choice(len(capacity), others, replace=False, p=likely / likely.sum())
    return np.sort(np.concatenate([overfull, drawn]))


def pack_anew(
    size: Int64,
    capacity: Int64,
    bin_of: Int32,
    bins: Int64,
    limits: Limits,
    should_stop: Callable[[], bool],
) -> Int32 | None:
    """The bin of each item with the items of some bins packed anew for least overload; None if that was not found.

    Parameters
    ----------
    size : (I, R) int64
    capacity : (B, R) int64
    bin_of : (I,) int32
    bins : (N,) int64
    """
    items = np.flatnonzero(np.isin(bin_of, bins))
    kinds, kind_of, number = np.unique(size[items], axis=0, return_inverse=True, return_counts=True)
    program = Program()
    inside = [[program.integer(0, int(count)) for _ in bins] for count in number]
    for row, count in zip(inside, number.tolist(), strict=True):
        program.linear(row, [1] * len(row), count, count)
    overload = Sum()
    for place, bin_ in enumerate(bins.tolist()):
        for resource, most in enumerate(capacity[bin_].tolist()):
            over = program.integer(0, int(size[items, resource].sum()))
            overload.add([over])
            column = [row[place] for row in inside]
            weights = [int(value) for value in kinds[:, resource]]
            program.at_most(Sum([*column, over], [*weights, -1]), most)
    program.minimise(overload)
    outcome = search(program, limits, lambda values, bound: should_stop())
    if outcome.values is None:
        return None
    found = bin_of.copy()
    for kind, row in enumerate(inside):
        mine = items[kind_of.reshape(-1) == kind]
        found[mine] = np.repeat(bins, [outcome.values[variable] for variable in row])
    return found
