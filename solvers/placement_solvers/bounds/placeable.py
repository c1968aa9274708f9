"""How many items of each class could be in at once, were the class alone."""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.floors import started_of_class
from placement_solvers.counting import fine_topologies, in_scope, is_member
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem

CHUNK = 1024
"""Bins that are looked at first; each further look takes in four times as many."""


def most_placed(problem: Problem) -> Int64:
    """At most how many items of each class any feasible solution places, (C,) int64.

    From capacity, eligibility, limits on the own kind, domains that relations ask for, and gangs of which too few can
    be in. Items may always stay where they start. O(C x B x R) at worst; a class for which there is room enough among
    the first bins costs no more than those.
    """
    count, started = problem.class_count, started_of_class(problem)
    fine = fine_topologies(problem)
    most: Int64 = count.copy()
    for class_ in np.flatnonzero(count > started):
        waiting = int(count[class_] - started[class_])
        room = min(_room_by_bins(problem, int(class_), waiting), _room_by_domains(problem, int(class_), waiting, fine))
        most[class_] = started[class_] + min(room, waiting)
    return np.asarray(np.minimum(most, count - _in_hopeless_gangs(problem, most)))


def _room_by_bins(problem: Problem, class_: int, wanted: int) -> int:
    """Items of a class that the bins take one by one; the count stops once it reaches what is wanted."""
    pin = int(problem.pinned_to[class_])
    first, last = (0, problem.num_bins) if pin == NOWHERE else (pin, pin + 1)
    size, room = CHUNK, 0
    asked = np.flatnonzero(problem.demand[class_])
    while first < last and room < wanted:
        bins = slice(first, min(first + size, last))
        fits = np.where(problem.eligible[problem.class_signature[class_], problem.bin_signature[bins]], wanted, 0)
        if len(asked):
            free = np.maximum(problem.capacity[bins, asked], 0)
            fits = np.minimum(fits, (free // problem.demand[class_, asked]).min(axis=1))
        room += int(_by_relations(problem, class_, bins, fits).sum())
        first, size = first + size, 4 * size
    return room


def _by_relations(problem: Problem, class_: int, bins: slice, fits: Int64) -> Int64:
    """The part of `fits` that members which are there for good and domains that are missing leave over."""
    groups, limits = problem.groups, problem.limits
    for row in _rows(limits.class_, class_):
        group, at_most = int(limits.group[row]), int(limits.at_most[row])
        domain = problem.domain_of[groups.topology[group], bins]
        room = np.append(at_most - groups.initial[groups.start[group] : groups.start[group + 1]], at_most)[domain]
        fits = np.where((domain != NOWHERE) & (room <= 0), 0, fits)
        if is_member(problem, class_, group):
            counted = in_scope(problem, group)[bins]
            fits = np.where(counted, np.minimum(fits, np.maximum(room, 0)), fits)
    for row in _rows(problem.attractions.class_, class_):
        group = int(problem.attractions.group[row])
        domain = problem.domain_of[groups.topology[group], bins]
        initial = groups.initial[groups.start[group] : groups.start[group + 1]]
        if _has_items(problem, group) or problem.attractions.self_starting[class_]:
            fits = np.where(domain != NOWHERE, fits, 0)
        else:
            fits = np.where(np.append(initial > 0, False)[domain], fits, 0)
    for row in _rows(problem.spreads.class_, class_):
        topology = groups.topology[problem.spreads.group[row]]
        fits = np.where(problem.domain_of[topology, bins] != NOWHERE, fits, 0)
    return fits


def _room_by_domains(problem: Problem, class_: int, wanted: int, fine: Bool) -> int:
    """Items of a class that limits on its own kind let into all domains of several bins together."""
    limits, least = problem.limits, wanted
    for row in _rows(limits.class_, class_):
        group = int(limits.group[row])
        if not fine[problem.groups.topology[group]] and is_member(problem, class_, group):
            room = domain_room(problem, group, int(limits.at_most[row]), problem.eligible_bins(class_), wanted)
            least = min(least, room)
    return least


def domain_room(problem: Problem, group: int, at_most: int, bins: Bool, wanted: int) -> int:
    """Members that may still enter the domains of a group while each holds less than `at_most`, in some bins.

    `wanted` where one of the bins does not count, because it is in no domain or out of scope.
    """
    counted = in_scope(problem, group)
    if np.any(bins & ~counted):
        return wanted
    groups = problem.groups
    domains = np.unique(problem.domain_of[groups.topology[group]][bins])
    initial = groups.initial[groups.start[group] : groups.start[group + 1]].astype(np.int64)
    return int(np.maximum(at_most - initial[domains], 0).sum())


def _has_items(problem: Problem, group: int) -> bool:
    groups = problem.groups
    members = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))[groups.of_class == group]
    return bool(problem.class_count[members].any())


def _in_hopeless_gangs(problem: Problem, most: Int64) -> Int64:
    """Items of each class in gangs that must stay out, because too few of their members could be in, (C,) int64."""
    gangs = problem.gangs
    hopeless = np.zeros(problem.num_classes, dtype=np.int64)
    if len(gangs) == 0:
        return hopeless
    members = np.flatnonzero(gangs.of_item != NOWHERE)
    pairs = np.stack([gangs.of_item[members], problem.class_of[members]])
    (gang, class_), number = np.unique(pairs, axis=1, return_counts=True)
    possible = np.bincount(gang, weights=np.minimum(number, most[class_]), minlength=len(gangs))
    out = possible < gangs.at_least
    if len(problem.start):
        out[gangs.of_item[members[problem.start[members] != NOWHERE]]] = False  # it may be left as it is
    np.add.at(hopeless, class_[out[gang]], number[out[gang]])
    return hopeless


def _rows(class_: np.ndarray[tuple[int, ...], np.dtype[np.int32]], wanted: int) -> range:
    first, last = np.searchsorted(class_, [wanted, wanted + 1])
    return range(int(first), int(last))
