"""Which pods of lower priority could leave so that a pod fits: one anywhere, or as few as possible on one node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice

from placement.compiler.disruption import Disruption, disruptions, protected
from placement.model.inventory import Inventory
from placement.model.pod import Pod, of_daemon
from placement.policy import Policy
from placement.predicates.verdict import verdict
from placement.remedies.scene import Scene

TRIED_ANYWHERE = 50_000
"""Pods times nodes up to which every single pod of the cluster is tried; beyond, only those on the node in question."""
TRIED_NODES = 100
"""Nodes on which sets of several pods are looked for, those first where fewest could do."""
TRIED_PER_NODE = 500
"""Sets of pods that are tried on one node before one is taken that is merely without a pod too many."""

Cost = tuple[int, int, int, int]


def victims(scene: Scene, inventory: Inventory, policy: Policy) -> list[tuple[Cost, list[Pod]]]:
    """Sets of running pods of lower priority without which the pod has a node, the cheapest first, one a node.

    Neither daemons' pods are taken nor those that ask to be left alone or that the policy leaves alone. The cost of a
    set is the number of budgets violated, its size, its highest priority, and the sum of deletion costs and grace
    periods.
    """
    givers = [
        pod for pod in inventory.pods.values() if _gives_way(pod, scene) and not policy.leaves_alone(pod.template)
    ]
    if not givers:
        return []
    price = disruptions(givers, inventory)
    found = []
    if len(givers) * len(scene.snapshot.nodes) <= TRIED_ANYWHERE:
        found = [(_cost([pod], price), [pod]) for pod in _distinct(givers, price) if _helps_anywhere(pod, scene)]
    by_node: dict[str, list[Pod]] = {}
    for pod in givers:
        by_node.setdefault(pod.node, []).append(pod)
    least = sorted((_at_least(node, there, scene), node) for node, there in by_node.items())
    for number, (size, node) in enumerate(least):
        if number >= TRIED_NODES or (any(not cost[0] and cost[1] < size for cost, _ in found)):
            break
        there = by_node[node]
        chosen = _fewest(node, there, price, scene)
        if chosen and not (len(chosen) == 1 and found):
            found.append((_cost(chosen, price), chosen))
    return sorted(found, key=lambda each: (each[0], [pod.key for pod in each[1]]))


def _gives_way(pod: Pod, scene: Scene) -> bool:
    return (
        bool(pod.node)
        and scene.snapshot.node_of(pod) == pod.node
        and pod.template.priority < scene.pod.template.priority
        and not pod.finished
        and not pod.deleting
        and not of_daemon(pod)
        and not protected(pod)
    )


def _cost(pods: Sequence[Pod], price: Mapping[str, Disruption]) -> Cost:
    return (
        sum(price[pod.key].violates for pod in pods),
        len(pods),
        max(pod.template.priority for pod in pods),
        sum(price[pod.key].cost for pod in pods),
    )


def _distinct(pods: Sequence[Pod], price: Mapping[str, Disruption]) -> Iterator[Pod]:
    """Pods in order of cost, one of those that are alike on one node."""
    seen: set[object] = set()
    for pod in sorted(pods, key=lambda pod: (_cost([pod], price), pod.key)):
        kind = (id(pod.template), price[pod.key], pod.node)
        if kind not in seen:
            seen.add(kind)
            yield pod


def _helps_anywhere(victim: Pod, scene: Scene) -> bool:
    with scene.without([victim]):
        return bool(verdict(scene.pod, scene.snapshot).feasible)


def _at_least(node: str, there: Sequence[Pod], scene: Scene) -> int:
    """How many of the pods have to leave a node, as far as each resource by itself says."""
    state = scene.snapshot.nodes[node]
    needed = 0
    for name, asked in scene.pod.template.requests.items():
        lacking = asked - state.node.allocatable.get(name, 0) + state.requested.get(name, 0)
        held = sorted((pod.template.requests.get(name, 0) for pod in there), reverse=True)
        count = 0
        while lacking > 0 and count < len(held):
            lacking -= held[count]
            count += 1
        needed = max(needed, count if lacking <= 0 else len(there) + 1)
    return needed


def _fewest(node: str, there: Sequence[Pod], price: Mapping[str, Disruption], scene: Scene) -> list[Pod]:
    """The cheapest set on a node, empty if not even all of them would do."""
    if not scene.admits(node, list(there)):
        return []
    calm = [pod for pod in there if not price[pod.key].violates]
    pool = calm if len(calm) < len(there) and scene.admits(node, calm) else list(there)
    pool.sort(key=lambda pod: (_cost([pod], price), pod.key))
    sets = (chosen for size in range(len(pool) + 1) for chosen in combinations(pool, size))
    best: list[Pod] = []
    for chosen in islice(sets, TRIED_PER_NODE):
        if best and len(chosen) > len(best):
            return best
        if (not best or _cost(chosen, price) < _cost(best, price)) and scene.admits(node, list(chosen)):
            best = list(chosen)
    if best:
        return best
    kept = list(pool)
    for pod in reversed(pool):  # the dearest stays first
        fewer = [each for each in kept if each is not pod]
        if scene.admits(node, fewer):
            kept = fewer
    return kept
