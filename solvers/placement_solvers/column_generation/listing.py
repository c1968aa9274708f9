"""Exact pricing of bins that hold few items, whatever the number of resources: all patterns that pay are looked at.

Where a bin holds a handful of items a depth first search sees all its patterns in a moment, and those that are worth
too little need not be seen: what classes still to come can add is bounded by a knapsack over each resource, as in
`placement_solvers.pattern_pool.enumeration`. A round brings the best pattern through each class, as sweeps do (see
`placement_solvers.column_generation.sweeping`).
"""

# mypy: disable-error-code="no-any-return"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_up
from placement_solvers.column_generation.pricing import Priced, price_order
from placement_solvers.compiled import allocating
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.pattern_pool.enumeration import fill_beyond
from placement_solvers.problem import Int32, Int64

MOST_ITEMS = 64
"""Bins that may hold more, as far as one resource says, are not looked at."""

MOST_PATTERNS = 2**26
"""Views with more patterns than that, as far as can be guessed, are not for listing."""

PROBES = 64
"""Patterns drawn to guess how many there are."""

MOST_CELLS = 2**22
"""Cells of all knapsacks together, 8 bytes each; capacities are counted in larger units where there would be more."""

MOST_STEPS = 50_000_000
"""Classes looked at in one search, a few nanoseconds each; if that is not enough the knapsacks' answer is the bound."""

SHARES_OF_BIN = 1000
"""Units in which the sum of all resources is counted."""

SHARE = 8
"""Patterns worth less than the best by more than one in so many are not looked for where nobody says what pays."""


