"""The policy's tiers as integer costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from placement.model.node import Node
from placement.policy import Policy
from placement_solvers.problem import Tier

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
PRICE_UNIT = 10_000
"""Prices are counted in ten-thousandths, rounded to the nearest."""


def tiers(
    policy: Policy,
    class_priority: NDArray[np.int32],
    nodes: Sequence[Node],
    preferences: Tier,
) -> tuple[Tier, ...]:
    """The tiers of a problem, in the policy's order.

    Parameters
    ----------
    class_priority : (C,) int32
        One tier for each priority there is, the highest first: no number of less important pods outweighs one more
        important.
    preferences : Tier
        The soft terms of all pods.
    """
    found: list[Tier] = []
    for name in policy.tiers:
        match name:
            case "unplaced":
                for priority in sorted(set(class_priority.tolist()), reverse=True):
                    weights = (class_priority == priority).astype(np.int64)
                    found.append(Tier(f"unplaced at priority {priority}", unplaced=weights))
            case "nodes":
                found.append(Tier("nodes", open=np.ones(len(nodes), dtype=np.int64)))
            case "price":
                prices = [round(price_of(node, policy) * PRICE_UNIT) for node in nodes]
                found.append(Tier("price", open=np.array(prices, dtype=np.int64)))
            case "preferences":
                found.append(preferences)
    return tuple(found)


def price_of(node: Node, policy: Policy) -> float:
    """Price of a node, by its name, else its instance type, else the default."""
    by_type = policy.node_prices.get(node.labels.get(INSTANCE_TYPE, ""), policy.default_price)
    return policy.node_prices.get(node.name, by_type)
