"""Prices of items as a proof: whoever pays them to bins cannot be paid back with fewer bins.

Every bound of the family (area, dual feasible functions, LP, column generation) comes to a price for an item of each
class, all integers. With z(t) the most that a bin of type t can earn, any solution of at most the earlier tiers' cost
costs at least

    (sum of count x price - sum over types of supply x max(0, z - unit x cost)) / unit

units of its tier: the Lagrangian bound; with the unit chosen as max z / cost it is Farley's (A note on bounding a
class of linear programming problems, Operations Research 38(5), 1990). Items that may be left out, earlier tiers and
rules over domains enter the same way, each by what it can save at most.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.objective import Cost
from placement_solvers.packing_view import MANY, DomainRule, Float, PackingView
from placement_solvers.problem import NOWHERE, Int64

MAX_UNITS = 32
"""Breaks tried for the unit: with more types than that the largest ones are enough."""

MAX_LEVELS = 64
"""Smallest counts of a rule that are tried one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """A witness of a lower bound on one tier.

    Attributes
    ----------
    tier : int
        The tier that is bounded.
    earlier : tuple of int
        What the tiers before it cost at most.
    unit : int
        Price units that one unit of the tier's cost is worth; positive.
    with_rules : bool
        Whether the view keeps rules over domains; without, bins of different domains may be of one type.
    of_item : (Z, C) int64
        Price of an item in each region, at least 0.
    of_rule : tuple of (D,) int64
        For each rule of the view the part of the price that depends on the domain alone.
    of_earlier : (tier,) int64
        Price units that one unit of each earlier tier's cost is worth, at least 0.
    of_resource : (T, R) int64
        Price of one unit of each resource in a bin of each type, in `RESOURCE_UNIT`s of a price unit; no rows where
        there is none. What a pattern earns is at most the price of the bin's resources and what limited classes are
        worth beyond the price of theirs: a proof without a knapsack.
    """

    tier: int
    earlier: Cost
    unit: int
    with_rules: bool
    of_item: Int64
    of_rule: tuple[Int64, ...]
    of_earlier: Int64
    of_resource: Int64


RESOURCE_UNIT = 2**16
"""Prices of resources are so much finer than prices of items: a MiB is worth little."""


def whole_resource_prices(of_resource: Float, scale: int) -> Int64:
    """Prices of resources (T, R) as integers, rounded up; one out of all proportion is the largest there is."""
    return np.ceil(np.minimum(of_resource * float(scale) * RESOURCE_UNIT, 2.0**60)).astype(np.int64)


def earned_by_resources(view: PackingView, prices: Prices) -> Int64:
    """At least the most that a pattern of each type earns, by the prices of resources, (T,) int64. O(T C R).

    A pattern x earns sum p x = sum (p - l d) x + l sum d x <= sum most max(0, p - l d) + l capacity for all l >= 0.
    """
    dearest = float(prices.of_item.max(initial=0)) * RESOURCE_UNIT
    reach = prices.of_resource.astype(np.float64) * (view.capacity + view.demand.max(axis=0, initial=0))
    if max(dearest, float(reach.sum(axis=1).max(initial=0))) > 2**61:
        return np.full(view.num_types, np.iinfo(np.int64).max, dtype=np.int64)
    beyond = np.maximum(prices.of_item[view.region] * RESOURCE_UNIT - prices.of_resource @ view.demand.T, 0)
    # All terms are exact and none is negative, so doubles lose no more than a share of the sum for each addition.
    sums = (prices.of_resource * view.capacity).sum(axis=1) + (beyond.astype(np.float64) * view.most).sum(axis=1)
    lost = (sum(view.most.shape) + 4) * 2.0**-52
    earned: Int64 = np.minimum(np.ceil(sums * (1 + lost) / RESOURCE_UNIT), 2.0**62).astype(np.int64) + 1
    return earned


