"""Claims that are bound before a scheduler asks: those that do not wait for a pod.

Source: ``pkg/controller/volume/persistentvolume`` (``syncUnboundClaim``, ``findBestMatchForClaim``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from placement.model.affinity import NodeSelectorTerm
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Requirement
from placement.model.volume import PersistentVolume, PersistentVolumeClaim, StorageClass
from placement.predicates.storage import MIGRATED_PROVISIONERS, NO_PROVISIONER, Storage


def bound_at_once(inventory: Inventory) -> Inventory:
    """The inventory with the claims bound that no API server has seen yet and that wait for no pod.

    A claim gets the volume it names or that names it, else the smallest that fits, else one that its class makes: from
    where such a one will be reached nobody knows but as far as the class says (``allowedTopologies``). Claims that an
    API server has stored and that are unbound all the same are left as they are: kube-scheduler waits for them, too.
    """
    storage = Storage(inventory)
    claims, volumes = dict(inventory.claims), dict(inventory.volumes)
    taken: set[str] = set()
    for key, claim in inventory.claims.items():
        if not claim.planned or claim.bound or claim.deleting or claim.lost:
            continue
        volume = _volume(claim, storage, taken)
        if volume is not None:
            taken.add(volume.name)
            claims[key] = replace(claim, volume=volume.name, bound=True)
            volumes[volume.name] = replace(volume, claim=key, phase="Bound")
    return replace(inventory, claims=claims, volumes=volumes) if taken else inventory


def _volume(claim: PersistentVolumeClaim, storage: Storage, taken: Collection[str]) -> PersistentVolume | None:
    key = (claim.namespace, claim.name)
    if claim.volume:
        named = storage.volumes.get(claim.volume)
        fits = named is not None and named.claim in (None, key) and not named.claim_uid and _fits(named, claim)
        return named if fits and claim.volume not in taken else None
    storage_class = storage.storage_class(claim)
    if storage_class is not None and storage_class.wait_for_consumer:
        return None
    there = [
        volume
        for volume in storage.of_class(storage.class_of(claim))
        if volume.name not in taken and not volume.claim_uid and _fits(volume, claim)
    ]
    chosen = [volume for volume in there if volume.claim == key] or [
        volume
        for volume in there
        if volume.claim is None
        and volume.phase == "Available"
        and (claim.selector is None or claim.selector.matches(volume.labels))
    ]
    if chosen:
        return min(chosen, key=lambda volume: volume.capacity)
    # Provisioners refuse claims that select a volume by its labels.
    if storage_class is None or storage_class.provisioner in ("", NO_PROVISIONER) or claim.selector is not None:
        return None
    return _made(claim, storage_class)


def _fits(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    return (
        volume.capacity >= claim.request
        and volume.volume_mode == claim.volume_mode
        and claim.access_modes <= volume.access_modes
        and claim.storage_class in (None, volume.storage_class)
        and not volume.deleting
    )


def _made(claim: PersistentVolumeClaim, storage_class: StorageClass) -> PersistentVolume:
    name = f"for-{claim.namespace}-{claim.name}"
    terms = tuple(
        NodeSelectorTerm(tuple(Requirement(key, Operator.IN, values) for key, values in term))
        for term in storage_class.allowed_topologies
    )
    return PersistentVolume(
        name=name,
        affinity=terms or None,
        driver=MIGRATED_PROVISIONERS.get(storage_class.provisioner, storage_class.provisioner),
        handle=name,
        storage_class=storage_class.name,
        capacity=claim.request,
        access_modes=claim.access_modes,
        volume_mode=claim.volume_mode,
        planned=True,
    )
