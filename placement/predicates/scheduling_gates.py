"""SchedulingGates: a pod with gates is not looked at yet (kube-scheduler ``plugins/schedulinggates``)."""

from __future__ import annotations

from placement.model.pod import PodTemplate
from placement.predicates.refusal import Refusal

NAME = "SchedulingGates"


def refusal(template: PodTemplate) -> Refusal | None:
    """The refusal of every node while a gate is left."""
    if not template.scheduling_gates:
        return None
    gates = " ".join(template.scheduling_gates)
    return Refusal(NAME, (f"waiting for scheduling gates: [{gates}]",), resolvable=False)
