"""Bounds that can be checked by whoever does not trust the solver: prices tier by tier, and what they prove.

Nothing here solves a linear programme or searches. The most that a bin can earn at given prices is worked out anew, by
a knapsack in plain numpy or by prices of resources, and the Lagrangian bound follows by integer arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.disturbance import least_disturbed
from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.bounds.knapsack_bound import most_earned
from placement_solvers.bounds.prices import Prices, lagrangian_bound
from placement_solvers.objective import Cost
from placement_solvers.packing_reduction import leading_tiers, packing_view
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import NOWHERE, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Prices for some tiers, each at what the ones before are proven to cost.

    Attributes
    ----------
    prices : tuple of Prices
        In the order of their tiers; a tier without any is bounded by the signs of its weights.
    """

    prices: tuple[Prices, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and integers, for a file."""
        return {"prices": [_as_dict(prices) for prices in self.prices]}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Witness:
        """The witness of `as_dict`.

        Raises
        ------
        ValueError
            If the body is no witness.
        """
        try:
            return cls(tuple(_from_dict(prices) for prices in body["prices"]))
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"no witness of a bound: {error}") from None


def _as_dict(prices: Prices) -> dict[str, Any]:
    return {
        "tier": prices.tier,
        "earlier": list(prices.earlier),
        "unit": prices.unit,
        "rules": prices.with_rules,
        "ofItem": prices.of_item.tolist(),
        "ofRule": [price.tolist() for price in prices.of_rule],
        "ofEarlier": prices.of_earlier.tolist(),
        "ofResource": prices.of_resource.tolist(),
    }


def _from_dict(body: Mapping[str, Any]) -> Prices:
    return Prices(
        tier=int(body["tier"]),
        earlier=tuple(int(cost) for cost in body["earlier"]),
        unit=int(body["unit"]),
        with_rules=bool(body["rules"]),
        of_item=_table(body["ofItem"]),
        of_rule=tuple(np.array(price, dtype=np.int64) for price in body["ofRule"]),
        of_earlier=np.array(body["ofEarlier"], dtype=np.int64),
        of_resource=_table(body["ofResource"]),
    )


def _table(rows: Sequence[Sequence[int]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(rows, dtype=np.int64).reshape(len(rows), -1) if len(rows) else np.zeros((0, 0), dtype=np.int64)


def verify(problem: Problem, witness: Witness) -> Cost:
    """The lower bound that a witness proves, compared as costs are.

    Without any prices that is the area bound, which needs no witness. Prices that do not fit the problem, or stand on
    an earlier cost that is not proven, prove nothing.
    """
    bound: Cost = ()
    area = lower_bound(problem)
    for tier in range(len(problem.tiers)):
        value = next_bound(problem, area, bound)
        if tier < leading_tiers(problem):
            for prices in witness.prices:
                if prices.tier == tier and prices.earlier == bound:
                    value = max(value, _proven(problem, prices))
        bound = (*bound, value)
    return bound


def next_bound(problem: Problem, area: Cost, earlier: Cost) -> int:
    """A lower bound on the tier after those that are bounded by `earlier`, without prices.

    The area bound on a tier holds at its own bounds of the tiers before; beyond these only the signs of weights count,
    and who must give way.
    """
    tier = len(earlier)
    if area[:tier] == earlier:
        return area[tier]
    floor, disturbed = floor_of_terms(problem, problem.tiers[tier]), least_disturbed(problem, tier, earlier)
    return max(floor, disturbed) if disturbed else floor


def _proven(problem: Problem, prices: Prices) -> int:
    view = bounding_view(problem, prices.tier, prices.earlier, keep_rules=prices.with_rules)
    if not _fits(view, prices):
        return 0
    return lagrangian_bound(view, prices, most_earned(view, prices))


def _fits(view: PackingView, prices: Prices) -> bool:
    """Whether prices have the shapes of the view and the signs the proof needs."""
    return (
        prices.unit > 0
        and prices.of_item.shape == (max(view.num_regions, 1), view.num_classes)
        and len(prices.of_rule) == len(view.rules)
        and all(price.shape == rule.initial.shape for price, rule in zip(prices.of_rule, view.rules, strict=True))
        and prices.of_earlier.shape == (prices.tier,)
        and prices.of_resource.shape in ((0, 0), view.capacity.shape)
        and bool((prices.of_item >= 0).all() and (prices.of_earlier >= 0).all() and (prices.of_resource >= 0).all())
    )


def bounding_view(problem: Problem, tier: int, earlier: Cost, *, keep_rules: bool = True) -> PackingView:
    """The view on which a bound on a tier is one on the problem."""
    return packing_view(problem, reserve_pinned=pinned_stay(problem, earlier), keep_rules=keep_rules)


def pinned_stay(problem: Problem, earlier: Cost) -> bool:
    """Whether leaving out any pinned item would cost an earlier tier more than it may: all lie in their bins."""
    pinned = (problem.pinned_to != NOWHERE) & (problem.class_count > 0)
    held = np.zeros(problem.num_classes, dtype=np.bool_)
    for cost, one in zip(earlier, problem.tiers[: len(earlier)], strict=True):
        if one.unplaced is not None:
            held |= one.unplaced > cost
    return bool(held[pinned].all())
