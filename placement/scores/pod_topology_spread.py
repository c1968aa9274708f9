"""PodTopologySpread: soft spread constraints (kube-scheduler ``plugins/podtopologyspread/scoring.go``)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from placement.model.labels import Selector
from placement.model.pod import Pod
from placement.model.topology import HOSTNAME, ZONE, SpreadConstraint
from placement.predicates.kind import Siblings
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import MAX_SCORE

NAME = "PodTopologySpread"
# The cluster's own constraints for pods without any (systemDefaultConstraints).
SYSTEM_DEFAULTS = ((HOSTNAME, 3), (ZONE, 5))
_SELECTING_OWNERS = frozenset({"ReplicationController", "ReplicaSet", "StatefulSet", "Deployment"})


def default_selector(pod: Pod, snapshot: Snapshot) -> Selector | None:
    """Who a pod's siblings are: selected by the services it stands behind and by its controller.

    None if there are neither (``helper.DefaultSelector``). A Deployment counts as the ReplicaSet it will make.
    """
    merged: dict[str, str] = {}
    labels = pod.template.labels
    for selector in snapshot.service_selectors(pod.namespace):
        if all(labels.get(key) == value for key, value in selector.items()):
            merged.update(selector)
    siblings = Selector.of(merged)
    owner = pod.owner
    if owner is not None and owner.kind in _SELECTING_OWNERS:
        owned = snapshot.owner_selector(owner.kind, pod.namespace, owner.name)
        if owned is not None:
            siblings = siblings.and_also(*owned.requirements)
    return siblings if siblings.requirements else None


def soft_constraints(pod: Pod, snapshot: Snapshot) -> list[SpreadConstraint]:
    """Constraints that are wished for: the pod's own, or the cluster's if it has none of any sort."""
    if pod.template.spread:
        return [constraint for constraint in pod.template.spread if not constraint.required]
    siblings = default_selector(pod, snapshot)
    if siblings is None:
        return []
    return [SpreadConstraint(key, skew, siblings, required=False) for key, skew in SYSTEM_DEFAULTS]


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
