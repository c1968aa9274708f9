"""Transient resources: an item that moves holds them on the bin it leaves, too."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.model import Model, split
from placement_solvers.cp_sat.program import Sum
from placement_solvers.problem import Int64


def add_transient(model: Model) -> None:
    """What a bin holds and what has left it for another bin fit together, once something enters.

    While nothing enters, what stays and what left are no more than what was there, so only bins that were overfull
    have to ask whether anything does. All items of a kind start in one bin (see `Kinds`).
    """
    problem, kinds, program = model.problem, model.kinds, model.program
    if not problem.transient.any() or len(problem.start) == 0:
        return
    content, entered = model.fixed_load(), model.fixed_load(entering=True)
    start_load = np.zeros_like(problem.capacity)
    np.add.at(start_load, kinds.start_bin, problem.demand[kinds.class_[kinds.start_kind]] * kinds.start_count[:, None])
    leaving = split(np.arange(len(kinds)), kinds.start_of.astype(np.int64))
    cells_of = split(np.arange(len(model.cells)), model.cells.bin.astype(np.int64))
    none = np.zeros(0, dtype=np.int64)
    for bin_, movers in leaving.items():
        here = cells_of.get(bin_, none)
        for resource in np.flatnonzero(problem.transient).tolist():
            row = _held(model, movers, resource)
            amounts = problem.demand[kinds.class_[model.cells.kind[here]], resource]
            row.variables += here[amounts > 0].tolist()
            row.weights += amounts[amounts > 0].tolist()
            row.constant += int(content[bin_, resource])
            most = int(problem.capacity[bin_, resource])
            if start_load[bin_, resource] <= most or entered[bin_, resource] > 0:
                program.at_most(row, most)
            elif entering := model.entering(here[amounts > 0]):
                program.at_most(row, most, [program.holds_any(entering)])


def _held(model: Model, movers: Int64, resource: int) -> Sum:
    """What items that start in a bin and enter another one hold of a resource."""
    kinds, rest = model.kinds, model.rest
    held = Sum()
    for kind in movers.tolist():
        amount = int(model.problem.demand[kinds.class_[kind], resource])
        if amount:
            held.add(model.entering(model.cells_of(kind)), amount)
            held.constant += amount * int(rest.items[kind] - rest.kept[kind])
    return held
