"""NodeResourcesBalancedAllocation: cpu and memory used alike (kube-scheduler ``plugins/noderesources``)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import MAX_SCORE

NAME = "NodeResourcesBalancedAllocation"
RESOURCES = (CPU, MEMORY)


def balance(requested: Sequence[int], allocatable: Sequence[int]) -> int:
    """100 where the requested shares are equal, less the further they are apart."""
    shares = [min(1.0, asked / there) for asked, there in zip(requested, allocatable, strict=True) if there]
    if len(shares) == 2:
        deviation = abs((shares[0] - shares[1]) / 2)
    elif len(shares) > 2:
        mean = sum(shares) / len(shares)
        deviation = math.sqrt(sum((share - mean) * (share - mean) for share in shares) / len(shares))
    else:
        deviation = 0.0
    return int((1 - deviation) * MAX_SCORE)


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int] | None:
    """How much the pod betters the balance of each node (``balancedResourceScorer``); None if it requests nothing."""
    asked = [pod.template.requests.get(resource, 0) for resource in RESOURCES]
    if not any(asked):
        return None
    half = MAX_SCORE // 2
    scores = []
    for state in feasible:
        there = [state.node.allocatable.get(resource, 0) for resource in RESOURCES]
        without = [state.requested.get(resource, 0) for resource in RESOURCES]
        gain = balance([a + b for a, b in zip(without, asked, strict=True)], there) - balance(without, there)
        # Go divides towards zero.
        scores.append(half + int((half + gain) / 2))
    return scores
