"""The patterns that pay most at given prices, and how much no pattern can exceed.

A bin type's pricing problem is a knapsack over all resources with side constraints. `KnapsackPricer` solves it on a
grid of two resources for all types at once. Where the grid holds the sizes exactly and nothing else binds, the
answer is exact. Otherwise sizes rounded to the nearest unit give patterns, of which those count that fit, and sizes
rounded down a bound; between the two there is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_up, is_feasible
from placement_solvers.column_generation.knapsack import MAX_ALTERNATIVES, Layers, fill, layers, trace_back
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Int32, Int64

LARGEST_VALUE = 2**31 - 1
"""The programme counts in int32."""

MOST_BYTES = 2**29
"""Memory for what the layers took, a byte a layer and cell."""

MOST_TRACED = 128
"""Types whose patterns are looked at in one round of pricing that proves nothing; with more, the most promising."""

LESS = np.array([(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (2, 3), (3, 3)], dtype=np.int64)
"""Units by which the capacity is lowered to find a pattern that fits where sizes are rounded to the nearest unit."""

MOST_SHARED_LAYERS = 64
"""Joints with more alternatives than so many times the classes are left to repair."""


class Rounding(StrEnum):
    """How sizes are brought onto a grid."""

    EXACT = auto()  # in units of their greatest common divisor
    NEAREST = auto()  # what a bin has is a little less or more than thought: patterns are checked
    DOWN = auto()  # no pattern is lost


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """What a round of pricing found.

    Attributes
    ----------
    patterns : (N, C) int32
    types : (N,) int64
        Type of each pattern.
    bound : (T,) int64
        At least the value of every pattern of the type, or `NO_BOUND`.
    """

    patterns: Int32
    types: Int64
    bound: Int64


NO_BOUND = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """Types that share one programme: one region, one set of limits, several capacities."""

    types: Int64
    region: int
    ends: Int64  # (types, 2) units each type has
    layers: Layers


def main_resources(view: PackingView) -> Int64:
    """The two resources most asked for in proportion to what there is, (2,) int64; one resource is named twice."""
    asked = (view.count[:, None] * view.demand).sum(axis=0).astype(np.float64)
    there = (view.supply[:, None] * view.capacity).sum(axis=0).astype(np.float64) / max(view.supply.sum(), 1)
    share = asked / np.maximum(there, 1)
    order = np.argsort(-share, kind="stable")
    return np.sort(order[:2]) if len(order) > 1 else np.zeros(2, dtype=np.int64)


def price_order(view: PackingView, worth: Int64) -> Int64:
    """Classes by what they pay for their share of an average bin, best first, (C,) int64."""
    share = (view.demand / np.maximum(view.capacity.mean(axis=0), 1)).sum(axis=1)
    order: Int64 = np.argsort(-worth / np.maximum(share, 1e-9), kind="stable")
    return order


def is_implied(view: PackingView, main: Int64) -> bool:
    """Whether no pattern that keeps the main resources can break another one. O(T C R).

    A resource is implied if some mean of the two main shares is as large as its own for every class, or if all items
    that may be in at once do not fill it.
    """
    share = view.demand[None] / np.maximum(view.capacity, 1)[:, None, :]  # (T, C, R)
    present = view.most > 0
    for resource in np.setdiff1d(np.arange(view.demand.shape[1]), main).tolist():
        own = np.where(present, share[:, :, resource], 0.0)
        fills = (own * view.most).sum(axis=1) > 1
        for weight in np.linspace(0, 1, 11):
            mean = weight * share[:, :, main[0]] + (1 - weight) * share[:, :, main[1]]
            fills &= (own > mean).any(axis=1)
        if fills.any():
            return False
    return True


class KnapsackPricer:
    """Prices all types of a view by dynamic programming on a grid.

    Parameters
    ----------
    rounding : Rounding
    max_cells : int
        Cells of the grid. One that is not exact has fewer where there are many classes.

    Attributes
    ----------
    is_usable : bool
        Whether the grid is small enough, what each class took in each cell included; a grid that is not exact is.
    is_complete : bool
        Whether nothing but the two main resources and the layers' limits can bind, so that an exact grid prices
        exactly.
    """

    def __init__(self, view: PackingView, side: SideConstraints, rounding: Rounding, max_cells: int) -> None:
        self._view, self._side, self.rounding = view, side, rounding
        self._resources = main_resources(view)
        self._families: list[_Family] = []
        self.is_complete = self.is_usable = False
        while not self._lay_out(max_cells) and rounding is not Rounding.EXACT and max_cells > 1:
            # Each layer remembers what it took in each cell: where there are many classes the grid is the coarser.
            max_cells //= 2

    def _lay_out(self, max_cells: int) -> bool:
        """Lay out a grid of about so many cells, if it and what is remembered of it are small enough; whether it is."""
        view = self._view
        self._unit = self._units(max_cells)
        widest = self._to_units(view.capacity.max(axis=0, initial=0)[None, :])[0]
        self.num_cells = int(np.prod((widest + 1).astype(np.float64)))
        if self.rounding is Rounding.EXACT and self.num_cells > max_cells:
            return False
        self._left_aside = len(view.conflicts)
        self._families = self._build_families()
        most_layers = max((len(family.layers) for family in self._families), default=0)
        if most_layers * self.num_cells > MOST_BYTES:
            return False
        exact = self.rounding is Rounding.EXACT
        self.is_usable = True
        self.is_complete = exact and self._left_aside == 0 and is_implied(view, self._resources)
        self._value = np.zeros(widest + 1, dtype=np.int32)
        self._taken = np.zeros((most_layers, *self._value.shape), dtype=np.uint8)
        return True

    def _units(self, max_cells: int) -> Int64:
        """Amount that is one unit of each main resource, (2,) float64 or int64."""
        view = self._view
        demand = view.demand[view.count > 0][:, self._resources]
        step = np.maximum(np.gcd.reduce(demand, axis=0), 1) if len(demand) else np.ones(2, dtype=np.int64)
        if self.rounding is Rounding.EXACT:
            return step
        widest = view.capacity[:, self._resources].max(axis=0, initial=1)
        cells = np.maximum(widest // step, 1)
        shrink = np.sqrt(max(np.prod(cells.astype(np.float64)) / max_cells, 1.0))
        # One narrow resource leaves its cells to the other.
        narrow = int(np.argmin(cells))
        width = np.maximum(cells / shrink, 1.0)
        if cells[narrow] < np.sqrt(max_cells):
            width[narrow] = cells[narrow]
            width[1 - narrow] = min(cells[1 - narrow], max_cells / cells[narrow])
        unit: Int64 = np.maximum(widest // np.maximum(width.astype(np.int64), 1), step)
        return unit

    def _to_units(self, capacity: Int64) -> Int64:
        units = capacity[:, self._resources] // self._unit
        if self._resources[0] == self._resources[1]:
            units[:, 1] = 0
        return units

    def _sizes(self) -> Int64:
        demand = self._view.demand[:, self._resources]
        nearest = self.rounding is Rounding.NEAREST
        size = (demand + self._unit // 2) // self._unit if nearest else demand // self._unit
        if self._resources[0] == self._resources[1]:
            size[:, 1] = 0
        return size

    def _build_families(self) -> list[_Family]:
        view = self._view
        size, ends = self._sizes(), self._to_units(view.capacity)
        # What the grid does not count has to be said as a limit, even where it is no more than the capacity says.
        limit = view.known_limits(self._resources.tolist())
        key = np.concatenate([view.region[:, None], limit], axis=1)
        _, family_of = np.unique(key, axis=0, return_inverse=True)
        families = []
        for family in range(int(family_of.max(initial=-1)) + 1):
            types = np.flatnonzero(family_of.reshape(-1) == family)
            shared = self._shared(types)
            built = layers(size, limit[types[0]], ends[types].max(axis=0), shared)
            families.append(_Family(types, int(view.region[types[0]]), ends[types], built))
        return families

    def _shared(self, types: Int64) -> list[tuple[Int64, int]]:
        """Joints that can be layers: disjoint, the same for all types of a family, and small."""
        view, taken, found = self._view, np.zeros(self._view.num_classes, dtype=np.bool_), []
        for joint in sorted(view.joints, key=lambda joint: int(joint.at_most[types].max(initial=0))):
            at_most = np.unique(joint.at_most[types])
            small = len(joint.classes) <= MAX_ALTERNATIVES and at_most[0] <= MOST_SHARED_LAYERS
            if len(at_most) == 1 and small and not taken[joint.classes].any():
                taken[joint.classes] = True
                found.append((joint.classes.astype(np.int64), int(at_most[0])))
        self._left_aside += len(view.joints) - len(found)
        return found

    def price(self, prices: Int64, least: Float | None = None) -> Priced:
        """The best pattern of every type.

        Parameters
        ----------
        prices : (Z, C) int64
            What one more item of each class is worth in each region, at least 0.
        least : (T,) float64, optional
            What a pattern of each type has to be worth to be of use. With it, and where nothing is proven, only those
            types are looked at closely that seem to exceed it most.
        """
        view = self._view
        patterns = np.zeros((view.num_types, view.num_classes), dtype=np.int32)
        bound = np.zeros(view.num_types, dtype=np.int64)
        orders = np.zeros((view.num_types, view.num_classes), dtype=np.int64)
        chosen = np.zeros(view.num_types, dtype=np.bool_)
        for family in self._families:
            worth = prices[family.region]
            table = family.layers
            shift = self._shift(worth, family)
            profit = (-(-worth >> shift))[table.class_] * table.items
            fill(
                self._value,
                self._taken,
                table.start,
                table.unbounded,
                table.first,
                table.second,
                np.minimum(profit, LARGEST_VALUE).astype(np.int32),
            )
            bound[family.types] = self._value[family.ends[:, 0], family.ends[:, 1]].astype(np.int64) << shift
            rows = self._worth_a_look(family, bound[family.types], least)
            types = family.types[rows]
            chosen[types] = True
            orders[types] = price_order(view, worth)
            patterns[types] = self._patterns(family, rows, worth)
        if self.rounding is Rounding.NEAREST:
            bound[:] = NO_BOUND
        types, patterns, orders = np.flatnonzero(chosen), patterns[chosen], orders[chosen]
        fill_up(view, self._side, patterns, types, orders)
        return Priced(patterns, types, bound)

    def _worth_a_look(self, family: _Family, value: Int64, least: Float | None) -> Int64:
        """Positions of the types of a family whose value seems to exceed what is asked most, all if they are few."""
        count = max(MOST_TRACED * len(family.types) // self._view.num_types, 1)
        if least is None or self.rounding is not Rounding.NEAREST or self._view.num_types <= MOST_TRACED:
            return np.arange(len(family.types))
        found: Int64 = np.argsort(least[family.types] - value, kind="stable")[:count]
        return found

    def _patterns(self, family: _Family, rows: Int64, worth: Int64) -> Int32:
        """The best pattern of some types of a family, (rows, C): of those for a little less than the capacity, too."""
        view = self._view
        ends = family.ends[rows]
        if self.rounding is not Rounding.NEAREST:
            return self._trace(family.layers, ends)
        less = np.maximum(ends[:, None, :] - LESS[None], 0)
        less[:, :, 1] = np.where(ends[:, None, 1] > 0, less[:, :, 1], 0)
        tried = self._trace(family.layers, less.reshape(-1, 2))
        types = np.repeat(family.types[rows], len(LESS))
        value = np.where(is_feasible(view, self._side, tried, types), tried.astype(np.int64) @ worth, -1)
        best = value.reshape(-1, len(LESS)).argmax(axis=1)
        chosen: Int32 = tried.reshape(len(rows), len(LESS), -1)[np.arange(len(best)), best]
        return chosen

    def _trace(self, table: Layers, ends: Int64) -> Int32:
        """What the best fillings of some capacities consist of, (E, C)."""
        found = np.zeros((len(ends), self._view.num_classes), dtype=np.int32)
        trace_back(
            self._taken, table.start, table.unbounded, table.class_, table.items, table.first, table.second, ends, found
        )
        return found

    def _shift(self, worth: Int64, family: _Family) -> int:
        """Bits to drop so that no value exceeds int32."""
        most = np.minimum(self._view.most[family.types].max(axis=0), LARGEST_VALUE).astype(np.float64)
        total = float(fractional_bound(worth.astype(np.float64), self._view, most))
        return max(0, int(np.ceil(np.log2(max(total, 1.0) / (LARGEST_VALUE / 2)))))


def single_bounds(worth: Float, view: PackingView, type_: int) -> Float:
    """For each resource what a bin of a type would earn if only that one were scarce and items divisible, (R,)."""
    return _divisible(worth, view.demand, view.most[type_].astype(np.float64), view.capacity[type_])


def fractional_bound(worth: Float, view: PackingView, most: Float) -> float:
    """The value no pattern of any type exceeds: the knapsack over one resource, items divisible. O(R C log C)."""
    found = _divisible(worth, view.demand, most, view.capacity.max(axis=0, initial=0))
    return float(found.min(initial=float(worth @ most)))


def _divisible(worth: Float, demand: Int64, most: Float, capacity: Int64) -> Float:
    bounds = np.zeros(len(capacity))
    for resource, room in enumerate(capacity.tolist()):
        size = demand[:, resource].astype(np.float64)
        order = np.argsort(size / np.maximum(worth, 1e-100), kind="stable")
        used = np.cumsum((size * most)[order])
        value = np.cumsum((worth * most)[order])
        inside = int(np.searchsorted(used, room, side="right"))
        bounds[resource] = value[inside - 1] if inside else 0.0
        if inside < len(order):
            filled = used[inside - 1] if inside else 0.0
            class_ = order[inside]
            bounds[resource] += worth[class_] * (room - filled) / max(size[class_], 1.0)
    return bounds
