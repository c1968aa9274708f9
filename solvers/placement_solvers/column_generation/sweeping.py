"""Pricing that finds a pattern for every class in two sweeps: the best of those that hold an item of it.

A dynamic programme from the front says what classes before one are worth in each capacity, another from the back what
those after it are; together they give the best pattern through each class, as the reduced costs of arcs in a network of
patterns (de Lima, Alves, Clautiaux, Iori, Valerio de Carvalho, Arc flow formulations based on dynamic programming, EJOR
296(1), 2022, section 4). The master gets as many different columns in one round as it otherwise gets in dozens.
"""

# mypy: disable-error-code="no-any-return"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_up, is_feasible
from placement_solvers.column_generation.pricing import NO_BOUND, Priced, price_order
from placement_solvers.compiled import entry, part
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int32, Int64

MOST_CELLS = 2**23
"""Cells of each of the two tables, 4 bytes a cell; sizes are counted in larger units where there would be more."""

LARGEST_VALUE = 2.0**31 - 1
"""The programme counts in int32."""


class SweepPricer:
    """Prices a view with one type of bins and one resource.

    Attributes
    ----------
    is_exact : bool
        Whether units hold the sizes exactly. Otherwise they are rounded to the nearest, those patterns count that fit,
        and nothing is proven.
    """

    def __init__(self, view: PackingView, side: SideConstraints) -> None:
        self._view, self._side = view, side
        self._most = np.minimum(view.most[0], view.count).astype(np.int64)
        self._classes = np.flatnonzero(self._most > 0)
        sizes, capacity = view.demand[self._classes, 0], int(view.capacity[0, 0])
        step = max(int(np.gcd.reduce(sizes)), 1) if len(sizes) else 1
        unit = max(step, -(-capacity * (len(sizes) + 1) // MOST_CELLS))
        self.is_exact = unit == step
        self._sizes = (sizes + (0 if self.is_exact else unit // 2)) // unit
        self._width = capacity // unit + 1
        self._limit = self._most[self._classes]
        shape = len(sizes) + 1, self._width
        self._before, self._beyond = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)

    @staticmethod
    def suits(view: PackingView) -> bool:
        """Whether it can price the view."""
        return (
            view.num_types == 1
            and view.demand.shape[1] == 1
            and not (view.joints or view.conflicts)
            and bool((view.demand[:, 0] > 0).all())
        )

    def price(self, prices: Int64) -> Priced:
        """The best pattern with an item of each class, and the most that any is worth, at prices (Z, C)."""
        view = self._view
        worth = prices[0, self._classes]
        top = float(np.minimum(view.capacity[0, 0] / view.demand[self._classes, 0], self._limit) @ worth.astype(float))
        ceiling = float((worth / np.maximum(view.demand[self._classes, 0], 1)).max(initial=0) * view.capacity[0, 0])
        shift = max(0, int(np.ceil(np.log2(max(min(top, ceiling), 1.0) / (LARGEST_VALUE / 2)))))
        small = (-(-worth >> shift)).astype(np.int32)
        sweep_back(self._sizes, self._limit, small, self._beyond)
        sweep_on(self._sizes, self._limit, small, self._before)
        found = np.zeros((len(small), len(small)), dtype=np.int32)
        value = np.zeros(len(small), dtype=np.int64)
        best_with_each(self._sizes, self._limit, small, self._before, self._beyond, found, value)
        patterns = np.zeros((len(small), view.num_classes), dtype=np.int32)
        patterns[:, self._classes] = found
        types = np.zeros(len(patterns), dtype=np.int64)
        if not self.is_exact:
            fits = is_feasible(view, self._side, patterns, types)
            patterns, types, value = patterns[fits], types[fits], value[fits]
        best = np.argsort(-value, kind="stable")
        patterns = np.ascontiguousarray(patterns[best])
        orders = np.repeat(price_order(view, prices[0])[None], len(patterns), axis=0)
        fill_up(view, self._side, patterns, types, orders)
        bound = (int(self._beyond[0, -1]) << shift) if self.is_exact else NO_BOUND
        return Priced(patterns, types, np.array([bound], dtype=np.int64))


@part
def _sweep(size: int, most: int, worth: np.int32, source: Int32, target: Int32) -> None:
    """Let each capacity take up to `most` items of a class beside what it holds of others, (W,) to (W,)."""
    width = len(source)
    for room in range(width):
        target[room] = source[room]
    if most >= (width - 1) // size:
        for room in range(size, width):
            target[room] = max(target[room], target.dtype.type(target[room - size] + worth))
        return
    for items in range(1, most + 1):
        taken = items * size
        if taken >= width:
            break
        gain = target.dtype.type(items * worth)
        held, better = source[: width - taken], target[taken:]
        for room in range(len(held)):
            better[room] = max(better[room], target.dtype.type(held[room] + gain))


@entry
def sweep_back(size: Int64, most: Int64, worth: Int32, beyond: Int32) -> None:
    """Fill `beyond` (C + 1, W): in row k the most that classes from k on are worth in each capacity."""
    beyond[len(size)] = 0
    for k in range(len(size) - 1, -1, -1):
        _sweep(size[k], most[k], worth[k], beyond[k + 1], beyond[k])


@entry
def sweep_on(size: Int64, most: Int64, worth: Int32, before: Int32) -> None:
    """Fill `before` (C + 1, W): in row k the most that classes below k are worth in each capacity."""
    before[0] = 0
    for k in range(len(size)):
        _sweep(size[k], most[k], worth[k], before[k], before[k + 1])


@entry
def best_with_each(
    size: Int64, most: Int64, worth: Int32, before: Int32, beyond: Int32, pattern: Int32, value: Int64
) -> None:
    """Write to row k of `pattern` (C, C) the best one that holds an item of class k, and to `value` its worth."""
    width = before.shape[1]
    for k in range(len(size)):
        best, best_items, best_room = np.int64(-1), 0, 0
        for items in range(1, most[k] + 1):
            room = width - 1 - items * size[k]
            if room < 0:
                break
            gain = np.int64(items) * worth[k]
            for first in range(room + 1):
                whole = before[k, first] + gain + beyond[k + 1, room - first]
                if whole > best:
                    best, best_items, best_room = whole, items, first
        value[k] = best
        if best < 0:
            continue
        pattern[k, k] = best_items
        left = best_room
        for c in range(k - 1, -1, -1):
            items = 0
            while before[c + 1, left] != before[c, left - items * size[c]] + items * worth[c]:
                items += 1
            pattern[k, c] = items
            left -= items * size[c]
        left = width - 1 - best_items * size[k] - best_room
        for c in range(k + 1, len(size)):
            items = 0
            while beyond[c, left] != beyond[c + 1, left - items * size[c]] + items * worth[c]:
                items += 1
            pattern[k, c] = items
            left -= items * size[c]
