"""A packing: how often which pattern is used, and the solution it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.objective import Cost
from placement_solvers.packing_view import DomainRule, PackingView
from placement_solvers.problem import NOWHERE, Int32, Int64
from placement_solvers.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """Patterns by bin type and how many bins are filled with each.

    Attributes
    ----------
    types : (N,) int64
    patterns : (N, C) int32
        Together they may hold more of a class than there are items.
    times : (N,) int64
    """

    types: Int64
    patterns: Int32
    times: Int64

    @classmethod
    def empty(cls, num_classes: int) -> Packing:
        """The packing that uses no bin."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((0, num_classes), dtype=np.int32), np.zeros(0, dtype=np.int64))

    def __add__(self, other: Packing) -> Packing:
        return Packing(
            np.concatenate([self.types, other.types]),
            np.concatenate([self.patterns, other.patterns]),
            np.concatenate([self.times, other.times]),
        )

    def packed(self) -> Int64:
        """Items of each class that the bins hold, (C,) int64."""
        return self.times @ self.patterns.astype(np.int64)

    def used(self, num_types: int) -> Int64:
        """Bins of each type, (T,) int64."""
        return np.bincount(self.types, weights=self.times, minlength=num_types).astype(np.int64)

    def one_by_one(self) -> Packing:
        """The same bins, each in a row of its own."""
        return Packing(
            np.repeat(self.types, self.times),
            np.repeat(self.patterns, self.times, axis=0),
            np.ones(int(self.times.sum()), dtype=np.int64),
        )


def packing_cost(view: PackingView, packing: Packing) -> Cost:
    """Cost of the view's tiers."""
    left = np.maximum(view.count - packing.packed(), 0)
    opened = packing.used(view.num_types)
    return tuple(int(value) for value in view.open @ opened + view.unplaced @ left)


def remainder(view: PackingView, packing: Packing) -> PackingView:
    """The view of what a packing leaves to do: items not packed, bins not used."""
    count = np.maximum(view.count - packing.packed(), 0)
    return replace(
        view,
        count=count,
        supply=view.supply - packing.used(view.num_types),
        most=np.minimum(view.most, count).astype(np.int32),
    )


def trimmed(view: PackingView, packing: Packing) -> Packing:
    """The packing without the items it holds too many of; bins left empty go. One row a bin where it trims."""
    surplus = np.maximum(packing.packed() - view.count, 0)
    if not surplus.any():
        return packing
    rows = packing.one_by_one()
    patterns = rows.patterns.copy()
    for class_ in np.flatnonzero(surplus):
        # Take from the back: the last rows are the ones that were fitted together last.
        held = patterns[::-1, class_].astype(np.int64)
        before = np.cumsum(held) - held
        taken = np.clip(surplus[class_] - before, 0, held)
        patterns[::-1, class_] -= taken.astype(np.int32)
    kept = patterns.any(axis=1)
    return Packing(rows.types[kept], patterns[kept], rows.times[kept])


def to_solution(view: PackingView, packing: Packing) -> Solution:
    """The items in bins: those of a class in order of arrival, bins of a type in order. O(I log I + N C)."""
    problem = view.problem
    rows = trimmed(view, packing).one_by_one()
    order = np.argsort(rows.types, kind="stable")
    types = rows.types[order]
    first_of_type = np.searchsorted(types, types, side="left")
    bins = view.bins[view.bin_start[types] + np.arange(len(types)) - first_of_type]
    row, class_ = np.nonzero(rows.patterns[order])
    slots = rows.patterns[order][row, class_]
    slot_class, slot_bin = np.repeat(class_, slots), np.repeat(bins[row], slots)
    by_class = np.argsort(slot_class, kind="stable")
    slot_class, slot_bin = slot_class[by_class], slot_bin[by_class]
    slot_number = np.arange(len(slot_class)) - np.searchsorted(slot_class, slot_class, side="left")
    row_of_item = view.row_of_class[problem.class_of].copy()
    row_of_item[view.pinned] = view.num_classes
    items = np.argsort(row_of_item, kind="stable").astype(np.int32)
    start = np.searchsorted(row_of_item[items], np.arange(view.num_classes))
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    bin_of[items[start[slot_class] + slot_number]] = slot_bin
    bin_of[view.pinned] = problem.pinned_to[problem.class_of[view.pinned]]
    return Solution(bin_of, admission(view, bin_of))


def admission(view: PackingView, bin_of: Int32) -> Int32:
    """An order in which placed items may enter, (placed,) int32.

    Limits and exclusions that hold at the end hold all the way. Under a spread items enter level by level: no domain
    gets its k-th member before all others that end with k or more have k - 1. Pinned items come first.
    """
    problem = view.problem
    level = np.zeros(problem.num_items, dtype=np.int64)
    for rule in view.rules:
        level = np.maximum(level, _levels(view, rule, bin_of))
    level[view.pinned] = -1
    placed = np.flatnonzero(bin_of != NOWHERE)
    return placed[np.argsort(level[placed], kind="stable")].astype(np.int32)


def _levels(view: PackingView, rule: DomainRule, bin_of: Int32) -> Int64:
    """How many members of the rule each item finds in its domain, (I,) int64; 0 for others."""
    problem = view.problem
    level = np.zeros(problem.num_items, dtype=np.int64)
    inside = np.zeros(view.num_classes, dtype=np.bool_)
    inside[rule.classes] = True
    items = np.flatnonzero(inside[view.row_of_class[problem.class_of]] & (bin_of != NOWHERE))
    type_of_bin = np.empty(problem.num_bins, dtype=np.int64)
    type_of_bin[view.bins] = np.repeat(np.arange(view.num_types), np.diff(view.bin_start))
    domain = rule.domain_of_region[view.region[type_of_bin[bin_of[items]]]]
    order = np.argsort(domain, kind="stable")
    rank = np.empty(len(items), dtype=np.int64)
    rank[order] = np.arange(len(items)) - np.searchsorted(domain[order], domain[order], side="left")
    level[items] = rank + rule.initial[domain]
    return level
