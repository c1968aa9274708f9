"""Who is a member of a group and who looks at it, by kind: worked out once for many models of one problem."""

from __future__ import annotations

import numpy as np

from placement_solvers.bin_groups import asked_groups
from placement_solvers.counting import eligible_domains, in_scope
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.problem import Bool, Int32, Int64, Problem


class GroupIndex:
    """Members, lookers, scope and eligible domains of the groups of a problem, computed when first asked for.

    Attributes
    ----------
    asked : list of int
        Groups that some relation, hard or soft, asks about, ascending.
    """

    def __init__(self, problem: Problem, kinds: Kinds) -> None:
        self._problem, self._kinds = problem, kinds
        self.asked: list[int] = asked_groups(problem).tolist()
        groups = problem.groups
        owner = np.repeat(np.arange(len(groups.class_start) - 1), np.diff(groups.class_start))
        order = np.argsort(groups.of_class, kind="stable")
        self._class_of_membership = owner[order]
        self._bounds = np.searchsorted(groups.of_class[order], np.arange(len(groups) + 1))
        self._members: dict[int, Bool] = {}
        self._concerned: dict[int, Bool] = {}
        self._groups_of: list[list[int]] | None = None
        self._scope: dict[int, Bool] = {}
        self._eligible: dict[int, Bool] = {}
        self._lookers = self._classes_that_look()

    def members(self, group: int) -> Bool:
        """Kinds whose class is a member of the group, (Q,) bool."""
        if group not in self._members:
            classes = np.zeros(self._problem.num_classes, dtype=np.bool_)
            classes[self._class_of_membership[self._bounds[group] : self._bounds[group + 1]]] = True
            self._members[group] = classes[self._kinds.class_]
        return self._members[group]

    def lookers(self, group: int) -> Bool:
        """Kinds with a row, hard or soft, on the group, (Q,) bool."""
        classes = np.zeros(self._problem.num_classes, dtype=np.bool_)
        classes[self._lookers.get(group, np.zeros(0, dtype=np.int64))] = True
        looks: Bool = classes[self._kinds.class_]
        return looks

    def concerned(self, group: int) -> Bool:
        """Kinds that count for the group or look at it, (Q,) bool."""
        if group not in self._concerned:
            self._concerned[group] = self.members(group) | self.lookers(group)
        return self._concerned[group]

    def groups_of(self, kinds: Int32) -> list[int]:
        """Groups that concern any of some kinds, ascending."""
        if self._groups_of is None:
            self._groups_of = [[] for _ in range(len(self._kinds))]
            for group in self.asked:
                for kind in np.flatnonzero(self.concerned(group)).tolist():
                    self._groups_of[kind].append(group)
        return sorted({group for kind in kinds.tolist() for group in self._groups_of[kind]})

    def in_scope(self, group: int) -> Bool:
        """Bins on which the group counts, (B,) bool."""
        if group not in self._scope:
            self._scope[group] = in_scope(self._problem, group)
        return self._scope[group]

    def eligible_domains(self, group: int) -> Bool:
        """Domains that hold a bin of the group's scope, (D,) bool."""
        if group not in self._eligible:
            self._eligible[group] = eligible_domains(self._problem, group)
        return self._eligible[group]

    def _classes_that_look(self) -> dict[int, Int64]:
        problem = self._problem
        tables = [(table.group, table.class_) for table in (problem.limits, problem.attractions, problem.spreads)]
        tables += [(tier.pairs.group, tier.pairs.class_) for tier in problem.tiers]
        group = np.concatenate([groups for groups, _ in tables])
        class_ = np.concatenate([classes for _, classes in tables])
        order = np.argsort(group, kind="stable")
        found, first = np.unique(group[order], return_index=True)
        return dict(zip(found.tolist(), np.split(class_[order], first[1:]), strict=True)) if len(found) else {}
