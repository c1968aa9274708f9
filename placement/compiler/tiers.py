"""The policy's tiers as integer costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.disruption import Disruption
from placement.compiler.utilisation import Loads
from placement.model.node import Node
from placement.policy import Policy
from placement_solvers.problem import Tier

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
PRICE_UNIT = 10_000
"""Prices are counted in ten-thousandths, rounded to the nearest."""


def tiers(
    policy: Policy,
    class_priority: NDArray[np.int32],
    disruptions: Sequence[Disruption | None],
    nodes: Sequence[Node],
    preferences: Tier,
    cardinalities: Tier | None,
    loads: Loads,
) -> tuple[Tier, ...]:
    """The tiers of a problem, in the policy's order.

    Parameters
    ----------
    class_priority : (C,) int32
        One tier for each priority there is, the highest first: no number of less important pods outweighs one more
        important.
    disruptions : sequence of Disruption or None
        What moving or evicting an item of each class costs; None for waiting pods.
    preferences : Tier
        The soft terms of all pods.
    cardinalities : Tier or None
        Left out where nothing asks for any.
    loads : Loads
        What nodes may be filled to, and what is to stay free side by side.
    """
    found: list[Tier] = []
    for name in policy.tiers:
        match name:
            case "unplaced":
                found += _unplaced(class_priority, disruptions)
            case "cardinalities":
                found += [] if cardinalities is None else [cardinalities]
            case "nodes":
                found.append(Tier("nodes", open=np.ones(len(nodes), dtype=np.int64)))
            case "price":
                prices = [round(price_of(node, policy) * PRICE_UNIT) for node in nodes]
                found.append(Tier("price", open=np.array(prices, dtype=np.int64)))
            case "preferences":
                found.append(preferences)
            case "utilisation":
                found.append(Tier("utilisation", over_target=loads.over_target))
            case "balance":
                found.append(Tier("balance", balances=loads.balances))
    return tuple(found)


def _unplaced(class_priority: NDArray[np.int32], disruptions: Sequence[Disruption | None]) -> list[Tier]:
    """Who is left out, the most important first, then who is disturbed for it.

    At each priority no running pod is given up for a waiting one of the same priority, as kube-scheduler never does.
    """
    running = np.array([disruption is not None for disruption in disruptions], dtype=np.bool_)
    found = []
    for priority in sorted(set(class_priority.tolist()), reverse=True):
        of_priority = class_priority == priority
        for name, kind in (("evicted", running), ("unplaced", ~running)):
            weights = (of_priority & kind).astype(np.int64)
            if weights.any():
                found.append(Tier(f"{name} at priority {priority}", unplaced=weights))
    if running.any():
        for name, weights in (
            ("budgets violated", _weights(disruptions, lambda disruption: disruption.violates)),
            ("pods disturbed", _weights(disruptions, lambda disruption: 1)),
            ("cost of disturbing", _weights(disruptions, lambda disruption: disruption.cost)),
        ):
            found.append(Tier(name, unplaced=weights, moved=weights))
    return found


def _weights(disruptions: Sequence[Disruption | None], weight: Callable[[Disruption], int]) -> NDArray[np.int64]:
    return np.array([0 if each is None else weight(each) for each in disruptions], dtype=np.int64)


def price_of(node: Node, policy: Policy) -> float:
    """Price of a node, by its name, else its instance type, else the default."""
    by_type = policy.node_prices.get(node.labels.get(INSTANCE_TYPE, ""), policy.default_price)
    return policy.node_prices.get(node.name, by_type)
