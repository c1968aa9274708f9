"""PodTopologySpread: hard spread constraints (kube-scheduler ``plugins/podtopologyspread/filtering.go``)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from placement.model.pod import Pod
from placement.predicates.kind import Siblings
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "PodTopologySpread"
REFUSAL = Refusal(NAME, ("node(s) didn't match pod topology spread constraints",), resolvable=True)
MISSING_LABEL = Refusal(
    NAME, ("node(s) didn't match pod topology spread constraints (missing required label)",), resolvable=False
)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it has no hard constraint."""
    template = pod.template
    hard = [constraint for constraint in template.spread if constraint.required]
    if not hard:
        return None
    # Only nodes with the labels of all hard constraints are looked at by any of them.
    keys = tuple(sorted({constraint.topology_key for constraint in hard}))
    checks = []
    for constraint in hard:
        eligibility = snapshot.eligibility(template, keys, constraint.honor_affinity, constraint.honor_taints)
        siblings = Siblings(template.namespace, constraint.selector)
        tally = snapshot.spread_tally(siblings, constraint.topology_key, eligibility)
        # With fewer domains than asked for, the least count is taken as zero.
        few = tally.num_domains < constraint.min_domains
        matches_itself = constraint.selector is not None and constraint.selector.matches(template.labels)
        checks.append((constraint.topology_key, tally, few, constraint.max_skew - matches_itself))

    def judge(state: NodeState) -> Refusal | None:
        labels = state.labels
        for key, tally, few, allowed in checks:
            value = labels.get(key)
            if value is None:
                return MISSING_LABEL
            least = 0 if few else tally.minimum if tally.num_domains else sys.maxsize
            if tally.counts.get(value, 0) - least > allowed:
                return REFUSAL
        return None

    return judge
