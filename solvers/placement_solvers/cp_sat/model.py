"""What the constraint families share: the cells, their variables, and who counts for which group where."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from placement_solvers.cp_sat.cells import Cells
from placement_solvers.cp_sat.group_index import GroupIndex
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.cp_sat.program import Literal, Program, Sum
from placement_solvers.cp_sat.rest import Rest
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem


class Model:
    """A program over cells, cell v being variable v, and the parts of the solution that are not in question.

    Attributes
    ----------
    problem, kinds, groups, cells
    rest : Rest
        Items that lie where they lie and have no cell.
    program : Program
    used : dict
        Literal of each bin whose opening costs something: whether it holds an item.
    """

    def __init__(
        self,
        problem: Problem,
        kinds: Kinds,
        groups: GroupIndex,
        cells: Cells,
        rest: Rest,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.problem, self.kinds, self.groups, self.cells, self.rest = problem, kinds, groups, cells, rest
        self.program = Program(should_stop)
        for lower, upper in zip(cells.lower.tolist(), cells.upper.tolist(), strict=True):
            self.program.integer(lower, upper)
        self.used: dict[int, Literal] = {}
        self._entering = ~cells.kept
        self._counted: dict[int, dict[int, Int64]] = {}
        self._cells_of_kind = _slices(cells.kind, len(kinds))
        self._kinds_of_class = _slices(kinds.class_, problem.num_classes)
        self._initial: dict[int, Int64] = {}

    def members(self, group: int) -> Bool:
        """Kinds whose class is a member of the group, (Q,) bool."""
        return self.groups.members(group)

    def domain(self, group: int) -> Int64:
        """Domain of each cell in the group's topology, (V,) int64."""
        topology = self.problem.groups.topology[group]
        domain: Int64 = self.problem.domain_of[topology, self.cells.bin].astype(np.int64)
        return domain

    def counted(self, group: int) -> dict[int, Int64]:
        """Cells whose items count for the group, by domain."""
        if group not in self._counted:
            self._counted[group] = split(np.flatnonzero(self.is_counted(group)), self.domain(group))
        return self._counted[group]

    def is_counted(self, group: int) -> Bool:
        """Whether an item of a cell counts for the group, (V,) bool."""
        return self.members(group)[self.cells.kind] & self.groups.in_scope(group)[self.cells.bin]

    def in_domains(self, group: int, kinds: Iterable[int], *, entering: bool = True) -> dict[int, Int64]:
        """Cells of some kinds by domain of the group's topology; those of items that stay are left out by default."""
        chosen = [self._cells_of_kind[kind] for kind in kinds]
        cells = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
        if entering:
            cells = cells[self._entering[cells]]
        return split(cells, self.domain(group))

    def initial(self, group: int) -> Int64:
        """Members that no cell stands for, (D,) int64: those there from the first, and fixed ones elsewhere."""
        if group not in self._initial:
            problem, pairs = self.problem, self.rest.pairs
            start = problem.groups.start
            counts = problem.groups.initial[start[group] : start[group + 1]].astype(np.int64)
            if len(pairs):
                counted = self.members(group)[pairs.kind] & self.groups.in_scope(group)[pairs.bin]
                domain = problem.domain_of[problem.groups.topology[group], pairs.bin[counted]]
                np.add.at(counts, domain, pairs.items[counted])
            self._initial[group] = counts
        return self._initial[group]

    def fixed_load(self, *, entering: bool = False) -> Int64:
        """What items without a cell take of each bin, all of them or those that do not stay, (B, R) int64."""
        problem, pairs = self.problem, self.rest.pairs
        pairs = pairs.select(~pairs.kept) if entering else pairs
        load = np.zeros_like(problem.capacity)
        np.add.at(load, pairs.bin, problem.demand[self.kinds.class_[pairs.kind]] * pairs.items[:, None])
        return load

    def kinds_of(self, class_: int) -> Int64:
        """The kinds of a class."""
        return self._kinds_of_class[class_]

    def cells_of(self, kind: int) -> Int64:
        """The cells of a kind."""
        return self._cells_of_kind[kind]

    def entering(self, cells: Int64) -> list[int]:
        """Those of some cells whose items enter."""
        return [int(cell) for cell in cells[self._entering[cells]]]

    def staying(self, cells: Int64) -> list[int]:
        """Those of some cells whose items stay."""
        return [int(cell) for cell in cells[~self._entering[cells]]]

    def is_open(self, cells: Iterable[int]) -> bool:
        """Whether any of the cells is not fixed."""
        lower, upper = self.program.lower, self.program.upper
        return any(lower[cell] < upper[cell] for cell in cells)

    def sum_of(self, cells: Iterable[int], constant: int = 0) -> Sum:
        """The number of items in some cells."""
        return Sum(constant=constant).add(int(cell) for cell in cells)


def split(cells: Int64, domain: Int64) -> dict[int, Int64]:
    """Cells by domain, those in none left out, O(N log N)."""
    cells = cells[domain[cells] != NOWHERE]
    order = np.argsort(domain[cells], kind="stable")
    cells = cells[order]
    domains, first = np.unique(domain[cells], return_index=True)
    return dict(zip(domains.tolist(), np.split(cells, first[1:]), strict=True)) if len(domains) else {}


def _slices(owner: Int32, size: int) -> list[Int64]:
    """Positions of each owner's entries."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(size + 1))
    return [order[bounds[number] : bounds[number + 1]].astype(np.int64) for number in range(size)]
