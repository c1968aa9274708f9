"""Gathers decoded objects and makes the inventory of a cluster from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from placement.errors import InputError
from placement.manifests import nodes, storage
from placement.manifests.admission import Admission
from placement.manifests.kinds import Kind
from placement.manifests.pods import pod
from placement.manifests.revisions import Revisions
from placement.manifests.templates import Templates
from placement.manifests.wire.metadata import Metadata
from placement.manifests.workloads import Workloads, ephemeral_claims
from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod
from placement.model.volume import PersistentVolumeClaim
from placement.model.workload import Workload

_Made = TypeVar("_Made")

_OWNED = ("ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob")


@dataclass(slots=True)
class _Read:
    """An object as it was decoded, with where it was found."""

    kind: Kind
    meta: Metadata
    wire: Any
    namespace: str
    source: str


class Assembly:
    """Takes objects in any order; `finish` gives the inventory.

    What admission would add to a pod depends on objects that may come later, so pods an API server has not seen,
    which have no ``metadata.resourceVersion``, wait for `finish`. The others, the bulk of a dump, are converted at
    once.
    """

    def __init__(self) -> None:
        self._templates = Templates()
        self._nodes: dict[str, Node] = {}
        self._pods: dict[str, Pod | _Read] = {}
        self._sources: dict[str, str] = {}
        self._others: dict[str, dict[tuple[str, str], _Read]] = {}
        self._order: dict[tuple[str, str, str], None] = {}
        self._generated: dict[tuple[str, str, str], int] = {}
        self._skipped: dict[str, int] = {}
        self._ephemeral: list[PersistentVolumeClaim] = []

    @property
    def num_objects(self) -> int:
        """Objects taken so far, those of unknown kinds included."""
        others = sum(len(group) for group in self._others.values())
        return len(self._nodes) + len(self._pods) + others + sum(self._skipped.values())

    def skip(self, kind: str) -> None:
        """Count an object of a kind that is not understood."""
        self._skipped[kind] = self._skipped.get(kind, 0) + 1

    def take(self, kind: Kind, wire: Any, source: str) -> None:
        """Take one object.

        Raises
        ------
        InputError
            If a field is wrong, the object has no name, or is a second node or pod of one name.
        """
        meta: Metadata = wire.metadata or Metadata()
        namespace = (meta.namespace or "default") if kind.namespaced else ""
        if not meta.name:
            meta.name = self._generated_name(kind, meta, namespace, source)
        read = _Read(kind, meta, wire, namespace, source)
        if kind.name == "Pod":
            self._take_pod(read)
        elif kind.name == "Node":
            self._take_node(read)
        else:
            self._others.setdefault(kind.name, {})[namespace, meta.name] = read
            self._order[kind.name, namespace, meta.name] = None

    def _generated_name(self, kind: Kind, meta: Metadata, namespace: str, source: str) -> str:
        if not meta.generate_name:
            raise InputError("expected a name", source=source, object=kind.name, field="metadata.name")
        counter = (kind.name, namespace, meta.generate_name)
        number = self._generated.get(counter, 0)
        self._generated[counter] = number + 1
        return f"{meta.generate_name}{number}"

    def _take_node(self, read: _Read) -> None:
        name = read.meta.name or ""
        if name in self._nodes:
            raise InputError("a second node of this name", source=read.source, object=f"Node {name}")
        with _blaming(read):
            self._nodes[name] = nodes.node(read.meta, read.wire)

    def _take_pod(self, read: _Read) -> None:
        key = f"{read.namespace}/{read.meta.name}"
        if key in self._pods:
            raise InputError("a second pod of this name", source=read.source, object=f"Pod {key}")
        self._sources[key] = read.source
        if read.meta.resource_version:
            try:  # a context manager would cost more than the pod
                self._pods[key] = pod(read.meta, read.wire, read.namespace, self._templates)
            except InputError as error:
                raise _blamed(error, read) from None
        else:
            self._pods[key] = read

    def finish(self, sources: tuple[str, ...] = (), *, strict: bool = False) -> Inventory:
        """The inventory of all objects taken.

        Parameters
        ----------
        sources : tuple of str
            The files they came from.
        strict : bool
            Whether it is an error that a bound pod which has not finished names a node that is not there.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        priorities = self._made("PriorityClass", lambda read: nodes.priority_class(read.meta, read.wire))
        priority_classes = {one.name: one for one in priorities}
        admission = self._admission(priority_classes)
        pods = dict(self._finished_pods(admission))
        if strict:
            self._check_nodes_of(pods)
        claims = self._made("PersistentVolumeClaim", lambda read: storage.claim(read.meta, read.wire, read.namespace))
        volumes = self._made("PersistentVolume", lambda read: storage.persistent_volume(read.meta, read.wire))
        classes = self._made("StorageClass", lambda read: storage.storage_class(read.meta, read.wire))
        csi_nodes = self._made("CSINode", lambda read: storage.csi_node(read.meta, read.wire))
        drivers = self._made("CSIDriver", lambda read: (read.meta.name or "", storage.tracks_capacity(read.wire)))
        capacities = self._made("CSIStorageCapacity", lambda read: storage.storage_capacity(read.wire))
        attachments: dict[str, set[tuple[str, str]]] = {}
        for node, driver, volume in self._made("VolumeAttachment", lambda read: storage.attachment(read.wire)):
            attachments.setdefault(node, set()).add((driver, volume))
        devices = self._made("DeviceClass", lambda read: storage.device_resources(read.meta, read.wire))
        workloads = self._workloads(admission, pods)
        return Inventory(
            nodes=self._nodes,
            pods=pods,
            namespaces={
                read.meta.name or "": nodes.namespace_labels(read.meta)
                for read in self._others.get("Namespace", {}).values()
            },
            claims={(one.namespace, one.name): one for one in (*self._ephemeral, *claims)},
            volumes={one.name: one for one in volumes},
            storage_classes={one.name: one for one in classes},
            csi_nodes={one.name: one for one in csi_nodes},
            capacity_drivers=frozenset(name for name, tracks in drivers if tracks),
            storage_capacities=tuple(capacities),
            attachments={node: frozenset(volumes) for node, volumes in attachments.items()},
            device_resources=frozenset(resource for offered in devices for resource in offered),
            budgets=tuple(
                self._made("PodDisruptionBudget", lambda read: nodes.budget(read.meta, read.wire, read.namespace))
            ),
            pod_groups={
                (one.namespace, one.name): one
                for one in self._made("PodGroup", lambda read: nodes.pod_group(read.meta, read.wire, read.namespace))
            },
            priority_classes=priority_classes,
            services=tuple(self._made("Service", lambda read: nodes.service(read.meta, read.wire, read.namespace))),
            workloads=workloads,
            unknown_priorities=frozenset(admission.unknown_priorities),
            skipped=self._skipped,
            sources=sources,
        )

    def _made(self, kind: str, make: Callable[[_Read], _Made]) -> list[_Made]:
        made = []
        for read in self._others.get(kind, {}).values():
            with _blaming(read):
                made.append(make(read))
        return made

    def _admission(self, priority_classes: dict[str, Any]) -> Admission:
        ranges = self._others.get("LimitRange", {}).values()
        for read in ranges:
            with _blaming(read):
                Admission([(read.namespace, read.wire)])
        return Admission(
            [(read.namespace, read.wire) for read in ranges],
            priority_classes,
            {read.meta.name or "": read.wire for read in self._others.get("RuntimeClass", {}).values()},
        )

    def _finished_pods(self, admission: Admission) -> Iterator[tuple[str, Pod]]:
        for key, one in self._pods.items():
            if isinstance(one, Pod):
                yield key, one
                continue
            with _blaming(one):
                if one.wire.spec is not None:
                    admission.admit(one.wire.spec, one.namespace)
                    # One with a uid or a status is somebody's record of what the API server holds, claims and all.
                    if not one.meta.uid and one.wire.status is None:
                        self._ephemeral += _claims_of(one)
                yield key, pod(one.meta, one.wire, one.namespace, self._templates)

    def _check_nodes_of(self, pods: dict[str, Pod]) -> None:
        for key, one in pods.items():
            if one.node and one.node not in self._nodes and not one.finished:
                problem = f"bound to unknown node {one.node!r}"
                raise InputError(problem, source=self._sources[key], object=f"Pod {key}", field="spec.nodeName")

    def _workloads(self, admission: Admission, pods: dict[str, Pod]) -> tuple[Workload, ...]:
        maker = Workloads(self._templates, admission)
        made: dict[tuple[str, str, str], Workload] = {}
        for kind in _OWNED:
            for read in self._others.get(kind, {}).values():
                with _blaming(read):
                    made[kind, read.namespace, read.meta.name or ""] = _workload(maker, read)
        revisions = Revisions([one for one in made.values() if one.kind == "ReplicaSet"], pods.values())
        for read in self._others.get("Deployment", {}).values():
            with _blaming(read):
                one = revisions.deployment(maker, read.meta, read.wire, read.namespace)
                made["Deployment", read.namespace, read.meta.name or ""] = one
        return tuple(made[key] for key in self._order if key in made)


def _claims_of(read: _Read) -> Iterator[PersistentVolumeClaim]:
    """What the ephemeral volume controller makes for a pod that it has not seen."""
    for one in ephemeral_claims(read.wire.spec.volumes or [], "spec"):
        yield one.claim(read.namespace, f"{read.meta.name}-{one.name}")


def _workload(maker: Workloads, read: _Read) -> Workload:
    if read.kind.name == "ReplicationController":
        return maker.controller(read.meta, read.wire, read.namespace)
    if read.kind.name == "CronJob":
        return maker.cron_job(read.meta, read.wire, read.namespace)
    return maker.workload(read.kind.name, read.meta, read.wire, read.namespace)


@contextmanager
def _blaming(read: _Read) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise _blamed(error, read) from None


def _blamed(error: InputError, read: _Read) -> InputError:
    name = f"{read.namespace}/{read.meta.name}" if read.kind.namespaced else read.meta.name
    return type(error)(error.problem, source=read.source, object=f"{read.kind.name} {name}", field=error.field)
