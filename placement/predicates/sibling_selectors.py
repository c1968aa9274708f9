"""Who the siblings of a pod are: what its services and its controller select.

The cluster's own spread constraints mean them (kube-scheduler ``plugins/helper/spread.go``, ``DefaultSelector``).
"""

from __future__ import annotations

from placement.model.inventory import Inventory
from placement.model.labels import Labels, Operator, Requirement, Selector
from placement.model.pod import Owner, Pod

HASH = "pod-template-hash"
_SELECTING_OWNERS = frozenset({"ReplicationController", "ReplicaSet", "StatefulSet", "Deployment"})


class SiblingSelectors:
    """Selectors of services and controllers, looked up by pod.

    A Deployment counts as the ReplicaSet it will make. A ReplicaSet that was not read has the selector that its
    Deployment gave it.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._services: dict[str, list[Labels]] = {}
        for service in inventory.services:
            if service.selector:
                self._services.setdefault(service.namespace, []).append(service.selector)
        self._owners: dict[tuple[str, str, str], Selector] = {
            (owner.kind, owner.namespace, owner.name): owner.selector
            for owner in inventory.workloads
            if owner.selector is not None
        }

    def of(self, pod: Pod) -> Selector | None:
        """The pods that count as a pod's siblings, itself among them; None if nothing selects it."""
        merged: dict[str, str] = {}
        labels = pod.template.labels
        for selector in self._services.get(pod.namespace, ()):
            if all(labels.get(key) == value for key, value in selector.items()):
                merged.update(selector)
        siblings = Selector.of(merged)
        if pod.owner is not None and pod.owner.kind in _SELECTING_OWNERS:
            owned = self._owned(pod, pod.owner)
            if owned is not None:
                siblings = siblings.and_also(*owned.requirements)
        return siblings if siblings.requirements else None

    def _owned(self, pod: Pod, owner: Owner) -> Selector | None:
        found = self._owners.get((owner.kind, pod.namespace, owner.name))
        if found is not None or owner.kind != "ReplicaSet":
            return found
        labels = pod.template.labels
        made = self._owners.get(("Deployment", pod.namespace, owner.name.rpartition("-")[0]))
        if made is None or not made.matches(labels):
            return None
        return made.and_also(Requirement(HASH, Operator.IN, (labels[HASH],))) if HASH in labels else made
