"""The linear relaxation by class and bin type, as prices.

Items may be cut and bins opened in part, so a bin type is a row for each resource and a row for each limit. Its
optimum is the area bound with the best weights of the resources, limits and supplies taken into account; its duals
are often as good as those of column generation and come in milliseconds. O(T (C + R)) rows and columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from placement_solvers.bounds.prices import most_left_out
from placement_solvers.objective import Cost
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Bool, Int64

MAX_COLUMNS = 20_000
"""With more pairs of a class and a type the programme is not solved."""

MAX_SINGLE_TYPES = 64
"""With more types, those that cost nothing are poured into one pool for each region."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearPrices:
    """Duals of the linear relaxation.

    Attributes
    ----------
    objective : float
    of_item : (Z, C) float64
        Price of an item in each region, in units of the tier's cost.
    of_earlier : (tier,) float64
    of_resource : (T, R) float64
        Price of one unit of each resource in a bin of each type.
    """

    objective: float
    of_item: Float
    of_earlier: Float
    of_resource: Float


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """Bins that the programme treats as one: so much of everything for each bin opened."""

    types: Int64
    region: int
    capacity: Int64  # (R,) of one bin
    most: Int64  # (C,) in one bin
    supply: int
    cost: Int64  # (K,)


def linear_prices(view: PackingView, tier: int, earlier: Cost) -> LinearPrices | None:
    """Optimal duals of the relaxation; None if it is too large, the simplex fails, or earlier tiers cost too little.

    Rules over domains are left to column generation; without them the programme is still a relaxation.
    """
    pools = _pools(view)
    if sum(int((pool.most > 0).sum()) for pool in pools) > MAX_COLUMNS:
        return None
    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    objective = solver.Objective()
    objective.SetMinimization()
    scale = float(max(view.open[tier].max(initial=0), view.unplaced[tier].max(initial=0), 1))
    budget = [solver.Constraint(-infinity, float(cost)) for cost in earlier]
    cover = [solver.Constraint(float(count), infinity) for count in view.count]
    leavable = most_left_out(view, tier, earlier)
    for class_ in np.flatnonzero(leavable).tolist():
        column = solver.NumVar(0.0, float(leavable[class_]), "")
        objective.SetCoefficient(column, float(view.unplaced[tier, class_]) / scale)
        cover[class_].SetCoefficient(column, 1.0)
        for row, unplaced in zip(budget, view.unplaced[:tier, class_].tolist(), strict=True):
            if unplaced:
                row.SetCoefficient(column, float(unplaced))
    rows_of: list[tuple[_Pool, list[Any]]] = []
    for pool in pools:
        opened = solver.NumVar(0.0, float(pool.supply), "")
        objective.SetCoefficient(opened, float(pool.cost[tier]) / scale)
        for row, cost in zip(budget, pool.cost[:tier].tolist(), strict=True):
            if cost:
                row.SetCoefficient(opened, float(cost))
        rows_of.append((pool, _fill(solver, view, pool, opened, cover)))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    by_class = np.maximum([row.dual_value() for row in cover], 0.0) * scale
    of_resource = np.zeros(view.capacity.shape)
    for pool, rows in rows_of:
        of_share = np.maximum([-row.dual_value() for row in rows], 0.0) * scale
        of_resource[pool.types] = of_share / np.maximum(pool.capacity, 1)
    return LinearPrices(
        objective=objective.Value() * scale,
        of_item=np.repeat(by_class[None, :], max(view.num_regions, 1), axis=0),
        of_earlier=np.maximum([-row.dual_value() for row in budget], 0.0).reshape(len(budget)) * scale,
        of_resource=of_resource,
    )


def _fill(solver: Any, view: PackingView, pool: _Pool, opened: Any, cover: list[Any]) -> list[Any]:
    """Add columns for what lies in a pool and rows that hold it to what is opened; gives the row of each resource."""
    infinity = solver.infinity()
    # Rows in shares of a bin, so that all coefficients are of one size.
    share = view.demand / np.maximum(pool.capacity, 1)
    rows = [solver.Constraint(-infinity, 0.0) for _ in pool.capacity]
    for row in rows:
        row.SetCoefficient(opened, -1.0)
    for class_ in np.flatnonzero(pool.most).tolist():
        inside = solver.NumVar(0.0, infinity, "")
        cover[class_].SetCoefficient(inside, 1.0)
        for row, part in zip(rows, share[class_].tolist(), strict=True):
            if part:
                row.SetCoefficient(inside, part)
        if pool.most[class_] < _fit(pool.capacity, view.demand[class_]):
            limit = solver.Constraint(-infinity, 0.0)
            limit.SetCoefficient(inside, 1.0 / float(pool.most[class_]))
            limit.SetCoefficient(opened, -1.0)
    return rows


def _fit(capacity: Int64, demand: Int64) -> float:
    """How many items fit if they can be cut."""
    return float((capacity[demand > 0] / demand[demand > 0]).min(initial=np.inf))


def _pools(view: PackingView) -> list[_Pool]:
    """Every type, or with many types those that cost nothing together."""
    free = np.zeros(view.num_types, dtype=np.bool_)
    if view.num_types > MAX_SINGLE_TYPES:
        free = (view.open == 0).all(axis=0)
    found = [
        _Pool(
            np.array([t]),
            int(view.region[t]),
            view.capacity[t],
            view.most[t].astype(np.int64),
            int(view.supply[t]),
            view.open[:, t],
        )
        for t in np.flatnonzero(~free).tolist()
    ]
    return found + [_pooled(view, types) for types in _by_region(view, free)]


def _by_region(view: PackingView, free: Bool) -> list[Int64]:
    types = np.flatnonzero(free)
    return [types[view.region[types] == region] for region in np.unique(view.region[types])]


def _pooled(view: PackingView, types: Int64) -> _Pool:
    """Bins that cost nothing are all open: one bin with the sum of what they take."""
    supply = view.supply[types]
    return _Pool(
        types=types,
        region=int(view.region[types[0]]),
        capacity=supply @ view.capacity[types],
        most=supply @ view.most[types].astype(np.int64),
        supply=1,
        cost=view.open[:, types[0]],
    )
