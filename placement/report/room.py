"""What each node has left, for people to read; decisions are the predicates'."""

from __future__ import annotations

from placement.model.inventory import Inventory
from placement.model.node import PODS
from placement.plans import Plan


def room(inventory: Inventory, plan: Plan | None = None) -> dict[str, dict[str, int]]:
    """Allocatable less requests of each node by resource, once the plan, if there is one, is carried out."""
    left = {name: dict(node.allocatable) for name, node in inventory.nodes.items()}
    evicted = {eviction.pod for eviction in plan.evictions} if plan else set()
    lying = [(key, pod.node) for key, pod in inventory.pods.items() if not pod.finished and key not in evicted]
    placed = [(placement.pod, placement.node) for placement in plan.placements] if plan else []
    for key, node in [*lying, *placed]:
        if node in left:
            for resource, request in {**inventory.pods[key].template.requests, PODS: 1}.items():
                left[node][resource] = left[node].get(resource, 0) - request
    return left
