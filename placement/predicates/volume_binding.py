"""VolumeBinding: claims and the volumes they have or could have (kube-scheduler ``plugins/volumebinding``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placement.model.labels import Labels
from placement.model.pod import Pod
from placement.model.volume import ClaimVolume, PersistentVolume, PersistentVolumeClaim, StorageClass
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal
from placement.predicates.storage import NO_PROVISIONER, Promise, Storage

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "VolumeBinding"
NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NO_ROOM = "node(s) did not have enough free storage"
VOLUME_MISSING = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
UNBOUND_IMMEDIATE = "pod has unbound immediate PersistentVolumeClaims"


@dataclass(slots=True)
class Claims:
    """The claims of a pod by what is left to do for them (binder.go ``GetPodVolumeClaims``)."""

    bound: list[PersistentVolumeClaim] = field(default_factory=list)
    delayed: list[PersistentVolumeClaim] = field(default_factory=list)
    immediate: list[PersistentVolumeClaim] = field(default_factory=list)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | Refusal | None:
    """The filter of a pod, a refusal of all nodes, or None if it has no claim."""
    storage = snapshot.storage
    problem = illegal(pod, storage)
    if problem:
        return Refusal(NAME, (problem,), resolvable=False)
    claims = sort_claims(pod, storage)
    if claims.immediate:
        return Refusal(NAME, (UNBOUND_IMMEDIATE,), resolvable=False)
    if not claims.bound and not claims.delayed:
        return None

    def judge(state: NodeState) -> Refusal | None:
        reasons = []
        missing = False
        for claim in claims.bound:
            volume = storage.volumes.get(claim.volume)
            if volume is None:
                missing = True
                break
            if not reachable(volume, state):
                reasons.append(NODE_CONFLICT)
                break
        found = find_volumes(claims.delayed, state, storage)
        if isinstance(found, str):
            reasons.append(found)
        if missing:
            reasons.append(VOLUME_MISSING)
        return Refusal(NAME, tuple(reasons), resolvable=False) if reasons else None

    return judge


def illegal(pod: Pod, storage: Storage) -> str:
    """What is wrong with a pod's claims wherever it goes, "" if nothing (``podHasPVCs``)."""
    for reference in pod.template.volumes:
        if not isinstance(reference, ClaimVolume):
            continue
        name = reference.claim
        claim = storage.claim(pod, reference)
        if claim is None:
            if reference.ephemeral:
                return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
            return f'persistentvolumeclaim "{name}" not found'
        if claim.lost:
            return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{claim.volume}"'
        if claim.deleting:
            return f'persistentvolumeclaim "{name}" is being deleted'
        if reference.ephemeral and claim.owner_uid != pod.uid:
            return f"PVC {pod.namespace}/{name} was not created for pod {pod.key} (pod is not owner)"
    return ""


def sort_claims(pod: Pod, storage: Storage) -> Claims:
    """The claims of a pod, sorted; those that do not exist are left out."""
    claims = Claims()
    for reference in pod.template.volumes:
        claim = storage.claim(pod, reference) if isinstance(reference, ClaimVolume) else None
        if claim is None:
            continue
        storage_class = storage.storage_class(claim)
        if claim.volume and claim.bound:
            claims.bound.append(claim)
        elif storage_class is not None and storage_class.wait_for_consumer and not claim.volume:
            claims.delayed.append(claim)
        else:
            # Not bound although nothing waits for a pod, or told its volume but not bound to it yet.
            claims.immediate.append(claim)
    return claims


def promise(pod: Pod, state: NodeState, storage: Storage) -> Promise:
    """What the pod's waiting claims get if it goes to a node; nothing where they find nothing."""
    found = find_volumes(sort_claims(pod, storage).delayed, state, storage)
    return () if isinstance(found, str) else found


def find_volumes(claims: list[PersistentVolumeClaim], state: NodeState, storage: Storage) -> Promise | str:
    """A volume for each waiting claim of one pod, or why one can have none (binder.go ``FindPodVolumes``).

    Claims choose in the order of their size, each the smallest volume that fits; those that find none are provisioned
    where their class allows.
    """
    provisioned: list[PersistentVolumeClaim] = []
    searching: list[PersistentVolumeClaim] = []
    for claim in claims:
        selected = storage.selected_node(claim)
        if selected and selected != state.name:
            return BIND_CONFLICT
        (provisioned if selected else searching).append(claim)
    found: list[tuple[tuple[str, str], str]] = []
    taken: set[str] = set()
    for claim in sorted(searching, key=lambda claim: claim.request):
        volume = matching_volume(claim, state, storage, taken)
        if volume is None:
            provisioned.append(claim)
        else:
            taken.add(volume.name)
            found.append(((claim.namespace, claim.name), volume.name))
    for claim in provisioned:
        storage_class = storage.storage_class(claim)
        if storage_class is None or not can_provision(storage_class, state):
            return BIND_CONFLICT
        if not storage.has_room(claim, storage_class, state.labels):
            return NO_ROOM
        found.append(((claim.namespace, claim.name), ""))
    return tuple(found)


def can_provision(storage_class: StorageClass, state: NodeState) -> bool:
    """Whether a class makes volumes by itself for a node (``checkVolumeProvisions``), were there room."""
    if storage_class.provisioner in ("", NO_PROVISIONER):
        return False
    terms = storage_class.allowed_topologies
    return not terms or any(_topology_holds(term, state.labels) for term in terms)


def _topology_holds(term: tuple[tuple[str, tuple[str, ...]], ...], labels: Labels) -> bool:
    # An empty term matches nothing (v1helper.MatchTopologySelectorTerms).
    return bool(term) and all(labels.get(key) in values for key, values in term)


def reachable(volume: PersistentVolume, state: NodeState) -> bool:
    """Whether a volume's node affinity allows a node (component-helpers ``volume.CheckNodeAffinity``)."""
    return volume.affinity is None or any(term.matches(state.name, state.labels) for term in volume.affinity)


def matching_volume(
    claim: PersistentVolumeClaim, state: NodeState, storage: Storage, taken: set[str]
) -> PersistentVolume | None:
    """The volume a claim would bind on a node: one meant for it, else the smallest free one that fits.

    Component-helpers ``volume.FindMatchingVolume``.
    """
    best: PersistentVolume | None = None
    for volume in storage.of_class(storage.class_of(claim)):
        if volume.name in taken:
            continue
        mine = _meant_for(volume, claim, storage)
        if mine is False:
            continue
        if volume.capacity < claim.request or volume.volume_mode != claim.volume_mode or volume.deleting:
            continue
        if mine:
            return volume if reachable(volume, state) else None
        if volume.phase != "Available" or not _selected(volume, claim):
            continue
        if not claim.access_modes <= volume.access_modes or not reachable(volume, state):
            continue
        if best is None or volume.capacity < best.capacity:
            best = volume
    return best


def _meant_for(volume: PersistentVolume, claim: PersistentVolumeClaim, storage: Storage) -> bool | None:
    """True if the volume refers to the claim, False if to another one, None if it is free."""
    key = (claim.namespace, claim.name)
    promised = storage.promised_to.get(volume.name)
    if promised is not None:
        return promised == key
    if volume.claim is None:
        return None
    return volume.claim == key and volume.claim_uid in ("", claim.uid)


def _selected(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    return claim.selector is None or claim.selector.matches(volume.labels)
