"""Everything that was read of a cluster, in one immutable place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field

from placement.model.disruption import PodDisruptionBudget
from placement.model.gang import PodGroup
from placement.model.labels import Labels
from placement.model.node import Node
from placement.model.pod import Pod
from placement.model.priority import PriorityClass
from placement.model.volume import CsiNode, PersistentVolume, PersistentVolumeClaim, StorageCapacity, StorageClass
from placement.model.workload import Service, Workload


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """The objects of a cluster, indexed by name in the order they were read.

    Attributes
    ----------
    nodes : mapping of name to Node
    pods : mapping of ``namespace/name`` to Pod
        Finished pods included; desired pods too once `placement.desired` has added them.
    namespaces : mapping of name to labels
    claims : mapping of (namespace, name) to PersistentVolumeClaim
    pod_groups : mapping of (namespace, name) to PodGroup
    capacity_drivers : set of str
        CSI drivers whose free capacity is to be looked at (``CSIDriver.spec.storageCapacity``).
    storage_capacities : collection of StorageCapacity
    attachments : mapping of node name to frozenset of (attacher, volume)
        Driver and PersistentVolume of each VolumeAttachment.
    device_resources : frozenset of str
        Extended resources that a DeviceClass offers (``spec.extendedResourceName``).
    workloads : tuple of Workload
    unknown_priorities : frozenset of str
        Names of priority classes that pods or templates ask for and that are not there; such pods have priority 0.
    skipped : mapping of kind to int
        Objects of kinds that are not understood, counted.
    sources : tuple of str
        Files that were read.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    pods: Mapping[str, Pod] = field(default_factory=dict)
    namespaces: Mapping[str, Labels] = field(default_factory=dict)
    claims: Mapping[tuple[str, str], PersistentVolumeClaim] = field(default_factory=dict)
    volumes: Mapping[str, PersistentVolume] = field(default_factory=dict)
    storage_classes: Mapping[str, StorageClass] = field(default_factory=dict)
    csi_nodes: Mapping[str, CsiNode] = field(default_factory=dict)
    capacity_drivers: Set[str] = frozenset()
    storage_capacities: Collection[StorageCapacity] = ()
    attachments: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    device_resources: frozenset[str] = frozenset()
    pod_groups: Mapping[tuple[str, str], PodGroup] = field(default_factory=dict)
    budgets: tuple[PodDisruptionBudget, ...] = ()
    priority_classes: Mapping[str, PriorityClass] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    workloads: tuple[Workload, ...] = ()
    unknown_priorities: frozenset[str] = frozenset()
    skipped: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
