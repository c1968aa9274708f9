"""Where an API server keeps the kinds that bear on placement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind and the path of its list.

    Attributes
    ----------
    optional : bool
        Whether a cluster may do without it, so that 404 is no fault.
    """

    kind: str
    path: str
    optional: bool = False


# In the order in which they are first read: what pods refer to comes before pods, so that nothing is done twice.
RESOURCES = (
    Resource("Namespace", "/api/v1/namespaces"),
    Resource("DeviceClass", "/apis/resource.k8s.io/v1/deviceclasses", optional=True),
    Resource("PriorityClass", "/apis/scheduling.k8s.io/v1/priorityclasses"),
    Resource("StorageClass", "/apis/storage.k8s.io/v1/storageclasses"),
    Resource("PersistentVolume", "/api/v1/persistentvolumes"),
    Resource("PersistentVolumeClaim", "/api/v1/persistentvolumeclaims"),
    Resource("CSIDriver", "/apis/storage.k8s.io/v1/csidrivers"),
    Resource("CSIStorageCapacity", "/apis/storage.k8s.io/v1/csistoragecapacities"),
    Resource("CSINode", "/apis/storage.k8s.io/v1/csinodes"),
    Resource("VolumeAttachment", "/apis/storage.k8s.io/v1/volumeattachments"),
    Resource("PodDisruptionBudget", "/apis/policy/v1/poddisruptionbudgets"),
    Resource("Service", "/api/v1/services"),
    Resource("ReplicationController", "/api/v1/replicationcontrollers"),
    Resource("ReplicaSet", "/apis/apps/v1/replicasets"),
    Resource("StatefulSet", "/apis/apps/v1/statefulsets"),
    Resource("PodGroup", "/apis/scheduling.x-k8s.io/v1alpha1/podgroups", optional=True),
    Resource("Node", "/api/v1/nodes"),
    Resource("Pod", "/api/v1/pods"),
)
