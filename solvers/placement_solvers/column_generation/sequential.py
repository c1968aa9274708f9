"""Bins filled one after the other with the pattern that pays most: a packing in a fraction of a second.

Sequential value correction in one pass (Belov and Scheithauer, Setup and open-stacks minimization in one-dimensional
stock cutting, INFORMS J. Computing 19(1), 2007, section 4): prices say which items are hard to place, each pattern
is used as often as its items last, and a class loses a little of its price as it runs out, so that patterns stay
mixed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement_solvers.column_generation.filling import SideConstraints, fill_patterns
from placement_solvers.column_generation.packing import Packing
from placement_solvers.column_generation.pricers import Pricer
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Int32, Int64

FADING = 0.1
"""Share of its price that a class loses until its last item."""

LEAST_PRICE = 0.3
"""Least price of an item, as a share of what its volume costs."""

LEFT_OUT = 2.0
"""Correction for a class none of which found a place."""

PRICE_RANGE = 1e6
"""Prices are integers up to this."""


def raised_prices(view: PackingView, tier: int, prices: Float) -> Float:
    """Prices (Z, C) raised to a share of what the volume of an item costs, so that none is free."""
    volume = (view.demand / np.maximum(view.capacity.mean(axis=0), 1)).max(axis=1)
    raised: Float = np.maximum(prices, LEAST_PRICE * _costs(view, tier).mean() * np.maximum(volume, 1e-9))
    return raised


def corrected_prices(view: PackingView, tier: int, prices: Float, packing: Packing) -> Float:
    """Prices (Z, C) after a packing: what lies in bins that earned less than they cost becomes dearer."""
    cost = _costs(view, tier)[packing.types]
    earned = (prices[view.region[packing.types]] * packing.patterns).sum(axis=1)
    correction = np.where(earned > 0, cost / np.maximum(earned, 1e-9), 1.0)
    packed = packing.packed()
    mean = ((correction * packing.times) @ packing.patterns) / np.maximum(packed, 1)
    corrected: Float = prices * (0.5 + 0.5 * np.where(packed > 0, mean, LEFT_OUT))
    return corrected


def _costs(view: PackingView, tier: int) -> Float:
    """Cost of a bin of each type over all tiers up to one, (T,) float64; of a free one the mean."""
    cost = view.open[: tier + 1].sum(axis=0).astype(np.float64)
    return np.where(cost > 0, cost, max(float(cost.mean()), 1.0)) if len(cost) else cost


def sequential_fill(
    view: PackingView,
    side: SideConstraints,
    pricer: Pricer,
    prices: Float,
    tier: int,
    should_stop: Callable[[], bool] = lambda: False,
) -> Packing:
    """A packing of as many items as go in; bins that cost nothing in the tier first. O(patterns x pricing).

    Parameters
    ----------
    prices : (Z, C) float64
        What an item is worth; only ratios matter.
    tier : int
        Whose cost of opening is weighed against the worth of a pattern.
    should_stop : callable
        Asked before each pricing, which takes long where types are many; what is not in then stays out.
    """
    left, supply = view.count.copy(), view.supply.copy()
    prices = prices * (PRICE_RANGE / max(float(prices.max(initial=0)), 1e-9))
    cost = view.open[: tier + 1].sum(axis=0)
    types: list[int] = []
    patterns: list[Int32] = []
    times: list[int] = []
    while left.any() and not should_stop():
        share = left / np.maximum(view.count, 1)
        worth = np.where(left > 0, np.ceil(prices * (1 - FADING + FADING * share)), 0).astype(np.int64)
        worth[:, left > 0] = np.maximum(worth[:, left > 0], 1)
        priced = pricer.price(worth)
        found = np.flatnonzero(supply[priced.types] > 0)
        types_found = priced.types[found]
        paid = (worth[view.region[types_found]] * np.minimum(priced.patterns[found], left)).sum(axis=1)
        progress = False
        for row in _promising(found, paid, cost[types_found], view.region[types_found]).tolist():
            type_ = int(priced.types[row])
            if supply[type_] == 0:
                continue
            pattern = _refilled(view, side, priced.patterns[row], type_, left, worth)
            if not pattern.any():
                continue
            inside = pattern > 0
            uses = int(min(supply[type_], (left[inside] // pattern[inside]).min()))
            types.append(type_)
            patterns.append(pattern)
            times.append(uses)
            left -= uses * pattern
            supply[type_] -= uses
            progress = True
        if not progress:
            break
    if not types:
        return Packing.empty(view.num_classes)
    return Packing(np.array(types, dtype=np.int64), np.array(patterns), np.array(times, dtype=np.int64))


def _promising(rows: Int64, paid: Int64, cost: Int64, region: Int32) -> Int64:
    """Patterns to use next: all of bins that cost nothing, the fullest first; without any, in each region the best."""
    useful = paid > 0
    rows, paid, cost, region = rows[useful], paid[useful], cost[useful], region[useful]
    free = cost == 0
    if free.any():
        fullest: Int64 = rows[free][np.argsort(-paid[free], kind="stable")]
        return fullest
    order = np.argsort(-paid / np.maximum(cost, 1), kind="stable")
    _, first = np.unique(region[order], return_index=True)
    best: Int64 = rows[order[np.sort(first)]]
    return best


def _refilled(view: PackingView, side: SideConstraints, pattern: Int32, type_: int, left: Int64, worth: Int64) -> Int32:
    """The pattern cut to the items that are left, and filled up with others of them."""
    row = pattern[None, :].copy()
    price = worth[view.region[type_]]
    share = (view.demand / np.maximum(view.capacity[type_], 1)).sum(axis=1)
    order = np.argsort(-price / np.maximum(share, 1e-9), kind="stable")
    fill_patterns(
        row,
        np.zeros(1, dtype=np.int64),
        order[None, :],
        view.capacity[[type_]],
        view.demand,
        np.minimum(view.most[[type_]], left).astype(np.int32),
        side.joint_start,
        side.joint_of,
        side.joint_room[:, [type_]],
        side.conflict_start,
        side.conflict_of,
        side.conflict_holds[:, [type_]],
    )
    filled: Int32 = row[0]
    return filled
