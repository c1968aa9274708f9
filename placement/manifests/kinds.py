"""The kinds of objects that are understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from placement.manifests.wire import cluster, pod, storage, workload


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind, where it belongs and how it is decoded.

    Attributes
    ----------
    name : str
    groups : tuple of str
        API groups it may come from; "" is the core group.
    wire : type
        The Struct of `placement.manifests.wire` it decodes to.
    namespaced : bool
    """

    name: str
    groups: tuple[str, ...]
    wire: type[Any]
    namespaced: bool = True


# Deployments, DaemonSets and ReplicaSets began in the group "extensions"; manifests of that age are still about.
_APPS = ("apps", "extensions")

_POD_GROUPS = ("scheduling.k8s.io", "scheduling.x-k8s.io", "scheduling.sigs.k8s.io", "scheduling.volcano.sh")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("Node", ("",), cluster.Node, namespaced=False),
        Kind("Pod", ("",), pod.Pod),
        Kind("Namespace", ("",), cluster.Namespace, namespaced=False),
        Kind("PersistentVolume", ("",), storage.PersistentVolume, namespaced=False),
        Kind("PersistentVolumeClaim", ("",), storage.Claim),
        Kind("StorageClass", ("storage.k8s.io",), storage.StorageClass, namespaced=False),
        Kind("CSINode", ("storage.k8s.io",), storage.CsiNode, namespaced=False),
        Kind("CSIDriver", ("storage.k8s.io",), storage.CsiDriver, namespaced=False),
        Kind("CSIStorageCapacity", ("storage.k8s.io",), storage.StorageCapacity),
        Kind("VolumeAttachment", ("storage.k8s.io",), storage.Attachment, namespaced=False),
        Kind("DeviceClass", ("resource.k8s.io",), cluster.DeviceClass, namespaced=False),
        Kind("PodDisruptionBudget", ("policy",), cluster.Budget),
        Kind("PodGroup", _POD_GROUPS, cluster.PodGroup),
        Kind("PriorityClass", ("scheduling.k8s.io",), cluster.PriorityClass, namespaced=False),
        Kind("Service", ("",), cluster.Service),
        Kind("RuntimeClass", ("node.k8s.io",), cluster.RuntimeClass, namespaced=False),
        Kind("LimitRange", ("",), cluster.LimitRange),
        Kind("ReplicationController", ("",), workload.Controller),
        Kind("Deployment", _APPS, workload.Workload),
        Kind("ReplicaSet", _APPS, workload.Workload),
        Kind("StatefulSet", _APPS, workload.Workload),
        Kind("DaemonSet", _APPS, workload.Workload),
        Kind("Job", ("batch",), workload.Workload),
        Kind("CronJob", ("batch",), workload.CronJob),
    )
}


def kind_of(api_version: str, name: str) -> Kind | None:
    """The kind of that name, or None if it is not understood: ``Job`` of Volcano is no ``Job`` of Kubernetes.

    An object without ``apiVersion`` is taken for the one of Kubernetes.
    """
    kind = KINDS.get(name)
    if kind is None or (api_version and group_of(api_version) not in kind.groups):
        return None
    return kind


def group_of(api_version: str) -> str:
    """The API group: ``apps`` of ``apps/v1``, "" of ``v1``."""
    return api_version.rpartition("/")[0]
