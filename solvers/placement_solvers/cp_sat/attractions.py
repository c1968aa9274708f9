"""Attraction: an item enters a domain only if a member is there, or as the first of its kind.

A domain is *opened* for a group by members that stay, by members that the group does not attract itself, or by the
first of its kind, of which there is one in all topology; items that are attracted go where it is open. This leaves out
circles through several groups (a needs b, b needs a); `cuts` adds what forbids them when one turns up.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import UNBOUNDED, Literal, Rule, Sum, any_of


def add_attractions(model: Model) -> None:
    """The rows of all attractions."""
    attractions = model.problem.attractions
    attracted: dict[int, set[int]] = defaultdict(set)  # kinds by group
    attracting: dict[int, set[int]] = defaultdict(set)  # groups by kind
    for class_, group in zip(attractions.class_.tolist(), attractions.group.tolist(), strict=True):
        for kind in model.kinds_of(class_).tolist():
            attracted[group].add(kind)
            attracting[kind].add(group)
    starters = {
        kind
        for kind, groups in attracting.items()
        if attractions.self_starting[model.kinds.class_[kind]]
        and not any(model.initial(group).any() for group in groups)
    }
    firsts = {
        group: _Firsts(model, group, kinds & starters, attracting)
        for group, kinds in attracted.items()
        if any(model.members(group)[kind] for kind in kinds & starters)
    }
    for group, kinds in attracted.items():
        _open_domains(model, group, kinds, starters, firsts.get(group))
    for first in firsts.values():
        first.agree_with(firsts)


class _Firsts:
    """Literals of the domain in which the first of its kind enters a group, by domain."""

    def __init__(self, model: Model, group: int, starters: set[int], attracting: dict[int, set[int]]) -> None:
        self._model, self._group, self._starters = model, group, starters
        self._also = set.intersection(*(attracting[kind] for kind in starters)) - {group}
        counted = model.is_counted(group)
        program = model.program
        self._cells = {
            domain: [cell for cell in cells.tolist() if counted[cell]]
            for domain, cells in model.in_domains(group, sorted(starters)).items()
        }
        self.in_domain: dict[int, Literal] = {}
        for domain, cells in self._cells.items():
            if cells:
                self.in_domain[domain] = program.boolean(self._rule(domain))
                program.any_of([~self.in_domain[domain], program.holds_any(cells)])
        program.at_most_one(list(self.in_domain.values()))
        everywhere = [cell for cells in model.counted(group).values() for cell in model.staying(cells)]
        if everywhere:
            there = program.holds_any(everywhere)
            for literal in self.in_domain.values():
                program.implies(literal, ~there)

    def _rule(self, domain: int) -> Rule:
        earlier = any_of(cell for other, cells in self._cells.items() if other < domain for cell in cells)
        own = any_of(self._cells[domain])
        return lambda values: int(own(values) and not earlier(values))

    def agree_with(self, firsts: dict[int, _Firsts]) -> None:
        """The first of its kind is one item in one bin, whichever group asks."""
        model = self._model
        for group in sorted(self._also & firsts.keys()):
            other = firsts[group]
            domain_there = model.domain(group)
            counted_there = model.is_counted(group)
            for domain, literal in self.in_domain.items():
                if not counted_there[self._cells[domain]].all():
                    continue
                possible = {int(domain_there[cell]) for cell in self._cells[domain]} & other.in_domain.keys()
                model.program.any_of([~literal, *(other.in_domain[there] for there in sorted(possible))])


def _open_domains(model: Model, group: int, attracted: set[int], starters: set[int], firsts: _Firsts | None) -> None:
    is_counted = model.is_counted(group)
    program, initial, counted = model.program, model.initial(group), model.counted(group)
    none = np.zeros(0, dtype=np.int64)
    for domain, cells in model.in_domains(group, sorted(attracted)).items():
        # A starter that does not count may start beside others of its kind; what order that needs is checked later.
        bound = [cell for cell in cells.tolist() if is_counted[cell] or int(model.cells.kind[cell]) not in starters]
        if initial[domain] > 0:
            continue
        members = counted.get(domain, none)
        openers = model.staying(members)
        openers += [cell for cell in model.entering(members) if int(model.cells.kind[cell]) not in attracted]
        if not model.is_open([*openers, *bound]):
            continue
        first = firsts.in_domain.get(domain) if firsts is not None else None
        supports = Sum().add(openers)
        if first is not None:
            supports.add([first])
        if program.maximum(supports) == 0:
            program.forbid(bound)
            continue
        opened = program.holds_any(supports.variables)
        for cell in bound:
            program.linear([cell, opened], [1, -program.upper[cell]], -UNBOUNDED, 0)
