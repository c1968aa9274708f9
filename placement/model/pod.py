"""A pod, and the template that replicas share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from placement.model.affinity import NodeAffinity, PodAffinity
from placement.model.breakdown import Breakdown
from placement.model.gpu import GpuShare
from placement.model.labels import Labels
from placement.model.taint import Toleration
from placement.model.topology import SpreadConstraint
from placement.model.volume import Volume


class Phase(StrEnum):
    """Where a pod is in its life."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port taken on the node itself; `ip` "0.0.0.0" is every address."""

    port: int
    protocol: str = "TCP"
    ip: str = "0.0.0.0"

    def conflicts(self, other: HostPort) -> bool:
        """Whether both cannot be on one node."""
        if self.port != other.port or self.protocol != other.protocol:
            return False
        return self.ip == other.ip or "0.0.0.0" in (self.ip, other.ip)


@dataclass(frozen=True, slots=True)
class Owner:
    """The controller of a pod."""

    kind: str
    name: str
    uid: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PodTemplate:
    """All that scheduling looks at in a pod, but for its name: the replicas of a workload share one object.

    Two pods of one template are interchangeable, so caches may key on the template's identity.

    Attributes
    ----------
    requests : mapping of resource name to int
        Effective request, rounded up: cpu in millicores, memory and storage in bytes, extended resources in
        units. Restartable init containers, init containers, overhead, pod-level resources and resizing are
        counted in. `pods` is not in it.
    scored_requests : mapping of resource name to int
        The same as the scorers see it: a container that names no cpu counts 100 millicores, no memory 200 MiB.
    incoming_requests : mapping of resource name to int, or None
        `scored_requests` as NodeResourcesFit's scorer sees them while the pod is still to come: that scorer leaves
        pod-level resources out. None where that makes no difference.
    priority : int
    scratch : bool
        Whether it has ``emptyDir`` volumes, whose data goes when the pod goes.
    images : tuple of str
        Normalised image names of the containers and init containers.
    scheduling_gates : tuple of str
        Names; a pod with any is not scheduled yet.
    device_claims : tuple of str
        Names of the entries of ``resourceClaims``. No predicate judges them: whoever plans has to say so.
    gpu_share : GpuShare or None
        What it takes of GPUs that pods may share.
    breakdown : Breakdown
        Which containers `requests` and `host_ports` come from; nothing that decides looks at it.
    """

    namespace: str
    labels: Labels = field(default_factory=dict)
    requests: Mapping[str, int] = field(default_factory=dict)
    scored_requests: Mapping[str, int] = field(default_factory=dict)
    incoming_requests: Mapping[str, int] | None = None
    node_selector: Labels = field(default_factory=dict)
    node_affinity: NodeAffinity = NodeAffinity()
    affinity: PodAffinity = PodAffinity()
    anti_affinity: PodAffinity = PodAffinity()
    spread: tuple[SpreadConstraint, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    host_ports: tuple[HostPort, ...] = ()
    volumes: tuple[Volume, ...] = ()
    scratch: bool = False
    images: tuple[str, ...] = ()
    priority: int = 0
    preempts: bool = True
    scheduling_gates: tuple[str, ...] = ()
    scheduler_name: str = "default-scheduler"
    termination_grace_period: int = 30
    device_claims: tuple[str, ...] = ()
    gpu_share: GpuShare | None = None
    breakdown: Breakdown = Breakdown()


@dataclass(frozen=True, slots=True, eq=False)
class Pod:
    """One pod.

    Attributes
    ----------
    node : str
        ``spec.nodeName``, "" while it has none.
    nominated_node : str
        ``status.nominatedNodeName``, "" if absent.
    deleting : bool
        Whether a deletion timestamp is set.
    ready : bool
        Its Ready condition, for disruption budgets; true for a pod on a node of which nobody wrote whether it is.
    planned : bool
        True for a pod that no dump holds: desired state asks for it.
    pod_group : str
        ``spec.schedulingGroup.podGroupName``, "" if absent.
    """

    name: str
    template: PodTemplate
    uid: str = ""
    node: str = ""
    phase: Phase = Phase.PENDING
    deleting: bool = False
    ready: bool = False
    owner: Owner | None = None
    nominated_node: str = ""
    annotations: Labels = field(default_factory=dict)
    creation: str = ""
    planned: bool = False
    pod_group: str = ""

    @property
    def namespace(self) -> str:
        return self.template.namespace

    @property
    def key(self) -> str:
        """``namespace/name``, unique in a cluster."""
        return f"{self.template.namespace}/{self.name}"

    @property
    def finished(self) -> bool:
        """Whether it has run to its end and holds no resources."""
        return self.phase in (Phase.SUCCEEDED, Phase.FAILED)


def of_daemon(pod: Pod) -> bool:
    """Whether a pod belongs to its node: a DaemonSet's or the node's own static pod."""
    return pod.owner is not None and pod.owner.kind in ("DaemonSet", "Node")
