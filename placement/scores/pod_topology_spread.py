"""PodTopologySpread: soft spread constraints (kube-scheduler ``plugins/podtopologyspread/scoring.go``)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from placement.model.pod import Pod
from placement.model.topology import HOSTNAME, SpreadConstraint, system_defaults
from placement.predicates.kind import Siblings
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import MAX_SCORE

NAME = "PodTopologySpread"


def soft_constraints(pod: Pod, snapshot: Snapshot) -> list[SpreadConstraint]:
    """Constraints that are wished for: the pod's own, or the cluster's if it has none of any sort."""
    if pod.template.spread:
        return [constraint for constraint in pod.template.spread if not constraint.required]
    return list(system_defaults(snapshot.siblings.of(pod)))


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int] | None:
    """The fewer siblings in a node's domains the more; None without constraints."""
    constraints = soft_constraints(pod, snapshot)
    if not constraints:
        return None
    template = pod.template
    # Nodes without a zone can still be spread over by the cluster's own constraints.
    keys = tuple(sorted({constraint.topology_key for constraint in constraints})) if template.spread else ()
    scored = [all(key in state.labels for key in keys) for state in feasible]
    raw = [0.0] * len(feasible)
    for constraint in constraints:
        key = constraint.topology_key
        siblings = Siblings(template.namespace, constraint.selector)
        if key == HOSTNAME:
            # Counted on the node itself, whatever its label says.
            tally = snapshot.tally(siblings, "")
            domains = sum(scored)
        else:
            eligibility = snapshot.eligibility(template, keys, constraint.honor_affinity, constraint.honor_taints)
            tally = snapshot.spread_tally(siblings, key, eligibility)
            domains = len({state.labels.get(key) for state, counted in zip(feasible, scored, strict=True) if counted})
        weight = math.log(domains + 2)
        for index, state in enumerate(feasible):
            if scored[index] and key in state.labels:
                raw[index] += tally.at(state) * weight + (constraint.max_skew - 1)
    return _normalised([math.floor(value + 0.5) for value in raw], scored)


def _normalised(raw: list[int], scored: list[bool]) -> list[int]:
    counted = [value for value, is_scored in zip(raw, scored, strict=True) if is_scored]
    low, high = min(counted, default=0), max(counted, default=0)
    if high == 0:
        return [MAX_SCORE if is_scored else 0 for is_scored in scored]
    return [
        MAX_SCORE * (high + low - value) // high if is_scored else 0
        for value, is_scored in zip(raw, scored, strict=True)
    ]
