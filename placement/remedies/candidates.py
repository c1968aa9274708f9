"""Changes that may help, before any is proven."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate, of_daemon
from placement.model.taint import Toleration
from placement.policy import Policy
from placement.predicates.node_unschedulable import CORDON
from placement.remedies import wire
from placement.remedies.change import Change
from placement.remedies.relaxations import Relaxation, raised, relaxations
from placement.remedies.remedy import Action, Kind, Patch
from placement.remedies.requests import least, lowered, with_request
from placement.remedies.scene import Scene
from placement.remedies.shapes import added, could_hold, described, looked_at, shapes
from placement.remedies.shapes import cost as shape_cost
from placement.remedies.target import Target
from placement.remedies.victims import victims

MILLION = 1_000_000

Judge = Callable[[Relaxation], bool]
"""Whether a relaxation helps, as far as can be said quickly; some judges let everything pass."""


def softer(target: Target, nodes: Iterable[Node], judge: Judge) -> Iterator[Change]:
    """Rules of the target's template that could be softer or absent."""
    template = target.template
    daemon = of_daemon(target.pods[0])
    for relaxation in relaxations(template, nodes, of_daemon=daemon):
        if judge(relaxation):
            yield target.change(relaxation)


def wider_skews(target: Target, judge: Judge, most: int) -> Iterator[Change]:
    """The least skew that helps, for each spread constraint.

    Parameters
    ----------
    most : int
        A skew that no cluster of so many pods exceeds.
    """
    for position, constraint in enumerate(target.template.spread):
        if not constraint.required:
            continue
        low, high = constraint.max_skew, max(most, constraint.max_skew + 1)
        if not judge(raised(position, constraint, high)):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if judge(raised(position, constraint, middle)):
                high = middle
            else:
                low = middle
        yield target.change(raised(position, constraint, high), f"skew {position}")


def less(target: Target, resource: str, amount: int) -> Change:
    """The change of a request to less."""
    asked = target.template.requests[resource]

    def mutate(template: PodTemplate) -> PodTemplate:
        return with_request(template, resource, amount)

    def spec(template: PodTemplate) -> dict[str, Any]:
        return lowered(template, resource, amount)

    old, new = wire.quantity(resource, asked), wire.quantity(resource, amount)
    what = f"lower the request of {resource} from {old} to {new}"
    share = -(-(asked - amount) * MILLION // asked)
    return target.change(Relaxation(Kind.LOWER_REQUEST, what, mutate, spec, (share,)), f"request {resource}")


def smaller(scene: Scene, target: Target) -> Iterator[Change]:
    """The largest request that fits, for each resource that the pod asks for."""
    template = target.template
    shared = dict(template.gpu_share.amounts) if template.gpu_share is not None else {}
    for resource, asked in template.requests.items():
        if resource in shared:
            continue  # what is left of single GPUs decides, not what is left of all
        amount = scene.largest_request(resource)
        if least(template, resource) <= amount < asked and template.breakdown.containers:
            yield less(target, resource, amount)


def uncordoned(scene: Scene, inventory: Inventory) -> Iterator[Change]:
    """Cordoned nodes that would have the pod."""
    if not any(node.unschedulable for node in inventory.nodes.values()):
        return
    immune = Toleration(CORDON.key, exists=True)
    for name in scene.feasible(lambda each: replace(each, tolerations=(*each.tolerations, immune))):
        node = inventory.nodes[name]
        if node.unschedulable or any(taint.key == CORDON.key for taint in node.taints):
            yield uncordon(node)


def uncordon(node: Node) -> Change:
    """The change that opens a cordoned node."""
    kept = tuple(taint for taint in node.taints if taint.key != CORDON.key)
    body = {"spec": {"unschedulable": None, "taints": [wire.taint(taint) for taint in kept] or None}}
    opened = replace(node, unschedulable=False, taints=kept)
    return Change(
        kind=Kind.UNCORDON_NODE,
        description=f"uncordon node {node.name}",
        amount=(),
        family="uncordon",
        patches=(Patch(Action.MODIFY, "v1", "Node", "", node.name, body),),
        apply=lambda inventory: replace(inventory, nodes={**inventory.nodes, node.name: opened}),
    )


def evictions(scene: Scene, inventory: Inventory, policy: Policy) -> Iterator[Change]:
    """Pods of lower priority that could leave."""
    for cost, pods in victims(scene, inventory, policy):
        yield eviction(pods, cost)


def eviction(pods: Sequence[Pod], cost: tuple[int, ...]) -> Change:
    """The change in which these pods leave."""
    named = " and ".join(f"{pod.key} (priority {pod.template.priority})" for pod in pods)
    return Change(
        kind=Kind.EVICT,
        description=f"evict {named} from {', '.join(dict.fromkeys(pod.node for pod in pods))}",
        amount=cost,
        family="evict",
        patches=tuple(Patch(Action.DELETE, "v1", "Pod", pod.namespace, pod.name, {}) for pod in pods),
        apply=lambda inventory: inventory,
        leaving=frozenset(pod.key for pod in pods),
    )


def more_nodes(
    templates: Sequence[PodTemplate],
    inventory: Inventory,
    catalogue: Iterable[Node],
    price_of: Callable[[Node], int],
    counts: Sequence[int] = (1,),
) -> Iterator[Change]:
    """Nodes that could be added: every shape that might hold one of the templates, in each of the numbers."""
    found = {
        id(shape): shape
        for shape in shapes((*inventory.nodes.values(), *catalogue), templates[0])
        if any(could_hold(shape, template) for template in templates)
    }
    keys = looked_at(templates[0])
    for shape in found.values():
        price, *size = shape_cost(shape, price_of(shape))
        for count in counts:
            nodes = added(shape, inventory.nodes, count)
            yield Change(
                kind=Kind.ADD_NODE,
                description=f"add {_number(count)} {described(shape, keys)}",
                amount=(price * count, count, *size),
                family="add node",
                patches=tuple(Patch(Action.CREATE, "v1", "Node", "", node.name, wire.node(node)) for node in nodes),
                apply=_adding(nodes),
            )


def _adding(nodes: Sequence[Node]) -> Callable[[Inventory], Inventory]:
    return lambda inventory: replace(inventory, nodes={**inventory.nodes, **{node.name: node for node in nodes}})


def _number(count: int) -> str:
    return "a node" if count == 1 else f"{count} nodes"