def lagrangian_bound(view: PackingView, prices: Prices, earned: Int64) -> int:
    """The lower bound that prices prove on their tier, rounded up to an integer; at least 0."""
    return max(-(-surplus(view, prices, earned) // prices.unit), 0)


def surplus(view: PackingView, prices: Prices, earned: Int64) -> int:
    """Price units that all items are worth and bins cannot pay back: the bound times the unit.

    Parameters
    ----------
    earned : (T,) int64
        At least the most that a pattern of each type is worth at `prices.of_item`.
    """
    tier, unit = prices.tier, prices.unit
    opening = unit * view.open[tier] + prices.of_earlier @ view.open[:tier]
    left_out = unit * view.unplaced[tier] + prices.of_earlier @ view.unplaced[:tier]
    leavable = most_left_out(view, tier, prices.earlier)
    total = _worth(view, prices, leavable)
    total -= _dot(view.supply, np.maximum(earned - opening, 0))
    cheapest = prices.of_item.max(axis=0, initial=0) - left_out
    total -= _dot(leavable, np.maximum(cheapest, 0))
    return total - sum(int(price) * cost for price, cost in zip(prices.of_earlier, prices.earlier, strict=True))


def best_unit(view: PackingView, prices: Prices, earned: Int64) -> tuple[Prices, float]:
    """The same prices with the unit that proves most, and the bound it proves before rounding up.

    The bound is concave in the unit's inverse with breaks where a type pays back its cost exactly; those are tried.
    """
    cost = view.open[prices.tier]
    rest = earned - prices.of_earlier @ view.open[: prices.tier]
    breaks = -(-rest[cost > 0] // cost[cost > 0])
    units = np.unique(breaks[breaks > 0])[-MAX_UNITS:].tolist()
    tried = [prices, *(replace(prices, unit=int(unit)) for unit in units)]
    bounds = [surplus(view, candidate, earned) / candidate.unit for candidate in tried]
    best = int(np.argmax(bounds))
    return tried[best], bounds[best]


def most_left_out(view: PackingView, tier: int, earlier: Cost) -> Int64:
    """How many items of each class can be left out at no more than the earlier tiers' cost, (C,) int64."""
    most = view.count.copy()
    for cost, unplaced in zip(earlier, view.unplaced[:tier], strict=True):
        most = np.where(unplaced > 0, np.minimum(most, cost // np.maximum(unplaced, 1)), most)
    return most


def _worth(view: PackingView, prices: Prices, leavable: Int64) -> int:
    """The least that all items are worth together, wherever the rules let them lie."""
    of_item = prices.of_item
    if len(of_item) == 0:
        return 0
    rest = of_item.copy()
    total = 0
    for rule, of_domain in zip(view.rules, prices.of_rule, strict=True):
        if leavable[rule.classes].any():
            continue  # who is left out may keep the counts even, so the rule says nothing
        total += least_of_rule(rule, int(view.count[rule.classes].sum()), of_domain)
        rest[:, rule.classes] -= np.append(of_domain, 0)[rule.domain_of_region][:, None]
    return total + _dot(view.count, _least_by_class(view, rest))


def _least_by_class(view: PackingView, of_item: Int64) -> Int64:
    """Price of an item in the region where it is worth least among those it may lie in, (C,) int64."""
    allowed = np.ones_like(of_item, dtype=np.bool_)
    for rule in view.rules:
        allowed[np.ix_(rule.domain_of_region == NOWHERE, rule.classes)] = False
    least = np.where(allowed, of_item, np.iinfo(np.int64).max).min(axis=0)
    return np.where(allowed.any(axis=0), least, 0)


def least_of_rule(rule: DomainRule, total: int, price: Int64) -> int:
    """The least that `total` items are worth at a price by domain, in the most favourable spread the rule allows.

    Tries each smallest count that leaves room for all, `MAX_LEVELS` of them; where there are more, the room of the
    largest and the need of the least stand for all. 0 where no spread is allowed: then the items cannot be placed.
    """
    counts = rule.initial[rule.eligible]
    lowest = int(counts.min(initial=MANY)) if len(counts) else 0
    highest = (total + int(counts.sum())) // len(counts) if len(counts) else 0
    if rule.smallest_is_zero:
        lowest = highest = 0
    usable = np.zeros(len(rule.initial), dtype=np.bool_)
    usable[rule.domain_of_region[rule.domain_of_region != NOWHERE]] = True

    def room(smallest: int) -> Int64:
        return np.where(usable, np.minimum(rule.room(smallest), total), 0)

    lowest += bisect_left(range(lowest, highest + 1), total, key=lambda smallest: int(room(smallest).sum()))
    if lowest > highest:
        return 0
    levels = range(lowest, highest + 1)
    pairs = [(level, level) for level in levels] if len(levels) <= MAX_LEVELS else [(lowest, highest)]
    values = [_cheapest_fill(rule, total, price, low, room(high)) for low, high in pairs]
    return min((value for value in values if value is not None), default=0)


def _cheapest_fill(rule: DomainRule, total: int, price: Int64, smallest: int, room: Int64) -> int | None:
    """Worth of the cheapest domains filled first, after each eligible one got what brings it to `smallest`."""
    need = np.where(rule.eligible & (not rule.smallest_is_zero), np.maximum(smallest - rule.initial, 0), 0)
    left = total - int(need.sum())
    if (need > room).any() or left < 0 or int(room.sum()) < total:
        return None
    order = np.argsort(price, kind="stable")
    extra = (room - need)[order]
    taken = np.minimum(extra, np.maximum(left - (np.cumsum(extra) - extra), 0))
    return _dot(need, price) + _dot(taken, price[order])


def _dot(left: Int64, right: Int64) -> int:
    """The exact sum of products: in Python's integers where int64 might not hold it."""
    if len(left) == 0:
        return 0
    if float(np.abs(left).max()) * float(np.abs(right).max()) * len(left) < 2**62:
        return int(left @ right)
    return sum(int(a) * int(b) for a, b in zip(left, right, strict=True))
