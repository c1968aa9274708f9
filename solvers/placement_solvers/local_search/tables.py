"""The problem as the kernels read it: flat arrays, tiers added up to one integer, nowhere as one more bin.

Bin B, after the last, is *nowhere*: it has room for everything and lies in no domain, so that placing and leaving out
are moves like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.local_search.relations import Relations, relations_of
from placement_solvers.local_search.weights import TierWeights
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem, Tier

AMPLE = 2**60
"""Room of the bin that is nowhere."""


class Tables(NamedTuple):
    """What does not change during a search. Weights are those of the sum of all tiers.

    Attributes
    ----------
    class_of, start : (I,) int32
        `start` is B for an item that waits, and for items that have no cost of moving.
    demand : (C, R) int64
    transient : (R,) int64
        All bits set where the resource is held on both bins, else 0: a mask.
    capacity, target : (B + 1, R) int64
    over_target : (R,) int64
    amount : (C, K) int64
        What an item adds to each quantity that bins pay for: the resources whose load above targets costs, then the
        balances of all tiers (wanted less ratio times base).
    allowed : (B + 1, K) int64
        What a bin may have of each before it pays.
    price : (K,) int64
        What each unit above that costs.
    resource : (K,) int32
        The resource of a quantity, -1 for a balance.
    open_cost : (B + 1,) int64
        0 for bins in use, and nowhere.
    class_signature, bin_signature : (C,), (B + 1,) int32
    eligible : (S, K + 1) bool
        Nowhere has a signature of its own.
    placed_cost : (S, K + 1) int64
    pinned_to : (C,) int32
    unplaced_cost, moved_cost : (C,) int64
    between_cost : (B, B) int64
        Shape (0, 0) where no tier asks.
    most_moved : int64
        Weight of the set that was moved most.
    relations : Relations
    """

    class_of: Int32
    start: Int32
    demand: Int64
    transient: Int64
    capacity: Int64
    target: Int64
    over_target: Int64
    amount: Int64
    allowed: Int64
    price: Int64
    resource: Int32
    open_cost: Int64
    class_signature: Int32
    bin_signature: Int32
    eligible: Bool
    placed_cost: Int64
    pinned_to: Int32
    unplaced_cost: Int64
    moved_cost: Int64
    between_cost: Int64
    most_moved: np.int64
    relations: Relations


def tables_of(problem: Problem, weights: TierWeights) -> Tables:
    """The tables of a problem.

    Raises
    ------
    UnsupportedProblemError
        If two tiers share out moves between classes.
    """
    tiers = [(weight, tier) for weight, tier in zip(weights.of_tier, problem.tiers, strict=True) if weight]
    num_bins, num_resources = problem.num_bins, problem.num_resources
    signatures, kinds = problem.eligible.shape
    nowhere_eligible = np.column_stack([problem.eligible, np.ones(signatures, dtype=np.bool_)])
    placed = np.zeros((signatures, kinds + 1), dtype=np.int64)
    placed[:, :kinds] = _sum(((weight, tier.placed) for weight, tier in tiers), (signatures, kinds))
    opened = np.append(_sum(((weight, tier.open) for weight, tier in tiers), (num_bins,)), 0)
    opened[:-1][problem.in_use] = 0
    transient = problem.transient if len(problem.transient) else np.zeros(num_resources, dtype=np.bool_)
    target = problem.target if problem.target.size else np.zeros_like(problem.capacity)
    start = np.full(problem.num_items, num_bins, dtype=np.int32)
    if len(problem.start):
        start = np.where(problem.start == NOWHERE, num_bins, problem.start).astype(np.int32)
    classes = (problem.num_classes,)
    capacity = _and_nowhere(problem.capacity)
    over_target = _sum(((weight, tier.over_target) for weight, tier in tiers), (num_resources,))
    amount, allowed, price, resource = _priced(problem.demand, capacity, target, over_target, tiers)
    return _in_rows(
        Tables(
            class_of=problem.class_of,
            start=start,
            demand=problem.demand,
            transient=-transient.astype(np.int64),
            capacity=capacity,
            target=_and_nowhere(target),
            over_target=over_target,
            amount=amount,
            allowed=allowed,
            price=price,
            resource=resource,
            open_cost=opened,
            class_signature=problem.class_signature,
            bin_signature=np.append(problem.bin_signature, kinds).astype(np.int32),
            eligible=nowhere_eligible,
            placed_cost=placed,
            pinned_to=problem.pinned_to,
            unplaced_cost=_sum(((weight, tier.unplaced) for weight, tier in tiers), classes),
            moved_cost=_sum(((weight, tier.moved) for weight, tier in tiers), classes),
            between_cost=_between(tiers, num_bins),
            most_moved=np.int64(sum(weight * tier.most_moved.weight for weight, tier in _sharing(tiers))),
            relations=relations_of(problem, tiers, _set_of(tiers, problem.num_classes)),
        )
    )


def _and_nowhere(of_bin: Int64) -> Int64:
    return np.vstack([of_bin, np.full((1, of_bin.shape[1]), AMPLE, dtype=np.int64)])


def _priced(
    demand: Int64, capacity: Int64, target: Int64, over_target: Int64, tiers: list[tuple[int, Tier]]
) -> tuple[Int64, Int64, Int64, Int32]:
    """Amounts, allowances, prices and resources of the quantities that bins pay for."""
    loads = np.flatnonzero(over_target)
    amount, allowed = [demand[:, loads]], [target[:, loads]]
    price = [over_target[loads]]
    for weight, tier in tiers:
        balances = tier.balances
        amount.append(demand[:, balances.wanted] - balances.ratio * demand[:, balances.base])
        allowed.append(capacity[:-1, balances.wanted] - balances.ratio * capacity[:-1, balances.base])
        price.append(weight * balances.weight)
    prices = np.concatenate(price)
    resource = np.full(len(prices), -1, dtype=np.int32)
    resource[: len(loads)] = loads
    costs = prices != 0
    amounts, allowances = np.concatenate(amount, axis=1)[:, costs], np.concatenate(allowed, axis=1)[:, costs]
    return amounts, _and_nowhere(allowances), prices[costs], resource[costs]


def _in_rows(tables: Tables) -> Tables:
    """The same with all arrays row by row in memory: kernels are compiled for no other order."""
    values: list[Any] = [np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value for value in tables]
    return Tables(*values)


def _sum(parts: Iterable[tuple[int, Int64 | None]], shape: tuple[int, ...]) -> Int64:
    total = np.zeros(shape, dtype=np.int64)
    for weight, part in parts:
        if part is not None:
            total += weight * part
    return total


def _between(tiers: list[tuple[int, Tier]], num_bins: int) -> Int64:
    asking = [(weight, tier.moved_between) for weight, tier in tiers if tier.moved_between is not None]
    return _sum(asking, (num_bins, num_bins)) if asking else np.zeros((0, 0), dtype=np.int64)


def _sharing(tiers: list[tuple[int, Tier]]) -> list[tuple[int, Tier]]:
    sharing = [(weight, tier) for weight, tier in tiers if tier.most_moved.weight and len(tier.most_moved.set_of)]
    if len(sharing) > 1:
        raise UnsupportedProblemError("local search knows one tier that shares out moves, not several")
    return sharing


def _set_of(tiers: list[tuple[int, Tier]], num_classes: int) -> Int32:
    for _, tier in _sharing(tiers):
        return tier.most_moved.set_of
    return np.full(num_classes, -1, dtype=np.int32)
