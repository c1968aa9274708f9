"""The best of all bounds: area, dual feasible functions, linear relaxation, column generation, tier by tier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.dual_feasible import transformed
from placement_solvers.bounds.linear import linear_prices
from placement_solvers.bounds.prices import (
    Prices,
    best_unit,
    earned_by_resources,
    lagrangian_bound,
    whole_resource_prices,
)
from placement_solvers.bounds.witness import Witness, bounding_view, next_bound
from placement_solvers.objective import Cost
from placement_solvers.packing_reduction import leading_tiers
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int64, Problem

PRICE_BITS = 30
"""Prices of the linear relaxation are integers up to about two to this."""

MOST_FUNCTIONS = 8
"""Dual feasible functions whose bound is worked out in full, of those that promise most."""

MOST_RESOURCES = 256
"""Resources that functions are tried on: those of which most is asked for what there is."""

SCALE = 2**10
"""Sizes seen through a step function are small numbers; so much finer, units of cost divide them without loss."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A lower bound and what proves it.

    Attributes
    ----------
    cost : tuple of int
        No feasible solution costs less, compared as costs are.
    witness : Witness
        Its `verify` gives the bound again, or a little less where CP-SAT priced patterns.
    """

    cost: Cost
    witness: Witness


def best_lower_bound(
    problem: Problem,
    *,
    by_columns: bool = True,
    should_stop: Callable[[], bool] = lambda: False,
    area: Cost | None = None,
) -> Bound:
    """The best bound the family proves, each tier at the bounds of those before it.

    Constraints that patterns do not express are left out; what remains is a relaxation. A search that is stopped leaves
    a bound that holds.

    Parameters
    ----------
    by_columns : bool
        Whether to go on with column generation; it takes seconds, not milliseconds.
    should_stop : callable
        Asked once a round, and before each resource.
    area : tuple of int, optional
        The bound by area, where it is known already.
    """
    area = lower_bound(problem) if area is None else area
    bound: Cost = ()
    proofs: list[Prices] = []
    for tier in range(len(problem.tiers)):
        value = next_bound(problem, area, bound)
        if tier < leading_tiers(problem):
            for prices, proven in _bounds(problem, tier, bound, by_columns, should_stop):
                if proven > value:
                    value = proven
                    proofs = [*(one for one in proofs if one.tier != tier), prices]
        bound = (*bound, value)
    return Bound(bound, Witness(tuple(proofs)))


def _bounds(
    problem: Problem, tier: int, earlier: Cost, by_columns: bool, should_stop: Callable[[], bool]
) -> list[tuple[Prices, int]]:
    """Prices of each kind and what they prove."""
    view = bounding_view(problem, tier, earlier, keep_rules=False)
    if view.num_types == 0 or not view.count.any():
        return []
    by_functions = dual_feasible_bound(view, tier, earlier, should_stop)
    by_prices = None if should_stop() else linear_bound(view, tier, earlier)
    found = [best for best in (by_functions, by_prices) if best]
    if by_columns and not should_stop():
        found += _by_columns(problem, view, tier, earlier, should_stop)
    return found


def dual_feasible_bound(
    view: PackingView, tier: int, earlier: Cost, should_stop: Callable[[], bool] = lambda: False
) -> tuple[Prices, int] | None:
    """The best single function on a single resource, L2 among them; None where no bin costs the tier anything.

    Of as many resources as it gets to; None, too, if that is none. Their prices prove something only of items that
    must be placed.
    """
    cost = view.open[tier]
    if not cost.any():
        return None
    promising: list[tuple[float, Int64, Int64]] = []
    for resource in _most_asked(view):
        if should_stop():
            break
        for of_item, earned in transformed(view.demand[:, resource], view.capacity[:, resource]):
            promising.append((_promise(view, cost, of_item, earned), of_item, earned))
    promising.sort(key=lambda one: -one[0])
    best: tuple[Prices, int] | None = None
    for _, of_item, earned in promising[:MOST_FUNCTIONS]:
        prices = Prices(
            tier=tier,
            earlier=earlier,
            unit=max(int(earned.max(initial=1)) // max(int(cost.max()), 1), 1),
            with_rules=False,
            of_item=np.repeat(of_item[None, :] * SCALE, max(view.num_regions, 1), axis=0),
            of_rule=tuple(np.zeros(len(rule.initial), dtype=np.int64) for rule in view.rules),
            of_earlier=np.zeros(tier, dtype=np.int64),
            of_resource=np.zeros((0, 0), dtype=np.int64),
        )
        scaled, _ = best_unit(view, prices, earned * SCALE)
        proven = lagrangian_bound(view, scaled, earned * SCALE)
        if best is None or proven > best[1]:
            best = scaled, proven
    return best


def _most_asked(view: PackingView) -> list[int]:
    """The resources of which most is asked for what there is, ascending; all of them if they are not many."""
    num_resources = view.demand.shape[1]
    if num_resources <= MOST_RESOURCES:
        return list(range(num_resources))
    asked = view.count.astype(np.float64) @ view.demand
    there = view.supply.astype(np.float64) @ view.capacity
    most = np.argsort(-asked / np.maximum(there, 1.0), kind="stable")[:MOST_RESOURCES]
    chosen: list[int] = np.sort(most).tolist()
    return chosen


def _promise(view: PackingView, cost: Int64, of_item: Int64, earned: Int64) -> float:
    """About what a function proves: what items are worth beyond what free bins earn, at the cheapest bin's rate."""
    free = cost == 0
    worth = float(view.count @ of_item.astype(np.float64)) - float(view.supply[free] @ earned[free].astype(np.float64))
    rate = cost[~free] / np.maximum(earned[~free], 1e-9)
    return worth * float(rate.min())


def linear_bound(view: PackingView, tier: int, earlier: Cost) -> tuple[Prices, int] | None:
    """The linear relaxation's prices, proven by its prices of resources; None where it has no optimum."""
    linear = linear_prices(view, tier, earlier)
    if linear is None:
        return None
    scale = int(2.0**PRICE_BITS / max(float(linear.of_item.max(initial=0)), 1e-6)) or 1
    prices = Prices(
        tier=tier,
        earlier=earlier,
        unit=scale,
        with_rules=len(view.rules) > 0,
        of_item=np.floor(linear.of_item * scale).astype(np.int64),
        of_rule=tuple(np.zeros(len(rule.initial), dtype=np.int64) for rule in view.rules),
        of_earlier=np.floor(linear.of_earlier * scale).astype(np.int64),
        of_resource=whole_resource_prices(linear.of_resource, scale),
    )
    earned = earned_by_resources(view, prices)
    scaled, _ = best_unit(view, prices, earned)
    return scaled, lagrangian_bound(view, scaled, earned)


def _by_columns(
    problem: Problem, loose: PackingView, tier: int, earlier: Cost, should_stop: Callable[[], bool]
) -> list[tuple[Prices, int]]:
    """Column generation without rules over domains, then with them where there are any."""
    # Loaded only here: it brings compiled kernels with it.
    from placement_solvers.column_generation.relaxation import Relaxation
    from placement_solvers.cp_sat.search import Limits

    limits = Limits(workers=1, seed=0, interleave=False, deterministic_time=1.0)
    views = [loose]
    if "rule" in loose.relaxed:
        views.append(bounding_view(problem, tier, earlier))
    found = []
    for view in views:
        relaxation = Relaxation(view, tier, earlier, limits)
        relaxation.run(should_stop, exactly=True)
        if relaxation.witness is not None:
            found.append((relaxation.witness, relaxation.lower_bound))
    return found
