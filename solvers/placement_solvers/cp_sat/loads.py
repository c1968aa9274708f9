"""Load as cost: what bins hold above their targets, and free amounts out of ratio."""

from __future__ import annotations

import math

import numpy as np

from placement_solvers.cp_sat import soft
from placement_solvers.cp_sat.model import Model, split
from placement_solvers.cp_sat.program import Sum
from placement_solvers.problem import Balances, Int64, Tier


def add_loads(model: Model, tier: Tier, total: Sum) -> None:
    """What the bins of a tier pay for their loads; bins without cells pay what they do."""
    if tier.over_target is None and len(tier.balances) == 0:
        return
    problem, cells = model.problem, model.cells
    fixed = model.fixed_load()
    cells_of = split(np.arange(len(cells)), cells.bin.astype(np.int64))
    demand = problem.demand[model.kinds.class_[cells.kind]]
    if tier.over_target is not None:
        for resource in np.flatnonzero(tier.over_target).tolist():
            above = fixed[:, resource] - problem.target[:, resource]
            _add_parts(model, cells_of, demand[:, resource], above, int(tier.over_target[resource]), total)
    for base, wanted, ratio, weight in _rows(tier.balances):
        free = problem.capacity - fixed
        short = ratio * free[:, base] - free[:, wanted]
        _add_parts(model, cells_of, demand[:, wanted] - ratio * demand[:, base], short, weight, total)


def _rows(balances: Balances) -> list[tuple[int, int, int, int]]:
    columns = (balances.base, balances.wanted, balances.ratio, balances.weight)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _add_parts(
    model: Model, cells_of: dict[int, Int64], amount: Int64, constant: Int64, weight: int, total: Sum
) -> None:
    """The weight times the positive part of ``constant + amount x cells`` of each bin."""
    still = np.ones(len(constant), dtype=np.bool_)
    for bin_, here in cells_of.items():
        changing = here[amount[here] != 0]
        if weight and len(changing):
            still[bin_] = False
            row = Sum(changing.tolist(), amount[changing].tolist(), int(constant[bin_]))
            _add_positive_part(model, row, weight, total)
    total.constant += weight * int(np.maximum(constant[still], 0).sum())


def _add_positive_part(model: Model, row: Sum, weight: int, total: Sum) -> None:
    """The weight times what a sum is above 0, in steps of the greatest common divisor of its weights.

    With that unit u and ``row = u k - u q - r``, the positive part rises by ``u - r`` for the first k above q and by u
    for each further one, so small numbers do where amounts are bytes.
    """
    unit = math.gcd(*row.weights)
    q, r = divmod(-row.constant, unit)
    steps = Sum(row.variables, [own // unit for own in row.weights], -q)
    for start, slope in ((0, unit - r), (1, r)):
        part = Sum(steps.variables, steps.weights, steps.constant - start)
        if slope == 0 or model.program.maximum(part) <= 0:
            continue
        if model.program.minimum(part) >= 0:
            total.constant += weight * slope * part.constant
            total.variables += part.variables
            total.weights += [weight * slope * own for own in part.weights]
        else:
            total.add([soft.excess(model, part, weight * slope)], weight * slope)
