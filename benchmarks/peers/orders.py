"""In which order items are asked, and bins offered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.counting import is_member
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem


def decreasing(problem: Problem, waiting: Int32) -> Int32:
    """Waiting items: important first, then those that must lie in many bins, then large ones.

    Size is the Euclidean length of the demand in shares of the mean bin. To ask first whom limits force into many
    bins is no part of the textbook's rule; without it each "decreasing" peer needs 30 to 60 % more bins where three
    classes in ten are limited, which would flatter whoever is compared with it.
    """
    class_ = problem.class_of[waiting]
    keys = (-sizes(problem)[class_], -bins_needed(problem)[class_], -problem.class_priority[class_].astype(np.int64))
    order: Int32 = waiting[np.lexsort(keys)]
    return order


def arriving(problem: Problem, waiting: Int32) -> Int32:
    """Waiting items: important first, then as they came, as PrioritySort has it."""
    order: Int32 = waiting[np.argsort(-problem.class_priority[problem.class_of[waiting]], kind="stable")]
    return order


def sizes(problem: Problem) -> NDArray[np.float64]:
    """Length of the demand of each class in shares of the mean bin, (C,) float64."""
    return np.asarray(np.sqrt(((problem.demand / mean_bin(problem)) ** 2).sum(axis=1)))


def mean_bin(problem: Problem) -> NDArray[np.float64]:
    """What a bin holds on average of each resource, (R,) float64, at least 1."""
    if problem.num_bins == 0:
        return np.ones(problem.num_resources)
    return np.asarray(np.maximum(np.maximum(problem.capacity, 0).mean(axis=0), 1.0))


def bins_needed(problem: Problem) -> Int64:
    """Bins that limits on its own kind force each class to lie in, (C,) int64; 0 where nothing does."""
    needed = np.zeros(problem.num_classes, dtype=np.int64)
    limits = problem.limits
    for class_, group, at_most in zip(limits.class_, limits.group, limits.at_most, strict=True):
        in_bins = 2 * problem.num_domains[problem.groups.topology[group]] >= problem.num_bins
        if in_bins and is_member(problem, int(class_), int(group)):
            needed[class_] = max(int(needed[class_]), -(-int(problem.class_count[class_]) // int(at_most)))
    return needed


def cheapest_room(problem: Problem) -> Int32:
    """All bins: those in use first, then by price for room, larger before smaller, then by number."""
    price = prices(problem)
    room = (np.maximum(problem.capacity, 0) / mean_bin(problem)).mean(axis=1)
    for_room = np.where(problem.in_use, 0.0, price / np.maximum(room, 1e-12))
    # Equal shapes differ by rounding errors only where they do not differ at all: a few digits tell prices apart.
    return np.lexsort((-np.round(room, 9), np.round(for_room, 6), ~problem.in_use)).astype(np.int32)


def prices(problem: Problem) -> NDArray[np.float64]:
    """What opening each bin costs in the first tier that asks, (B,) float64."""
    for tier in problem.tiers:
        if tier.open is not None and tier.open.any():
            return tier.open.astype(np.float64)
    return np.ones(problem.num_bins)


def units(problem: Problem, items: Int32) -> list[Int32]:
    """Items cut into those of a gang, which go in together, and runs of items that are in none; in order."""
    if len(problem.gangs) == 0:
        return [items] if len(items) else []
    gang = problem.gangs.of_item[items]
    key = np.where(gang == NOWHERE, NOWHERE, gang)
    first: dict[int, int] = {}
    found: list[list[int]] = []
    for item, of in zip(items.tolist(), key.tolist(), strict=True):
        if of == NOWHERE or of not in first:
            first.setdefault(of, len(found)) if of != NOWHERE else None
            found.append([item])
        else:
            found[first[of]].append(item)
    return [np.array(unit, dtype=np.int32) for unit in found]
