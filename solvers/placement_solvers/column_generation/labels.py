"""Pricing by labels: patterns in exact sizes of all resources, one kept for each cell of a grid.

The grid only says which partial patterns are compared: of those that take about as much of the two main resources
(the ones that would bind first at the prices, type by type) the one worth most stays. What it takes is known
exactly, so that every pattern found fits, whatever the units. That makes it the pricing of raw units and of more
than two resources; it proves nothing (label setting with heuristic dominance, as Desaulniers, Desrosiers, Solomon,
Column Generation, Springer 2005, chapter 2.5).
"""

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_up, is_feasible
from placement_solvers.column_generation.knapsack import Layers, layers
from placement_solvers.column_generation.pricing import NO_BOUND, Priced, price_order, single_bounds
from placement_solvers.compiled import allocating, entry
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Int32, Int64

MOST_TRIED = 4
"""Best labels of a type that are looked at for one that keeps the side constraints."""


@allocating
def search_labels(
    value: Float,
    node: Int64,
    used: Int64,
    parent: Int32,
    alternative_of: Int32,
    width: int,
    start: Int64,
    taken: Int64,
    profit: Float,
    capacity: Int64,
) -> None:
    """Fill the cells with labels. O(A cells R).

    Parameters
    ----------
    value : (cells,) float64
        Worth of the label of each cell, below 0 where there is none.
    node : (cells,) int64
        Last step of the label; -1 is the empty pattern.
    used : (cells, R) int64
        What the label takes of each resource, the two main ones first.
    parent, alternative_of : (steps,) int32
        For each step the step before and the alternative taken.
    width : int
        Cells are width x width.
    start : (L + 1,) int64
        Alternatives by layer.
    taken : (A, R) int64
        What an alternative takes.
    profit : (A,) float64
    capacity : (R,) int64
    """
    num_resources = len(capacity)
    value[:] = -1.0
    value[0], node[0] = 0.0, -1
    used[0, :] = 0
    steps = 0
    per_cell_0 = (capacity[0] + 1.0) / width
    per_cell_1 = (capacity[1] + 1.0) / width
    here = np.empty(num_resources, dtype=np.int64)
    there = np.empty(num_resources, dtype=np.int64)
    for layer in range(len(start) - 1):
        # From the fullest cell down, so that no label is extended twice in a layer.
        for cell in range(width * width - 1, -1, -1):
            worth = value[cell]
            if worth < 0:
                continue
            last = node[cell]
            here[:] = used[cell]
            for alternative in range(start[layer], start[layer + 1]):
                if profit[alternative] <= 0:
                    continue
                fits = True
                for resource in range(num_resources):
                    there[resource] = here[resource] + taken[alternative, resource]
                    fits = fits and there[resource] <= capacity[resource]
                if not fits:
                    continue
                target = int(there[0] / per_cell_0) * width + int(there[1] / per_cell_1)
                if worth + profit[alternative] > value[target]:
                    value[target] = worth + profit[alternative]
                    node[target] = steps
                    used[target] = there
                    parent[steps] = last
                    alternative_of[steps] = alternative
                    steps += 1


@entry
def unroll(last: int, parent: Int32, alternative_of: Int32, class_: Int64, items: Int64, pattern: Int32) -> None:
    """Add to `pattern` (C,) what a label consists of."""
    while last >= 0:
        alternative = alternative_of[last]
        pattern[class_[alternative]] += items[alternative]
        last = parent[last]


