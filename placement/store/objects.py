"""The objects of a cluster as they are now, by kind and name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from placement.model.disruption import PodDisruptionBudget
from placement.model.gang import PodGroup
from placement.model.inventory import Inventory
from placement.model.labels import Labels
from placement.model.node import Node
from placement.model.pod import Pod
from placement.model.priority import PriorityClass
from placement.model.volume import CsiNode, PersistentVolume, PersistentVolumeClaim, StorageCapacity, StorageClass
from placement.model.workload import Service, Workload

Key = tuple[str, str]


@dataclass(slots=True, eq=False)
class Objects:
    """Mutable counterpart of `Inventory`: the same indices, changed object by object.

    Attributes
    ----------
    attachment_objects : dict of Key to (node, driver, volume)
    device_classes : dict of Key to tuple of str
        Extended resources that each offers.
    attachments : dict of node name to frozenset of (driver, volume)
        Made from `attachment_objects`.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)
    namespaces: dict[str, Labels] = field(default_factory=dict)
    claims: dict[Key, PersistentVolumeClaim] = field(default_factory=dict)
    volumes: dict[str, PersistentVolume] = field(default_factory=dict)
    storage_classes: dict[str, StorageClass] = field(default_factory=dict)
    csi_nodes: dict[str, CsiNode] = field(default_factory=dict)
    capacity_drivers: set[str] = field(default_factory=set)
    storage_capacities: dict[Key, StorageCapacity] = field(default_factory=dict)
    pod_groups: dict[Key, PodGroup] = field(default_factory=dict)
    priority_classes: dict[str, PriorityClass] = field(default_factory=dict)
    budgets: dict[Key, PodDisruptionBudget] = field(default_factory=dict)
    services: dict[Key, Service] = field(default_factory=dict)
    workloads: dict[tuple[str, Key], Workload] = field(default_factory=dict)
    attachment_objects: dict[Key, tuple[str, str, str]] = field(default_factory=dict)
    attachments: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    device_classes: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    _attached: dict[str, dict[Key, tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, inventory: Inventory) -> Objects:
        """The objects of an inventory."""
        objects = cls(
            nodes=dict(inventory.nodes),
            pods=dict(inventory.pods),
            namespaces=dict(inventory.namespaces),
            claims=dict(inventory.claims),
            volumes=dict(inventory.volumes),
            storage_classes=dict(inventory.storage_classes),
            csi_nodes=dict(inventory.csi_nodes),
            capacity_drivers=set(inventory.capacity_drivers),
            storage_capacities={("", str(number)): one for number, one in enumerate(inventory.storage_capacities)},
            pod_groups=dict(inventory.pod_groups),
            priority_classes=dict(inventory.priority_classes),
            budgets={(one.namespace, one.name): one for one in inventory.budgets},
            services={(one.namespace, one.name): one for one in inventory.services},
            workloads={(one.kind, (one.namespace, one.name)): one for one in inventory.workloads},
            device_classes={("", "all"): tuple(sorted(inventory.device_resources))}
            if inventory.device_resources
            else {},
        )
        for node, held in inventory.attachments.items():
            for driver, volume in held:
                objects.attach(("", f"{node}/{driver}/{volume}"), (node, driver, volume))
        return objects

    def kept(self, kind: str) -> dict[Any, Any]:
        """Where the objects of a kind that need no more than keeping are."""
        kept: dict[Any, Any] = getattr(self, _PLAIN[kind])
        return kept

    def keys(self, kind: str) -> list[Key]:
        """The objects of a kind."""
        match kind:
            case "Pod":
                return [(pod.namespace, pod.name) for pod in self.pods.values()]
            case "Node" | "Namespace" | "PersistentVolume" | "StorageClass" | "CSINode" | "PriorityClass":
                return [("", name) for name in self._named(kind)]
            case "PersistentVolumeClaim":
                return list(self.claims)
            case "CSIDriver":
                # Others bear on nothing and are not kept.
                return [("", name) for name in self.capacity_drivers]
            case "CSIStorageCapacity":
                return list(self.storage_capacities)
            case "VolumeAttachment":
                return list(self.attachment_objects)
            case "DeviceClass":
                return list(self.device_classes)
            case "ReplicaSet" | "StatefulSet" | "ReplicationController":
                return [key for of, key in self.workloads if of == kind]
            case _:
                return list(self.kept(kind))

    def _named(self, kind: str) -> Iterable[str]:
        named: dict[str, Iterable[str]] = {
            "Node": self.nodes,
            "Namespace": self.namespaces,
            "PersistentVolume": self.volumes,
            "StorageClass": self.storage_classes,
            "CSINode": self.csi_nodes,
            "PriorityClass": self.priority_classes,
        }
        return named[kind]

    def attach(self, key: Key, attachment: tuple[str, str, str] | None) -> None:
        """Take over an attachment, or with None that it is gone. O(attachments of the node)."""
        known = self.attachment_objects.pop(key, None)
        if attachment is not None:
            self.attachment_objects[key] = attachment
        for node in {one[0] for one in (known, attachment) if one is not None}:
            held = dict(self._attached.pop(node, {}))
            held.pop(key, None)
            if attachment is not None and attachment[0] == node:
                held[key] = attachment[1:]
            if held:
                self._attached[node] = held
                self.attachments[node] = frozenset(held.values())
            else:
                self.attachments.pop(node, None)

    @property
    def device_resources(self) -> frozenset[str]:
        """Extended resources that some device class offers."""
        return frozenset(resource for offered in self.device_classes.values() for resource in offered)

    def live_inventory(self) -> Inventory:
        """An inventory that changes with the objects, without what no filter looks at."""
        return Inventory(
            nodes=self.nodes,
            pods=self.pods,
            namespaces=self.namespaces,
            claims=self.claims,
            volumes=self.volumes,
            storage_classes=self.storage_classes,
            csi_nodes=self.csi_nodes,
            capacity_drivers=self.capacity_drivers,
            storage_capacities=self.storage_capacities.values(),
            attachments=self.attachments,
            device_resources=self.device_resources,
            pod_groups=self.pod_groups,
            priority_classes=self.priority_classes,
        )

    def inventory(self) -> Inventory:
        """An inventory of its own, which stays as it is. O(objects), without copying any."""
        return Inventory(
            nodes=dict(self.nodes),
            pods=dict(self.pods),
            namespaces=dict(self.namespaces),
            claims=dict(self.claims),
            volumes=dict(self.volumes),
            storage_classes=dict(self.storage_classes),
            csi_nodes=dict(self.csi_nodes),
            capacity_drivers=frozenset(self.capacity_drivers),
            storage_capacities=tuple(self.storage_capacities.values()),
            attachments=dict(self.attachments),
            device_resources=self.device_resources,
            pod_groups=dict(self.pod_groups),
            budgets=tuple(self.budgets.values()),
            priority_classes=dict(self.priority_classes),
            services=tuple(self.services.values()),
            workloads=tuple(self.workloads.values()),
        )


_PLAIN = {
    "PodGroup": "pod_groups",
    "PodDisruptionBudget": "budgets",
    "Service": "services",
    "PriorityClass": "priority_classes",
}
