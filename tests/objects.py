"""Kubernetes objects as plain dicts, written down with only what a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Object = dict[str, Any]


def node(
    name: str,
    *,
    cpu: str = "4",
    memory: str = "8Gi",
    pods: str = "110",
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Mapping[str, str]] = (),
    unschedulable: bool = False,
    **more: str,
) -> Object:
    """A node; `more` are further resources."""
    allocatable = {"cpu": cpu, "memory": memory, "pods": pods, **more}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {"taints": list(taints), "unschedulable": unschedulable},
        "status": {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def pod(
    name: str,
    *,
    cpu: str = "100m",
    memory: str = "64Mi",
    namespace: str = "default",
    on: str = "",
    labels: Mapping[str, str] | None = None,
    owner: str = "",
    **spec: Any,
) -> Object:
    """A pod, running if it is `on` a node; `owner` is ``Kind/name``; `spec` are further fields of its spec."""
    metadata: Object = {"name": name, "namespace": namespace, "labels": dict(labels or {}), "uid": f"uid-{name}"}
    if owner:
        kind, owner_name = owner.split("/")
        metadata["ownerReferences"] = [
            {"apiVersion": "apps/v1", "kind": kind, "name": owner_name, "uid": f"uid-{owner_name}", "controller": True}
        ]
    container = {"name": "main", "image": "app", "resources": {"requests": {"cpu": cpu, "memory": memory}}}
    body: Object = {"containers": [container], **spec}
    if on:
        body["nodeName"] = on
    status = {"phase": "Running" if on else "Pending"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": body, "status": status}


def anti_affinity(labels: Mapping[str, str], key: str = "kubernetes.io/hostname") -> Object:
    """The `affinity` of a pod that keeps away from pods of these labels."""
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": key}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def affinity(labels: Mapping[str, str], key: str = "topology.kubernetes.io/zone") -> Object:
    """The `affinity` of a pod that goes where pods of these labels are."""
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": key}
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def spread(labels: Mapping[str, str], key: str = "topology.kubernetes.io/zone", max_skew: int = 1) -> Object:
    """A hard topology spread constraint over pods of these labels."""
    return {
        "maxSkew": max_skew,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(labels)},
    }
