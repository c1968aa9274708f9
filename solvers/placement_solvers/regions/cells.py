"""Rules between the items of a region and those around it: limits, dependencies and breadth, domain by domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.cp_sat.program import UNBOUNDED, Program, any_of
from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import EVERYWHERE, NOWHERE, Int64
from placement_solvers.regions.region import Region


@dataclass(slots=True)
class Cell:
    """A group in one domain: the variables of free members, and how many are there without them.

    Attributes
    ----------
    fixed, now : int
        Members that stay, and those there now.
    most : int
        Members there can be.
    variables : list of int
    """

    fixed: int
    now: int
    most: int
    variables: list[int] = field(default_factory=list)


class CellRules:
    """Writes the rules of the groups of a region's items into its program.

    Only those who enter are asked for limits, as in the search itself: a limit is written for what a class finds in
    the end, which holds in every order.
    """

    def __init__(self, tables: Tables, state: State, region: Region, program: Program, variable: Int64) -> None:
        self._tables, self._state, self._region = tables, state, region
        self._program, self._variable = program, variable
        relations = tables.relations
        self._members: dict[int, list[int]] = {}
        self._kinds: dict[int, list[int]] = {}
        for kind, class_ in enumerate(region.class_.tolist()):
            self._kinds.setdefault(class_, []).append(kind)
            for group in relations.group[relations.class_start[class_] : relations.class_start[class_ + 1]].tolist():
                self._members.setdefault(group, []).append(kind)
        self._cells: dict[int, dict[int, Cell]] = {}

    def add(self) -> None:
        """Write all rules."""
        self._limit()
        self._depend()
        self._be_broad()

    def _cells_of(self, group: int) -> dict[int, Cell]:
        """The cells of a group in the domains of the region's bins."""
        if group not in self._cells:
            self._cells[group] = self._new_cells(group)
        return self._cells[group]

    def _new_cells(self, group: int) -> dict[int, Cell]:
        relations, region = self._tables.relations, self._region
        first = int(relations.cell_start[group])
        cells: dict[int, Cell] = {}
        for bin_, domain in enumerate(self._domains(group)):
            if domain == NOWHERE:
                continue
            if domain not in cells:
                there = int(self._state.counts[first + domain])
                cells[domain] = Cell(there, there, there)
            cell, scope = cells[domain], relations.scope[group]
            if scope != EVERYWHERE and not relations.scopes[scope, region.bins[bin_]]:
                continue
            for kind in self._members.get(group, ()):
                now, variable = int(region.now[kind, bin_]), int(self._variable[kind, bin_])
                cell.fixed -= now
                cell.most -= now
                if variable >= 0:
                    cell.variables.append(variable)
                    cell.most += self._program.upper[variable]
        return cells

    def _domains(self, group: int) -> list[int]:
        """Domain of each bin of the region."""
        relations = self._tables.relations
        domains: list[int] = relations.domain_of[relations.topology[group], self._region.bins].tolist()
        return domains

    def _limit(self) -> None:
        entering: dict[tuple[int, int, int], set[int]] = {}
        for class_, group, most in self._limits():
            cells = self._cells_of(group)
            for bin_, domain in enumerate(self._domains(group)):
                if domain == NOWHERE or cells[domain].most <= most:
                    continue
                there = {int(self._variable[kind, bin_]) for kind in self._kinds[class_]}
                entering.setdefault((group, domain, most), set()).update(there - {-1})
        for (group, domain, most), variables in entering.items():
            self._keep_limit(self._cells_of(group)[domain], most, sorted(variables))

    def _limits(self) -> Iterator[tuple[int, int, int]]:
        """Class, group, and members there may be in the end where an item of the class entered."""
        relations = self._tables.relations
        for class_ in self._kinds:
            for row in range(int(relations.limit_start[class_]), int(relations.limit_start[class_ + 1])):
                most = int(relations.at_most[row]) - 1 + int(relations.limit_itself[row])
                yield class_, int(relations.limit_group[row]), most

    def _keep_limit(self, cell: Cell, most: int, entering: list[int]) -> None:
        program = self._program
        if cell.fixed > most:
            program.forbid(entering)
        elif set(cell.variables) <= set(entering):
            # Whoever of the free members is in asks the same, and without them the count is not above it.
            if most - cell.fixed == 1 and all(program.upper[variable] == 1 for variable in cell.variables):
                program.at_most_one(cell.variables)
            else:
                program.linear(cell.variables, [1] * len(cell.variables), -UNBOUNDED, most - cell.fixed)
        else:
            for variable in entering:
                there = program.holds_any([variable])
                program.linear(cell.variables, [1] * len(cell.variables), -UNBOUNDED, most - cell.fixed, [there])

    def _depend(self) -> None:
        """A domain that holds a member of one group holds one of the other."""
        program = self._program
        done: set[tuple[int, int]] = set()
        for group, on in self._dependencies():
            if (group, on) in done or group == on:
                continue
            done.add((group, on))
            needed = self._cells_of(on)
            for domain, cell in self._cells_of(group).items():
                other = needed[domain]
                if other.fixed > 0 or cell.most == 0:
                    continue
                if cell.fixed > 0:
                    program.linear(other.variables, [1] * len(other.variables), 1, UNBOUNDED)
                    continue
                for variable in cell.variables:
                    weights = [1] * len(other.variables)
                    program.linear([*other.variables, variable], [*weights, -1], 0, UNBOUNDED)

    def _dependencies(self) -> Iterator[tuple[int, int]]:
        relations = self._tables.relations
        for group in self._members:
            for row in range(int(relations.dependency_start[group]), int(relations.dependency_start[group + 1])):
                yield group, int(relations.dependency_on[row])
            if relations.needed[group]:
                for row in np.flatnonzero(relations.dependency_on == group).tolist():
                    yield int(np.searchsorted(relations.dependency_start, row, side="right")) - 1, group

    def _be_broad(self) -> None:
        """Members of a group lie in so many domains, or each in its own."""
        relations, program = self._tables.relations, self._program
        for group in self._members:
            at_least = int(relations.breadth[group])
            if at_least <= 1:
                continue
            cells = self._cells_of(group)
            open_ = [cell for cell in cells.values() if cell.fixed <= 0]
            left = sum(cell.now > 0 for cell in open_)
            # Members that a region's bins do not count may come to be counted.
            members = int(self._state.members[group])
            if any(domain == NOWHERE for domain in self._domains(group)) or relations.scope[group] != EVERYWHERE:
                members += int(self._region.count[self._members[group]].sum())
            needed = min(at_least, members) - (int(self._state.width[group]) - left)
            if needed <= 0:
                continue
            present = []
            for cell in open_:
                if not cell.variables:
                    continue
                if len(cell.variables) == 1 and program.upper[cell.variables[0]] == 1:
                    present.append(cell.variables[0])
                    continue
                literal = program.boolean(any_of(cell.variables))
                program.linear([*cell.variables, literal], [*[1] * len(cell.variables), -1], 0, UNBOUNDED)
                present.append(literal)
            program.linear(present, [1] * len(present), needed, UNBOUNDED)
