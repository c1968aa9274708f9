"""What lies on one node at the moment."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from placement.model.labels import Labels
from placement.model.node import CPU, MEMORY, Node
from placement.model.pod import HostPort, Pod
from placement.model.volume import DiskVolume

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True, eq=False)
class NodeState:
    """A node and the sums over its pods.

    Attributes
    ----------
    requested : dict of resource name to int
        Sum of the pods' requests, in the units of `Node.allocatable`.
    scored_cpu, scored_memory : int
        The same as the scorers see it (`PodTemplate.scored_requests`), millicores and bytes.
    pods : dict of ``namespace/name`` to Pod
    ports : dict of HostPort to int
        Host ports in use, with the number of pods that use each.
    disks : dict of DiskVolume to int
        Disks named in the pods themselves.
    attached : dict of driver to dict of handle to int
        CSI volumes of the pods, with the number of pods that use each.
    """

    node: Node
    name: str = field(init=False)
    labels: Labels = field(init=False)
    requested: dict[str, int] = field(default_factory=dict)
    scored_cpu: int = 0
    scored_memory: int = 0
    pods: dict[str, Pod] = field(default_factory=dict)
    ports: dict[HostPort, int] = field(default_factory=dict)
    disks: dict[DiskVolume, int] = field(default_factory=dict)
    attached: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.node.name
        self.labels = self.node.labels

    def add(self, pod: Pod) -> None:
        """Count a pod in. Its CSI volumes are counted by the snapshot's storage."""
        self.pods[pod.key] = pod
        self._sum(pod, 1)

    def remove(self, pod: Pod) -> None:
        """Count a pod out."""
        del self.pods[pod.key]
        self._sum(pod, -1)

    def _sum(self, pod: Pod, sign: int) -> None:
        template, requested = pod.template, self.requested
        for resource, amount in template.requests.items():
            requested[resource] = requested.get(resource, 0) + sign * amount
        self.scored_cpu += sign * template.scored_requests.get(CPU, 0)
        self.scored_memory += sign * template.scored_requests.get(MEMORY, 0)
        for port in template.host_ports:
            recount(self.ports, port, sign)
        for volume in template.volumes:
            if isinstance(volume, DiskVolume):
                recount(self.disks, volume, sign)


def recount(counts: dict[K, int], key: K, amount: int) -> None:
    """Add to a count, forgetting it at zero."""
    count = counts.get(key, 0) + amount
    if count:
        counts[key] = count
    else:
        counts.pop(key, None)
