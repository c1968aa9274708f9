"""What is there before a packing begins: items that have no choice, and those that lie somewhere already."""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import group_counts, is_member, occupancy
from placement_solvers.packing_latecomers import groups_missed
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem


class Present:
    """What pinned items and those with a start leave to pack, and to pack into.

    Parameters
    ----------
    reserve_pinned : bool
        Whether items with one possible bin are taken to lie in it. Without, they are left out altogether.

    Attributes
    ----------
    relaxed : dict of str to None
        Families that are not said exactly, in the order in which that turned out.
    count : (C,) int64
        Items to pack.
    capacity : (B, R) int64
    pinned : (P,) int32
        Items taken to lie in their bin.
    opened : (B,) bool
    counts : (counters,)
        Members of each group by domain, as in `Groups.initial`.
    unknown : set of int
        Groups in which pinned items count that may come at any time.
    """

    def __init__(self, problem: Problem, *, reserve_pinned: bool) -> None:
        self.problem = problem
        self.relaxed: dict[str, None] = {}  # an ordered set
        self.count = problem.class_count.copy()
        self.capacity = problem.capacity.copy()
        self.pinned = np.zeros(0, dtype=np.int32)
        self.opened = problem.in_use.copy()
        self.counts: Int32 | Int64 = problem.groups.initial
        self.unknown: set[int] = set()
        self._take_out_pinned(reserve_pinned)
        self._take_in_started()

    def eligible(self, class_: int) -> Bool:
        """Bins a class may be in, (B,) bool; with a start also where its items lie."""
        problem = self.problem
        eligible: Bool = problem.eligible[problem.class_signature[class_], problem.bin_signature]
        if "start" in self.relaxed:
            eligible = eligible.copy()
            start = problem.start[problem.class_of == class_]
            eligible[start[start != NOWHERE]] = True
        return eligible

    def _take_out_pinned(self, reserve: bool) -> None:
        problem = self.problem
        is_pinned = problem.pinned_to != NOWHERE
        if not (is_pinned & (self.count > 0)).any():
            return
        self.count[is_pinned] = 0
        if not reserve:
            self.relaxed["pinned"] = None
            return
        items = np.flatnonzero(is_pinned[problem.class_of]).astype(np.int32)
        bins = problem.pinned_to[problem.class_of[items]]
        if len(problem.start):
            # Who lies elsewhere may stay there.
            comes = (problem.start[items] == NOWHERE) | (problem.start[items] == bins)
            items, bins = items[comes], bins[comes]
        bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        bin_of[items] = bins
        demand = problem.demand[problem.class_of[items]]
        np.subtract.at(self.capacity, bins, demand)
        self.counts = group_counts(problem, occupancy(problem, bin_of))
        self.opened[bins] = True
        eligible = problem.eligible[problem.class_signature[problem.class_of[items]], problem.bin_signature[bins]]
        overfull = (self.capacity[bins] < 0) & (demand > 0)
        if not eligible.all() or overfull.any() or self._breaks_a_limit(is_pinned):
            self.relaxed["pinned"] = None
        self.pinned = items
        self._forget_who_comes_any_time()

    def _forget_who_comes_any_time(self) -> None:
        """Take back what pinned items count in groups where they may come after those whom their number holds back."""
        problem = self.problem
        for group in groups_missed(problem, self.count > 0, np.unique(problem.class_of[self.pinned])):
            first, last = problem.groups.start[group : group + 2]
            self.counts[first:last] = problem.groups.initial[first:last]
            self.unknown.add(group)
            self.relaxed["pinned"] = None

    def _breaks_a_limit(self, is_pinned: Bool) -> bool:
        """Whether a pinned class is under a limit or a spread that its own bin does not plainly keep."""
        problem = self.problem
        if is_pinned[problem.spreads.class_].any() or is_pinned[problem.attractions.class_].any():
            return True
        for class_, group, at_most in zip(
            problem.limits.class_, problem.limits.group, problem.limits.at_most, strict=True
        ):
            if is_pinned[class_]:
                domain = problem.domain_of[problem.groups.topology[group], problem.pinned_to[class_]]
                if domain == NOWHERE:
                    continue
                inside = self.counts[problem.groups.start[group] + domain]
                if inside >= at_most + int(is_member(problem, int(class_), int(group))):
                    return True
        return False

    def _take_in_started(self) -> None:
        """Let items that lie somewhere stay there, whatever it breaks; the view does not know who stays."""
        problem = self.problem
        if not (problem.start != NOWHERE).any():
            return
        self.relaxed["start"] = None
        started = np.flatnonzero(problem.start != NOWHERE)
        load = np.zeros_like(self.capacity)
        np.add.at(load, problem.start[started], problem.demand[problem.class_of[started]])
        self.capacity = np.maximum(self.capacity, load)
