"""TaintToleration: fewer taints that only ask to stay away (kube-scheduler ``plugins/tainttoleration``)."""

from __future__ import annotations

from collections.abc import Sequence

from placement.model.pod import Pod
from placement.model.taint import Effect
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import proportional

NAME = "TaintToleration"


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState]) -> list[int]:
    """100 where no PreferNoSchedule taint is left untolerated, 0 where most are."""
    tolerations = [t for t in pod.template.tolerations if t.effect in (None, Effect.PREFER_NO_SCHEDULE)]
    raw = [
        sum(
            taint.effect is Effect.PREFER_NO_SCHEDULE and not any(t.tolerates(taint) for t in tolerations)
            for taint in state.node.taints
        )
        for state in feasible
    ]
    return proportional(raw, reverse=True)
