"""Rules about the plan as a whole, asked only once a group was touched: breadths and dependencies."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import UNBOUNDED, Literal, Rule, Sum
from placement_solvers.problem import Bool


def add_breadths(model: Model) -> None:
    """Members in so many domains, or each in its own, or all of them as they were."""
    program, breadths = model.program, model.problem.breadths
    for group, at_least in zip(breadths.group.tolist(), breadths.at_least.tolist(), strict=True):
        domains = _domains(model, group)
        holding = Sum().add([_holds(model, group, domain) for domain in domains])
        wide = program.boolean(_reaches(holding, at_least))
        program.at_least(holding, at_least, [wide])
        program.any_of([wide, _apart(model, group, domains), untouched(model, [group])])


def add_dependencies(model: Model) -> None:
    """Where a member of one group is there is one of the other, or both groups are as they were."""
    program, dependencies = model.program, model.problem.dependencies
    for group, on in zip(dependencies.group.tolist(), dependencies.on.tolist(), strict=True):
        asked = [domain for domain in _domains(model, group) if model.initial(on)[domain] == 0]
        if not asked:
            continue
        unchanged = untouched(model, [group, on])
        for domain in asked:
            program.any_of([~_holds(model, group, domain), _holds(model, on, domain), unchanged])


def untouched(model: Model, groups: Iterable[int]) -> Literal:
    """A literal that holds only while no item of a class of some groups has left its start or entered a bin."""
    kinds, rest, program = model.kinds, model.rest, model.program
    members: Bool = np.any([model.members(group) for group in groups], axis=0)
    numbers = np.flatnonzero(members)
    cells = [model.cells_of(kind) for kind in numbers.tolist()]
    entering = [cell for own in cells for cell in model.entering(own)]
    missing = int((kinds.count - kinds.waiting - rest.kept)[numbers].sum())
    stays = Sum(constant=-missing).add(cell for own in cells for cell in model.staying(own))
    moved_in = int((rest.items - rest.kept)[numbers].sum())
    if moved_in or program.maximum(stays) < 0 or any(program.lower[cell] > 0 for cell in entering):
        return program.constant(0)
    literal = program.boolean(_all_as_before(stays, entering))
    program.at_least(stays, 0, [literal])
    if entering:
        program.linear(entering, [1] * len(entering), -UNBOUNDED, 0, [literal])
    return literal


def _reaches(total: Sum, at_least: int) -> Rule:
    return lambda values: int(total.value(values) >= at_least)


def _all_as_before(stays: Sum, entering: list[int]) -> Rule:
    return lambda values: int(stays.value(values) >= 0 and not any(values[cell] for cell in entering))


def _apart(model: Model, group: int, domains: list[int]) -> Literal:
    """A literal that holds only where no domain has two members."""
    program, initial, counted = model.program, model.initial(group), model.counted(group)
    if np.any(initial > 1):
        return program.constant(0)
    none = np.zeros(0, dtype=np.int64)
    counts = [model.sum_of(counted.get(domain, none), int(initial[domain])) for domain in domains]
    literal = program.boolean(lambda values: int(all(one.value(values) <= 1 for one in counts)))
    for one in counts:
        program.at_most(one, 1, [literal])
    return literal


def _domains(model: Model, group: int) -> list[int]:
    """Domains that hold a member or may, ascending."""
    return sorted({*model.counted(group), *np.flatnonzero(model.initial(group)).tolist()})


def _holds(model: Model, group: int, domain: int) -> Literal:
    if model.initial(group)[domain] > 0:
        return model.program.constant(1)
    return model.program.holds_any(model.counted(group).get(domain, np.zeros(0, dtype=np.int64)).tolist())
