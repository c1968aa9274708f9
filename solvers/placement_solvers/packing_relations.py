"""What the relations of a problem come to, read bin by bin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from placement_solvers.counting import in_scope
from placement_solvers.packing_present import Present
from placement_solvers.packing_view import MANY
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64


class Relations:
    """Collects, bin by bin, what may lie where and with whom. What cannot be said is added to `Present.relaxed`.

    Parameters
    ----------
    keep_rules : bool
        Whether rules over domains are kept.

    Attributes
    ----------
    at_most : dict of int to (B,) int64
        By class how many of its items a bin takes.
    joint_rows : list
        Classes of which a bin takes only so many together, (B,) int64.
    edges : dict of pair to (B,) bool
        By class and another where the first must not lie with the other.
    rule_rows : list
        Rules over domains: classes, group, greatest skew, limit, least number of domains, whether it is a spread.
    """

    def __init__(self, present: Present, *, keep_rules: bool) -> None:
        problem = present.problem
        self.present, self.problem, self.relaxed = present, problem, present.relaxed
        self.count, self.counts = present.count, present.counts
        self.everywhere = np.broadcast_to(np.True_, problem.num_bins)
        # For each class the bins where it may hold only so many; columns of the key that tells types apart.
        self.at_most: dict[int, Int64] = {}
        self.joint_rows: list[tuple[Int32, Int64]] = []
        self.edges: dict[tuple[int, int], Bool] = {}
        self.rule_rows: list[tuple[Int32, int, int, int, int, bool]] = []
        self.members = self._members()
        # By group the classes under a limit and the least of their limits, the classes ascending.
        self.holders: dict[int, dict[int, int]] = {}
        limits = problem.limits
        for class_, group, at_most in zip(
            limits.class_.tolist(), limits.group.tolist(), limits.at_most.tolist(), strict=True
        ):
            if self.count[class_] > 0:
                held = self.holders.setdefault(group, {})
                held[class_] = min(at_most, held.get(class_, at_most))
        self._limits()
        self._spreads()
        if self.rule_rows and not keep_rules:
            self.rule_rows.clear()
            self.relaxed["rule"] = None
        if len(problem.attractions) and self.count[problem.attractions.class_].any():
            self.relaxed["attraction"] = None
        for name, family in (
            ("gang", problem.gangs),
            ("breadth", problem.breadths),
            ("dependency", problem.dependencies),
        ):
            if len(family):
                self.relaxed[name] = None
        if problem.devices.asked:
            self.relaxed["devices"] = None

    def clear(self) -> None:
        """Forget them all."""
        self.at_most.clear()
        self.joint_rows.clear()
        self.edges.clear()
        self.rule_rows.clear()

    def _members(self) -> list[Int32]:
        """Classes that count in each group and have items to pack, ascending."""
        groups = self.problem.groups
        if len(groups.of_class) == 0:
            return [np.zeros(0, dtype=np.int32)] * len(groups)
        class_of_row = np.repeat(np.arange(len(groups.class_start) - 1, dtype=np.int32), np.diff(groups.class_start))
        keep = self.count[class_of_row] > 0
        group, class_of_row = groups.of_class[keep], class_of_row[keep]
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(groups) + 1))
        return [class_of_row[order[first:last]] for first, last in pairwise(bounds)]

    def _limits(self) -> None:
        for group, held in self.holders.items():
            classes = np.array(list(held), dtype=np.int32)
            at_most = np.array(list(held.values()), dtype=np.int64)
            if self._is_bin_by_bin(group):
                self._limit_in_bins(group, classes, at_most)
            else:
                self._limit_in_domains(group, classes, at_most)
        one_way = [edge for edge in self.edges if edge[::-1] not in self.edges]
        if one_way:
            self.relaxed["one-way limit"] = None
        for edge in one_way:
            del self.edges[edge]

    def _is_bin_by_bin(self, group: int) -> bool:
        topology = int(self.problem.groups.topology[group])
        domain = self.problem.domain_of[topology]
        return int((domain != NOWHERE).sum()) == int(self.problem.num_domains[topology])

    def _initial(self, group: int) -> Int64:
        """Members of the group already in the domain of each bin, (B,) int64; 0 in no domain."""
        start = self.problem.groups.start
        counts = np.append(self.counts[start[group] : start[group + 1]], 0).astype(np.int64)
        initial: Int64 = counts[self.problem.domain_of[self.problem.groups.topology[group]]]
        return initial

    def _in_scope(self, group: int) -> Bool:
        inside = in_scope(self.problem, group)
        return self.everywhere if inside.all() else inside

    def _room(self, group: int, at_most: int) -> Int64:
        """How many more members a bin takes before a holder is refused, (B,) int64; `MANY` where nobody counts."""
        start = self.problem.groups.start
        inside = self._in_scope(group)
        if inside is self.everywhere and not self.counts[start[group] : start[group + 1]].any():
            return np.broadcast_to(np.int64(at_most), self.problem.num_bins)  # the same everywhere: no array
        initial = self._initial(group)
        in_domain = self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
        room = np.maximum(at_most - initial, 0)
        room[~inside & ((room > 0) | ~in_domain)] = MANY
        return room

    def _limit_in_bins(self, group: int, classes: Int32, at_most: Int64) -> None:
        members = self.members[group]
        inside = np.isin(classes, members)
        for most in np.unique(at_most[inside]):
            # Whoever of those with a limit up to `most` enters last finds all the others there.
            share = np.sort(classes[inside & (at_most <= most)])
            if len(share) > 1:
                self.joint_rows.append((share, self._room(group, int(most))))
        exclusive = classes[inside & (at_most == 1)]
        where = self._in_scope(group)
        for class_, most, counts in zip(classes.tolist(), at_most.tolist(), inside.tolist(), strict=True):
            room = self._room(group, most)
            self._cap(class_, room if counts else np.where(room > 0, MANY, 0))
            if most == 1:
                for other in np.setdiff1d(members, exclusive if counts else [class_]).tolist():
                    self._exclude(class_, other, where)
            elif not (counts and np.array_equal(members, classes) and (at_most == most).all()):
                self.relaxed["limit"] = None

    def _exclude(self, class_: int, other: int, where: Bool) -> None:
        known = self.edges.get((class_, other), where)
        self.edges[class_, other] = known if known is where else known | where

    def _cap(self, class_: int, at_most: Int64) -> None:
        known = self.at_most.get(class_)
        self.at_most[class_] = at_most if known is None else np.minimum(known, at_most)

    def _limit_in_domains(self, group: int, classes: Int32, at_most: Int64) -> None:
        members = self.members[group]
        for class_, most in zip(classes, at_most, strict=True):
            self._cap(int(class_), np.where(self._room(group, int(most)) > 0, MANY, 0))
        if np.array_equal(members, classes) and (at_most == at_most[0]).all() and self._counts_everywhere(group):
            self.rule_rows.append((members, group, MANY, int(at_most[0]), 1, False))
        else:
            self.relaxed["limit"] = None

    def _spreads(self) -> None:
        spreads = self.problem.spreads
        rows_of: dict[int, list[int]] = {}
        for row, group in enumerate(spreads.group):
            if self.count[spreads.class_[row]]:
                rows_of.setdefault(int(group), []).append(row)
        for group, rows in rows_of.items():
            classes = spreads.class_[rows].astype(np.int32)
            in_domain = self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
            for class_ in classes:
                self._cap(int(class_), np.where(in_domain, MANY, 0))
            alike = len(np.unique(spreads.max_skew[rows])) == 1 and len(np.unique(spreads.min_domains[rows])) == 1
            same = np.array_equal(self.members[group], classes)
            if group in self.present.unknown or not (
                alike and same and self._counts_everywhere(group, but_nowhere=True)
            ):
                self.relaxed["spread"] = None
            elif self._is_bin_by_bin(group):
                self._spread_in_bins(group, rows[0])
            else:
                self.rule_rows.append(
                    (classes, group, int(spreads.max_skew[rows[0]]), MANY, int(spreads.min_domains[rows[0]]), True)
                )

    def _spread_in_bins(self, group: int, row: int) -> None:
        """A spread over bins of which one surely stays empty is a limit in each bin."""
        spreads, members = self.problem.spreads, self.members[group]
        inside = in_scope(self.problem, group)
        initial = self._initial(group)
        few = int(inside.sum()) < int(spreads.min_domains[row])
        empty_bins = int((inside & (initial == 0)).sum())
        if not few and empty_bins <= int(self.count[members].sum()):
            self.relaxed["spread"] = None
            return
        room = np.where(inside, np.maximum(int(spreads.max_skew[row]) - initial, 0), MANY)
        for class_ in members:
            self._cap(int(class_), room)
        if len(members) > 1:
            self.joint_rows.append((members, room))

    def _counts_everywhere(self, group: int, *, but_nowhere: bool = False) -> bool:
        """Whether each member counts in the group wherever it may lie, or wherever that is in a domain."""
        outside = ~in_scope(self.problem, group)
        if but_nowhere:
            outside &= self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
        if not outside.any():
            return True
        return not any((self.present.eligible(int(class_)) & outside).any() for class_ in self.members[group])
