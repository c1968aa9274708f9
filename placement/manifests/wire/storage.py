"""Claims, volumes and storage classes."""

from __future__ import annotations

from msgspec import field

from placement.manifests.wire.metadata import Amounts, ClaimSpec, Int32, LabelSelector, Metadata, NodeSelector, Wire


class PhaseStatus(Wire):
    """``PersistentVolume.status`` and ``PersistentVolumeClaim.status``."""

    phase: str | None = None


class Claim(Wire):
    """``v1 PersistentVolumeClaim``."""

    metadata: Metadata | None = None
    spec: ClaimSpec | None = None
    status: PhaseStatus | None = None


class CsiSource(Wire):
    """``PersistentVolume.spec.csi``."""

    driver: str | None = None
    volume_handle: str | None = None


class NamedSource(Wire):
    """An in-tree source of a PersistentVolume that its CSI driver has taken over, by whatever names its disk."""

    volume_id: str | None = field(default=None, name="volumeID")
    pd_name: str | None = None
    disk_name: str | None = None
    disk_uri: str | None = field(default=None, name="diskURI")
    share_name: str | None = None
    volume_path: str | None = None


class ObjectReference(Wire):
    """``PersistentVolume.spec.claimRef``."""

    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class VolumeAffinity(Wire):
    """``PersistentVolume.spec.nodeAffinity``."""

    required: NodeSelector | None = None


class PersistentVolumeSpec(Wire):
    """``PersistentVolume.spec``."""

    capacity: Amounts | None = None
    access_modes: list[str] | None = None
    volume_mode: str | None = None
    storage_class_name: str | None = None
    claim_ref: ObjectReference | None = None
    node_affinity: VolumeAffinity | None = None
    csi: CsiSource | None = None
    aws_elastic_block_store: NamedSource | None = None
    gce_persistent_disk: NamedSource | None = None
    azure_disk: NamedSource | None = None
    azure_file: NamedSource | None = None
    cinder: NamedSource | None = None
    vsphere_volume: NamedSource | None = None
    portworx_volume: NamedSource | None = None


class PersistentVolume(Wire):
    """``v1 PersistentVolume``."""

    metadata: Metadata | None = None
    spec: PersistentVolumeSpec | None = None
    status: PhaseStatus | None = None


class TopologyRequirement(Wire):
    """``allowedTopologies[].matchLabelExpressions[]``."""

    key: str | None = None
    values: list[str] | None = None


class TopologyTerm(Wire):
    """``allowedTopologies[]``."""

    match_label_expressions: list[TopologyRequirement] | None = None


class StorageClass(Wire):
    """``storage.k8s.io StorageClass``."""

    metadata: Metadata | None = None
    provisioner: str | None = None
    volume_binding_mode: str | None = None
    allowed_topologies: list[TopologyTerm] | None = None


class DriverLimit(Wire):
    """``CSINode.spec.drivers[].allocatable``."""

    count: Int32 | None = None


class Driver(Wire):
    """``CSINode.spec.drivers[]``."""

    name: str | None = None
    allocatable: DriverLimit | None = None
    topology_keys: list[str] | None = None


class CsiNodeSpec(Wire):
    """``CSINode.spec``."""

    drivers: list[Driver] | None = None


class CsiNode(Wire):
    """``storage.k8s.io CSINode``."""

    metadata: Metadata | None = None
    spec: CsiNodeSpec | None = None


class CsiDriverSpec(Wire):
    """``CSIDriver.spec``."""

    storage_capacity: bool | None = None


class CsiDriver(Wire):
    """``storage.k8s.io CSIDriver``."""

    metadata: Metadata | None = None
    spec: CsiDriverSpec | None = None


class StorageCapacity(Wire):
    """``storage.k8s.io CSIStorageCapacity``."""

    metadata: Metadata | None = None
    node_topology: LabelSelector | None = None
    storage_class_name: str | None = None
    capacity: str | int | float | None = None
    maximum_volume_size: str | int | float | None = None


class AttachmentSource(Wire):
    """``VolumeAttachment.spec.source``."""

    persistent_volume_name: str | None = None


class AttachmentSpec(Wire):
    """``VolumeAttachment.spec``."""

    attacher: str | None = None
    node_name: str | None = None
    source: AttachmentSource | None = None


class Attachment(Wire):
    """``storage.k8s.io VolumeAttachment``."""

    metadata: Metadata | None = None
    spec: AttachmentSpec | None = None
