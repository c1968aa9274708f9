"""Shapes of nodes that could be added: those the cluster has, and those of a catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from placement.model.labels import Labels
from placement.model.node import CPU, MEMORY, PODS, Node
from placement.model.pod import PodTemplate
from placement.model.topology import HOSTNAME, REGION, ZONE
from placement.predicates.node_affinity import admits
from placement.predicates.taint_toleration import untolerated
from placement.remedies.relaxations import LIFECYCLE
from placement.remedies.wire import quantity

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
TOLD_APART = (INSTANCE_TYPE, "kubernetes.io/arch", "kubernetes.io/os", ZONE, REGION)
"""Labels by which nodes of one size are still unlike, besides those that the pod looks at."""


def shapes(nodes: Iterable[Node], template: PodTemplate) -> list[Node]:
    """One node for each shape there is, without what is its own: its name and the marks of its present state.

    Nodes are of one shape if they offer the same, have the same lasting taints and do not differ in a label of
    `TOLD_APART` or one that the pod looks at. A shape has the labels that all of its nodes share.
    """
    keys = {*TOLD_APART, *looked_at(template)} - {HOSTNAME}
    found: dict[object, Node] = {}
    labels: dict[object, dict[str, str]] = {}
    for node in nodes:
        taints = tuple(taint for taint in node.taints if not taint.key.startswith(LIFECYCLE))
        identity = (
            tuple(sorted(node.allocatable.items())),
            tuple((gpu.model, tuple(sorted(gpu.amounts.items()))) for gpu in node.gpus),
            frozenset(taints),
            tuple(node.labels.get(key) for key in sorted(keys)),
        )
        if identity not in found:
            found[identity] = Node(
                node.labels.get(INSTANCE_TYPE, ""), allocatable=node.allocatable, taints=taints, gpus=node.gpus
            )
            labels[identity] = {key: value for key, value in node.labels.items() if key != HOSTNAME}
        else:
            held = labels[identity]
            labels[identity] = {key: value for key, value in held.items() if node.labels.get(key) == value}
    return [replace(node, labels=labels[identity]) for identity, node in found.items()]


def looked_at(template: PodTemplate) -> set[str]:
    """Node labels that bear on where a pod may go."""
    keys = set(template.node_selector)
    for term in template.node_affinity.required or ():
        keys.update(requirement.key for requirement in term.labels)
    keys.update(term.topology_key for term in (*template.affinity.required, *template.anti_affinity.required))
    keys.update(constraint.topology_key for constraint in template.spread)
    return keys


def could_hold(shape: Node, template: PodTemplate) -> bool:
    """Whether an empty node of the shape might have a pod: a quick no for most shapes that cannot."""
    allocatable = {PODS: 110, **shape.allocatable}
    return (
        all(amount <= allocatable.get(name, 0) for name, amount in {**template.requests, PODS: 1}.items())
        and untolerated(template, shape) is None
        and _has_gpus(shape, template)
        and admits(template, replace(shape, name="", labels={HOSTNAME: "", **shape.labels}))
    )


def _has_gpus(shape: Node, template: PodTemplate) -> bool:
    share = template.gpu_share
    return share is None or sum(share.accepts(gpu) for gpu in shape.gpus) >= share.count


def added(shape: Node, taken: Collection[str], count: int) -> list[Node]:
    """New nodes of a shape, with names nobody has."""
    stem = _name(shape.name)
    names: list[str] = []
    number = 0
    while len(names) < count:
        name = f"{stem}-{number}"
        if name not in taken:
            names.append(name)
        number += 1
    return [replace(shape, name=name, labels={**shape.labels, HOSTNAME: name}) for name in names]


def cost(shape: Node, price: int) -> tuple[int, ...]:
    """Orders shapes: price, then size."""
    return price, shape.allocatable.get(CPU, 0), shape.allocatable.get(MEMORY, 0)


def described(shape: Node, keys: Collection[str]) -> str:
    """A shape in words: its type or size, and the labels that matter."""
    labels: Labels = shape.labels
    told: Mapping[str, str] = {key: labels[key] for key in sorted({ZONE, *keys}) if key in labels}
    size = ", ".join(_sizes(shape))
    named = f"{shape.name} ({size})" if shape.name else f"with {size}"
    where = ", ".join(f"{key}={value}" for key, value in told.items())
    return f"{named}{f' and {where}' if where else ''}"


def _sizes(shape: Node) -> Sequence[str]:
    order = sorted(shape.allocatable, key=lambda name: (name != CPU, name != MEMORY, name))
    return [
        f"{name} {quantity(name, shape.allocatable[name])}" for name in order if name in (CPU, MEMORY) or "/" in name
    ]


def _name(kind: str) -> str:
    """A node's name from an instance type: lower case, digits, dots and hyphens (RFC 1123)."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in kind.lower()).strip("-")
    return f"new-{kept}" if kept else "new-node"
