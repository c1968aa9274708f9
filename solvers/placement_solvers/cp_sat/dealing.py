"""Gangs forgotten, and remembered again: a smaller problem whose bound holds, and whose solutions are dealt out.

Members of gangs that may lie anywhere differ only in whom they wait for. Forgotten, all items of a class are alike, so
the program needs no copy of a class for each gang; what it places is then dealt to gangs one by one, whole ones only.
Where everything fits, that is the solution, and no two gangs can have locked each other out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.problem import NOWHERE, Bool, Gangs, Int32, Int64, Problem


def free_gangs(problem: Problem) -> Bool:
    """Gangs that ask for no domain and of which nobody has a start, (K,) bool."""
    gangs = problem.gangs
    free: Bool = gangs.topology == NOWHERE
    if len(problem.start) and len(gangs):
        started = gangs.of_item[(problem.start != NOWHERE) & (gangs.of_item != NOWHERE)]
        free = free.copy()
        free[started] = False
    return free


def without_gangs(problem: Problem, free: Bool) -> Problem:
    """The same problem with some gangs forgotten: every solution remains one."""
    gangs = problem.gangs
    number = np.append(np.where(free, NOWHERE, np.cumsum(~free) - 1), NOWHERE).astype(np.int32)
    if free.all():
        return replace(problem, gangs=Gangs())
    kept = Gangs(number[gangs.of_item], gangs.at_least[~free], gangs.topology[~free], gangs.domain[~free])
    return replace(problem, gangs=kept)


def dealt_out(problem: Problem, free: Bool, bin_of: Int32) -> Int32:
    """Bins of the items (I,) where the places of forgotten gangs' members go to as many whole gangs as come.

    Gangs that cost most while left out come first, smaller ones before larger ones; what no gang can use goes to
    items in no gang. O(I log I).
    """
    gang_of = problem.gangs.of_item
    waits = problem.start == NOWHERE if len(problem.start) else np.ones(problem.num_items, dtype=np.bool_)
    member = (gang_of != NOWHERE) & np.append(free, False)[gang_of]
    dealt = np.where(waits & (member | (gang_of == NOWHERE)), np.int32(NOWHERE), bin_of)
    places = _by_class(problem, np.flatnonzero((dealt == NOWHERE) & (bin_of != NOWHERE)))
    items_of = _by_gang(problem, np.flatnonzero(member))
    for gang in sorted(items_of, key=lambda gang: (_worth(problem, items_of[gang]), len(items_of[gang]))):
        by_class = _by_class(problem, items_of[gang])
        taken = {class_: min(len(own), len(places.get(class_, ()))) for class_, own in by_class.items()}
        if sum(taken.values()) >= problem.gangs.at_least[gang]:
            for class_, own in by_class.items():
                _deal(dealt, bin_of, own[: taken[class_]], places.get(class_, []))
    for class_, own in _by_class(problem, np.flatnonzero(waits & (gang_of == NOWHERE))).items():
        _deal(dealt, bin_of, own, places.get(class_, []))
    return dealt


def _deal(dealt: Int32, bin_of: Int32, items: list[int], places: list[int]) -> None:
    """Give items the bins of the last of some places, as far as they go."""
    for item in items[: len(places)]:
        dealt[item] = bin_of[places.pop()]


def _by_class(problem: Problem, items: Int64 | list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for item, class_ in zip(np.asarray(items).tolist(), problem.class_of[items].tolist(), strict=True):
        found.setdefault(class_, []).append(item)
    return found


def _by_gang(problem: Problem, items: Int64) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for item, gang in zip(items.tolist(), problem.gangs.of_item[items].tolist(), strict=True):
        found.setdefault(gang, []).append(item)
    return found


def _worth(problem: Problem, items: list[int]) -> tuple[int, ...]:
    """What leaving some items out costs tier by tier, negative, so that the dearest sort first."""
    classes = problem.class_of[items]
    return tuple(-int(tier.unplaced[classes].sum()) for tier in problem.tiers if tier.unplaced is not None)
