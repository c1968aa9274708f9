"""DynamicResources: devices behind claims (kube-scheduler ``plugins/dynamicresources``).

Devices of ResourceSlices are not read, so no claim can be met: a pod that asks for an extended resource which only a
DeviceClass offers is refused. That is what kube-scheduler says too where no slice has a free device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.predicates.node_resources_fit import requests, served_by_claims
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "DynamicResources"
REFUSAL = Refusal(NAME, ("cannot allocate all claims",), resolvable=False)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if no DeviceClass offers what it asks for."""
    devices = snapshot.inventory.device_resources
    asked = [name for name, _ in requests(pod.template) if name in devices]
    if not asked:
        return None

    def judge(state: NodeState) -> Refusal | None:
        return REFUSAL if any(served_by_claims(name, state.node, devices) for name in asked) else None

    return judge
