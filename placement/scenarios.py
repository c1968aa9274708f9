"""A cluster as it would be: with nodes lost or emptied, or with a plan carried out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from placement.cluster import Cluster
from placement.compiler.eligibility import pinned_node
from placement.desired.lost import closed
from placement.gpus import holding
from placement.model.inventory import Inventory
from placement.model.pod import Phase, Pod, of_daemon
from placement.plans import Plan
from placement.renewed_claims import renewed

MakePlan = Callable[[Cluster], Plan]
"""Plans a cluster, by whatever policy, solver and time there is."""


def carried_out(inventory: Inventory, plan: Plan) -> Inventory:
    """The inventory with the pods of a plan where it puts them; who has to leave waits."""
    inventory = renewed(inventory, [each.pod for each in plan.evictions])
    pods = dict(inventory.pods)
    for eviction in plan.evictions:
        pods[eviction.pod] = waiting(pods[eviction.pod])
    for placement in plan.placements:
        pod = replace(pods[placement.pod], node=placement.node, phase=Phase.RUNNING, ready=True)
        pods[placement.pod] = holding(pod, placement.gpus)
    return replace(inventory, pods=pods)


def without_nodes(inventory: Inventory, nodes: Collection[str]) -> tuple[Inventory, tuple[Pod, ...]]:
    """The inventory once nodes are gone, and the pods that nobody makes anew.

    Pods that a controller makes anew wait for a node. Daemons go with their nodes.
    """
    pods: dict[str, Pod] = {}
    gone: list[Pod] = []
    for key, pod in inventory.pods.items():
        there = pod.node in nodes or (not pod.node and of_daemon(pod) and pinned_node(pod.template) in nodes)
        if not there:
            pods[key] = pod
        elif of_daemon(pod) or pod.finished or pod.deleting:
            continue
        elif pod.owner is None:
            gone.append(pod)
        else:
            pods[key] = waiting(pod)
    kept = {name: node for name, node in inventory.nodes.items() if name not in nodes}
    moved = [key for key, pod in pods.items() if pod is not inventory.pods[key]]
    return replace(renewed(inventory, moved), nodes=kept, pods=pods), tuple(gone)


def cordoned(inventory: Inventory, nodes: Collection[str]) -> Inventory:
    """The inventory with nodes cordoned, and tainted as the node controller would."""
    shut = {name: closed(replace(inventory.nodes[name], unschedulable=True)) for name in nodes}
    return replace(inventory, nodes={**inventory.nodes, **shut})


def emptied(inventory: Inventory, nodes: Collection[str]) -> tuple[Inventory, tuple[Pod, ...]]:
    """The inventory with nodes cordoned and their pods waiting, daemons apart, and those pods as they ran."""
    leaving = tuple(
        pod
        for pod in inventory.pods.values()
        if pod.node in nodes and not of_daemon(pod) and not pod.finished and not pod.deleting
    )
    pods = {**inventory.pods, **{pod.key: waiting(pod) for pod in leaving}}
    anew = renewed(inventory, [pod.key for pod in leaving])
    return replace(cordoned(anew, nodes), pods=pods), leaving


def waiting(pod: Pod) -> Pod:
    """A running pod as its controller makes it anew."""
    return replace(pod, node="", phase=Phase.PENDING, ready=False, nominated_node="")
