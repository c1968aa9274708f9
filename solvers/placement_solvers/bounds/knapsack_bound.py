"""At least the most that bins can earn at given prices, in plain numpy: the half of a proof that a checker repeats.

The knapsack is over the two resources that matter most at the prices, sizes rounded down to a grid (no pattern is
lost), each class up to its limit, classes that share a limit of a bin as alternatives. Exact where the grid holds all
sizes and nothing else binds.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.prices import Prices, earned_by_resources
from placement_solvers.packing_view import MANY, PackingView
from placement_solvers.problem import Bool, Int64

MAX_CELLS = 2**20
"""Cells of a grid."""

MAX_SHARED = 16
"""Larger shared limits are left out, which only raises what is earned."""


def most_earned(view: PackingView, prices: Prices) -> Int64:
    """At least the most that a pattern of each type is worth, (T,) int64."""
    earned = np.full(view.num_types, np.iinfo(np.int64).max, dtype=np.int64)
    if prices.of_resource.size:
        earned = np.minimum(earned, earned_by_resources(view, prices))
    limit = view.known_limits()
    key = np.concatenate([view.region[:, None], limit], axis=1)
    _, family_of = np.unique(key, axis=0, return_inverse=True)
    family_of = family_of.reshape(-1)
    for family in range(int(family_of.max(initial=-1)) + 1):
        types = np.flatnonzero(family_of == family)
        worth = prices.of_item[view.region[types[0]]]
        earned[types] = np.minimum(earned[types], _without_capacity(view, types, worth))
        for pair in _pairs(view, types, worth):
            earned[types] = np.minimum(earned[types], _knapsack(view, types, worth, limit[types[0]], pair))
    return earned


def _pairs(view: PackingView, types: Int64, worth: Int64) -> list[tuple[int, int]]:
    """Pairs of resources to count: the two that bind first, and each alone, twice, on a finer grid."""
    capacity = view.capacity[types].max(axis=0)
    most = view.most[types].max(axis=0)
    bounds = [_divisible(worth, size, most, room) for size, room in zip(view.demand.T, capacity.tolist(), strict=True)]
    order = np.argsort(bounds, kind="stable").tolist()
    return [*([(order[0], order[1])] if len(order) > 1 else []), *((one, one) for one in order)]


def _without_capacity(view: PackingView, types: Int64, worth: Int64) -> Int64:
    """What bins of some types earn with as many items of each class as each takes alone, (types,) int64."""
    if float(view.most[types].max(initial=0)) * float(worth.max(initial=0)) * len(worth) > 2**62:
        return np.full(len(types), np.iinfo(np.int64).max, dtype=np.int64)
    earned: Int64 = view.most[types].astype(np.int64) @ worth
    return earned


def _divisible(worth: Int64, size: Int64, most: Int64, room: int) -> float:
    """What one resource lets a bin earn if items could be cut."""
    order = np.argsort(size / np.maximum(worth, 1e-9), kind="stable")
    used = np.cumsum((size * most)[order].astype(np.float64))
    value = np.cumsum((worth * most)[order].astype(np.float64))
    return float(np.interp(room, np.append(0.0, used), np.append(0.0, value)))


def _knapsack(view: PackingView, types: Int64, worth: Int64, limit: Int64, pair: tuple[int, int]) -> Int64:
    """The most that each of some types earns, (types,) int64."""
    size, ends = _grid(view, types, pair)
    value = np.zeros(ends.max(axis=0) + 1, dtype=np.int64)
    shared = _shared(view, types)
    alone = np.ones(view.num_classes, dtype=np.bool_)
    for classes, at_most in shared:
        alone[classes] = False
        for _ in range(at_most):
            before = value.copy()
            for class_ in classes.tolist():
                if limit[class_] > 0:
                    _offer(before, value, size[class_], int(worth[class_]))
    fit = np.where(size > 0, ends.max(axis=0) // np.maximum(size, 1), MANY).min(axis=1)
    most = np.minimum(np.minimum(limit, fit), view.most[types].max(axis=0))
    for class_ in np.flatnonzero(alone & (most > 0) & (worth > 0)).tolist():
        left, part = int(most[class_]), 1
        while left > 0:
            items = min(part, left)
            _offer(value.copy(), value, size[class_] * items, int(worth[class_]) * items)
            left -= items
            part *= 2
    found: Int64 = value[ends[:, 0], ends[:, 1]]
    return found


def _offer(before: Int64, value: Int64, size: Int64, worth: int) -> None:
    """Let every cell take the item."""
    a, b = size.tolist()
    rows, columns = value.shape
    if a < rows and b < columns:
        target = value[a:, b:]
        np.maximum(target, before[: rows - a, : columns - b] + worth, out=target)


def _grid(view: PackingView, types: Int64, pair: tuple[int, int]) -> tuple[Int64, Int64]:
    """Sizes of classes (C, 2) and capacities (types, 2) in units, as fine as the cells allow; rounded down."""
    resources = list(pair)
    demand, capacity = view.demand[:, resources], view.capacity[types][:, resources]
    step = np.maximum(np.gcd.reduce(demand[view.count > 0], axis=0), 1)
    widest = np.maximum(capacity.max(axis=0), 1)
    if pair[0] == pair[1]:
        unit = np.array([max(step[0], -(-widest[0] // MAX_CELLS)), 1])
        size, ends = demand // unit, capacity // unit
        size[:, 1] = ends[:, 1] = 0
        return size, ends
    cells = (widest // step + 1).astype(np.float64)
    shrink = max(1.0, np.sqrt(cells.prod() / MAX_CELLS))
    unit = np.maximum(step, np.ceil(widest / np.maximum(cells / shrink, 1)).astype(np.int64))
    return demand // unit, capacity // unit


def _shared(view: PackingView, types: Int64) -> list[tuple[Int64, int]]:
    """Disjoint sets of classes with a limit in common that is the same for all the types."""
    taken: Bool = np.zeros(view.num_classes, dtype=np.bool_)
    found = []
    for joint in view.joints:
        at_most = np.unique(joint.at_most[types])
        if len(at_most) == 1 and at_most[0] <= MAX_SHARED and not taken[joint.classes].any():
            taken[joint.classes] = True
            found.append((joint.classes.astype(np.int64), int(at_most[0])))
    return found
