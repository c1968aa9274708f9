"""NodeResourcesFit: resources that are left (kube-scheduler ``plugins/noderesources/fit.go``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.node import CPU, EPHEMERAL_STORAGE, MEMORY, PODS, Node
from placement.model.pod import Pod, PodTemplate
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "NodeResourcesFit"
TOO_MANY_PODS = "Too many pods"
_FIRST = (CPU, MEMORY, EPHEMERAL_STORAGE)


def counts(resource: str) -> bool:
    """Whether the scheduler counts a resource at all (``schedutil.IsScalarResourceName`` and the three native ones)."""
    return resource in _FIRST or "/" in resource or resource.startswith(("hugepages-", "attachable-volumes-"))


def requests(template: PodTemplate) -> list[tuple[str, int]]:
    """What a pod asks for, above zero, in the order in which shortages are told: cpu, memory, storage, the rest.

    kube-scheduler walks the rest in random order; here it is by name.
    """
    asked = template.requests
    names = [name for name in _FIRST if name in asked] + sorted(name for name in asked if name not in _FIRST)
    return [(name, asked[name]) for name in names if asked[name] > 0 and counts(name)]


def served_by_claims(resource: str, node: Node, device_resources: frozenset[str]) -> bool:
    """Whether DynamicResources answers for a resource: a DeviceClass names it and the node does not offer it."""
    return resource in device_resources and not node.allocatable.get(resource, 0)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter:
    """The filter of a pod."""
    asked = requests(pod.template)
    devices = snapshot.inventory.device_resources

    def judge(state: NodeState) -> Refusal | None:
        allocatable, requested = state.node.allocatable, state.requested
        short = [
            (name, amount)
            for name, amount in asked
            if amount > allocatable.get(name, 0) - requested.get(name, 0)
            and not served_by_claims(name, state.node, devices)
        ]
        crowded = len(state.pods) >= allocatable.get(PODS, 0)
        if not short and not crowded:
            return None
        reasons = [TOO_MANY_PODS] if crowded else []
        reasons += [f"Insufficient {name}" for name, _ in short]
        resolvable = all(amount <= allocatable.get(name, 0) for name, amount in short)
        return Refusal(NAME, tuple(reasons), resolvable)

    return judge
