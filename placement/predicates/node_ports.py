"""NodePorts: host ports that are taken (kube-scheduler ``plugins/nodeports``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodePorts"
REFUSAL = Refusal(NAME, ("node(s) didn't have free ports for the requested pod ports",), resolvable=True)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it wants no host port."""
    wanted = pod.template.host_ports
    if not wanted:
        return None

    def judge(state: NodeState) -> Refusal | None:
        for port in wanted:
            if any(port.conflicts(used) for used in state.ports):
                return REFUSAL
        return None

    return judge
