"""Volumes of pods and the storage objects they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from placement.model.affinity import NodeSelectorTerm
from placement.model.labels import Labels, Selector


@dataclass(frozen=True, slots=True)
class ClaimVolume:
    """A pod's reference to a claim of its namespace (``ephemeral`` volumes get their generated claim's name).

    `ephemeral` marks the generated claim, which must be owned by the pod.
    """

    claim: str
    read_only: bool = False
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class DiskVolume:
    """A disk named in the pod itself, of the old in-tree kinds that may be mounted once.

    Attributes
    ----------
    kind : str
        "gcePersistentDisk", "awsElasticBlockStore", "rbd" or "iscsi".
    identity : tuple of str
        What makes two disks the same: the disk's name; volume id; (pool, image) with `monitors`; the IQN.
    monitors : frozenset of str
        Of rbd: two disks are the same only if they share a monitor.
    """

    kind: str
    identity: tuple[str, ...]
    read_only: bool = False
    monitors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InlineCsiVolume:
    """An ephemeral volume served by a CSI driver without a claim. It takes no attachment."""

    driver: str


Volume = ClaimVolume | DiskVolume | InlineCsiVolume


@dataclass(frozen=True, slots=True, eq=False)
class PersistentVolumeClaim:
    """A claim.

    Attributes
    ----------
    volume : str
        Name of the bound PersistentVolume, "" while unbound.
    bound : bool
        Whether the binding is complete (annotation ``pv.kubernetes.io/bind-completed``).
    storage_class : str or None
        None: not named, the cluster's default class applies; "": none wanted.
    request : int
        Bytes.
    selector : Selector or None
        Which volumes it may bind to, by their labels.
    selected_node : str
        Annotation ``volume.kubernetes.io/selected-node``, "" if absent.
    lost : bool
        Whether its phase is Lost: the volume it was bound to is gone.
    owner_uid : str
        The controller's, which of a generated claim is its pod.
    planned : bool
        True for a claim that no API server has stored: a manifest's, without uid and status, or one still to be made.
    """

    name: str
    namespace: str
    volume: str = ""
    bound: bool = False
    storage_class: str | None = None
    request: int = 0
    access_modes: frozenset[str] = frozenset()
    volume_mode: str = "Filesystem"
    selector: Selector | None = None
    selected_node: str = ""
    deleting: bool = False
    lost: bool = False
    uid: str = ""
    owner_uid: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PersistentVolume:
    """A volume.

    Attributes
    ----------
    affinity : tuple of NodeSelectorTerm, or None
        ``spec.nodeAffinity.required``; None is reachable from everywhere.
    driver, handle : str
        CSI driver and volume handle, "" for other kinds (in-tree kinds carry the driver they migrated to).
    claim : tuple of str or None
        (namespace, name) of ``claimRef``.
    capacity : int
        Bytes.
    planned : bool
        True for a volume that no dump holds: its class makes it as soon as its claim is there.
    """

    name: str
    labels: Labels = field(default_factory=dict)
    affinity: tuple[NodeSelectorTerm, ...] | None = None
    driver: str = ""
    handle: str = ""
    claim: tuple[str, str] | None = None
    claim_uid: str = ""
    storage_class: str = ""
    capacity: int = 0
    access_modes: frozenset[str] = frozenset()
    volume_mode: str = "Filesystem"
    phase: str = ""
    deleting: bool = False
    planned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StorageClass:
    """A class of storage.

    Attributes
    ----------
    allowed_topologies : tuple of tuple of (key, values)
        Terms of which one must hold; empty is everywhere.
    creation : str
        When it was made, as RFC 3339 in UTC; "" if that is not said.
    """

    name: str
    provisioner: str = ""
    wait_for_consumer: bool = False
    allowed_topologies: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ()
    is_default: bool = False
    creation: str = ""


def default_class(classes: Iterable[StorageClass]) -> StorageClass | None:
    """The class of claims that name none, None if no class is for them.

    Of several the newest, of those made in one second the first by name (pkg/volume/util ``GetDefaultClass``).
    """
    by_name = sorted((one for one in classes if one.is_default), key=lambda one: one.name)
    return max(by_name, key=lambda one: one.creation, default=None)


@dataclass(frozen=True, slots=True, eq=False)
class StorageCapacity:
    """What a driver says it can still make of a class, on some nodes (CSIStorageCapacity).

    Attributes
    ----------
    nodes : Selector or None
        By the labels of nodes; None is no node.
    largest : int or None
        Bytes of the largest volume, or if that is not said, of all together; None if neither is.
    """

    storage_class: str
    nodes: Selector | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CsiNode:
    """How many volumes of each driver a node can attach; a driver without a limit is absent from `limits`.

    Attributes
    ----------
    topology_keys : mapping of driver to tuple of str
        The node labels that say which nodes reach the volumes that a driver makes.
    """

    name: str
    limits: Mapping[str, int] = field(default_factory=dict)
    drivers: frozenset[str] = frozenset()
    topology_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
