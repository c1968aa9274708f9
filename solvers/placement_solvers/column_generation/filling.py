"""Patterns made feasible and full: drop what does not fit, then add what pays most for its share of the bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.compiled import allocating, part
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Bool, Int32, Int64


@dataclass(frozen=True, slots=True, eq=False)
class SideConstraints:
    """Joints and conflicts of a view by class, as flat arrays.

    Attributes
    ----------
    joint_start, joint_of : (C + 1,), (memberships,) int64
        Joints of each class.
    joint_room : (J, T) int64
    conflict_start, conflict_of : (C + 1,), (pairs,) int64
        Classes that each class excludes, both directions.
    conflict_holds : (pairs, T) bool
    """

    joint_start: Int64
    joint_of: Int64
    joint_room: Int64
    conflict_start: Int64
    conflict_of: Int64
    conflict_holds: Bool

    @property
    def is_empty(self) -> bool:
        return len(self.joint_of) == 0 and len(self.conflict_of) == 0


def side_constraints(view: PackingView) -> SideConstraints:
    """The side constraints of a view. O(their size)."""
    joint_class = np.concatenate([joint.classes for joint in view.joints] or [np.zeros(0, dtype=np.int32)])
    joint_number = np.repeat(np.arange(len(view.joints)), [len(joint.classes) for joint in view.joints])
    order = np.argsort(joint_class, kind="stable")
    pairs = [(c.class_, int(other), c.holds) for c in view.conflicts for other in c.others]
    pairs += [(other, class_, holds) for class_, other, holds in pairs]
    pairs.sort(key=lambda pair: pair[:2])
    classes = np.arange(view.num_classes + 1)
    return SideConstraints(
        joint_start=np.searchsorted(joint_class[order], classes).astype(np.int64),
        joint_of=joint_number[order].astype(np.int64),
        joint_room=np.array([joint.at_most for joint in view.joints], dtype=np.int64).reshape(
            len(view.joints), view.num_types
        ),
        conflict_start=np.searchsorted(np.array([pair[0] for pair in pairs]), classes).astype(np.int64),
        conflict_of=np.array([pair[1] for pair in pairs], dtype=np.int64),
        conflict_holds=np.array([pair[2] for pair in pairs], dtype=np.bool_).reshape(len(pairs), view.num_types),
    )


@part
def _fill_up(
    pattern: Int32,
    wanted: Int32,
    order: Int64,
    free: Int64,
    demand: Int64,
    type_: int,
    room: Int64,
    joint_start: Int64,
    joint_of: Int64,
    conflict_start: Int64,
    conflict_of: Int64,
    conflict_holds: Bool,
) -> None:
    """Raise `pattern` (C,) towards `wanted` (C,) as far as it fits, classes in `order`; `free`, `room` shrink."""
    for class_ in order:
        items = wanted[class_] - pattern[class_]
        if items <= 0:
            continue
        for resource in range(len(free)):
            if demand[class_, resource] > 0:
                items = min(items, free[resource] // demand[class_, resource])
        for at in range(joint_start[class_], joint_start[class_ + 1]):
            items = min(items, room[joint_of[at]])
        for at in range(conflict_start[class_], conflict_start[class_ + 1]):
            if conflict_holds[at, type_] and pattern[conflict_of[at]] > 0:
                items = 0
        if items <= 0:
            continue
        pattern[class_] += items
        for resource in range(len(free)):
            free[resource] -= items * demand[class_, resource]
        for at in range(joint_start[class_], joint_start[class_ + 1]):
            room[joint_of[at]] -= items


@allocating
def fill_patterns(
    patterns: Int32,
    types: Int64,
    orders: Int64,
    capacity: Int64,
    demand: Int64,
    most: Int32,
    joint_start: Int64,
    joint_of: Int64,
    joint_room: Int64,
    conflict_start: Int64,
    conflict_of: Int64,
    conflict_holds: Bool,
) -> None:
    """Make each of `patterns` (N, C) feasible for its type and maximal, in place. O(N C (R + side constraints)).

    Parameters
    ----------
    types : (N,) int64
    orders : (N, n) int64
        Classes in the order in which each pattern keeps and adds them; others are dropped.
    """
    for number in range(len(patterns)):
        type_ = types[number]
        kept = np.zeros_like(patterns[number])
        free = capacity[type_].copy()
        room = joint_room[:, type_].copy()
        for wanted in (np.minimum(patterns[number], most[type_]), most[type_]):
            _fill_up(
                kept,
                wanted,
                orders[number],
                free,
                demand,
                type_,
                room,
                joint_start,
                joint_of,
                conflict_start,
                conflict_of,
                conflict_holds,
            )
        patterns[number] = kept


def fill_up(view: PackingView, side: SideConstraints, patterns: Int32, types: Int64, orders: Int64) -> None:
    """Make patterns feasible and maximal in place; see `fill_patterns`."""
    fill_patterns(
        patterns,
        types,
        orders,
        view.capacity,
        view.demand,
        view.most,
        side.joint_start,
        side.joint_of,
        side.joint_room,
        side.conflict_start,
        side.conflict_of,
        side.conflict_holds,
    )


def is_feasible(view: PackingView, side: SideConstraints, patterns: Int32, types: Int64) -> Bool:
    """Which patterns fit a bin of their type, (N,) bool."""
    fits: Bool = np.all(patterns.astype(np.int64) @ view.demand <= view.capacity[types], axis=1)
    fits &= (patterns <= view.most[types]).all(axis=1)
    for joint in view.joints:
        fits &= patterns[:, joint.classes].sum(axis=1) <= joint.at_most[types]
    for conflict in view.conflicts:
        meet = (patterns[:, conflict.class_] > 0) & (patterns[:, conflict.others] > 0).any(axis=1)
        fits &= ~(meet & conflict.holds[types])
    return fits
