"""Claims, volumes, storage classes, attach limits and device classes from their wire form."""

from __future__ import annotations

from placement.manifests.amounts import amount
from placement.manifests.selectors import labels_of, node_terms, selector_of
from placement.manifests.wire import cluster, metadata, storage
from placement.model import quantity
from placement.model.labels import Labels
from placement.model.topology import ZONE
from placement.model.volume import CsiNode, PersistentVolume, PersistentVolumeClaim, StorageCapacity, StorageClass
from placement.model.workload import ClaimTemplate

_BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
_SELECTED_NODE = "volume.kubernetes.io/selected-node"
_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")

# The CSI drivers that took over the in-tree kinds (staging/src/k8s.io/csi-translation-lib/plugins). Azure files and
# vSphere volumes have drivers too, but the scheduler counts no attachment of them (nodevolumelimits/utils.go).
MIGRATED = {
    "aws_elastic_block_store": "ebs.csi.aws.com",
    "gce_persistent_disk": "pd.csi.storage.gke.io",
    "azure_disk": "disk.csi.azure.com",
    "cinder": "cinder.csi.openstack.org",
    "portworx_volume": "pxd.portworx.com",
}


def claim(meta: metadata.Metadata, written: storage.Claim, namespace: str) -> PersistentVolumeClaim:
    """A claim.

    Raises
    ------
    InputError
        If the requested size is not a quantity.
    """
    spec = written.spec or metadata.ClaimSpec()
    annotations = labels_of(meta.annotations)
    volume = spec.volume_name or ""
    owner = next((one for one in meta.owner_references or () if one.controller is not False), None)
    return PersistentVolumeClaim(
        name=meta.name or "",
        namespace=namespace,
        volume=volume,
        bound=bool(volume) and _BIND_COMPLETED in annotations,
        storage_class=annotations.get(_CLASS, spec.storage_class_name),
        request=_size(spec, "spec"),
        access_modes=frozenset(spec.access_modes or ()),
        volume_mode=spec.volume_mode or "Filesystem",
        selector=selector_of(spec.selector, "spec.selector"),
        selected_node=annotations.get(_SELECTED_NODE, ""),
        deleting=meta.deletion_timestamp is not None,
        lost=written.status is not None and written.status.phase == "Lost",
        uid=meta.uid or "",
        owner_uid=(owner and owner.uid) or "",
        planned=written.status is None and not meta.uid,
    )


def claim_template(written: metadata.ClaimTemplate, name: str, where: str) -> ClaimTemplate:
    """A claim that is made for each pod.

    Raises
    ------
    InputError
        If the requested size is not a quantity or the selector is wrong.
    """
    spec = written.spec or metadata.ClaimSpec()
    meta = written.metadata or metadata.Metadata()
    return ClaimTemplate(
        name=name,
        storage_class=labels_of(meta.annotations).get(_CLASS, spec.storage_class_name),
        request=_size(spec, f"{where}.spec"),
        access_modes=frozenset(spec.access_modes or ()),
        volume_mode=spec.volume_mode or "Filesystem",
        selector=selector_of(spec.selector, f"{where}.spec.selector"),
    )


def _size(spec: metadata.ClaimSpec, where: str) -> int:
    requests = spec.resources.requests if spec.resources is not None else None
    written = (requests or {}).get("storage")
    return quantity.units_up(amount(written, f"{where}.resources.requests", "storage"))


def persistent_volume(meta: metadata.Metadata, written: storage.PersistentVolume) -> PersistentVolume:
    """A volume; in-tree kinds carry the driver they migrated to.

    One without a status is new: the volume controller makes it available as soon as it is there.

    Raises
    ------
    InputError
        If its capacity or node affinity is wrong.
    """
    spec = written.spec or storage.PersistentVolumeSpec()
    driver, handle = _driver(spec, labels_of(meta.labels))
    required = spec.node_affinity.required if spec.node_affinity is not None else None
    reference = spec.claim_ref
    return PersistentVolume(
        name=meta.name or "",
        labels=labels_of(meta.labels),
        affinity=None if required is None else node_terms(required, "spec.nodeAffinity.required"),
        driver=driver,
        handle=handle,
        claim=None if reference is None else (reference.namespace or "", reference.name or ""),
        claim_uid=(reference and reference.uid) or "",
        storage_class=labels_of(meta.annotations).get(_CLASS, spec.storage_class_name or ""),
        capacity=quantity.units_down(amount((spec.capacity or {}).get("storage"), "spec.capacity", "storage")),
        access_modes=frozenset(spec.access_modes or ()),
        volume_mode=spec.volume_mode or "Filesystem",
        phase="Available" if written.status is None else written.status.phase or "",
        deleting=meta.deletion_timestamp is not None,
    )


