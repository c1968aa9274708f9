"""Capacity: what enters a bin must fit beside what stays there."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.model import Model, split
from placement_solvers.cp_sat.program import UNBOUNDED, Sum, any_of


def add_used(model: Model) -> None:
    """A literal for each bin whose opening costs something, true where the bin holds an item."""
    problem = model.problem
    priced = np.zeros(problem.num_bins, dtype=np.bool_)
    for tier in problem.tiers:
        if tier.open is not None:
            priced |= tier.open != 0
    priced &= ~problem.in_use & ~model.rest.occupied
    for bin_, cells in split(np.arange(len(model.cells)), model.cells.bin.astype(np.int64)).items():
        if priced[bin_]:
            variables = cells.tolist()
            model.used[bin_] = model.program.boolean(any_of(variables))
            model.program.linear([*variables, model.used[bin_]], [1] * len(variables) + [-1], 0, UNBOUNDED)


def add_capacity(model: Model) -> None:
    """The rows of all bins and resources that can be exceeded, and the link from items to `Model.used`.

    Amounts are divided by the greatest common divisor of all demands, which changes nothing: a bin's remainder fits
    no item. A bin may be overfull with items that stay as long as nothing that wants the resource enters.
    """
    problem, cells, program = model.problem, model.cells, model.program
    if len(cells) == 0:
        return
    unit = np.maximum(np.gcd.reduce(problem.demand, axis=0), 1)
    free = problem.capacity - model.rest.load
    demand = problem.demand[model.kinds.class_] // unit
    room = free // unit
    for bin_, here in split(np.arange(len(cells)), cells.bin.astype(np.int64)).items():
        if not model.is_open(here.tolist()):
            continue
        used = model.used.get(bin_)
        linked = used is None
        for resource in range(problem.num_resources):
            amounts = demand[cells.kind[here], resource]
            wanting, amounts = here[amounts > 0], amounts[amounts > 0]
            if len(wanting) == 0:
                continue
            most = int(room[bin_, resource])
            stays = cells.kept[wanting]
            enters = model.rest.entering_load[bin_, resource] > 0
            overfull = bool((amounts[stays] @ cells.upper[wanting[stays]]) > most) and not enters
            row = Sum(wanting.tolist(), amounts.tolist())
            if overfull:
                entering = program.holds_any(wanting[~stays].tolist())
                program.at_most(row, most, [entering])
                continue
            if used is not None and most >= 0:
                program.linear([*row.variables, used], [*row.weights, -most], -UNBOUNDED, 0)
                linked = linked or len(wanting) == len(here)
            else:
                program.at_most(row, most)
        if not linked:
            _link(model, here.tolist(), used)


def _link(model: Model, cells: list[int], used: int | None) -> None:
    assert used is not None  # only bins with a literal need the link
    for cell in cells:
        model.program.linear([cell, used], [1, -int(model.cells.upper[cell])], -UNBOUNDED, 0)
