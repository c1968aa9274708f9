"""The cost as sums over the program, one a tier; constants that no decision changes included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from placement_solvers.cp_sat import soft
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum
from placement_solvers.problem import Int64, Tier


def tier_sums(model: Model) -> list[Sum]:
    """What each tier costs, as far as cells decide it, with the constant part of their kinds and groups."""
    return [_tier_sum(model, tier) for tier in model.problem.tiers]


def _tier_sum(model: Model, tier: Tier) -> Sum:
    problem, kinds, cells, rest = model.problem, model.kinds, model.cells, model.rest
    weight_of = np.zeros(len(cells), dtype=np.int64)
    total = Sum()
    if tier.unplaced is not None:
        for kind, weight in enumerate(tier.unplaced[kinds.class_].tolist()):
            if kind in model.left_out:
                total.add([model.left_out[kind]], weight)
            else:
                fixed = int(cells.lower[model.cells_of(kind)].sum())
                total.constant += weight * int(kinds.count[kind] - rest.items[kind] - fixed)
    if tier.placed is not None:
        weight_of += tier.placed[problem.class_signature[kinds.class_[cells.kind]], problem.bin_signature[cells.bin]]
    if tier.moved is not None:
        _add_moves(model, tier.moved, weight_of, total)
    decided = np.flatnonzero(weight_of)
    total.variables += decided.tolist()
    total.weights += weight_of[decided].tolist()
    if tier.open is not None:
        for bin_, literal in model.used.items():
            if tier.open[bin_]:
                total.add([literal], int(tier.open[bin_]))
        occupied = rest.occupied & ~problem.in_use
        total.constant += int(tier.open[occupied].sum())
    soft.add_pairs(model, tier.pairs, total)
    soft.add_ranges(model, tier.ranges, total)
    soft.add_skews(model, tier.skews, total)
    return total


def _add_moves(model: Model, cost: Int64, weight_of: Int64, total: Sum) -> None:
    """Items that enter beyond those that wait have left another bin."""
    kinds, rest = model.kinds, model.rest
    for kind in np.flatnonzero((kinds.waiting < kinds.count) & kinds.movable & (cost[kinds.class_] != 0)).tolist():
        price = int(cost[kinds.class_[kind]])
        entering = model.entering(model.cells_of(kind))
        spare = int(kinds.waiting[kind]) - int(rest.items[kind] - rest.kept[kind])
        if spare <= 0:
            weight_of[entering] += price
            total.constant -= spare * price
        else:
            total.add([soft.excess(model, model.sum_of(entering, -spare), price)], price)


def merged(total: Sum) -> Sum:
    """The same sum with every variable once."""
    weight_of: dict[int, int] = defaultdict(int)
    for variable, weight in zip(total.variables, total.weights, strict=True):
        weight_of[variable] += weight
    kept = {variable: weight for variable, weight in weight_of.items() if weight}
    return Sum(list(kept), list(kept.values()), total.constant)


def values_of(sums: Sequence[Sum], values: Sequence[int]) -> tuple[int, ...]:
    """The cost where the variables have these values."""
    return tuple(total.value(values) for total in sums)
