"""PodTopologySpread: hard spread constraints (kube-scheduler ``plugins/podtopologyspread/filtering.go``)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placement.model.pod import Pod, PodTemplate
from placement.predicates.kind import Siblings
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal
from placement.predicates.tally import SpreadTally

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "PodTopologySpread"
REFUSAL = Refusal(NAME, ("node(s) didn't match pod topology spread constraints",), resolvable=True)
MISSING_LABEL = Refusal(
    NAME, ("node(s) didn't match pod topology spread constraints (missing required label)",), resolvable=False
)


@dataclass(frozen=True, slots=True)
class Check:
    """One hard constraint of a pod with what is counted for it.

    Attributes
    ----------
    min_domains : int
        With fewer domains than that the least count is taken as zero.
    allowed : int
        How far a domain may be above the least one before the pod comes.
    """

    key: str
    tally: SpreadTally
    min_domains: int
    allowed: int

    @property
    def least(self) -> int:
        """The count that the others are compared with; without any domain nothing is too much."""
        domains = self.tally.num_domains
        if domains < self.min_domains:
            return 0
        return self.tally.minimum if domains else sys.maxsize


def checks(template: PodTemplate, snapshot: Snapshot) -> list[Check]:
    """The hard constraints of a template. Only nodes with the labels of all of them are looked at by any."""
    hard = [constraint for constraint in template.spread if constraint.required]
    keys = tuple(sorted({constraint.topology_key for constraint in hard}))
    found = []
    for constraint in hard:
        key, selector = constraint.topology_key, constraint.selector
        eligibility = snapshot.eligibility(template, keys, constraint.honor_affinity, constraint.honor_taints)
        tally = snapshot.spread_tally(Siblings(template.namespace, selector), key, eligibility)
        matches_itself = selector is not None and selector.matches(template.labels)
        found.append(Check(key, tally, constraint.min_domains, constraint.max_skew - matches_itself))
    return found


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it has no hard constraint."""
    hard = checks(pod.template, snapshot)
    if not hard:
        return None

    def judge(state: NodeState) -> Refusal | None:
        labels = state.labels
        for check in hard:
            value = labels.get(check.key)
            if value is None:
                return MISSING_LABEL
            if check.tally.counts.get(value, 0) - check.least > check.allowed:
                return REFUSAL
        return None

    return judge