class LabelPricer:
    """Looks for good patterns of all types of a view, two of each: one by worth, one by size first.

    Parameters
    ----------
    width : int
        Cells along each main resource.
    turns : int
        Types searched in one round; with more, they take turns.
    """

    def __init__(self, view: PackingView, side: SideConstraints, width: int, turns: int) -> None:
        self._view, self._side, self._width, self._turns = view, side, width, turns
        self._next = 0
        cells = width * width
        self._value = np.zeros(cells)
        self._node = np.zeros(cells, dtype=np.int64)
        # The grid has two dimensions: a single resource gets an empty one beside it.
        missing = max(2 - view.demand.shape[1], 0)
        self._demand = np.pad(view.demand, ((0, 0), (0, missing)))
        self._capacity = np.pad(view.capacity, ((0, 0), (0, missing)))
        self._used = np.zeros((cells, self._demand.shape[1]), dtype=np.int64)
        self._parent = np.zeros(0, dtype=np.int32)
        self._alternative_of = np.zeros(0, dtype=np.int32)
        self._layers: dict[bytes, Layers] = {}

    def price(self, prices: Int64) -> Priced:
        """Good patterns of the types whose turn it is, at prices (Z, C)."""
        view = self._view
        turn = np.unique((self._next + np.arange(min(self._turns, view.num_types))) % max(view.num_types, 1))
        self._next += self._turns
        types = np.repeat(turn, 2)
        patterns = np.zeros((len(types), view.num_classes), dtype=np.int32)
        orders = np.zeros((len(types), view.num_classes), dtype=np.int64)
        for row, type_ in enumerate(turn.tolist()):
            worth = prices[view.region[type_]]
            patterns[2 * row : 2 * row + 2] = self._search(type_, worth)
            orders[2 * row : 2 * row + 2] = price_order(view, worth)
        fill_up(view, self._side, patterns, types, orders)
        return Priced(patterns, types, np.full(view.num_types, NO_BOUND, dtype=np.int64))

    def _search(self, type_: int, worth: Int64) -> Int32:
        """Two patterns of a type, (2, C)."""
        view = self._view
        table = self._layers_of(type_)
        found = np.zeros((2, view.num_classes), dtype=np.int32)
        if len(table) == 0:
            return found
        bounds = single_bounds(worth.astype(np.float64), view, type_)
        main_first = np.append(np.argsort(bounds, kind="stable"), np.arange(len(bounds), self._demand.shape[1]))
        share = (view.demand / np.maximum(view.capacity[type_], 1)).max(axis=1)
        by_worth = -worth[table.class_] / np.maximum(share[table.class_], 1e-9)
        by_size = -share[table.class_] * table.items
        for row, key in enumerate((by_worth, by_size)):
            order = np.argsort(key, kind="stable")
            class_, items = table.class_[order], table.items[order]
            search_labels(
                self._value,
                self._node,
                self._used,
                self._parent,
                self._alternative_of,
                self._width,
                np.arange(len(order) + 1),
                self._demand[class_][:, main_first] * items[:, None],
                (worth[class_] * items).astype(np.float64),
                self._capacity[type_, main_first],
            )
            found[row] = self._best(type_, class_, items)
        return found

    def _layers_of(self, type_: int) -> Layers:
        """Layers for the limits of a type, and room for as many steps as they can take."""
        most = self._view.most[type_]
        key = most.tobytes()
        if key not in self._layers:
            no_size = np.zeros((len(most), 2), dtype=np.int64)
            self._layers[key] = layers(no_size, most.astype(np.int64), np.zeros(2, dtype=np.int64))
            steps = len(self._layers[key]) * self._width**2
            if steps > len(self._parent):
                self._parent = np.zeros(steps, dtype=np.int32)
                self._alternative_of = np.zeros(steps, dtype=np.int32)
        return self._layers[key]

    def _best(self, type_: int, class_: Int64, items: Int64) -> Int32:
        """The label worth most; of a few, the first that keeps the side constraints."""
        best = np.argsort(-self._value, kind="stable")[: 1 if self._side.is_empty else MOST_TRIED]
        best = best[self._value[best] >= 0]
        tried = np.zeros((len(best), self._view.num_classes), dtype=np.int32)
        for row, cell in enumerate(best.tolist()):
            unroll(self._node[cell], self._parent, self._alternative_of, class_, items, tried[row])
        keeps = is_feasible(self._view, self._side, tried, np.full(len(best), type_))
        chosen: Int32 = tried[int(np.argmax(keeps))]
        return chosen
