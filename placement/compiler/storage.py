"""Volumes for the compiler: the nodes that claims can reach, and the attachments they take.

Both are relaxations of VolumeBinding, VolumeZone and NodeVolumeLimits: what depends on which *other* pods are on a
node (a claim two pods share is attached once, a local volume is taken once) is left to the predicates on objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.nodes import Mask, NodeTable
from placement.model.affinity import NodeSelectorTerm
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Requirement
from placement.model.pod import Pod, PodTemplate
from placement.model.topology import REGION, ZONE
from placement.model.volume import ClaimVolume, PersistentVolume, PersistentVolumeClaim, StorageClass, default_class

BETA = {
    ZONE: "failure-domain.beta.kubernetes.io/zone",
    REGION: "failure-domain.beta.kubernetes.io/region",
}
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def reachable(template: PodTemplate, table: NodeTable, inventory: Inventory) -> Iterator[Mask]:
    """For each claim of a template, the nodes on which it can be had."""
    for volume in template.volumes:
        if isinstance(volume, ClaimVolume):
            claim = inventory.claims.get((template.namespace, volume.claim))
            if claim is None or claim.deleting:
                yield ~table.everywhere()
            elif claim.volume:
                bound_to = inventory.volumes.get(claim.volume)
                # A bound volume that the dump does not hold cannot be judged; the predicate refuses it.
                yield table.everywhere() if bound_to is None else _volume_mask(bound_to, table)
            else:
                yield _unbound_mask(claim, table, inventory)


def _volume_mask(volume: PersistentVolume, table: NodeTable) -> Mask:
    mask = table.everywhere() if volume.affinity is None else table.matching(volume.affinity)
    for stable, beta in BETA.items():
        for key in (stable, beta):
            wanted = volume.labels.get(key)
            if wanted is None:
                continue
            # Zones of a regional volume are joined by two underscores.
            zones = Requirement(key, Operator.IN, tuple(wanted.split("__")))
            lacking = Requirement(key, Operator.DOES_NOT_EXIST)
            mask &= table.where(zones) | table.where(lacking)
    return mask


def storage_class_of(claim: PersistentVolumeClaim, inventory: Inventory) -> StorageClass | None:
    """The class of a claim: the named one, or the cluster's default where it names none."""
    if claim.storage_class is not None:
        return inventory.storage_classes.get(claim.storage_class)
    return default_class(inventory.storage_classes.values())


def _unbound_mask(claim: PersistentVolumeClaim, table: NodeTable, inventory: Inventory) -> Mask:
    found = storage_class_of(claim, inventory)
    if found is None or not found.wait_for_consumer:
        return ~table.everywhere()
    mask = ~table.everywhere()
    if found.provisioner != NO_PROVISIONER:
        terms = tuple(
            NodeSelectorTerm(tuple(Requirement(key, Operator.IN, values) for key, values in term))
            for term in found.allowed_topologies
        )
        mask = table.matching(terms) if terms else table.everywhere()
        mask &= _roomy_mask(claim, found, table, inventory)
    mine = (None, (claim.namespace, claim.name))
    for volume in inventory.volumes.values():
        if volume.claim in mine and volume.storage_class == found.name and volume.capacity >= claim.request:
            mask |= _volume_mask(volume, table)
    return mask


def _roomy_mask(claim: PersistentVolumeClaim, found: StorageClass, table: NodeTable, inventory: Inventory) -> Mask:
    """Nodes where a driver that says what it has left can make the volume."""
    if found.provisioner not in inventory.capacity_drivers or not claim.request:
        return table.everywhere()
    mask = ~table.everywhere()
    for each in inventory.storage_capacities:
        enough = each.largest is not None and each.largest >= claim.request
        if enough and each.storage_class == found.name and each.nodes is not None:
            mask |= table.selected(each.nodes)
    return mask


def _driver(claim: PersistentVolumeClaim, inventory: Inventory) -> tuple[str, str]:
    """CSI driver of a claim and the handle that tells its volume from others."""
    if claim.volume:
        volume = inventory.volumes.get(claim.volume)
        return (volume.driver, volume.handle) if volume is not None else ("", "")
    found = storage_class_of(claim, inventory)
    driver = found.provisioner if found is not None else ""
    return driver, f"{claim.namespace}/{claim.name}"


def _attached(template: PodTemplate, inventory: Inventory) -> set[tuple[str, str]]:
    attached = set()
    for volume in template.volumes:
        if isinstance(volume, ClaimVolume):
            claim = inventory.claims.get((template.namespace, volume.claim))
            if claim is not None:
                attached.add(_driver(claim, inventory))
    return attached


class Attachments:
    """Attach limits as further resources, one a driver that some node limits.

    Attributes
    ----------
    drivers : tuple of str
        Those that a waiting pod needs and a node limits.
    """

    def __init__(
        self,
        templates: Sequence[PodTemplate],
        staying: Iterable[tuple[Pod, int]],
        waiting: Iterable[Pod],
        inventory: Inventory,
    ) -> None:
        limited = {driver for node in inventory.csi_nodes.values() for driver in node.limits}
        self._wanted = {id(template): _attached(template, inventory) for template in templates if template.volumes}
        needed = {driver for wanted in self._wanted.values() for driver, _ in wanted}
        self.drivers: tuple[str, ...] = tuple(sorted(limited & needed))
        self._there: dict[int, set[tuple[str, str]]] = {}
        self._shared: set[tuple[str, str]] = set()
        if not self.drivers:
            return
        users: Counter[tuple[str, str]] = Counter()
        for pod, node in staying:
            if pod.template.volumes:
                attached = _attached(pod.template, inventory)
                users.update(attached)
                self._there.setdefault(node, set()).update(attached)
        for pod in waiting:
            users.update(self._wanted.get(id(pod.template), ()))
        self._shared = {volume for volume, count in users.items() if count > 1}

    def demand(self, template: PodTemplate) -> list[int]:
        """Attachments one pod surely adds on any node, by driver; a shared volume may be there already."""
        wanted = self._wanted.get(id(template), set()) - self._shared
        return [sum(1 for driver, _ in wanted if driver == each) for each in self.drivers]

    def capacity(self, table: NodeTable, limits: Mapping[str, Mapping[str, int]]) -> NDArray[np.int64]:
        """Free attachments, (B, drivers) int64; nodes without a limit have a great many."""
        free = np.full((len(table), len(self.drivers)), np.iinfo(np.int32).max, dtype=np.int64)
        for column, driver in enumerate(self.drivers):
            for position, name in enumerate(table.names):
                limit = limits.get(name, {}).get(driver)
                if limit is not None:
                    there = sum(1 for attached, _ in self._there.get(position, ()) if attached == driver)
                    free[position, column] = limit - there
        return free
