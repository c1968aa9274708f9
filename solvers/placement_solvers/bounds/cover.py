"""Two fractional knapsacks, each bounded from its dual in exact integers.

Sources are taken wholly or in part, in the best order of amount for cost; the one at the margin gives the price of an
amount. The value at that price is a bound whatever the price is, so that rounding in the order costs sharpness only,
never truth (weak duality; Dantzig, "Discrete-variable extremum problems", Operations Research 5(2), 1957).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Int64


def exact_sum(values: Int64) -> int:
    """The sum as a Python integer: amounts of many bins may leave int64."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def exact_dot(values: Int64, units: Int64) -> int:
    """The sum of products as a Python integer."""
    if len(values) == 0:
        return 0
    largest = max(int(values.max()), -int(values.min())) * max(int(units.max()), -int(units.min()))
    if largest * len(values) <= np.iinfo(np.int64).max:
        return int(values @ units)
    return int(values.astype(object) @ units.astype(object))


def least_cost(needed: int, cost: Int64, amount: Int64, units: Int64) -> int:
    """A lower bound on what sources cost that together give at least `needed`, rounded up.

    Parameters
    ----------
    needed : int
    cost, amount, units : (N,) int64
        Of one unit of each source, positive; and how many units there are. O(N log N).
    """
    if needed <= 0 or len(cost) == 0:
        return 0
    margin = _margin(cost, amount, amount.astype(np.float64) * units, float(needed))
    price, per = int(cost[margin]), int(amount[margin])
    saved = np.maximum(price * amount.astype(object) - per * cost.astype(object), 0) @ units.astype(object)
    return max(0, -((int(saved) - price * needed) // per))


def most_amount(budget: int, cost: Int64, amount: Int64, units: Int64) -> int:
    """An upper bound on what sources give that together cost at most `budget`, rounded down.

    Parameters
    ----------
    budget : int
    cost, amount, units : (N,) int64
        As of `least_cost`.
    """
    if budget <= 0 or len(cost) == 0:
        return 0
    margin = _margin(cost, amount, cost.astype(np.float64) * units, float(budget))
    worth, per = int(amount[margin]), int(cost[margin])
    beyond = np.maximum(per * amount.astype(object) - worth * cost.astype(object), 0) @ units.astype(object)
    return min((worth * budget + int(beyond)) // per, exact_dot(amount, units))


def _margin(cost: Int64, amount: Int64, size: NDArray[np.float64], goal: float) -> int:
    """The source at which the goal is met when sources are taken by their cost for an amount."""
    order = np.argsort(cost / amount, kind="stable")
    met = int(np.searchsorted(np.cumsum(size[order]), goal))
    return int(order[min(met, len(order) - 1)])