class ListPricer:
    """Prices a view with one type of bins that `suits`."""

    def __init__(self, view: PackingView, side: SideConstraints) -> None:
        self._view, self._side = view, side
        self._classes, self._limit, self._sizes, self._capacity = _ordered(view)
        num_classes, num_resources = self._sizes.shape
        width = max(MOST_CELLS // ((num_classes + 1) * num_resources), 2)
        self._unit = np.maximum(-(-(self._capacity + 1) // width), 1)
        self._cells = self._capacity // self._unit + 1
        self._first = np.cumsum(np.append(0, self._cells * (num_classes + 1)))
        self._beyond = np.zeros(int(self._first[-1]), dtype=np.int64)
        self._known = np.zeros((0, num_classes), dtype=np.int32)

    @staticmethod
    def suits(view: PackingView) -> bool:
        """Whether there is one type of bins, under no limits of its own, and its patterns seem few enough."""
        if view.num_types != 1 or view.joints or view.conflicts or not view.demand.any(axis=1).all():
            return False
        _, limit, sizes, capacity = _ordered(view)
        return _longest(sizes, limit, capacity) <= MOST_ITEMS and _guess(sizes, limit, capacity) <= MOST_PATTERNS

    def price(self, prices: Int64, least: Float | None = None) -> Priced:
        """The best pattern through each class, of those that pay, and the most that any is worth.

        Parameters
        ----------
        prices : (Z, C) int64
        least : (1,) float64, optional
            What a pattern has to be worth to be of use.
        """
        view = self._view
        worth = np.ascontiguousarray(prices[0, self._classes])
        for resource, (begin, cells) in enumerate(zip(self._first[:-1].tolist(), self._cells.tolist(), strict=True)):
            table = self._beyond[begin : begin + cells * (len(worth) + 1)].reshape(len(worth) + 1, cells)
            fill_beyond(self._sizes[:, resource] // self._unit[resource], self._limit, worth, table)
        found = np.zeros((len(worth) + 1, len(worth)), dtype=np.int32)
        value = np.zeros(len(worth) + 1, dtype=np.int64)
        if len(self._known):
            known = self._known @ worth
            found[-1] = self._known[known.argmax()]
            value[-1] = known.max()
        bound = self._search(worth, 1, True, found, value)
        best = int(value[-1])
        wanted = best - best // SHARE if least is None else int(np.ceil(float(least[0])))
        if 0 < wanted <= best:
            self._search(worth, wanted, False, found, value)
        rows = np.flatnonzero(value)
        rows = rows[np.argsort(-value[rows], kind="stable")]
        self._known = np.unique(found[rows], axis=0)
        patterns = np.zeros((len(self._known), view.num_classes), dtype=np.int32)
        patterns[:, self._classes] = self._known
        types = np.zeros(len(patterns), dtype=np.int64)
        orders = np.repeat(price_order(view, prices[0])[None], len(patterns), axis=0)
        fill_up(view, self._side, patterns, types, orders)
        return Priced(patterns, types, np.array([bound], dtype=np.int64))

    def _search(self, worth: Int64, least: int, only_best: bool, found: Int32, value: Int64) -> int:
        return int(
            search_paying(
                self._sizes,
                self._limit,
                worth,
                self._capacity,
                self._unit,
                self._cells,
                self._first,
                self._beyond,
                least,
                only_best,
                found,
                value,
            )
        )


def _ordered(view: PackingView) -> tuple[Int64, Int64, Int64, Int64]:
    """Classes in the order in which they are decided, how many items of each there may be, demand and capacity.

    Beside the resources there is their sum, in shares of the bin: of items that are large here or there it leaves less
    open than each resource alone.
    """
    most = np.minimum(view.most[0], view.count).astype(np.int64)
    classes = np.flatnonzero(most > 0)
    capacity, demand = view.capacity[0], view.demand[classes]
    share = (demand * SHARES_OF_BIN // np.maximum(capacity, 1)).sum(axis=1)
    order = np.argsort(-share, kind="stable")
    sizes = np.column_stack([demand, share])[order].astype(np.int64)
    whole = np.append(capacity, SHARES_OF_BIN * len(capacity)).astype(np.int64)
    return classes[order], most[classes[order]], np.ascontiguousarray(sizes), whole


def _longest(demand: Int64, most: Int64, capacity: Int64) -> int:
    """No pattern has more items: as many of the smallest as one resource holds."""
    number = int(most.sum())
    for resource, room in enumerate(capacity.tolist()):
        small = np.argsort(demand[:, resource], kind="stable")
        taken = np.cumsum(demand[small, resource] * most[small])
        inside = int(np.searchsorted(taken, room, side="right"))
        items = int(most[small[:inside]].sum())
        if inside < len(small):
            left = room - (int(taken[inside - 1]) if inside else 0)
            items += left // max(int(demand[small[inside], resource]), 1)
        number = min(number, items)
    return number


def _guess(demand: Int64, most: Int64, capacity: Int64) -> float:
    """About how many patterns there are: what random paths down the tree of patterns say on average.

    Knuth, Estimating the efficiency of backtrack programs, Mathematics of Computation 29, 1975.
    """
    rng = np.random.default_rng(0)
    total = 0.0
    for _ in range(PROBES):
        left, free, ways = most.copy(), capacity, 1.0
        while True:
            fitting = np.flatnonzero((left > 0) & (demand <= free).all(axis=1))
            if len(fitting) == 0 or total > PROBES * MOST_PATTERNS:
                break
            ways *= len(fitting)
            total += ways
            class_ = int(fitting[rng.integers(len(fitting))])
            left[:class_] = 0
            left[class_] -= 1
            free = free - demand[class_]
    return total / PROBES


@allocating
def search_paying(
    demand: Int64,
    most: Int64,
    worth: Int64,
    capacity: Int64,
    unit: Int64,
    cells: Int64,
    first: Int64,
    beyond: Int64,
    least: int,
    only_best: bool,
    found: Int32,
    value: Int64,
) -> int:
    """Write the best pattern through each class that is worth at least `least`; at least what any is worth.

    Parameters
    ----------
    unit, cells, first : (R,), (R,), (R + 1,) int64
        Unit, width and place of each resource's knapsack in `beyond`, a row for each class and one more.
    only_best : bool
        Look only for patterns that are better than the best known.
    found : (C + 1, C) int32
        In row k the best pattern known with an item of class k, in the last row the best of all.
    value : (C + 1,) int64
        What they are worth, 0 where there is none.
    """
    num_classes, num_resources = demand.shape
    wanted = max(least, value[num_classes] + 1) if only_best else least
    top = np.iinfo(np.int64).max
    for r in range(num_resources):
        top = min(top, beyond[first[r] + capacity[r] // unit[r]])
    # At each depth the classes that still fit, which of them is next, the room and the worth so far.
    fitting = np.empty((MOST_ITEMS + 1, num_classes), dtype=np.int32)
    length, at = np.zeros(MOST_ITEMS + 1, dtype=np.int64), np.zeros(MOST_ITEMS + 1, dtype=np.int64)
    free = np.zeros((MOST_ITEMS + 1, num_resources), dtype=np.int64)
    total = np.zeros(MOST_ITEMS + 1, dtype=np.int64)
    pattern = np.zeros(num_classes, dtype=np.int32)
    free[0] = capacity
    for k in range(num_classes):
        if worth[k] > 0:
            fitting[0, length[0]] = k
            length[0] += 1
    depth, steps = 0, 0
    while True:
        open_ = at[depth] < length[depth]
        if open_:
            k = fitting[depth, at[depth]]
            for r in range(num_resources):
                if total[depth] + beyond[first[r] + k * cells[r] + free[depth, r] // unit[r]] < wanted:
                    open_ = False  # nor is any later class of use
                    break
        if not open_:
            if depth == 0:
                return int(value[num_classes])
            depth -= 1
            pattern[fitting[depth, at[depth]]] -= 1
            at[depth] += 1
            continue
        below = depth + 1
        pattern[k] += 1
        total[below] = total[depth] + worth[k]
        for r in range(num_resources):
            free[below, r] = free[depth, r] - demand[k, r]
        number, more = 0, 0
        for position in range(at[depth], length[depth]):
            c = fitting[depth, position]
            left = most[c] - pattern[c]
            fits = left > 0
            for r in range(num_resources):
                if demand[c, r] > free[below, r]:
                    fits = False
                    break
            if fits:
                fitting[below, number] = c
                number += 1
                more += left * worth[c]
        steps += length[depth] - at[depth]
        if steps > MOST_STEPS:
            return top
        length[below], at[below] = number, 0
        if total[below] + more < wanted:
            length[below] = 0
        if number == 0 and total[below] >= wanted:
            if total[below] > value[num_classes]:
                value[num_classes] = total[below]
                found[num_classes] = pattern
            if only_best:
                wanted = total[below] + 1
            for d in range(below):
                c = fitting[d, at[d]]
                if total[below] > value[c]:
                    value[c] = total[below]
                    found[c] = pattern
        depth = below
