"""TaintToleration: taints that forbid (kube-scheduler ``plugins/tainttoleration``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.model.taint import Effect, Taint
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "TaintToleration"
REFUSAL = Refusal(NAME, ("node(s) had untolerated taint(s)",), resolvable=False)


def untolerated(template: PodTemplate, node: Node) -> Taint | None:
    """The first NoSchedule or NoExecute taint of the node that the pod does not tolerate."""
    for taint in node.taints:
        if taint.effect is Effect.PREFER_NO_SCHEDULE:
            continue
        if not any(toleration.tolerates(taint) for toleration in template.tolerations):
            return taint
    return None


def prepare(pod: Pod, snapshot: Snapshot) -> Filter:
    """The filter of a pod."""
    template = pod.template

    def judge(state: NodeState) -> Refusal | None:
        if not state.node.taints or untolerated(template, state.node) is None:
            return None
        return REFUSAL

    return judge
