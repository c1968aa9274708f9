"""Objects as an API server sends them, one at a time, to the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from placement.errors import InputError
from placement.manifests import nodes, pods, storage
from placement.manifests.admission import Admission
from placement.manifests.kinds import KINDS
from placement.manifests.templates import Templates
from placement.manifests.wire.metadata import Metadata
from placement.manifests.workloads import Workloads
from placement.model.pod import Pod

# Templates that are kept so that pods to come share them. Beyond that all are forgotten: pods that come then share
# new ones, which costs memory for a while and changes no answer.
_TEMPLATES = 200_000


@dataclass(frozen=True, slots=True)
class Read:
    """One object.

    Attributes
    ----------
    key : (str, str)
        Namespace, "" for kinds without, and name.
    model : object
        Of `placement.model`, or what `Inventory` holds for the kind.
    version : str
        ``metadata.resourceVersion``.
    """

    kind: str
    key: tuple[str, str]
    model: Any
    version: str


class Reader:
    """Decodes objects; pods that are alike share their template.

    Pods of an API server are complete. Others, as a test or a client of the REST interface may send, are completed
    as admission would, without limit ranges.
    """

    def __init__(self) -> None:
        self._templates = Templates()
        self._num_read = 0
        self._decoders = {name: msgspec.json.Decoder(kind.wire) for name, kind in KINDS.items()}
        self._admission = Admission()

    def read(self, kind: str, raw: bytes | bytearray | memoryview | msgspec.Raw) -> Read:
        """One object of a kind.

        Raises
        ------
        InputError
            If it is not JSON or a field is wrong.
        """
        try:
            written = self._decoders[kind].decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(" ".join(str(error).split()), object=kind) from None
        meta = written.metadata or Metadata()
        namespace = (meta.namespace or "default") if KINDS[kind].namespaced else ""
        name = meta.name or ""
        if not name:
            raise InputError("expected a name", object=kind, field="metadata.name")
        try:
            model = self._model(kind, meta, written, namespace)
        except InputError as error:
            whole = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
            raise InputError(error.problem, object=whole, field=error.field) from None
        return Read(kind, (namespace, name), model, meta.resource_version or "")

    def pod(self, raw: bytes | bytearray | memoryview | msgspec.Raw) -> Pod:
        """A pod.

        Raises
        ------
        InputError
            If it is not JSON or a field is wrong.
        """
        model: Pod = self.read("Pod", raw).model
        return model

    def _model(self, kind: str, meta: Metadata, written: Any, namespace: str) -> Any:
        if kind == "Pod":
            self._num_read += 1
            if self._num_read % 4096 == 0 and self._templates.num_kept > _TEMPLATES:
                self._templates = Templates()
            if not meta.resource_version and written.spec is not None:
                self._admission.admit(written.spec, namespace)
            return pods.pod(meta, written, namespace, self._templates)
        if kind in _WORKLOADS:
            maker = Workloads(self._templates, self._admission)
            if kind == "ReplicationController":
                return maker.controller(meta, written, namespace)
            return maker.workload(kind, meta, written, namespace)
        return _MAKERS[kind](meta, written, namespace)


_WORKLOADS = frozenset({"ReplicaSet", "StatefulSet", "ReplicationController", "Deployment", "DaemonSet", "Job"})

_MAKERS: dict[str, Callable[[Metadata, Any, str], Any]] = {
    "Node": lambda meta, written, namespace: nodes.node(meta, written),
    "Namespace": lambda meta, written, namespace: nodes.namespace_labels(meta),
    "PersistentVolume": lambda meta, written, namespace: storage.persistent_volume(meta, written),
    "PersistentVolumeClaim": storage.claim,
    "StorageClass": lambda meta, written, namespace: storage.storage_class(meta, written),
    "CSIDriver": lambda meta, written, namespace: storage.tracks_capacity(written),
    "CSIStorageCapacity": lambda meta, written, namespace: storage.storage_capacity(written),
    "CSINode": lambda meta, written, namespace: storage.csi_node(meta, written),
    "VolumeAttachment": lambda meta, written, namespace: storage.attachment(written),
    "DeviceClass": lambda meta, written, namespace: storage.device_resources(meta, written),
    "PodDisruptionBudget": nodes.budget,
    "PodGroup": nodes.pod_group,
    "PriorityClass": lambda meta, written, namespace: nodes.priority_class(meta, written),
    "Service": nodes.service,
}
