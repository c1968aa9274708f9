"""What each node and each shared GPU has left, for people to read; decisions are the predicates'."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from placement.gpus import held
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


def room_on_gpus(inventory: Inventory, plan: Plan | None, nodes: Iterable[str], resource: str) -> Counter[int]:
    """How many GPUs of some nodes have how much of a resource left; a pod that names no GPU takes nothing here."""
    taken: defaultdict[tuple[str, int], int] = defaultdict(int)
    evicted = {eviction.pod for eviction in plan.evictions} if plan else set()
    lying = [(key, pod.node, held(pod)) for key, pod in inventory.pods.items() if not pod.finished]
    chosen = [(key, node, gpus) for key, node, gpus in lying if key not in evicted]
    chosen += [(placement.pod, placement.node, placement.gpus) for placement in plan.placements] if plan else []
    for key, node, gpus in chosen:
        share = inventory.pods[key].template.gpu_share
        if share is None:
            continue
        for index in gpus:
            taken[node, index] += dict(share.amounts).get(resource, 0)
    return Counter(
        gpu.amounts[resource] - taken[node, gpu.index]
        for node in nodes
        for gpu in inventory.nodes[node].gpus
        if resource in gpu.amounts
    )
