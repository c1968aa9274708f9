"""NodeAffinity: preferred node terms (kube-scheduler ``plugins/nodeaffinity``)."""

from __future__ import annotations

from collections.abc import Sequence

from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import proportional

NAME = "NodeAffinity"


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int] | None:
    """Weights of the preferred terms that match, in proportion to the highest; None without such terms."""
    preferred = pod.template.node_affinity.preferred
    if not preferred:
        return None
    raw = [
        sum(choice.weight for choice in preferred if choice.term.matches(state.name, state.labels))
        for state in feasible
    ]
    return proportional(raw)
