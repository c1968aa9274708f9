"""Claims once the pods that use them run: bound, as far as it is known to what."""

from __future__ import annotations

from dataclasses import replace

from placement.model.affinity import NodeSelectorTerm
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Requirement
from placement.model.volume import CsiNode, PersistentVolume, PersistentVolumeClaim, StorageClass
from placement.predicates.snapshot import Snapshot
from placement.predicates.storage import MIGRATED_PROVISIONERS, ClaimKey


def bound_claims(inventory: Inventory) -> tuple[Inventory, tuple[str, ...]]:
    """The inventory with the claims bound of all pods that have a node, and those claims of which nobody says where.

    Claims get the volumes that kube-scheduler would promise them. Where one has to be made, it is reached from the
    nodes that agree with the pod's in all labels its driver goes by (``CSINode.spec.drivers[].topologyKeys``). Where no
    CSINode names any, the claim stays unbound and is free to go anywhere.
    """
    storage = Snapshot(inventory).storage
    claims, volumes = dict(inventory.claims), dict(inventory.volumes)
    free = ["/".join(key) for key in storage.users if is_anywhere(inventory, key)]
    for name, key in storage.promised_to.items():
        claims[key] = replace(claims[key], volume=name, bound=True)
        volumes[name] = replace(volumes[name], claim=key, claim_uid=claims[key].uid, phase="Bound")
    for key, node in storage.provisioned_on.items():
        storage_class = storage.storage_class(claims[key])
        made = storage_class and _made(claims[key], storage_class, node, inventory)
        if not made:
            free.append("/".join(key))
            continue
        claims[key] = replace(claims[key], volume=made.name, bound=True)
        volumes[made.name] = made
    return replace(inventory, claims=claims, volumes=volumes), tuple(free)


def is_anywhere(inventory: Inventory, key: ClaimKey) -> bool:
    """Whether a claim's volume is yet to be made and nobody says from where it will be reached."""
    claim = inventory.claims.get(key)
    volume = inventory.volumes.get(claim.volume) if claim is not None else None
    return volume is not None and volume.planned and volume.affinity is None


def _made(
    claim: PersistentVolumeClaim, storage_class: StorageClass, node: str, inventory: Inventory
) -> PersistentVolume | None:
    """The volume that is made for a claim, None if nobody says from where it will be reached."""
    driver = MIGRATED_PROVISIONERS.get(storage_class.provisioner, storage_class.provisioner)
    labels = inventory.nodes[node].labels
    keys = inventory.csi_nodes.get(node, CsiNode(node)).topology_keys.get(driver, ())
    if not keys or any(key not in labels for key in keys):
        return None
    key: ClaimKey = (claim.namespace, claim.name)
    name = f"for-{claim.namespace}-{claim.name}"
    return PersistentVolume(
        name=name,
        affinity=(NodeSelectorTerm(tuple(Requirement(each, Operator.IN, (labels[each],)) for each in keys)),),
        driver=driver,
        handle=name,
        claim=key,
        claim_uid=claim.uid,
        storage_class=storage_class.name,
        capacity=claim.request,
        access_modes=claim.access_modes,
        volume_mode=claim.volume_mode,
        phase="Bound",
    )
