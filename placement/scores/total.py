"""The default profile's scores of a pod, plugin by plugin and in total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores import (
    image_locality,
    inter_pod_affinity,
    node_affinity,
    node_resources_balanced_allocation,
    node_resources_fit,
    pod_topology_spread,
    taint_toleration,
)

Scorer: TypeAlias = Callable[[Pod, Snapshot, Sequence[NodeState]], list[int] | None]


def _no_devices(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int]:
    # DynamicResources always has a say and, without claims, always the same.
    return [0] * len(feasible)


# Plugins with their weights (apis/config/v1/default_plugins.go).
SCORERS: dict[str, tuple[int, Scorer]] = {
    taint_toleration.NAME: (3, taint_toleration.score),
    node_affinity.NAME: (2, node_affinity.score),
    node_resources_fit.NAME: (1, node_resources_fit.score),
    pod_topology_spread.NAME: (2, pod_topology_spread.score),
    inter_pod_affinity.NAME: (2, inter_pod_affinity.score),
    "DynamicResources": (2, _no_devices),
    node_resources_balanced_allocation.NAME: (1, node_resources_balanced_allocation.score),
    image_locality.NAME: (1, image_locality.score),
}


def scores(pod: Pod, snapshot: Snapshot, feasible: Sequence[str]) -> dict[str, dict[str, int]]:
    """Weighted, normalised score of each feasible node by plugin. Plugins with nothing to say of the pod are absent.

    O(nodes × plugins).
    """
    states = [snapshot.nodes[name] for name in feasible]
    rows: dict[str, dict[str, int]] = {name: {} for name in feasible}
    if not states:
        return rows
    for plugin, (weight, scorer) in SCORERS.items():
        given = scorer(pod, snapshot, states)
        if given is not None:
            for name, value in zip(feasible, given, strict=True):
                rows[name][plugin] = weight * value
    return rows


def total(row: Mapping[str, int]) -> int:
    """The score by which kube-scheduler chooses."""
    return sum(row.values())
