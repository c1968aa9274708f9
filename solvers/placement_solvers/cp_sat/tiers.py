"""The cost as sums over the program, one a tier; constants that no decision changes included."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat import soft
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.cp_sat.loads import add_loads
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum
from placement_solvers.problem import NOWHERE, Bool, Int64, MostMoved, Tier


@dataclass(frozen=True, slots=True)
class TierSum:
    """A tier as a sum over the program.

    Attributes
    ----------
    total : Sum
        In terms of the cells: CP-SAT proves bounds over them many times faster than over numbers of items left out.
    least, most : int
        What the sum cannot get below or above, by counting items.
    """

    total: Sum
    least: int
    most: int


def tier_sums(model: Model) -> list[TierSum]:
    """What each tier costs, as far as cells decide it, with the constant part of their kinds and groups."""
    return [_tier_sum(model, tier) for tier in model.problem.tiers]


def _tier_sum(model: Model, tier: Tier) -> TierSum:
    problem, kinds, cells, rest, program = model.problem, model.kinds, model.cells, model.rest, model.program
    weight_of = np.zeros(len(cells), dtype=np.int64)
    total = Sum()
    if tier.placed is not None:
        weight_of += tier.placed[problem.class_signature[kinds.class_[cells.kind]], problem.bin_signature[cells.bin]]
    if tier.moved is not None:
        _add_moves(model, tier.moved, weight_of, total)
    if tier.moved_between is not None:
        # Where it is asked for, all items of a kind start in one bin.
        start = kinds.start_of[cells.kind]
        leaving = (start != NOWHERE) & ~cells.kept
        weight_of[leaving] += tier.moved_between[start[leaving], cells.bin[leaving]]
        fixed = rest.pairs.select(~rest.pairs.kept & (kinds.start_of[rest.pairs.kind] != NOWHERE))
        total.constant += int(tier.moved_between[kinds.start_of[fixed.kind], fixed.bin] @ fixed.items)
    decided = np.flatnonzero(weight_of)
    total.variables += decided.tolist()
    total.weights += weight_of[decided].tolist()
    if tier.open is not None:
        for bin_, literal in model.used.items():
            if tier.open[bin_]:
                total.add([literal], int(tier.open[bin_]))
        occupied = rest.occupied & ~problem.in_use
        total.constant += int(tier.open[occupied].sum())
    add_loads(model, tier, total)
    _add_most_moved(model, tier.most_moved, total)
    soft.add_pairs(model, tier.pairs, total)
    soft.add_ranges(model, tier.ranges, total)
    soft.add_skews(model, tier.skews, total)
    least, most = program.minimum(total), program.maximum(total)
    if tier.unplaced is not None:
        for kind, weight in enumerate(tier.unplaced[kinds.class_].tolist()):
            own = model.cells_of(kind).tolist()
            out = int(kinds.count[kind] - rest.items[kind])
            total.add(own, -weight).constant += weight * out
            fewest = max(out - sum(program.upper[cell] for cell in own), 0)
            extremes = weight * out, weight * fewest
            least, most = least + min(extremes), most + max(extremes)
    return TierSum(_merged(total), least, most)


def _add_moves(model: Model, cost: Int64, weight_of: Int64, total: Sum) -> None:
    """Items that enter beyond those that wait have left another bin."""
    for kind in np.flatnonzero(_may_move(model.kinds) & (cost[model.kinds.class_] != 0)).tolist():
        price = int(cost[model.kinds.class_[kind]])
        entering, spare = _entering_and_spare(model, kind)
        if spare <= 0:
            weight_of[entering] += price
            total.constant -= spare * price
        else:
            total.add([soft.excess(model, model.sum_of(entering, -spare), price)], price)


def _add_most_moved(model: Model, most_moved: MostMoved, total: Sum) -> None:
    """The greatest number of moved items of any set of classes has its price."""
    kinds, price = model.kinds, most_moved.weight
    if price == 0 or len(most_moved.set_of) == 0:
        return
    set_of = most_moved.set_of[kinds.class_]
    moves: dict[int, Sum] = {}
    for kind in np.flatnonzero(_may_move(kinds) & (set_of != NOWHERE)).tolist():
        own = moves.setdefault(int(set_of[kind]), Sum())
        entering, spare = _entering_and_spare(model, kind)
        if spare <= 0:
            own.add(entering).constant -= spare
        elif len(entering):
            own.add([soft.excess(model, model.sum_of(entering, -spare), price)])
    if moves:
        total.add([soft.greatest(model, [*moves.values(), Sum()], price)], price)


def _may_move(kinds: Kinds) -> Bool:
    """Kinds of which an item may leave its bin for another, (Q,) bool."""
    may: Bool = (kinds.waiting < kinds.count) & kinds.movable
    return may


def _entering_and_spare(model: Model, kind: int) -> tuple[list[int], int]:
    """Cells that items of a kind enter, and how many may without one of them moving."""
    kinds, rest = model.kinds, model.rest
    entering = model.entering(model.cells_of(kind))
    return entering, int(kinds.waiting[kind]) - int(rest.items[kind] - rest.kept[kind])


def moving(model: Model) -> list[tuple[Sum, int]]:
    """For each kind that may move, the items that enter a bin, and how many can without one of them moving."""
    kinds = model.kinds
    found = []
    for kind in np.flatnonzero(_may_move(kinds)).tolist():
        entering = model.entering(model.cells_of(kind))
        if entering:
            found.append((model.sum_of(entering), int(kinds.waiting[kind])))
    return found


def _merged(total: Sum) -> Sum:
    """The same sum with every variable once."""
    weight_of: dict[int, int] = defaultdict(int)
    for variable, weight in zip(total.variables, total.weights, strict=True):
        weight_of[variable] += weight
    kept = {variable: weight for variable, weight in weight_of.items() if weight}
    return Sum(list(kept), list(kept.values()), total.constant)
