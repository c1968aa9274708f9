"""Gangs: enough members or none, all in one domain if the gang asks for it; or everything as it was."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.model import Model, split
from placement_solvers.cp_sat.program import UNBOUNDED, Rule, Sum, any_of
from placement_solvers.problem import NOWHERE, Int64


def add_gangs(model: Model) -> None:
    """The rows of all gangs."""
    for gang in np.unique(model.kinds.gang[model.kinds.gang != NOWHERE]).tolist():
        kinds = np.flatnonzero(model.kinds.gang == gang)
        cells = np.concatenate([model.cells_of(kind) for kind in kinds.tolist()])
        if model.is_open(cells.tolist()):
            _add_gang(model, gang, cells)


def _add_gang(model: Model, gang: int, cells: Int64) -> None:
    program, gangs = model.program, model.problem.gangs
    at_least, topology = int(gangs.at_least[gang]), int(gangs.topology[gang])
    members = cells.tolist()
    allowed = [~program.holds_any(members)]
    unchanged = _as_it_was(model, cells)
    if unchanged is not None:
        allowed.append(unchanged)
    if topology == NOWHERE:
        if unchanged is None and _all_wanted(model, gang, at_least):
            _all_or_none(model, gang, members)
        elif at_least > 1:
            _require(model, members, at_least, allowed)
        return
    domain = model.problem.domain_of[topology, model.cells.bin].astype(np.int64)
    by_domain = split(cells, domain)
    outside = cells[domain[cells] == NOWHERE].tolist()
    chosen = {}
    for number, here in by_domain.items():
        own = here.tolist()
        if gangs.domain[gang] not in (NOWHERE, number):
            continue
        if program.maximum(Sum().add(own)) < at_least:
            continue
        literal = program.boolean(_only_in(own, sorted({*members} - {*own})))
        program.implies(literal, program.holds_any(own))
        if at_least > 1:
            program.at_least(Sum().add(own), at_least, [literal])
        chosen[number] = literal
    program.at_most_one(list(chosen.values()))
    program.any_of([*allowed, *chosen.values()])
    # A member lies in the chosen domain; where nothing has changed it may lie anywhere.
    for number, here in by_domain.items():
        _confine(model, here.tolist(), chosen.get(number), unchanged)
    _confine(model, outside, None, unchanged)


def _all_wanted(model: Model, gang: int, at_least: int) -> bool:
    """Whether a gang wants every one of its members, and all of them are in question."""
    kinds = model.kinds.gang == gang
    return bool(at_least == model.kinds.count[kinds].sum() and not model.rest.items[kinds].any())


def _all_or_none(model: Model, gang: int, members: list[int]) -> None:
    """All of each kind or none: said kind by kind, so that what leaving the gang out costs is one step, not many."""
    inside = model.program.holds_any(members)
    for kind in np.flatnonzero(model.kinds.gang == gang).tolist():
        cells = model.cells_of(kind).tolist()
        model.program.linear([*cells, inside], [1] * len(cells) + [-int(model.kinds.count[kind])], 0, 0)


def _only_in(own: list[int], elsewhere: list[int]) -> Rule:
    some, other = any_of(own), any_of(elsewhere)
    return lambda values: int(some(values) and not other(values))


def _confine(model: Model, cells: list[int], chosen: int | None, unchanged: int | None) -> None:
    ways = [literal for literal in (chosen, unchanged) if literal is not None]
    for cell in cells:
        if not ways:
            model.program.forbid([cell])
        elif len(ways) == 1:
            model.program.linear([cell, ways[0]], [1, -model.program.upper[cell]], -UNBOUNDED, 0)
        else:
            upper = model.program.upper[cell]
            model.program.linear([cell, *ways], [1, -upper, -upper], -UNBOUNDED, 0)


def _require(model: Model, members: list[int], at_least: int, allowed: list[int]) -> None:
    """At least so many members, unless the gang is out or as it was."""
    program = model.program
    out, *unchanged = allowed
    row = Sum().add(members)
    if unchanged:
        program.at_least(row, at_least, [~out, ~unchanged[0]])
        return
    inside = ~out
    if program.maximum(row) < at_least:
        program.forbid(members)
    elif inside >= 0:
        # The linear form holds in the relaxation too: sum >= at_least * inside.
        program.linear([*members, inside], [1] * len(members) + [-at_least], 0, UNBOUNDED)


def _as_it_was(model: Model, cells: Int64) -> int | None:
    """Where the gang has members that started: whether all stay and no other enters. None where none started."""
    program = model.program
    staying, entering = model.staying(cells), model.entering(cells)
    if not staying:
        return None
    upper = list(program.upper)
    literal = program.boolean(
        lambda values: int(
            all(values[cell] == upper[cell] for cell in staying) and not any(values[cell] for cell in entering)
        )
    )
    for cell in staying:
        program.linear([cell], [1], upper[cell], UNBOUNDED, [literal])
    for cell in entering:
        program.linear([cell], [1], 0, 0, [literal])
    return literal
