"""VolumeRestrictions: disks and claims that may be used once (kube-scheduler ``plugins/volumerestrictions``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.model.volume import ClaimVolume, DiskVolume
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "VolumeRestrictions"
DISK = Refusal(NAME, ("node(s) had no available disk",), resolvable=True)
CLAIM = Refusal(
    NAME,
    (
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
        "already in-use by another pod",
    ),
    resolvable=True,
)
READ_WRITE_ONCE_POD = "ReadWriteOncePod"
RESTRICTED = frozenset({"gcePersistentDisk", "awsElasticBlockStore", "rbd", "iscsi"})


def conflict(one: DiskVolume, other: DiskVolume) -> bool:
    """Whether two disks cannot be mounted on one node (``isVolumeConflict``)."""
    if one.kind != other.kind or one.identity != other.identity or one.kind not in RESTRICTED:
        return False
    if one.kind == "rbd" and not one.monitors & other.monitors:
        return False
    # An EBS volume excludes itself even where both only read.
    return one.kind == "awsElasticBlockStore" or not (one.read_only and other.read_only)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | Refusal | None:
    """The filter of a pod, a refusal of all nodes, or None if nothing of the pod is restricted."""
    storage = snapshot.storage
    disks = [v for v in pod.template.volumes if isinstance(v, DiskVolume) and v.kind in RESTRICTED]
    in_use = False
    for volume in pod.template.volumes:
        if not isinstance(volume, ClaimVolume) or volume.ephemeral:
            continue
        claim = storage.claim(pod, volume)
        if claim is None:
            return Refusal(NAME, (f'persistentvolumeclaim "{volume.claim}" not found',), resolvable=False)
        if READ_WRITE_ONCE_POD in claim.access_modes and storage.users.get((claim.namespace, claim.name)):
            in_use = True
    if not disks and not in_use:
        return None

    def judge(state: NodeState) -> Refusal | None:
        if any(conflict(disk, other) for disk in disks for other in state.disks):
            return DISK
        return CLAIM if in_use else None

    return judge
