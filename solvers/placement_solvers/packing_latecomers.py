"""Items with one bin to go to that may enter it after others, whom their number would have held back.

Whom a limit or a spread holds back sees only who is there when it enters. What pinned items count in a group may be
taken as there before all others only if, coming last, they are held back as strictly themselves.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import is_member
from placement_solvers.packing_view import MANY
from placement_solvers.problem import EVERYWHERE, Bool, Int32, Problem


def groups_missed(problem: Problem, free: Bool, pinned: Int32) -> list[int]:
    """Groups in which pinned items count and may come last, ascending.

    Parameters
    ----------
    free : (C,) bool
        Classes whose constraints matter.
    pinned : (P,) int32
        Pinned classes.
    """
    groups = problem.groups
    watched = np.zeros(len(groups), dtype=np.bool_)
    for family in (problem.limits, problem.spreads):
        watched[family.group[free[family.class_]]] = True
    members: dict[int, list[int]] = {}
    for class_ in pinned.tolist():
        held = groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]]
        for group in held[watched[held]].tolist():
            members.setdefault(group, []).append(class_)
    return [
        group
        for group, classes in sorted(members.items())
        if _limits_miss(problem, free, group, classes) or _spreads_miss(problem, free, group, classes)
    ]


def _limits_miss(problem: Problem, free: Bool, group: int, pinned: list[int]) -> bool:
    """Whether a class with a limit in the group would not notice pinned members that come after it."""
    limits = problem.limits
    rows = np.flatnonzero(limits.group == group)
    strictest: dict[int, int] = {}
    for class_, at_most in zip(limits.class_[rows].tolist(), limits.at_most[rows].tolist(), strict=True):
        strictest[class_] = min(at_most, strictest.get(class_, at_most))
    for class_, at_most in strictest.items():
        if not free[class_]:
            continue
        counts = is_member(problem, class_, group)
        for other in pinned:
            as_strict = counts and strictest.get(other, MANY) <= at_most
            if not (as_strict or (at_most == 1 and _is_refused_by(problem, other, class_, group))):
                return True
    return False


def _is_refused_by(problem: Problem, class_: int, other: int, group: int) -> bool:
    """Whether no item of a class enters a domain of a group's topology that holds one of the other class."""
    limits, groups = problem.limits, problem.groups
    first, last = np.searchsorted(limits.class_, [class_, class_ + 1])
    return any(
        at_most == 1
        and groups.topology[held] == groups.topology[group]
        and groups.scope[held] == groups.scope[group] == EVERYWHERE
        and is_member(problem, other, held)
        for held, at_most in zip(limits.group[first:last].tolist(), limits.at_most[first:last].tolist(), strict=True)
    )


def _spreads_miss(problem: Problem, free: Bool, group: int, pinned: list[int]) -> bool:
    """Whether a spread over the group is not the same for all its pinned members."""
    spreads = problem.spreads
    rows = np.flatnonzero(spreads.group == group)
    if not free[spreads.class_[rows]].any():
        return False
    rules = {(int(spreads.max_skew[row]), int(spreads.min_domains[row])) for row in rows.tolist()}
    return len(rules) > 1 or not np.isin(pinned, spreads.class_[rows]).all()
