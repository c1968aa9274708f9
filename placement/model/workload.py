"""Workloads: objects that ask for pods."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement.model.labels import Labels, Selector
from placement.model.pod import Owner, PodTemplate
from placement.model.volume import PersistentVolumeClaim


@dataclass(frozen=True, slots=True, eq=False)
class ClaimTemplate:
    """A ``volumeClaimTemplates`` entry of a StatefulSet: each ordinal gets claim ``<name>-<set>-<ordinal>``."""

    name: str
    storage_class: str | None = None
    request: int = 0
    access_modes: frozenset[str] = frozenset()
    volume_mode: str = "Filesystem"
    selector: Selector | None = None

    def claim(self, namespace: str, name: str, *, owner_uid: str = "") -> PersistentVolumeClaim:
        """The claim that is made from it."""
        return PersistentVolumeClaim(
            name=name,
            namespace=namespace,
            storage_class=self.storage_class,
            request=self.request,
            access_modes=self.access_modes,
            volume_mode=self.volume_mode,
            selector=self.selector,
            owner_uid=owner_uid,
            planned=True,
        )


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a Deployment replaces its pods.

    Attributes
    ----------
    surge : int
        Pods that may come before as many old ones go.
    unavailable : int
        Pods that may go before as many new ones are there.
    """

    surge: int
    unavailable: int


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob or ReplicationController.

    Attributes
    ----------
    replicas : int
        Pods wanted at once: ``spec.replicas``, or of a Job ``min(parallelism, completions left)``; of a CronJob the
        parallelism of one run. A DaemonSet's is 0: it wants one for each eligible node.
    selector : Selector or None
        The pods it counts as its own besides the owner reference.
    owner : Owner or None
        Its own controller, as a ReplicaSet's Deployment.
    ordinals_start : int
        ``spec.ordinals.start`` of a StatefulSet.
    suspended : bool
        A suspended Job or CronJob asks for nothing, nor does a Job that the controller of Kubernetes leaves to another
        one (``managedBy``).
    completions : int or None
        Of a Job: None where it has a work queue.
    succeeded : int
        Of a Job: ``status.succeeded``.
    indexed : bool
        Of a Job: completion mode Indexed.
    waits_for_the_end : bool
        Of a Job: a pod that is being deleted is not replaced before it has ended (``podReplacementPolicy: Failed``).
    settled_indexes : frozenset of int
        Of an Indexed Job: the indexes that are done, and those that have failed for good (``backoffLimitPerIndex``).
    concurrent : bool
        Of a CronJob: whether runs may overlap.
    rollout : Rollout or None
        Of a Deployment.
    ephemeral_claims : tuple of ClaimTemplate
        Generic ephemeral volumes: each pod gets claim ``<pod>-<name>``. `template` holds no volume for them.
    """

    kind: str
    name: str
    namespace: str
    template: PodTemplate
    replicas: int = 1
    uid: str = ""
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    pod_annotations: Labels = field(default_factory=dict)
    selector: Selector | None = None
    owner: Owner | None = None
    claim_templates: tuple[ClaimTemplate, ...] = ()
    ordinals_start: int = 0
    suspended: bool = False
    completions: int | None = None
    succeeded: int = 0
    indexed: bool = False
    waits_for_the_end: bool = False
    settled_indexes: frozenset[int] = frozenset()
    concurrent: bool = True
    ephemeral_claims: tuple[ClaimTemplate, ...] = ()
    rollout: Rollout | None = None

    @property
    def key(self) -> str:
        """``kind namespace/name``."""
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A service; its selector finds siblings for the cluster's default spread constraints."""

    name: str
    namespace: str
    selector: Labels = field(default_factory=dict)
