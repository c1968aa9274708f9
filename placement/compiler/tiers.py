"""The policy's tiers as integer costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

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

NODE_PARTS = 10_000
"""Points of soft terms and of moves that are worth as much as a mean node, where they are added to the utilisation."""

WORTH = "preferences, utilisation and moves"
"""Name of the tier of that sum."""


def tiers(
    policy: Policy,
    class_priority: NDArray[np.int32],
    disruptions: Sequence[Disruption | None],
    nodes: Sequence[Node],
    preferences: Tier,
    cardinalities: Tier | None,
    loads: Loads,
    *,
    moving: bool = False,
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
    moving : bool
        Whether those who run move to make the placement better. Then none of them is left out for anybody, and soft
        terms, utilisation and moves are one sum, so that each move has to earn what it weighs.
    """
    running = np.array([disruption is not None for disruption in disruptions], dtype=np.bool_)
    found: list[Tier] = []
    for name in policy.tiers:
        match name:
            case "unplaced" if moving:
                found.append(Tier("evicted", unplaced=running.astype(np.int64)))
                found += _by_priority(class_priority, (("unplaced", ~running),))
            case "unplaced":
                found += _unplaced(class_priority, disruptions, running)
            case "cardinalities":
                found += [] if cardinalities is None else [cardinalities]
            case "nodes":
                found.append(Tier("nodes", open=np.ones(len(nodes), dtype=np.int64)))
            case "price":
                prices = [round(price_of(node, policy) * PRICE_UNIT) for node in nodes]
                found.append(Tier("price", open=np.array(prices, dtype=np.int64)))
            case "preferences" | "utilisation" if moving:
                if not any(tier.name == WORTH for tier in found):
                    found.append(_worth(policy, preferences, loads, running))
            case "preferences":
                found.append(preferences)
            case "utilisation":
                found.append(Tier("utilisation", over_target=loads.over_target))
            case "balance":
                found.append(Tier("balance", balances=loads.balances))
    if moving:
        found += _disturbing(disruptions)
    return tuple(found)


def _worth(policy: Policy, preferences: Tier, loads: Loads, running: NDArray[np.bool_]) -> Tier:
    """What soft terms, utilisation and moves cost together, as far as the policy asks for them."""
    point = max(loads.mean_node // NODE_PARTS, 1) if "utilisation" in policy.tiers else 1
    tier = Tier(WORTH, moved=running.astype(np.int64) * policy.weights.moves * point)
    if "utilisation" in policy.tiers:
        tier = replace(tier, over_target=loads.over_target)
    if "preferences" not in policy.tiers:
        return tier
    return replace(
        tier,
        placed=None if preferences.placed is None else preferences.placed * point,
        pairs=replace(preferences.pairs, weight=preferences.pairs.weight * point),
        skews=replace(preferences.skews, weight=preferences.skews.weight * point),
    )


def _unplaced(
    class_priority: NDArray[np.int32], disruptions: Sequence[Disruption | None], running: NDArray[np.bool_]
) -> list[Tier]:
    """Who is left out, the most important first, then who is disturbed for it.

    At each priority no running pod is given up for a waiting one of the same priority, as kube-scheduler never does.
    """
    found = _by_priority(class_priority, (("evicted", running), ("unplaced", ~running)))
    if running.any():
        violates = _weights(disruptions, lambda disruption: disruption.violates)
        found.append(Tier("budgets violated", unplaced=violates, moved=violates))
        found += _disturbing(disruptions)
    return found


def _by_priority(class_priority: NDArray[np.int32], kinds: Sequence[tuple[str, NDArray[np.bool_]]]) -> list[Tier]:
    found = []
    for priority in sorted(set(class_priority.tolist()), reverse=True):
        for name, kind in kinds:
            weights = ((class_priority == priority) & kind).astype(np.int64)
            if weights.any():
                found.append(Tier(f"{name} at priority {priority}", unplaced=weights))
    return found


def _disturbing(disruptions: Sequence[Disruption | None]) -> list[Tier]:
    """How many are disturbed, then what that costs."""
    disturbed = _weights(disruptions, lambda disruption: 1)
    cost = _weights(disruptions, lambda disruption: disruption.cost)
    return [
        Tier("pods disturbed", unplaced=disturbed, moved=disturbed),
        Tier("cost of disturbing", unplaced=cost, moved=cost),
    ]


def _weights(disruptions: Sequence[Disruption | None], weight: Callable[[Disruption], int]) -> NDArray[np.int64]:
    return np.array([0 if each is None else weight(each) for each in disruptions], dtype=np.int64)


def price_of(node: Node, policy: Policy) -> float:
    """Price of a node, by its name, else its instance type, else the default."""
    by_type = policy.node_prices.get(node.labels.get(INSTANCE_TYPE, ""), policy.default_price)
    return policy.node_prices.get(node.name, by_type)
