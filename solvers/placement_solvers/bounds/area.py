"""A lower bound on every tier from what items take and bins hold, without any search.

Tier by tier, each assuming that the tiers before it are at their own bounds: what must be left out or opened to make
the items fit, as a fractional knapsack for each row of `placement_solvers.bounds.rows`; the greatest of each part of
the problem, summed over parts. Items that no bin could ever hold are left out from the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.bounds.cover import exact_dot, exact_sum, least_cost, most_amount
from placement_solvers.bounds.disturbance import least_disturbed
from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.bounds.placeable import most_placed
from placement_solvers.bounds.rows import OpenPrices, Row, open_prices, rows_of
from placement_solvers.objective import Cost
from placement_solvers.problem import Balances, Int32, Int64, Problem, Tier


def lower_bound(problem: Problem) -> Cost:
    """A cost that no feasible solution gets below, compared as costs are.

    The value of a tier holds for all solutions that reach the values of the tiers before it; those that do not are
    dearer anyway. O(C x B x R) at worst, and far less where bins are alike or have room.
    """
    relaxation = _Relaxation(problem)
    for number in range(len(problem.tiers)):
        relaxation.add_tier(number)
    return tuple(relaxation.bound)


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """What can meet the excess of a row: items left out, and bins opened.

    Attributes
    ----------
    amount, units : (N,) int64
    cost : (N, T) int64
        Cost of a unit in each tier, 0 where a term earns.
    """

    amount: Int64
    units: Int64
    cost: Int64


class _Relaxation:
    """The bounds of the tiers so far, and what each leaves to spend on sources that it charges."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.bound: list[int] = []
        self.budget: list[int] = []
        self.most = most_placed(problem)
        self.prices: OpenPrices = open_prices(problem)
        self.rows = rows_of(problem, self.prices, self.most)
        self.leaving_out = _costs([tier.unplaced for tier in problem.tiers], problem.num_classes)
        self.opening = np.maximum(self.prices.open, 0)

    def add_tier(self, number: int) -> None:
        """Bound the next tier."""
        problem, tier = self.problem, self.problem.tiers[number]
        certain = floor_of_terms(problem, tier) + int(self.leaving_out[:, number] @ (problem.class_count - self.most))
        certain += self._load_terms(tier)
        by_part: dict[int, int] = {}
        for row in self.rows:
            by_part[row.part] = max(by_part.get(row.part, 0), self._least(row, number))
        value = certain + sum(by_part.values())
        disturbed = least_disturbed(problem, number, tuple(self.bound))
        self.bound.append(max(value, disturbed) if disturbed else value)
        self.budget.append(self.bound[-1] - certain)

    def _least(self, row: Row, tier: int) -> int:
        """What a tier must pay at least for a row, when the tiers before it pay their bounds."""
        sources = self._sources(row)
        needed = exact_dot(row.demand, self.most) - row.free
        charged_by = _first_positive(sources.cost[:, : tier + 1])
        free = charged_by < 0
        needed -= exact_dot(sources.amount[free], sources.units[free])
        for earlier in range(tier):
            if needed <= 0:
                return 0
            mine = charged_by == earlier
            cost = sources.cost[mine, earlier]
            needed -= most_amount(self.budget[earlier], cost, sources.amount[mine], sources.units[mine])
        mine = charged_by == tier
        return least_cost(needed, sources.cost[mine, tier], sources.amount[mine], sources.units[mine])

    def _sources(self, row: Row) -> _Sources:
        takes = row.demand > 0
        return _Sources(
            amount=np.concatenate([row.demand[takes], row.amount]),
            units=np.concatenate([self.most[takes], row.units]),
            cost=np.concatenate([self.leaving_out[takes], self.opening[row.price_kind]]),
        )

    def _load_terms(self, tier: Tier) -> int:
        """What load above targets, and free amounts out of ratio, cost at least over all bins together.

        A sum of positive parts is at least the positive part of the sum, once the items that must be in are known.
        """
        problem = self.problem
        if tier.over_target is None and len(tier.balances) == 0:
            return 0
        least, most = self._load_between()
        total = 0
        if tier.over_target is not None:
            for resource, weight in enumerate(tier.over_target.tolist()):
                total += max(weight, 0) * max(least[resource] - exact_sum(problem.target[:, resource]), 0)
        capacity = [exact_sum(column) for column in problem.capacity.T]
        for base, wanted, ratio, weight in zip(*(column.tolist() for column in _columns(tier.balances)), strict=True):
            free_base = capacity[base] - (most[base] if ratio >= 0 else least[base])
            short = ratio * free_base - (capacity[wanted] - least[wanted])
            total += max(weight, 0) * max(short, 0)
        return total

    def _load_between(self) -> tuple[list[int], list[int]]:
        """The least and the most that all items in may take together, for each resource."""
        earlier = len(self.bound)
        charged_by = _first_positive(self.leaving_out[:, :earlier])
        least, most = [], []
        for amount in self.problem.demand.T:
            most.append(exact_dot(amount, self.most))
            out = exact_dot(amount[charged_by < 0], self.most[charged_by < 0])
            for tier in range(earlier):
                mine = (charged_by == tier) & (amount > 0)
                out += most_amount(self.budget[tier], self.leaving_out[mine, tier], amount[mine], self.most[mine])
            least.append(max(most[-1] - out, 0))
        return least, most


def _columns(balances: Balances) -> tuple[Int32, Int32, Int64, Int64]:
    return balances.base, balances.wanted, balances.ratio, balances.weight


def _costs(columns: list[Int64 | None], rows: int) -> Int64:
    """Weights of all tiers side by side, negative ones as 0, (rows, T) int64."""
    table = np.zeros((rows, len(columns)), dtype=np.int64)
    for number, column in enumerate(columns):
        if column is not None:
            table[:, number] = np.maximum(column, 0)
    return table


def _first_positive(cost: Int64) -> Int64:
    """The first tier that charges each source, (N,) int64; -1 if none does."""
    charged = cost > 0
    return np.where(charged.any(axis=1), charged.argmax(axis=1), -1) if cost.shape[1] else np.full(len(cost), -1)
