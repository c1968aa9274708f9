"""Claims and volumes: what is bound, what is promised to pods that were placed meanwhile, who uses what."""

from __future__ import annotations

from collections.abc import Iterator

from placement.model.inventory import Inventory
from placement.model.labels import Labels
from placement.model.pod import Pod
from placement.model.volume import (
    ClaimVolume,
    DiskVolume,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    default_class,
)
from placement.predicates.node_state import NodeState, recount

NO_PROVISIONER = "kubernetes.io/no-provisioner"

# csi-translation-lib, plugins whose migration is always on (nodevolumelimits/utils.go, isCSIMigrationOn).
MIGRATED_PROVISIONERS = {
    "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
    "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
    "kubernetes.io/azure-disk": "disk.csi.azure.com",
    "kubernetes.io/cinder": "cinder.csi.openstack.org",
    "kubernetes.io/portworx-volume": "pxd.portworx.com",
}
ClaimKey = tuple[str, str]


# Claims of one pod with the volume that each gets; "" is one to be provisioned on the pod's node.
Promise = tuple[tuple[ClaimKey, str], ...]


class Storage:
    """The storage objects of a cluster and what placed pods did to them.

    Placing a pod promises volumes to its unbound claims, as kube-scheduler assumes them before it binds
    (volumebinding ``AssumePodVolumes``), so that no second pod gets the same volume.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.claims = inventory.claims
        self.volumes = inventory.volumes
        self.classes = inventory.storage_classes
        self.csi_nodes = inventory.csi_nodes
        self._capacity_drivers = inventory.capacity_drivers
        self._capacities = inventory.storage_capacities
        self._attachments = inventory.attachments
        self.users: dict[ClaimKey, int] = {}
        self.promised_to: dict[str, ClaimKey] = {}
        self.provisioned_on: dict[ClaimKey, str] = {}
        self._promises: dict[str, Promise] = {}
        self._holders: dict[tuple[ClaimKey, str], int] = {}
        self._by_class: dict[str, list[PersistentVolume]] = {}
        self._default_class = ""
        self._filed = False

    def refile(self) -> None:
        """Note that volumes or classes are not what they were: both are filed anew when they are next asked for."""
        self._filed = False

    def _file(self) -> None:
        self._filed = True
        default = default_class(self.classes.values())
        self._default_class = default.name if default is not None else ""
        self._by_class.clear()
        for volume in self.volumes.values():
            self._by_class.setdefault(volume.storage_class, []).append(volume)

    def claim(self, pod: Pod, volume: ClaimVolume) -> PersistentVolumeClaim | None:
        """The claim a pod's volume names, or None if it does not exist."""
        return self.claims.get((pod.namespace, volume.claim))

    def class_of(self, claim: PersistentVolumeClaim) -> str:
        """The name of a claim's storage class, "" for none; an unset one is the default's, as admission sets it."""
        if claim.storage_class is None:
            if not self._filed:
                self._file()
            return "" if claim.volume else self._default_class
        return claim.storage_class

    def storage_class(self, claim: PersistentVolumeClaim) -> StorageClass | None:
        """A claim's storage class, or None if it has none or it does not exist."""
        return self.classes.get(self.class_of(claim))

    def of_class(self, name: str) -> list[PersistentVolume]:
        """Volumes of a class, in the order they were read."""
        if not self._filed:
            self._file()
        return self._by_class.get(name, [])

    def has_room(self, claim: PersistentVolumeClaim, storage_class: StorageClass, labels: Labels) -> bool:
        """Whether a driver that says what it has left can make a claim's volume on nodes with these labels.

        As kube-scheduler does it (binder.go ``hasEnoughCapacity``): every claim for itself, whatever else is promised.
        """
        if storage_class.provisioner not in self._capacity_drivers or not claim.request:
            return True
        return any(
            each.storage_class == storage_class.name
            and each.largest is not None
            and each.largest >= claim.request
            and each.nodes is not None
            and each.nodes.matches(labels)
            for each in self._capacities
        )

    def selected_node(self, claim: PersistentVolumeClaim) -> str:
        """The node on which the claim's volume will be made, "" while that is open."""
        return claim.selected_node or self.provisioned_on.get((claim.namespace, claim.name), "")

    def attachments(self, pod: Pod, node: NodeState) -> Iterator[tuple[str, str]]:
        """Driver and handle of each CSI volume of a pod (nodevolumelimits ``filterAttachableVolumes``)."""
        migrates = node.name in self.csi_nodes
        for volume in pod.template.volumes:
            if isinstance(volume, ClaimVolume):
                claim = self.claim(pod, volume)
                pair = self._driver_of(claim, migrates) if claim is not None else None
            elif isinstance(volume, DiskVolume):
                pair = inline_driver(volume) if migrates else None
            else:
                pair = None
            if pair is not None:
                yield pair

    def lingering(self, node: str) -> set[tuple[str, str]]:
        """Driver and handle of CSI volumes that an attachment object holds on a node, whoever uses them."""
        found = set()
        for driver, name in self._attachments.get(node, ()):
            volume = self.volumes.get(name)
            if volume is not None and volume.handle:
                found.add((driver, volume.handle))
        return found

    def _driver_of(self, claim: PersistentVolumeClaim, migrates: bool) -> tuple[str, str] | None:
        volume = self.volumes.get(claim.volume) if claim.volume else None
        if volume is not None:
            return (volume.driver, volume.handle) if volume.driver and volume.handle else None
        storage_class = self.storage_class(claim)
        if storage_class is None:
            return None
        driver = storage_class.provisioner
        if driver in MIGRATED_PROVISIONERS:
            if not migrates:
                return None
            driver = MIGRATED_PROVISIONERS[driver]
        # Not bound yet: the claim itself stands for the volume to come. "/" keeps it apart from real handles.
        return driver, f"claim/{claim.namespace}/{claim.name}"

    def place(self, pod: Pod, node: NodeState, promise: Promise) -> None:
        """Note that a pod uses its claims on a node, and that `promise` was made for it."""
        self._use(pod, node, 1)
        if promise:
            self._promises[pod.key] = promise
        for claim, volume in promise:
            recount(self._holders, (claim, volume), 1)
            if volume:
                self.promised_to[volume] = claim
            else:
                self.provisioned_on[claim] = node.name

    def remove(self, pod: Pod, node: NodeState) -> None:
        """Take back what `place` noted; a promise that another pod shares stays."""
        self._use(pod, node, -1)
        for claim, volume in self._promises.pop(pod.key, ()):
            recount(self._holders, (claim, volume), -1)
            if (claim, volume) in self._holders:
                continue
            if volume:
                del self.promised_to[volume]
            else:
                del self.provisioned_on[claim]

    def _use(self, pod: Pod, node: NodeState, amount: int) -> None:
        for volume in pod.template.volumes:
            if isinstance(volume, ClaimVolume):
                recount(self.users, (pod.namespace, volume.claim), amount)
        for driver, handle in self.attachments(pod, node):
            handles = node.attached.setdefault(driver, {})
            recount(handles, handle, amount)


def inline_driver(volume: DiskVolume) -> tuple[str, str] | None:
    """Driver and handle that a disk named in a pod has after migration; None if its kind does not migrate."""
    name = volume.identity[0]
    match volume.kind:
        case "awsElasticBlockStore":
            return "ebs.csi.aws.com", name.rsplit("/", 1)[-1] if name.startswith("aws://") else name
        case "gcePersistentDisk":
            return "pd.csi.storage.gke.io", f"projects/UNSPECIFIED/zones/UNSPECIFIED/disks/{name}"
        case "azureDisk":
            return "disk.csi.azure.com", name
        case "cinder":
            return "cinder.csi.openstack.org", name
        case _:
            return None
