"""VolumeZone: zone and region labels of bound volumes (kube-scheduler ``plugins/volumezone``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.model.topology import REGION, ZONE
from placement.model.volume import ClaimVolume, PersistentVolume
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "VolumeZone"
REFUSAL = Refusal(NAME, ("node(s) had no available volume zone",), resolvable=False)
# Topology labels, the ones of the beta days included, with what they are called now.
GA_LABEL = {
    "failure-domain.beta.kubernetes.io/zone": ZONE,
    "failure-domain.beta.kubernetes.io/region": REGION,
    ZONE: ZONE,
    REGION: REGION,
}


def topologies(volume: PersistentVolume) -> list[tuple[str, frozenset[str]]]:
    """Labels that a node of the volume must bear, with the values allowed; several are joined by ``__``."""
    found = []
    for key in GA_LABEL:
        if key not in volume.labels:
            continue
        values = [value.strip() for value in volume.labels[key].split("__")]
        if all(values):
            found.append((key, frozenset(values)))
    return found


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | Refusal | None:
    """The filter of a pod, a refusal of all nodes, or None if no volume of it has a zone."""
    storage = snapshot.storage
    wanted: list[tuple[str, frozenset[str]]] = []
    for reference in pod.template.volumes:
        if not isinstance(reference, ClaimVolume):
            continue
        claim = storage.claim(pod, reference)
        if claim is None:
            return _refuse(f'persistentvolumeclaim "{reference.claim}" not found')
        if not claim.volume:
            class_name = storage.class_of(claim)
            if not class_name:
                return _refuse("PersistentVolumeClaim had no pv name and storageClass name")
            storage_class = storage.storage_class(claim)
            if storage_class is None:
                return _refuse(f'storageclass.storage.k8s.io "{class_name}" not found')
            if not storage_class.wait_for_consumer:
                return _refuse("PersistentVolume had no name")
            continue
        volume = storage.volumes.get(claim.volume)
        if volume is None:
            return _refuse(f'persistentvolume "{claim.volume}" not found')
        wanted += topologies(volume)
    if not wanted:
        return None

    def judge(state: NodeState) -> Refusal | None:
        labels = state.labels
        if not any(key in labels for key in GA_LABEL):
            # A cluster of one zone, whose nodes need no labels.
            return None
        for key, values in wanted:
            value = labels.get(key, labels.get(GA_LABEL[key]))
            if value is None or value not in values:
                return REFUSAL
        return None

    return judge


def _refuse(reason: str) -> Refusal:
    return Refusal(NAME, (reason,), resolvable=False)
