"""Which bins an item may enter as far as eligibility, pins and relations between items go; room is another question."""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import eligible_domains, in_scope
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem


class Admission:
    """Counts members of groups as items enter, and says for a class which bins are open to it now.

    Attributes
    ----------
    counts : list of (D,) int64
        Members of each group in each domain of its topology.
    """

    def __init__(self, problem: Problem) -> None:
        groups = problem.groups
        self._problem = problem
        self.counts: list[Int64] = [
            groups.initial[groups.start[g] : groups.start[g + 1]].astype(np.int64) for g in range(len(groups))
        ]
        self._in_scope = [in_scope(problem, g) for g in range(len(groups))]
        self._counted = [eligible_domains(problem, g) for g in range(len(groups))]
        bounds = np.arange(problem.num_classes + 1)
        self._limits, self._attractions, self._spreads = (
            np.searchsorted(table.class_, bounds).tolist()
            for table in (problem.limits, problem.attractions, problem.spreads)
        )
        self._standing: dict[int, Bool] = {}

    def allowed(self, class_: int) -> Bool:
        """The bins an item of the class may enter now, (B,) bool; not to be changed."""
        if class_ not in self._standing:
            self._standing[class_] = self._problem.eligible_bins(class_)
        allowed = self._standing[class_]
        for restricted in (self._within_limits(class_), self._attracted(class_), self._spread_out(class_)):
            if restricted is not None:
                allowed = allowed & restricted
        return allowed

    def starting(self, class_: int) -> int | None:
        """The topology in whose domains the company of a class will have to lie that has none yet; None otherwise."""
        attractions = self._problem.attractions
        for row in range(self._attractions[class_], self._attractions[class_ + 1]):
            group = int(attractions.group[row])
            if attractions.self_starting[class_] and not self.counts[group].any():
                return int(self._problem.groups.topology[group])
        return None

    def groups_of(self, class_: int) -> list[int]:
        """The groups that items of a class are members of."""
        groups = self._problem.groups
        if len(groups) == 0:
            return []
        members: list[int] = groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]].tolist()
        return members

    def enter(self, class_: int, bin_: int, number: int = 1) -> None:
        """Count items that went into a bin, or came out of it where the number is negative."""
        for group in self.groups_of(class_):
            if self._in_scope[group][bin_]:
                self.counts[group][self._domains(group)[bin_]] += number

    def _within_limits(self, class_: int) -> Bool | None:
        limits = self._problem.limits
        found: Bool | None = None
        for row in range(self._limits[class_], self._limits[class_ + 1]):
            group = int(limits.group[row])
            domains = self._domains(group)
            below = (domains == NOWHERE) | (self._count_at(group) < limits.at_most[row])
            found = below if found is None else found & below
        return found

    def _attracted(self, class_: int) -> Bool | None:
        attractions = self._problem.attractions
        rows = range(self._attractions[class_], self._attractions[class_ + 1])
        groups = [int(attractions.group[row]) for row in rows]
        if not groups:
            return None
        inside: Bool = np.all([self._domains(group) != NOWHERE for group in groups], axis=0)
        if attractions.self_starting[class_] and not any(self.counts[group].any() for group in groups):
            return inside
        company: Bool = np.all([self._count_at(group) > 0 for group in groups], axis=0)
        return inside & company

    def _spread_out(self, class_: int) -> Bool | None:
        spreads = self._problem.spreads
        found: Bool | None = None
        for row in range(self._spreads[class_], self._spreads[class_ + 1]):
            group = int(spreads.group[row])
            counted = self._counted[group]
            few = counted.sum() < spreads.min_domains[row]
            smallest = 0 if few else int(self.counts[group][counted].min())
            skew = self._count_at(group) + spreads.counts_itself[row] - smallest
            level = (self._domains(group) != NOWHERE) & (skew <= spreads.max_skew[row])
            found = level if found is None else found & level
        return found

    def _count_at(self, group: int) -> Int64:
        """Members in the domain of each bin, (B,) int64; meaningless for bins in none."""
        if len(self.counts[group]) == 0:
            return np.zeros(self._problem.num_bins, dtype=np.int64)
        return self.counts[group][self._domains(group)]

    def _domains(self, group: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        domains: np.ndarray[tuple[int, ...], np.dtype[np.int32]] = self._problem.domain_of[
            self._problem.groups.topology[group]
        ]
        return domains
