"""NodeName: a pod that names its node (kube-scheduler ``plugins/nodename``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodeName"
REFUSAL = Refusal(NAME, ("node(s) didn't match the requested node name",), resolvable=False)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it names no node."""
    if not pod.node:
        return None

    def judge(state: NodeState) -> Refusal | None:
        return None if state.name == pod.node else REFUSAL

    return judge
