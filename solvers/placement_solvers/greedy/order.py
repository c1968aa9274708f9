"""The order in which a greedy run asks the items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.counting import is_member, small_topologies
from placement_solvers.greedy.parameters import Order
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem


def order_of(problem: Problem, waiting: Int32, order: Order) -> tuple[Int32, Int64]:
    """The waiting items in the order they are asked, cut into units: an item alone, or all of a gang.

    Greater priority always goes first. A gang stands where the first of its members would, so that it is asked as a
    whole. O(W log W).

    On generated packing problems with two to four resources, 30 % of the classes limited to 1-4 a bin, best fit comes
    3.4 % above the bound when classes are interleaved, 4.4 % in a random order of arrival, and 16-26 % by size: filled
    class by class, bins strand one resource or the other.

    Returns
    -------
    items : (W,) int32
    unit_start : (U + 1,) int64
        ``items[unit_start[u]:unit_start[u + 1]]`` is unit u.
    """
    class_ = problem.class_of[waiting]
    priority = -problem.class_priority[class_].astype(np.int64)
    if order is Order.SIZE:
        keys = (-size_of_classes(problem)[class_], -bins_forced(problem)[class_], priority)
        items = waiting[np.lexsort(keys)]
    elif order is Order.INTERLEAVED:
        items = waiting[np.lexsort((_place_within(class_), priority))]
    else:
        items = waiting[np.argsort(priority, kind="stable")]
    if len(problem.gangs) == 0:
        return items, np.arange(len(items) + 1)
    return _gangs_together(problem.gangs.of_item[items], items)


def _gangs_together(gang: Int32, items: Int32) -> tuple[Int32, Int64]:
    place = np.arange(len(items))
    in_gang = gang != NOWHERE
    first = np.full(int(gang.max(initial=NOWHERE)) + 1, len(items))
    np.minimum.at(first, gang[in_gang], place[in_gang])
    place[in_gang] = first[gang[in_gang]]
    together = np.argsort(place, kind="stable")
    place = place[together]
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    return items[together], np.append(starts, len(items))


def _place_within(class_: Int32) -> NDArray[np.float64]:
    """How far through its class each item is, from 0 to 1."""
    by_class = np.argsort(class_, kind="stable")
    count = np.bincount(class_)
    first = np.cumsum(count) - count
    ordered = class_[by_class]
    place = np.empty(len(class_))
    place[by_class] = (np.arange(len(class_)) - first[ordered] + 0.5) / count[ordered]
    return place


def bins_forced(problem: Problem) -> Int64:
    """On how many bins a class must spread because of limits on its own kind within a bin, (C,) int64; else 0.

    Classes that need many bins go first, while all bins are still open to them.
    """
    forced = np.zeros(problem.num_classes, dtype=np.int64)
    limits, small = problem.limits, small_topologies(problem)
    for class_, group, at_most in zip(limits.class_, limits.group, limits.at_most, strict=True):
        if not small[problem.groups.topology[group]] or not is_member(problem, int(class_), int(group)):
            continue
        forced[class_] = max(forced[class_], -(-int(problem.class_count[class_]) // int(at_most)))
    return forced


def size_of_classes(problem: Problem) -> NDArray[np.float64]:
    """The Euclidean length of a class's demand, each resource as a share of the mean bin, (C,) float64."""
    mean = np.maximum(problem.capacity, 0).mean(axis=0) if problem.num_bins else np.ones(problem.num_resources)
    share = problem.demand / np.where(mean > 0, mean, 1.0)
    return np.asarray(np.sqrt((share * share).sum(axis=1)))
