"""The decisions of the program: how many items of a kind lie in a bin, those that stay apart from those that enter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.counting import is_member
from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Int32, Int64, Problem


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

    def keys(self, num_bins: int) -> Int64:
        """A number for each cell that no other has, (V,) int64."""
        return (self.kind.astype(np.int64) * max(num_bins, 1) + self.bin) * 2 + self.kept

    def positions(self, pairs: Pairs, num_bins: int) -> Int64:
        """The cell of each pair, -1 where there is none, (P,) int64."""
        keys = self.keys(num_bins)
        order = np.argsort(keys)
        wanted = (pairs.kind.astype(np.int64) * max(num_bins, 1) + pairs.bin) * 2 + pairs.kept
        if len(keys) == 0:
            return np.full(len(wanted), NOWHERE, dtype=np.int64)
        at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
        return np.where(keys[at] == wanted, at, NOWHERE)

    def values(self, pairs: Pairs, num_bins: int) -> list[int] | None:
        """A placement as one number a cell; None if an item lies where there is no cell, or too many do."""
        position = self.positions(pairs, num_bins)
        if np.any(position == NOWHERE) or np.any(pairs.items > self.upper[position]):
            return None
        values = np.zeros(len(self), dtype=np.int64)
        values[position] = pairs.items
        return values.tolist()


def possible_cells(problem: Problem, kinds: Kinds, bins: Int64, chosen: Bool | None = None) -> Cells:
    """Every cell of some bins that may hold an item in some feasible solution, O(kinds x bins).

    Rows that refuse a bin whatever else happens (a full domain, no domain at all) leave no cell behind; so do gangs
    that are smaller than they must be. Cells of items that may stay are always kept.

    Parameters
    ----------
    bins : (b,) int64
    chosen : (Q,) bool, optional
        Kinds that get cells; all by default.
    """
    numbers = np.arange(len(kinds)) if chosen is None else np.flatnonzero(chosen)
    most = _most_by_class(problem, np.unique(kinds.class_[numbers]), bins)
    size = _gang_size(problem, kinds)
    held: list[Int64] = []
    upper_of: list[Int64] = []
    for kind in numbers.tolist():
        amount = kinds.count[kind] if kinds.movable[kind] else kinds.waiting[kind]
        upper = np.minimum(most[int(kinds.class_[kind])], amount)
        gang = kinds.gang[kind]
        if gang != NOWHERE:
            if size[gang] < problem.gangs.at_least[gang]:
                upper = np.zeros_like(upper)
            topology = problem.gangs.topology[gang]
            if topology != NOWHERE:
                domain, begun_in = problem.domain_of[topology, bins], problem.gangs.domain[gang]
                upper = np.where((domain == NOWHERE) | ((begun_in != NOWHERE) & (domain != begun_in)), 0, upper)
        inside = upper > 0
        held.append(bins[inside])
        upper_of.append(upper[inside])
    here = np.zeros(problem.num_bins, dtype=np.bool_)
    here[bins] = True
    stays = here[kinds.start_bin]
    if chosen is not None:
        stays &= chosen[kinds.start_kind]
    entering = np.repeat(numbers, [len(positions) for positions in held])
    kind_of: Int32 = np.concatenate([entering, kinds.start_kind[stays]]).astype(np.int32)
    return Cells(
        kind=kind_of,
        bin=np.concatenate([*held, kinds.start_bin[stays]]).astype(np.int32),
        kept=np.arange(len(kind_of)) >= len(kind_of) - np.count_nonzero(stays),
        lower=np.zeros(len(kind_of), dtype=np.int64),
        upper=np.concatenate([*upper_of, kinds.start_count[stays]]).astype(np.int64),
    )


def _most_by_class(problem: Problem, classes: Int32, bins: Int64) -> dict[int, Int64]:
    """How many items of a class may enter each bin at most, were it alone, (b,) for each of some classes."""
    groups = problem.groups
    most: dict[int, Int64] = {}
    for class_ in classes.tolist():
        eligible = problem.eligible[problem.class_signature[class_], problem.bin_signature[bins]]
        if problem.pinned_to[class_] != NOWHERE:
            eligible = eligible & (bins == problem.pinned_to[class_])
        upper = np.where(eligible, problem.class_count[class_], 0)
        demand = problem.demand[class_]
        for resource in np.flatnonzero(demand):
            upper = np.minimum(upper, np.maximum(problem.capacity[bins, resource], 0) // demand[resource])
        for row in _rows(problem.limits.class_, class_):
            group = int(problem.limits.group[row])
            domain = problem.domain_of[groups.topology[group], bins]
            room = np.where(domain == NOWHERE, upper, problem.limits.at_most[row] - _initial(problem, group)[domain])
            counted = (domain != NOWHERE) & is_member(problem, class_, group)
            if groups.scope[group] != EVERYWHERE:
                counted &= problem.scopes[groups.scope[group], bins]
            upper = np.where(counted, np.minimum(upper, room), np.where(room > 0, upper, 0))
        for table in (problem.attractions, problem.spreads):
            for row in _rows(table.class_, class_):
                domain = problem.domain_of[groups.topology[table.group[row]], bins]
                upper = np.where(domain == NOWHERE, 0, upper)
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
