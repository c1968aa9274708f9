"""NodeUnschedulable: cordoned nodes (kube-scheduler ``plugins/nodeunschedulable``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.model.taint import Effect, Taint
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodeUnschedulable"
REFUSAL = Refusal(NAME, ("node(s) were unschedulable",), resolvable=False)
CORDON = Taint("node.kubernetes.io/unschedulable", effect=Effect.NO_SCHEDULE)


def tolerates_cordon(template: PodTemplate) -> bool:
    """Whether a toleration of the cordon's taint lets the pod on cordoned nodes, as DaemonSet pods have it."""
    return any(toleration.tolerates(CORDON) for toleration in template.tolerations)


def admits(template: PodTemplate, node: Node) -> bool:
    """Whether the node is not cordoned, or the pod does not mind."""
    return not node.unschedulable or tolerates_cordon(template)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it passes everywhere."""
    if tolerates_cordon(pod.template):
        return None

    def judge(state: NodeState) -> Refusal | None:
        return REFUSAL if state.node.unschedulable else None

    return judge
