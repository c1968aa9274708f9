"""Like bins in one order only: each holds at least as much as the next, by weights that tell kinds apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from placement_solvers.bin_groups import bin_groups, useful_capacity
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

LARGEST_ORDER = 1_500
"""Sizes of like bins beyond which they are not ordered by size, which would cost their square."""


def add_symmetry(model: Model, bins: Bool) -> None:
    """Order the like ones among the marked bins."""
    weight = kind_weights(model.kinds)
    cells_of: dict[int, list[int]] = {}
    for cell, bin_ in enumerate(model.cells.bin.tolist()):
        cells_of.setdefault(bin_, []).append(cell)
    for group in like_bins(model.problem, bins):
        for fuller, emptier in pairwise(group):
            row = Sum()
            for bin_, sign in ((emptier, 1), (fuller, -1)):
                for cell in cells_of.get(bin_, ()):
                    row.add([cell], sign * int(weight[model.cells.kind[cell]]))
            model.program.at_most(row, 0)


def add_dominance(model: Model, bins: Bool) -> None:
    """Open a bin only if all that are like it but larger are open: its content could move to one of those.

    Said of the covering pairs only; equal bins follow one another by `add_symmetry`.
    """
    priced = np.zeros(model.problem.num_bins, dtype=np.bool_)
    priced[list(model.used)] = True
    capacity = useful_capacity(model.problem)
    for group in like_bins(model.problem, bins & priced, with_capacity=False):
        sizes, first = np.unique(capacity[group], axis=0, return_index=True)
        if not 1 < len(sizes) <= LARGEST_ORDER:
            continue
        larger = np.all(sizes[:, None, :] <= sizes[None, :, :], axis=2)
        np.fill_diagonal(larger, False)
        through = (larger.astype(np.float32) @ larger.astype(np.float32)) > 0
        last = {size: max(bins_) for size, bins_ in _by_size(capacity, group, sizes).items()}
        for smaller, greater in np.argwhere(larger & ~through).tolist():
            model.program.implies(model.used[group[int(first[smaller])]], model.used[last[greater]])


def _by_size(capacity: Int64, group: list[int], sizes: Int64) -> dict[int, list[int]]:
    """The bins of each row of `sizes`, ascending."""
    number = {tuple(row): position for position, row in enumerate(sizes.tolist())}
    found: dict[int, list[int]] = {}
    for bin_ in group:
        found.setdefault(number[tuple(capacity[bin_].tolist())], []).append(bin_)
    return found


def in_order(problem: Problem, kinds: Kinds, bin_of: Int32, bins: Bool) -> Int32:
    """The same placement with the contents of like bins swapped into the order that `add_symmetry` asks for."""
    placed = bin_of != NOWHERE
    fullness = np.zeros(problem.num_bins, dtype=np.int64)
    np.add.at(fullness, bin_of[placed], kind_weights(kinds)[kinds.kind_of[placed]])
    target = np.arange(problem.num_bins, dtype=np.int32)
    for group in like_bins(problem, bins):
        fullest_first = sorted(group, key=lambda bin_: (-int(fullness[bin_]), bin_))
        target[fullest_first] = group
    return np.where(placed, target[bin_of], NOWHERE).astype(np.int32)


def like_bins(problem: Problem, bins: Bool, *, with_capacity: bool = True) -> list[list[int]]:
    """The marked bins that have a like one among them, by group, each ascending."""
    like = bin_groups(problem, with_capacity=with_capacity)
    chosen = np.flatnonzero(bins)
    order = chosen[np.argsort(like[chosen], kind="stable")]
    if len(order) == 0:
        return []
    parts = np.split(order, np.flatnonzero(np.diff(like[order])) + 1)
    return [part.tolist() for part in parts if len(part) > 1]


def kind_weights(kinds: Kinds) -> Int64:
    """A positive weight for each kind, (Q,) int64: different for all, and no small multiple of one another."""
    number = np.arange(len(kinds), dtype=np.int64)
    return 1_000 + 7 * number + (number * number) % 5