def _driver(spec: storage.PersistentVolumeSpec, labels: Labels) -> tuple[str, str]:
    if spec.csi is not None:
        return spec.csi.driver or "", spec.csi.volume_handle or ""
    for kind, driver in MIGRATED.items():
        source: storage.NamedSource | None = getattr(spec, kind)
        if source is not None:
            name = source.volume_id or source.pd_name or source.disk_uri or ""
            return driver, _handle(kind, name, labels)
    return "", ""


def _handle(kind: str, name: str, labels: Labels) -> str:
    # TranslateInTreePVToCSI of each plugin: zones and regions are part of a disk's name at GCE.
    if kind == "aws_elastic_block_store" and name.startswith("aws://"):
        return name.rsplit("/", 1)[-1]
    if kind == "gce_persistent_disk" and name:
        zones = (labels.get(ZONE) or labels.get("failure-domain.beta.kubernetes.io/zone") or "UNSPECIFIED").split("__")
        place = f"zones/{zones[0]}" if len(zones) == 1 else f"regions/{zones[0].rsplit('-', 1)[0]}"
        return f"projects/UNSPECIFIED/{place}/disks/{name}"
    return name


def storage_class(meta: metadata.Metadata, written: storage.StorageClass) -> StorageClass:
    """A class of storage."""
    annotations = labels_of(meta.annotations)
    return StorageClass(
        name=meta.name or "",
        provisioner=written.provisioner or "",
        wait_for_consumer=written.volume_binding_mode == "WaitForFirstConsumer",
        allowed_topologies=tuple(
            tuple((one.key or "", tuple(one.values or ())) for one in term.match_label_expressions or ())
            for term in written.allowed_topologies or ()
        ),
        is_default=any(annotations.get(key) == "true" for key in _DEFAULT_CLASS),
        creation=meta.creation_timestamp or "",
    )


def csi_node(meta: metadata.Metadata, written: storage.CsiNode) -> CsiNode:
    """The drivers of a node and how much they attach."""
    drivers = (written.spec and written.spec.drivers) or []
    return CsiNode(
        name=meta.name or "",
        limits={
            one.name or "": one.allocatable.count
            for one in drivers
            if one.allocatable is not None and one.allocatable.count is not None
        },
        drivers=frozenset(one.name or "" for one in drivers),
        topology_keys={one.name or "": tuple(one.topology_keys) for one in drivers if one.topology_keys},
    )


def tracks_capacity(written: storage.CsiDriver) -> bool:
    """Whether a driver wants its free capacity looked at."""
    return written.spec is not None and bool(written.spec.storage_capacity)


def storage_capacity(written: storage.StorageCapacity) -> StorageCapacity:
    """What a driver can still make of a class.

    Raises
    ------
    InputError
        If an amount is not a quantity or the selector is wrong.
    """
    sizes = {"maximumVolumeSize": written.maximum_volume_size, "capacity": written.capacity}
    largest = next(
        (quantity.units_up(amount(size, "", name)) for name, size in sizes.items() if size is not None), None
    )
    nodes = selector_of(written.node_topology, "nodeTopology")
    return StorageCapacity(written.storage_class_name or "", nodes, largest)


def attachment(written: storage.Attachment) -> tuple[str, str, str]:
    """Node, driver and volume of an attachment; an inline volume's has no volume's name, ""."""
    spec = written.spec or storage.AttachmentSpec()
    volume = spec.source.persistent_volume_name if spec.source is not None else None
    return spec.node_name or "", spec.attacher or "", volume or ""


def device_resources(meta: metadata.Metadata, written: cluster.DeviceClass) -> tuple[str, ...]:
    """The extended resources that a device class offers: the one it names, and the one that names it."""
    named = written.spec.extended_resource_name if written.spec is not None else None
    implicit = f"deviceclass.resource.kubernetes.io/{meta.name}"
    return (named, implicit) if named else (implicit,)
