"""InterPodAffinity: preferred nearness, both ways (kube-scheduler ``plugins/interpodaffinity/scoring.go``)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from placement.model.pod import Pod
from placement.predicates.kind import AllTerms
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.predicates.tally import Tally
from placement.scores.normalise import MAX_SCORE

NAME = "InterPodAffinity"


def weighted_tallies(pod: Pod, snapshot: Snapshot) -> list[tuple[int, Tally]]:
    """Tallies that raise or lower the score of their domains, with the weight of each pod in them.

    The incoming pod's preferences for pods that are there, and the preferences and required affinity of those for it.
    """
    template = pod.template
    weighted = [
        (sign * preferred.weight, snapshot.tally(AllTerms((preferred.term,)), preferred.term.topology_key))
        for sign, affinity in ((1, template.affinity), (-1, template.anti_affinity))
        for preferred in affinity.preferred
    ]
    met = snapshot.carriers_meeting(snapshot.kind(template))
    weighted += [(carrier.weight, carrier.tally) for carrier in met if carrier.weight]
    return [(weight, tally) for weight, tally in weighted if tally.counts]


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int] | None:
    """Summed weights stretched from the least to the most liked node; None if nobody has a preference."""
    weighted = weighted_tallies(pod, snapshot)
    if not weighted:
        return None
    raw = [sum(weight * tally.at(state) for weight, tally in weighted) for state in feasible]
    low, high = min(raw, default=sys.maxsize), max(raw, default=-sys.maxsize)
    if high <= low:
        return [0] * len(raw)
    return [int(MAX_SCORE * ((value - low) / (high - low))) for value in raw]
