"""Rows that are found missing only once a placement turns up that no order leads to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.order import related_classes
from placement_solvers.problem import NOWHERE, Bool


def forbid_order(model: Model, values: Sequence[int]) -> None:
    """Cut off a placement that is proven to have no order.

    Cells that wait for each other in a circle may be used only with help from outside (the loop formula of answer set
    programming, Lin and Zhao 2004); where that is not the reason, just these numbers are forbidden.
    """
    circle = _unfounded(model, values)
    if circle:
        _require_help(model, circle)
    else:
        _forbid_numbers(model, values)


def _unfounded(model: Model, values: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Entering cells that attraction alone keeps out, each with a group and domain it lacks a member of."""
    attractions, kinds, cells = model.problem.attractions, model.kinds, model.cells
    groups_of: dict[int, list[int]] = {}
    for class_, group in zip(attractions.class_.tolist(), attractions.group.tolist(), strict=True):
        groups_of.setdefault(class_, []).append(group)
    present = np.array(values[: len(cells)]) > 0
    founded = present & cells.kept
    open_: dict[int, tuple[int, int]] = {}
    for cell in np.flatnonzero(present & ~cells.kept).tolist():
        class_ = int(kinds.class_[cells.kind[cell]])
        groups = groups_of.get(class_, [])
        starts = bool(groups) and bool(attractions.self_starting[class_])
        if (starts and not any(model.initial(group).any() for group in groups)) or not groups:
            founded[cell] = True
        else:
            open_[cell] = (NOWHERE, NOWHERE)
    while True:
        entered = []
        for cell in open_:
            missing = [
                (group, int(model.domain(group)[cell]))
                for group in groups_of[int(kinds.class_[cells.kind[cell]])]
                if not _holds_member(model, group, int(model.domain(group)[cell]), founded)
            ]
            if missing:
                open_[cell] = missing[0]
            else:
                entered.append(cell)
        if not entered:
            return open_
        founded[entered] = True
        for cell in entered:
            del open_[cell]


def _holds_member(model: Model, group: int, domain: int, founded: Bool) -> bool:
    here = model.counted(group).get(domain)
    return bool(model.initial(group)[domain] > 0 or (here is not None and founded[here].any()))


def _require_help(model: Model, circle: dict[int, tuple[int, int]]) -> None:
    program = model.program
    helpers = {
        int(cell) for group, domain in set(circle.values()) for cell in model.counted(group).get(domain, ())
    } - circle.keys()
    program.any_of([~program.holds_any(list(circle)), program.holds_any(sorted(helpers))])


def _forbid_numbers(model: Model, values: Sequence[int]) -> None:
    """Some number of a related cell must differ."""
    program = model.program
    related = related_classes(model.problem)[model.kinds.class_[model.cells.kind]]
    differs = []
    for cell in np.flatnonzero(related).tolist():
        value = values[cell]
        if program.lower[cell] < value:
            differs.append(program.less_than(cell, value))
        if value < program.upper[cell]:
            differs.append(~program.less_than(cell, value + 1))
    program.any_of(differs)
