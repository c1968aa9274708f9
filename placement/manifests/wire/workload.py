"""Workloads."""

from __future__ import annotations

from placement.manifests.wire.metadata import ClaimTemplate, Condition, Int32, LabelSelector, Metadata, Wire
from placement.manifests.wire.pod import PodTemplate


class Ordinals(Wire):
    """``StatefulSet.spec.ordinals``."""

    start: Int32 | None = None


class RollingUpdate(Wire):
    """``Deployment.spec.strategy.rollingUpdate``."""

    max_surge: int | str | None = None
    max_unavailable: int | str | None = None


class Strategy(Wire):
    """``Deployment.spec.strategy``."""

    type: str | None = None
    rolling_update: RollingUpdate | None = None


class PodFailurePolicy(Wire):
    """``Job.spec.podFailurePolicy``: only whether there is one matters."""


class WorkloadSpec(Wire):
    """``spec`` of a Deployment, ReplicaSet, StatefulSet, DaemonSet or Job."""

    replicas: Int32 | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None
    volume_claim_templates: list[ClaimTemplate] | None = None
    ordinals: Ordinals | None = None
    parallelism: Int32 | None = None
    completions: Int32 | None = None
    completion_mode: str | None = None
    suspend: bool | None = None
    managed_by: str | None = None
    pod_replacement_policy: str | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    strategy: Strategy | None = None


class WorkloadStatus(Wire):
    """``status`` of a workload; only Jobs have more than conditions here."""

    succeeded: Int32 | None = None
    completed_indexes: str | None = None
    failed_indexes: str | None = None
    conditions: list[Condition] | None = None


class Workload(Wire):
    """A Deployment, ReplicaSet, StatefulSet, DaemonSet or Job."""

    metadata: Metadata | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None


class ControllerSpec(Wire):
    """``ReplicationController.spec``, whose selector is a plain map."""

    replicas: Int32 | None = None
    selector: dict[str, str | None] | None = None
    template: PodTemplate | None = None


class Controller(Wire):
    """``v1 ReplicationController``."""

    metadata: Metadata | None = None
    spec: ControllerSpec | None = None


class JobTemplate(Wire):
    """``CronJob.spec.jobTemplate``."""

    metadata: Metadata | None = None
    spec: WorkloadSpec | None = None


class CronJobSpec(Wire):
    """``CronJob.spec``."""

    suspend: bool | None = None
    concurrency_policy: str | None = None
    job_template: JobTemplate | None = None


class CronJob(Wire):
    """``batch CronJob``."""

    metadata: Metadata | None = None
    spec: CronJobSpec | None = None
