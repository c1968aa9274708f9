"""How many bins of each kind to open, if all of them held the same mixture of items.

Whoever pays for bins and for load above their targets asks how much load a bin is best given. Were items a liquid that
fills all bins of a kind alike, that is a linear programme of a few variables a kind: how many are opened, which share
of all items they take, and what they carry above their targets. Real items differ, so its value is no bound; but how
many bins it opens is about right where bins hold many items.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from ortools.linear_solver import pywraplp

from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import Bool, Int64

MAX_ROWS = 20_000
"""Pairs of kind and resource beyond which the programme is not solved."""


class Kinds(NamedTuple):
    """Bins that cost and hold the same.

    Attributes
    ----------
    of_bin : (B,) int64
    first : (kinds,) int64
        A bin of each.
    size : (kinds,) int64
        How many bins each has.
    """

    of_bin: Int64
    first: Int64
    size: Int64


def kinds_of(tables: Tables) -> Kinds:
    """The kinds of bins, nowhere left aside. O(B R log B)."""
    rows = np.column_stack([tables.capacity, tables.target, tables.open_cost])[:-1]
    _, first, kind, size = np.unique(rows, axis=0, return_index=True, return_inverse=True, return_counts=True)
    return Kinds(kind.reshape(-1), first, size)


def bins_to_open(tables: Tables, kinds: Kinds) -> Bool:
    """The bins that a mixture of all items opens, the first ones of each kind, (B,) bool; all where it cannot tell."""
    everything = np.ones(len(kinds.of_bin), dtype=np.bool_)
    if not tables.open_cost.any() or len(kinds.size) * tables.demand.shape[1] > MAX_ROWS:
        return everything
    opened = _opened(tables, kinds)
    if opened is None:
        return everything
    order = np.argsort(kinds.of_bin, kind="stable")
    within = np.empty(len(order), dtype=np.int64)
    within[order] = np.arange(len(order)) - np.repeat(np.cumsum(kinds.size) - kinds.size, kinds.size)
    chosen: Bool = within < opened[kinds.of_bin]
    return chosen


def _opened(tables: Tables, kinds: Kinds) -> Int64 | None:
    """How many bins of each kind are opened, (kinds,) int64; None where not all items find room."""
    items = np.bincount(tables.class_of, minlength=len(tables.demand))
    total = items @ tables.demand.astype(np.float64)
    asked = np.flatnonzero(total > 0)
    price = tables.open_cost[kinds.first].astype(np.float64)
    over = tables.over_target[asked] * total[asked]
    unit = max(float((price * kinds.size).max()), float(over.max(initial=0)))
    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    objective = solver.Objective()
    objective.SetMinimization()
    all_of_it = solver.Constraint(1.0, 1.0)
    opened = [solver.NumVar(0.0, 1.0, "") for _ in kinds.size]
    for kind, bin_ in enumerate(kinds.first):
        objective.SetCoefficient(opened[kind], float(price[kind] * kinds.size[kind]) / unit)
        share = solver.NumVar(0.0, 1.0, "")
        all_of_it.SetCoefficient(share, 1.0)
        for resource, dearer in zip(asked.tolist(), over.tolist(), strict=True):
            room = float(tables.capacity[bin_, resource] * kinds.size[kind] / total[resource])
            wanted = float(tables.target[bin_, resource] * kinds.size[kind] / total[resource])
            row = solver.Constraint(-infinity, 0.0)
            row.SetCoefficient(share, 1.0)
            row.SetCoefficient(opened[kind], -room)
            if dearer > 0:
                excess = solver.NumVar(0.0, 1.0, "")
                objective.SetCoefficient(excess, dearer / unit)
                row = solver.Constraint(-infinity, 0.0)
                row.SetCoefficient(share, 1.0)
                row.SetCoefficient(opened[kind], -wanted)
                row.SetCoefficient(excess, -1.0)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    values = np.array([variable.solution_value() for variable in opened])
    bins: Int64 = np.ceil(values * kinds.size - 1e-6).astype(np.int64)
    return bins
