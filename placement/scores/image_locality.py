"""ImageLocality: images that lie on the node already (kube-scheduler ``plugins/imagelocality``)."""

from __future__ import annotations

from collections.abc import Sequence

from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import MAX_SCORE

NAME = "ImageLocality"
_MIB = 1024 * 1024
_LEAST = 23 * _MIB
_MOST_PER_CONTAINER = 1000 * _MIB


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int]:
    """Bytes of the pod's images on each node, weighed by how many nodes have them, between two thresholds."""
    images = pod.template.images
    most = _MOST_PER_CONTAINER * len(images)
    values = {image: _value(image, snapshot) for image in images}
    if not any(values.values()):
        return [0] * len(feasible)
    scores = []
    for state in feasible:
        there = state.node.images
        total = sum(values[image] for image in images if image in there)
        scores.append(MAX_SCORE * (max(_LEAST, min(total, most)) - _LEAST) // (most - _LEAST))
    return scores


def _value(image: str, snapshot: Snapshot) -> int:
    # Images that few nodes have count less, so that a pod does not heat one node (``scaledImageScore``).
    size, nodes = snapshot.images.get(image, (0, 0))
    return int(size * (nodes / len(snapshot.nodes)))
