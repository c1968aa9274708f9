"""The decisions of the program: how many items of a kind lie in a bin, those that stay apart from those that enter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from placement_solvers.counting import in_scope
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Pairs of kind and bin, each with the numbers of items it may hold. A pair with a start occurs twice.

    Attributes
    ----------
    kind, bin : (V,) int32
    kept : (V,) bool
        Whether the cell counts items that stay in the bin they start in; otherwise items that enter it.
    lower, upper : (V,) int64
        Equal where the cell is fixed.
    """

    kind: Int32
    bin: Int32
    kept: Bool
    lower: Int64
    upper: Int64

    def __len__(self) -> int:
        return len(self.kind)

    def select(self, chosen: Bool) -> Cells:
        """The marked cells only."""
        return Cells(self.kind[chosen], self.bin[chosen], self.kept[chosen], self.lower[chosen], self.upper[chosen])

    def index(self) -> dict[tuple[int, int, bool], int]:
        """Position of each cell by (kind, bin, kept)."""
        keys = zip(self.kind.tolist(), self.bin.tolist(), self.kept.tolist(), strict=True)
        return {key: position for position, key in enumerate(keys)}

    def values(self, numbers: Mapping[tuple[int, int, bool], int]) -> list[int] | None:
        """A solution as one number a cell; None if an item lies where there is no cell, or too many do."""
        values = [0] * len(self)
        position = self.index()
        for key, amount in numbers.items():
            if key not in position or amount > self.upper[position[key]]:
                return None
            values[position[key]] = amount
        return values


def possible_cells(problem: Problem, kinds: Kinds, bins: Bool) -> Cells:
    """Every cell of the marked bins that may hold an item in some feasible solution, O(kinds x bins).

    Rows that refuse a bin whatever else happens (a full domain, no domain at all) leave no cell behind; so do gangs
    that are smaller than they must be. Cells of items that may stay are always kept.
    """
    most = _most_by_class(problem, kinds, bins)
    size = _gang_size(problem, kinds)
    held: list[Int64] = []
    upper_of: list[Int64] = []
    for kind in range(len(kinds)):
        amount = kinds.count[kind] if kinds.movable[kind] else kinds.waiting[kind]
        upper = np.minimum(most[int(kinds.class_[kind])], amount)
        gang = kinds.gang[kind]
        if gang != NOWHERE:
            if size[gang] < problem.gangs.at_least[gang]:
                upper = np.zeros_like(upper)
            topology = problem.gangs.topology[gang]
            if topology != NOWHERE:
                upper = np.where(problem.domain_of[topology] == NOWHERE, 0, upper)
        held.append(np.flatnonzero(upper > 0))
        upper_of.append(upper[held[-1]])
    stays = bins[kinds.start_bin]
    entering = np.repeat(np.arange(len(held)), [len(positions) for positions in held])
    kind_of: Int32 = np.concatenate([entering, kinds.start_kind[stays]]).astype(np.int32)
    return Cells(
        kind=kind_of,
        bin=np.concatenate([*held, kinds.start_bin[stays]]).astype(np.int32),
        kept=np.arange(len(kind_of)) >= len(kind_of) - np.count_nonzero(stays),
        lower=np.zeros(len(kind_of), dtype=np.int64),
        upper=np.concatenate([*upper_of, kinds.start_count[stays]]).astype(np.int64),
    )


def _most_by_class(problem: Problem, kinds: Kinds, bins: Bool) -> dict[int, Int64]:
    """How many items of a class may enter each bin at most, were it alone, (B,) for each class that occurs."""
    groups = problem.groups
    scope_of: dict[int, Bool] = {}
    most: dict[int, Int64] = {}
    for class_ in np.unique(kinds.class_).tolist():
        upper = np.where(problem.eligible_bins(class_) & bins, problem.class_count[class_], 0)
        demand = problem.demand[class_]
        for resource in np.flatnonzero(demand):
            upper = np.minimum(upper, np.maximum(problem.capacity[:, resource], 0) // demand[resource])
        member_of = (
            set(groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]].tolist())
            if len(groups)
            else set()
        )
        for row in _rows(problem.limits.class_, class_):
            group = int(problem.limits.group[row])
            domain = problem.domain_of[groups.topology[group]]
            room = np.where(domain == NOWHERE, upper, problem.limits.at_most[row] - _initial(problem, group)[domain])
            if group not in scope_of:
                scope_of[group] = in_scope(problem, group)
            counted = scope_of[group] & (group in member_of)
            upper = np.where(counted, np.minimum(upper, room), np.where(room > 0, upper, 0))
        for table in (problem.attractions, problem.spreads):
            for row in _rows(table.class_, class_):
                upper = np.where(problem.domain_of[groups.topology[table.group[row]]] == NOWHERE, 0, upper)
        most[class_] = np.maximum(upper, 0).astype(np.int64)
    return most


def _initial(problem: Problem, group: int) -> Int64:
    """Members there already, with a last 0 that domain -1 finds."""
    start = problem.groups.start
    return np.append(problem.groups.initial[start[group] : start[group + 1]], 0).astype(np.int64)


def _gang_size(problem: Problem, kinds: Kinds) -> Int64:
    size = np.zeros(len(problem.gangs) + 1, dtype=np.int64)
    np.add.at(size, kinds.gang, kinds.count)
    return size


def _rows(classes: Int32, class_: int) -> range:
    return range(int(np.searchsorted(classes, class_, "left")), int(np.searchsorted(classes, class_, "right")))
