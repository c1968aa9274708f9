"""Workloads from their wire form."""

from __future__ import annotations

import dataclasses

from placement.errors import InputError
from placement.manifests.admission import Admission
from placement.manifests.nodes import int_or_percent
from placement.manifests.pods import owner_of
from placement.manifests.selectors import labels_of, selector_of
from placement.manifests.storage import claim_template
from placement.manifests.templates import Templates
from placement.manifests.wire import metadata, pod
from placement.manifests.wire import workload as wire
from placement.model.labels import Selector
from placement.model.workload import ClaimTemplate, Rollout, Workload

_DAEMON_TOLERATIONS = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
_NETWORK_UNAVAILABLE = ("node.kubernetes.io/network-unavailable", "NoSchedule")
_JOB_CONTROLLER = "kubernetes.io/job-controller"
_JOB_NAME = ("batch.kubernetes.io/job-name", "job-name")

MOST_PODS = 1_000_000
"""Of one workload. Kubernetes supports 150,000 in a cluster; a slip of the keyboard should not fill the memory."""


class Workloads:
    """Makes workloads of one cluster.

    Parameters
    ----------
    templates : Templates
    admission : Admission
        What the pods a workload creates would go through.
    """

    def __init__(self, templates: Templates, admission: Admission) -> None:
        self._templates = templates
        self._admission = admission

    def workload(
        self, kind: str, meta: metadata.Metadata, written: wire.Workload, namespace: str, pod_hash: str = ""
    ) -> Workload:
        """A Deployment, ReplicaSet, StatefulSet, DaemonSet or Job.

        Parameters
        ----------
        pod_hash : str
            The label ``pod-template-hash`` that a Deployment's pods get, "" for none.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        spec = written.spec or wire.WorkloadSpec()
        more = {"pod-template-hash": pod_hash} if pod_hash else {}
        if kind == "Job":
            more = dict.fromkeys(_JOB_NAME, meta.name or "")
        made = self._from_template(kind, meta, spec.template, namespace, more, claims=spec.volume_claim_templates or [])
        replicas = _count(spec.replicas, 1, "spec.replicas")
        if kind == "Job":
            return _job(made, spec, written.status or wire.WorkloadStatus())
        selector = selector_of(spec.selector, "spec.selector") or _selector_of_template(spec.template)
        return dataclasses.replace(
            made,
            replicas=0 if kind == "DaemonSet" else replicas,
            selector=selector,
            ordinals_start=(spec.ordinals and spec.ordinals.start) or 0,
            rollout=_rollout(spec.strategy, replicas) if kind == "Deployment" else None,
        )

    def controller(self, meta: metadata.Metadata, written: wire.Controller, namespace: str) -> Workload:
        """A ReplicationController.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        spec = written.spec or wire.ControllerSpec()
        made = self._from_template("ReplicationController", meta, spec.template, namespace, {}, claims=[])
        chosen = labels_of(spec.selector)
        return dataclasses.replace(
            made,
            replicas=_count(spec.replicas, 1, "spec.replicas"),
            selector=Selector.of(chosen) if chosen else _selector_of_template(spec.template),
        )

    def cron_job(self, meta: metadata.Metadata, written: wire.CronJob, namespace: str) -> Workload:
        """A CronJob; its replicas are the pods of one run.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        spec = written.spec or wire.CronJobSpec()
        job = (spec.job_template and spec.job_template.spec) or wire.WorkloadSpec()
        made = self._from_template(
            "CronJob", meta, job.template, namespace, {}, claims=[], path="spec.jobTemplate.spec.template"
        )
        made = _job(made, job, wire.WorkloadStatus())
        return dataclasses.replace(
            made,
            suspended=made.suspended or bool(spec.suspend),
            concurrent=spec.concurrency_policy in (None, "", "Allow"),
        )

    def _from_template(
        self,
        kind: str,
        meta: metadata.Metadata,
        template: pod.PodTemplate | None,
        namespace: str,
        more_labels: dict[str, str],
        *,
        claims: list[metadata.ClaimTemplate],
        path: str = "spec.template",
    ) -> Workload:
        if template is None or template.spec is None:
            raise InputError("expected a pod template", field=f"{path}.spec")
        spec, inner = template.spec, template.metadata or metadata.Metadata()
        per_pod = {(one.metadata and one.metadata.name) or "" for one in claims}
        volumes = [volume for volume in spec.volumes or () if volume.name not in per_pod]
        spec.volumes = volumes
        if kind == "DaemonSet":
            _tolerate_as_daemon(spec)
        self._admission.admit(spec, namespace, tolerations=True)
        annotations = labels_of(inner.annotations)
        ephemeral = ephemeral_claims(volumes, f"{path}.spec")
        return Workload(
            kind=kind,
            name=meta.name or "",
            namespace=namespace,
            template=self._templates.template(
                spec,
                namespace,
                {**labels_of(inner.labels), **more_labels},
                f"{path}.spec",
                annotations=annotations,
            ),
            uid=meta.uid or "",
            labels=labels_of(meta.labels),
            annotations=labels_of(meta.annotations),
            pod_annotations=annotations,
            owner=owner_of(meta),
            claim_templates=tuple(
                claim_template(one, (one.metadata and one.metadata.name) or "", f"spec.volumeClaimTemplates[{index}]")
                for index, one in enumerate(claims)
            ),
            ephemeral_claims=ephemeral,
        )


def _rollout(written: wire.Strategy | None, replicas: int) -> Rollout:
    """As ``SetDefaults_Deployment`` and ``ResolveFenceposts``: surges round up, what is missing rounds down."""
    strategy = written or wire.Strategy()
    if strategy.type == "Recreate":
        return Rollout(0, replicas)
    update = strategy.rolling_update or wire.RollingUpdate()
    path = "spec.strategy.rollingUpdate"
    surge = int_or_percent(update.max_surge, f"{path}.maxSurge")
    unavailable = int_or_percent(update.max_unavailable, f"{path}.maxUnavailable")
    surges = -(-_hundredths("25%" if surge is None else surge, replicas) // 100)
    missing = _hundredths("25%" if unavailable is None else unavailable, replicas) // 100
    # Where neither is allowed no pod could ever be replaced; and no more come than there are to be (NewRSNewReplicas).
    return Rollout(min(surges, replicas), missing if surges or missing else 1)


def _hundredths(amount: int | str, replicas: int) -> int:
    return amount * 100 if isinstance(amount, int) else int(amount.removesuffix("%")) * replicas


def ephemeral_claims(volumes: list[pod.Volume], path: str) -> tuple[ClaimTemplate, ...]:
    """The claims that a pod's generic ephemeral volumes ask for, by the volumes' names.

    Raises
    ------
    InputError
        If a size is not a quantity or a selector is wrong.
    """
    return tuple(
        claim_template(
            volume.ephemeral.volume_claim_template or metadata.ClaimTemplate(),
            volume.name or "",
            f"{path}.volumes.ephemeral.volumeClaimTemplate",
        )
        for volume in volumes
        if volume.ephemeral is not None
    )


def _tolerate_as_daemon(spec: pod.PodSpec) -> None:
    # pkg/controller/daemon/util/daemonset_util.go, AddOrUpdateDaemonPodTolerations.
    pairs = (*_DAEMON_TOLERATIONS, *((_NETWORK_UNAVAILABLE,) if spec.host_network else ()))
    held = [one for one in spec.tolerations or () if (one.key, one.effect) not in pairs]
    spec.tolerations = held + [metadata.Toleration(key, "Exists", None, effect) for key, effect in pairs]


def _selector_of_template(template: pod.PodTemplate | None) -> Selector | None:
    # Group versions before apps/v1 took the template's labels where no selector was given.
    found = labels_of(template.metadata.labels if template and template.metadata else None)
    return Selector.of(found) if found else None


def _count(written: int | None, default: int, where: str) -> int:
    if written is not None and written < 0:
        raise InputError(f"{written} is negative, expected zero or more", field=where)
    if written is not None and written > MOST_PODS:
        raise InputError(f"{written} pods are more than a cluster holds, expected {MOST_PODS} or fewer", field=where)
    return default if written is None else written


def _job(made: Workload, spec: wire.WorkloadSpec, status: wire.WorkloadStatus) -> Workload:
    parallelism = _count(spec.parallelism, 1, "spec.parallelism")
    completions = spec.completions
    if completions is None and spec.parallelism is None:
        completions = 1
    _count(completions, 1, "spec.completions")
    succeeded = status.succeeded or 0
    finished = any(one.type in ("Complete", "Failed") and one.status == "True" for one in status.conditions or ())
    left = parallelism if completions is None else min(parallelism, max(completions - succeeded, 0))
    return dataclasses.replace(
        made,
        replicas=0 if finished else left,
        selector=selector_of(spec.selector, "spec.selector"),
        suspended=bool(spec.suspend) or spec.managed_by not in (None, _JOB_CONTROLLER),
        completions=completions,
        succeeded=succeeded,
        indexed=spec.completion_mode == "Indexed",
        waits_for_the_end=(spec.pod_replacement_policy or _default_replacement(spec)) == "Failed",
        settled_indexes=_indexes(status.completed_indexes, "completedIndexes")
        | _indexes(status.failed_indexes, "failedIndexes"),
    )


def _default_replacement(spec: wire.WorkloadSpec) -> str:
    # SetDefaults_Job: which pods failed and how must be known for certain where a policy depends on it.
    return "TerminatingOrFailed" if spec.pod_failure_policy is None else "Failed"


def _indexes(written: str | None, where: str) -> frozenset[int]:
    # "1,3-5,7": indexes of an Indexed Job.
    found: set[int] = set()
    for part in filter(None, (written or "").split(",")):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise InputError(f"{part!r} is not a range of indexes", field=f"status.{where}")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
