"""NodeAffinity: node selectors and required node affinity (kube-scheduler ``plugins/nodeaffinity``)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from placement.model.labels import Operator
from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodeAffinity"
REFUSAL = Refusal(NAME, ("node(s) didn't match Pod's node affinity/selector",), resolvable=False)
CONFLICT = Refusal(NAME, ("pod affinity terms conflict",), resolvable=False)
# What the scheduler says of the nodes that PreFilter leaves out before any filter sees them (schedule_one.go).
LEFT_OUT = Refusal(NAME, (f"node(s) didn't satisfy plugin(s) [{NAME}]",), resolvable=False)


def admits(template: PodTemplate, node: Node) -> bool:
    """Whether selector and required affinity both hold (component-helpers ``RequiredNodeAffinity.Match``)."""
    labels = node.labels
    for key, value in template.node_selector.items():
        if labels.get(key) != value:
            return False
    required = template.node_affinity.required
    return required is None or any(term.matches(node.name, labels) for term in required)


def signature(template: PodTemplate) -> Hashable:
    """Equal for templates that the same nodes admit."""
    return tuple(sorted(template.node_selector.items())), template.node_affinity.required


def named_nodes(template: PodTemplate) -> frozenset[str] | None:
    """The only nodes in question if every required term names nodes, as DaemonSet pods do; None for all.

    An empty set says that the terms contradict themselves.
    """
    required = template.node_affinity.required
    if not required:
        return None
    names: set[str] = set()
    for term in required:
        of_term: set[str] | None = None
        for field in term.fields:
            if field.key == "metadata.name" and field.operator is Operator.IN:
                of_term = set(field.values) if of_term is None else of_term & set(field.values)
        if of_term is None:
            return None
        names |= of_term
    return frozenset(names)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | Refusal | None:
    """The filter of a pod, a refusal of all nodes, or None if it passes everywhere."""
    template = pod.template
    if not template.node_selector and template.node_affinity.required is None:
        return None
    if named_nodes(template) == frozenset():
        return CONFLICT

    def judge(state: NodeState) -> Refusal | None:
        return None if admits(template, state.node) else REFUSAL

    return judge
