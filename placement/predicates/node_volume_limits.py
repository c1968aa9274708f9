"""NodeVolumeLimits: how many volumes a node can attach (kube-scheduler ``plugins/nodevolumelimits/csi.go``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.model.volume import ClaimVolume, DiskVolume
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal
from placement.predicates.storage import inline_driver

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodeVolumeLimits"
REFUSAL = Refusal(NAME, ("node(s) exceed max volume count",), resolvable=True)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it has no volume that could be attached."""
    storage = snapshot.storage
    volumes = pod.template.volumes
    if not any(
        isinstance(v, ClaimVolume) or (isinstance(v, DiskVolume) and inline_driver(v) is not None) for v in volumes
    ):
        return None

    for volume in volumes:
        if isinstance(volume, ClaimVolume) and storage.claim(pod, volume) is None:
            where = f"looking up PVC {pod.namespace}/{volume.claim}"
            missing = Refusal(NAME, (f'{where}: persistentvolumeclaim "{volume.claim}" not found',), resolvable=False)
            return lambda state: missing

    def judge(state: NodeState) -> Refusal | None:
        csi_node = storage.csi_nodes.get(state.name)
        if csi_node is None or not csi_node.limits:
            return None
        # A volume that a pod of the node uses already is attached once.
        new: dict[str, set[str]] = {}
        for driver, handle in storage.attachments(pod, state):
            if handle not in state.attached.get(driver, ()):
                new.setdefault(driver, set()).add(handle)
        if not new:
            return None
        held = {driver: len(handles) for driver, handles in state.attached.items()}
        for driver, handle in storage.lingering(state.name):
            if handle not in state.attached.get(driver, ()):
                held[driver] = held.get(driver, 0) + 1
        for driver, handles in new.items():
            limit = csi_node.limits.get(driver)
            if limit is not None and held.get(driver, 0) + len(handles) > limit:
                return REFUSAL
        return None

    return judge
