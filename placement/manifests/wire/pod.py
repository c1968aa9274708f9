"""Pods and pod templates."""

from __future__ import annotations

from msgspec import field

from placement.manifests.wire.metadata import (
    Amounts,
    ClaimTemplate,
    Condition,
    Int32,
    Int64,
    LabelSelector,
    Metadata,
    NodeSelector,
    NodeTerm,
    Resources,
    Toleration,
    Wire,
)


class PreferredNodeTerm(Wire):
    """``PreferredSchedulingTerm``."""

    weight: Int32 | None = None
    preference: NodeTerm | None = None


class NodeAffinity(Wire):
    """``NodeAffinity``."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    preferred_during_scheduling_ignored_during_execution: list[PreferredNodeTerm] | None = None


class PodTerm(Wire):
    """``PodAffinityTerm``."""

    label_selector: LabelSelector | None = None
    topology_key: str | None = None
    namespaces: list[str] | None = None
    namespace_selector: LabelSelector | None = None
    match_label_keys: list[str] | None = None
    mismatch_label_keys: list[str] | None = None


class PreferredPodTerm(Wire):
    """``WeightedPodAffinityTerm``."""

    weight: Int32 | None = None
    pod_affinity_term: PodTerm | None = None


class PodAffinity(Wire):
    """``PodAffinity`` and ``PodAntiAffinity``."""

    required_during_scheduling_ignored_during_execution: list[PodTerm] | None = None
    preferred_during_scheduling_ignored_during_execution: list[PreferredPodTerm] | None = None


class Affinity(Wire):
    """``spec.affinity``."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class SpreadConstraint(Wire):
    """``spec.topologySpreadConstraints[]``."""

    topology_key: str | None = None
    max_skew: Int32 | None = None
    when_unsatisfiable: str | None = None
    label_selector: LabelSelector | None = None
    min_domains: Int32 | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: list[str] | None = None


class Port(Wire):
    """``containers[].ports[]``."""

    container_port: Int32 | None = None
    host_port: Int32 | None = None
    protocol: str | None = None
    host_ip: str | None = field(default=None, name="hostIP")


class Container(Wire):
    """A container or init container."""

    name: str | None = None
    image: str | None = None
    restart_policy: str | None = None
    resources: Resources | None = None
    ports: list[Port] | None = None


class ClaimSource(Wire):
    """``volumes[].persistentVolumeClaim``."""

    claim_name: str | None = None
    read_only: bool | None = None


class EphemeralSource(Wire):
    """``volumes[].ephemeral``."""

    volume_claim_template: ClaimTemplate | None = None


class GceDisk(Wire):
    """``gcePersistentDisk``."""

    pd_name: str | None = None
    read_only: bool | None = None


class AwsDisk(Wire):
    """``awsElasticBlockStore``."""

    volume_id: str | None = field(default=None, name="volumeID")
    read_only: bool | None = None


class Rbd(Wire):
    """``rbd``."""

    pool: str | None = None
    image: str | None = None
    monitors: list[str] | None = None
    read_only: bool | None = None


class Iscsi(Wire):
    """``iscsi``."""

    iqn: str | None = None
    read_only: bool | None = None


class InlineCsi(Wire):
    """``volumes[].csi``."""

    driver: str | None = None


class EmptyDir(Wire):
    """``volumes[].emptyDir``."""


class Volume(Wire):
    """``spec.volumes[]``, the sources that bear on placement."""

    name: str | None = None
    persistent_volume_claim: ClaimSource | None = None
    ephemeral: EphemeralSource | None = None
    gce_persistent_disk: GceDisk | None = None
    aws_elastic_block_store: AwsDisk | None = None
    rbd: Rbd | None = None
    iscsi: Iscsi | None = None
    csi: InlineCsi | None = None
    empty_dir: EmptyDir | None = None


class Gate(Wire):
    """``spec.schedulingGates[]``."""

    name: str | None = None


class SchedulingGroup(Wire):
    """``spec.schedulingGroup``."""

    pod_group_name: str | None = None


class DeviceClaim(Wire):
    """``Pod.spec.resourceClaims[]``."""

    name: str | None = None


class PodSpec(Wire):
    """``Pod.spec``, also in templates."""

    scheduling_group: SchedulingGroup | None = None

    node_name: str | None = None
    node_selector: dict[str, str | None] | None = None
    affinity: Affinity | None = None
    tolerations: list[Toleration] | None = None
    topology_spread_constraints: list[SpreadConstraint] | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    overhead: Amounts | None = None
    resources: Resources | None = None
    runtime_class_name: str | None = None
    priority: Int32 | None = None
    priority_class_name: str | None = None
    preemption_policy: str | None = None
    scheduler_name: str | None = None
    scheduling_gates: list[Gate] | None = None
    host_network: bool | None = None
    volumes: list[Volume] | None = None
    resource_claims: list[DeviceClaim] | None = None
    termination_grace_period_seconds: Int64 | None = None


class ContainerStatus(Wire):
    """``status.containerStatuses[]`` and ``status.initContainerStatuses[]``."""

    name: str | None = None
    resources: Resources | None = None
    allocated_resources: Amounts | None = None


class PodStatus(Wire):
    """``Pod.status``."""

    phase: str | None = None
    nominated_node_name: str | None = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    resources: Resources | None = None
    allocated_resources: Amounts | None = None


class Resize(Wire):
    """What the status says of a resize in place, as far as it differs from the spec.

    `containers` are the statuses of resized containers; `resources` and `allocated_resources` those of the pod as a
    whole; `infeasible` that the node has refused the resize for good, so that the wish no longer counts.
    """

    containers: list[ContainerStatus] = field(default_factory=list)
    resources: Resources | None = None
    allocated_resources: Amounts | None = None
    infeasible: bool = False


class Pod(Wire):
    """``v1 Pod``."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


class PodTemplate(Wire):
    """``spec.template`` of a workload."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None
