"""Nodes, services, budgets and priority classes from their wire form."""

from __future__ import annotations

from placement.errors import InputError
from placement.gpus import gpus_of
from placement.manifests import amounts
from placement.manifests.selectors import labels_of, selector_of, taint
from placement.manifests.wire import cluster, metadata
from placement.model.disruption import PodDisruptionBudget
from placement.model.gang import PodGroup
from placement.model.node import Node
from placement.model.priority import PriorityClass
from placement.model.workload import Service

_METADATA_NAME = "kubernetes.io/metadata.name"


def node(meta: metadata.Metadata, written: cluster.Node) -> Node:
    """A node; without allocatable amounts its capacity is offered whole (``SetDefaults_NodeStatus``).

    Raises
    ------
    InputError
        If an amount or a taint is wrong.
    """
    spec = written.spec or cluster.NodeSpec()
    status = written.status or cluster.NodeStatus()
    if status.allocatable is None:
        offered = amounts.amounts(status.capacity, "status.capacity")
    else:
        offered = amounts.amounts(status.allocatable, "status.allocatable")
    labels, allocatable = labels_of(meta.labels), amounts.offered(offered)
    ready = next((one.status for one in status.conditions or () if one.type == "Ready"), "True")
    return Node(
        name=meta.name or "",
        labels=labels,
        annotations=labels_of(meta.annotations),
        allocatable=allocatable,
        taints=tuple(taint(one, f"spec.taints[{index}]") for index, one in enumerate(spec.taints or ())),
        unschedulable=bool(spec.unschedulable),
        ready=ready not in ("False", "Unknown"),
        images={name: image.size_bytes or 0 for image in status.images or () for name in image.names or ()},
        gpus=gpus_of(labels, allocatable),
    )


def namespace_labels(meta: metadata.Metadata) -> dict[str, str]:
    """A namespace's labels with its own name among them, as the API server defaults it."""
    return {**labels_of(meta.labels), _METADATA_NAME: meta.name or ""}


def service(meta: metadata.Metadata, written: cluster.Service, namespace: str) -> Service:
    """A service."""
    return Service(meta.name or "", namespace, labels_of(written.spec.selector if written.spec is not None else None))


def priority_class(meta: metadata.Metadata, written: cluster.PriorityClass) -> PriorityClass:
    """A priority class.

    Raises
    ------
    InputError
        If it has no value.
    """
    if written.value is None:
        raise InputError("expected an integer", field="value")
    return PriorityClass(
        name=meta.name or "",
        value=written.value,
        is_default=bool(written.global_default),
        preempts=written.preemption_policy != "Never",
    )


def budget(meta: metadata.Metadata, written: cluster.Budget, namespace: str) -> PodDisruptionBudget:
    """A disruption budget.

    Raises
    ------
    InputError
        If its selector or a bound is wrong.
    """
    spec = written.spec or cluster.BudgetSpec()
    status = written.status or cluster.BudgetStatus()
    if status.observed_generation is not None and status.observed_generation < (meta.generation or 0):
        # The API server does not go by it either (``checkAndDecrement`` in pkg/registry/core/pod/storage/eviction.go).
        status = cluster.BudgetStatus()
    return PodDisruptionBudget(
        name=meta.name or "",
        namespace=namespace,
        selector=selector_of(spec.selector, "spec.selector"),
        min_available=int_or_percent(spec.min_available, "spec.minAvailable"),
        max_unavailable=int_or_percent(spec.max_unavailable, "spec.maxUnavailable"),
        current_healthy=status.current_healthy,
        desired_healthy=status.desired_healthy,
        disruptions_allowed=status.disruptions_allowed,
        always_allow_unhealthy=spec.unhealthy_pod_eviction_policy == "AlwaysAllow",
    )


def pod_group(meta: metadata.Metadata, written: cluster.PodGroup, namespace: str) -> PodGroup:
    """A pod group; one that asks for no number of members lets each pod run alone.

    Raises
    ------
    InputError
        If the number is negative.
    """
    spec = written.spec or cluster.PodGroupSpec()
    gang = spec.scheduling_policy.gang if spec.scheduling_policy is not None else None
    min_member = spec.min_member if gang is None else gang.min_count
    if min_member is not None and min_member < 0:
        raise InputError(f"a gang has 0 members or more, not {min_member}", field="spec.minMember")
    constraints = spec.scheduling_constraints
    keys = [one.key for one in (constraints.topology or ()) if one.key] if constraints is not None else []
    # The API allows one topology constraint a group so far.
    return PodGroup(meta.name or "", namespace, min_member or 0, keys[0] if keys else "", native=gang is not None)


def int_or_percent(written: int | str | None, where: str) -> int | str | None:
    """A number or a percentage as it is written.

    Raises
    ------
    InputError
        If it is neither, or below zero.
    """
    if isinstance(written, str):
        number = written.removesuffix("%")
        if not (number.isascii() and number.isdigit()):
            raise InputError(f"{written!r} is neither a number nor a percentage", field=where)
        return written if written.endswith("%") else int(number)
    if written is not None and written < 0:
        raise InputError(f"{written} is negative, expected zero or more", field=where)
    return written
