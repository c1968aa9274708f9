"""Claims of ephemeral volumes once their pods are made anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from placement.desired import bound_at_once
from placement.model.inventory import Inventory
from placement.model.volume import ClaimVolume
from placement.predicates.storage import Storage


def renewed(inventory: Inventory, pods: Iterable[str]) -> Inventory:
    """The inventory with new claims for the ephemeral volumes of pods that leave their nodes.

    The claim of such a volume goes with its pod, and its volume with it; what comes in the pod's place gets a claim of
    its own, and a volume where it then is. Where the class is not known nobody can say so, and the volume is kept.

    Parameters
    ----------
    pods : iterable of str
        ``namespace/name`` of each; those that are not there are left aside.
    """
    storage = Storage(inventory)
    claims, gone = dict(inventory.claims), set[str]()
    for key in pods:
        pod = inventory.pods.get(key)
        for volume in pod.template.volumes if pod is not None else ():
            if not isinstance(volume, ClaimVolume) or not volume.ephemeral:
                continue
            claim = inventory.claims.get((pod.namespace, volume.claim)) if pod is not None else None
            if claim is None or not claim.volume or storage.storage_class(claim) is None:
                continue
            claims[claim.namespace, claim.name] = replace(
                claim, volume="", bound=False, selected_node="", uid="", planned=True
            )
            gone.add(claim.volume)
    if not gone:
        return inventory
    volumes = {name: volume for name, volume in inventory.volumes.items() if name not in gone}
    return bound_at_once(replace(inventory, claims=claims, volumes=volumes))
