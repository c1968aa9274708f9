"""Pods from their wire form."""

from __future__ import annotations

from collections.abc import Iterator

from placement.errors import InputError
from placement.manifests.affinity import forget_label_keys
from placement.manifests.selectors import labels_of
from placement.manifests.templates import Templates
from placement.manifests.wire import metadata
from placement.manifests.wire import pod as wire
from placement.model.pod import Owner, Phase, Pod

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MIRROR = "kubernetes.io/config.mirror"


def owner_of(meta: metadata.Metadata) -> Owner | None:
    """The controller of an object; if no owner is marked as such, the first."""
    references = meta.owner_references
    if not references:
        return None
    unmarked = references[0] if all(one.controller is None for one in references) else None
    chosen = next((one for one in references if one.controller), unmarked)
    return None if chosen is None else Owner(chosen.kind or "", chosen.name or "", chosen.uid or "")


def pod(meta: metadata.Metadata, written: wire.Pod, namespace: str, templates: Templates) -> Pod:
    """A pod, admitted already.

    Raises
    ------
    InputError
        If a field is wrong.
    """
    spec = written.spec
    if spec is None:
        raise InputError("expected a pod's spec", field="spec")
    node = spec.node_name or ""
    name = meta.name or ""
    status = written.status or wire.PodStatus()
    conditions = status.conditions or ()
    if meta.uid or meta.resource_version:
        forget_label_keys(spec.affinity)
    annotations = labels_of(meta.annotations)
    annotations.pop(_LAST_APPLIED, None)
    template = templates.template(
        spec,
        namespace,
        labels_of(meta.labels),
        "spec",
        pod=name,
        annotations=annotations,
        resize=_resize(spec, status),
    )
    return Pod(
        name=name,
        template=template,
        uid=meta.uid or "",
        node=node,
        phase=_phase(status.phase) if status.phase or not node else Phase.RUNNING,
        deleting=meta.deletion_timestamp is not None,
        ready=next((one.status == "True" for one in conditions if one.type == "Ready"), bool(node)),
        owner=owner_of(meta) or (Owner("Node", node) if node and _MIRROR in annotations else None),
        nominated_node=status.nominated_node_name or "",
        annotations=annotations,
        creation=meta.creation_timestamp or "",
        pod_group=(spec.scheduling_group.pod_group_name or "") if spec.scheduling_group is not None else "",
    )


_PHASES = {phase.value: phase for phase in Phase} | {"": Phase.PENDING}


def _phase(written: str | None) -> Phase:
    found = _PHASES.get(written or "")
    if found is None:
        raise InputError(f"unknown phase {written!r}, expected {', '.join(Phase)}", field="status.phase")
    return found


def _resize(spec: wire.PodSpec, status: wire.PodStatus) -> wire.Resize | None:
    # Most dumps hold no difference at all, and replicas must stay alike.
    containers = [
        *_resized(spec.containers, status.container_statuses),
        *_resized(spec.init_containers, status.init_container_statuses),
    ]
    wish = (spec.resources and spec.resources.requests) or None
    reported = status.resources if wish and status.resources and status.resources.requests != wish else None
    allocated = status.allocated_resources if wish and status.allocated_resources != wish else None
    if not containers and reported is None and allocated is None:
        return None
    conditions = status.conditions or ()
    infeasible = any(one.type == "PodResizePending" and one.reason == "Infeasible" for one in conditions)
    return wire.Resize(containers, reported, allocated, infeasible)


def _resized(
    containers: list[wire.Container] | None, statuses: list[wire.ContainerStatus] | None
) -> Iterator[wire.ContainerStatus]:
    if not statuses or not containers:
        return
    wished = {container.name: container.resources for container in containers}
    for one in statuses:
        if one.resources is None or one.name not in wished:
            continue
        resources = wished[one.name]
        wish = (resources and resources.requests) or {}
        held = one.resources.requests or {}
        if held != wish or (one.allocated_resources is not None and one.allocated_resources != wish):
            yield one
