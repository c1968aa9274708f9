"""Nodes and the rules of a cluster."""

from __future__ import annotations

from placement.manifests.wire.metadata import (
    Amounts,
    Condition,
    Int32,
    Int64,
    LabelSelector,
    Metadata,
    Toleration,
    Wire,
)


class Taint(Wire):
    """``spec.taints[]``."""

    key: str | None = None
    value: str | None = None
    effect: str | None = None


class NodeSpec(Wire):
    """``Node.spec``."""

    taints: list[Taint] | None = None
    unschedulable: bool | None = None


class Image(Wire):
    """``status.images[]``."""

    names: list[str] | None = None
    size_bytes: Int64 | None = None


class NodeStatus(Wire):
    """``Node.status``."""

    capacity: Amounts | None = None
    allocatable: Amounts | None = None
    conditions: list[Condition] | None = None
    images: list[Image] | None = None


class Node(Wire):
    """``v1 Node``."""

    metadata: Metadata | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class Namespace(Wire):
    """``v1 Namespace``."""

    metadata: Metadata | None = None


class BudgetSpec(Wire):
    """``PodDisruptionBudget.spec``."""

    selector: LabelSelector | None = None
    min_available: Int32 | str | None = None
    max_unavailable: Int32 | str | None = None
    unhealthy_pod_eviction_policy: str | None = None


class BudgetStatus(Wire):
    """``PodDisruptionBudget.status``."""

    observed_generation: Int64 | None = None
    current_healthy: Int32 | None = None
    desired_healthy: Int32 | None = None
    disruptions_allowed: Int32 | None = None


class Budget(Wire):
    """``policy PodDisruptionBudget``."""

    metadata: Metadata | None = None
    spec: BudgetSpec | None = None
    status: BudgetStatus | None = None


class GangPolicy(Wire):
    """``spec.schedulingPolicy.gang``."""

    min_count: Int32 | None = None


class SchedulingPolicy(Wire):
    """``PodGroup.spec.schedulingPolicy``."""

    gang: GangPolicy | None = None


class TopologyConstraint(Wire):
    """``spec.schedulingConstraints.topology[]``."""

    key: str | None = None


class SchedulingConstraints(Wire):
    """``PodGroup.spec.schedulingConstraints``."""

    topology: list[TopologyConstraint] | None = None


class PodGroupSpec(Wire):
    """``PodGroup.spec`` of scheduler-plugins, Volcano and Kubernetes."""

    min_member: Int32 | None = None
    scheduling_policy: SchedulingPolicy | None = None
    scheduling_constraints: SchedulingConstraints | None = None


class PodGroup(Wire):
    """``PodGroup`` of scheduler-plugins, Volcano or Kubernetes."""

    metadata: Metadata | None = None
    spec: PodGroupSpec | None = None


class DeviceClassSpec(Wire):
    """``resource.k8s.io DeviceClass.spec``."""

    extended_resource_name: str | None = None


class DeviceClass(Wire):
    """``resource.k8s.io DeviceClass``."""

    metadata: Metadata | None = None
    spec: DeviceClassSpec | None = None


class PriorityClass(Wire):
    """``scheduling.k8s.io PriorityClass``."""

    metadata: Metadata | None = None
    value: Int32 | None = None
    global_default: bool | None = None
    preemption_policy: str | None = None


class ServiceSpec(Wire):
    """``Service.spec``."""

    selector: dict[str, str | None] | None = None


class Service(Wire):
    """``v1 Service``."""

    metadata: Metadata | None = None
    spec: ServiceSpec | None = None


class Overhead(Wire):
    """``RuntimeClass.overhead``."""

    pod_fixed: Amounts | None = None


class RuntimeScheduling(Wire):
    """``RuntimeClass.scheduling``."""

    node_selector: dict[str, str | None] | None = None
    tolerations: list[Toleration] | None = None


class RuntimeClass(Wire):
    """``node.k8s.io RuntimeClass``."""

    metadata: Metadata | None = None
    overhead: Overhead | None = None
    scheduling: RuntimeScheduling | None = None


class Limit(Wire):
    """``LimitRange.spec.limits[]``."""

    type: str | None = None
    max: Amounts | None = None
    min: Amounts | None = None
    default: Amounts | None = None
    default_request: Amounts | None = None


class LimitRangeSpec(Wire):
    """``LimitRange.spec``."""

    limits: list[Limit] | None = None


class LimitRange(Wire):
    """``v1 LimitRange``."""

    metadata: Metadata | None = None
    spec: LimitRangeSpec | None = None
