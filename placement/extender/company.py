"""What the company of other pods adds to the policy's soft costs: preferred affinity and wished spread."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement.model.pod import Pod, PodTemplate
from placement.policy import Weights
from placement.predicates.kind import AllTerms, Siblings
from placement.predicates.snapshot import HARD_AFFINITY_WEIGHT
from placement.predicates.tally import SpreadTally, Tally
from placement.store.columns import NO_VALUE
from placement.store.live import LiveSnapshot

_TEMPLATES = 5000

Costs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Wishes:
    """What a template wishes of a snapshot's pods; it holds the template so that its id stays its own.

    Attributes
    ----------
    terms : list of (int, Tally)
        What each pod in a node's domain costs.
    spreads : list of (int, SpreadTally)
        The skew that costs nothing.
    """

    template: PodTemplate
    terms: list[tuple[int, Tally]]
    spreads: list[tuple[int, SpreadTally]]


class Company:
    """Costs of nodes by who is there.

    Parameters
    ----------
    weights : Weights
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._snapshot: LiveSnapshot | None = None
        self._wishes: OrderedDict[int, _Wishes] = OrderedDict()

    def costs(self, pod: Pod, snapshot: LiveSnapshot) -> Costs:
        """What the soft costs grow by if the pod comes to each node, below zero where they shrink, (rows,).

        Preferred affinity counts both ways, as in the planner's tier: what the pod wishes of those who are there, and
        what those wish of it. The cluster's own default constraints are left to kube-scheduler's score.
        O(nodes × terms).
        """
        count = snapshot.table.num_rows
        costs: Costs = np.zeros(count, dtype=np.int64)
        known = self._known(pod.template, snapshot)
        theirs = [
            (-carrier.weight * self._weights.pod_affinity, carrier.tally)
            for carrier in snapshot.carriers_meeting(snapshot.kind(pod.template))
            # Required affinity is carried with this weight; the planner's tiers count only what is preferred.
            if carrier.weight not in (0, HARD_AFFINITY_WEIGHT)
        ]
        for weight, tally in [*known.terms, *theirs]:
            if weight and tally.counts:
                costs += weight * snapshot.column(tally).by_row()[:count]
        for max_skew, tally in known.spreads:
            costs += self._weights.spread * _skewed(max_skew, tally, snapshot)
        return costs

    def _known(self, template: PodTemplate, snapshot: LiveSnapshot) -> _Wishes:
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._wishes.clear()
        known = self._wishes.get(id(template))
        if known is not None:
            self._wishes.move_to_end(id(template))
            return known
        terms = [
            (
                sign * self._weights.pod_affinity * preferred.weight,
                snapshot.tally(AllTerms((preferred.term,)), preferred.term.topology_key),
            )
            for sign, affinity in ((-1, template.affinity), (1, template.anti_affinity))
            for preferred in affinity.preferred
        ]
        spreads = []
        for constraint in template.spread if self._weights.spread else ():
            # One that does not count the pod itself does not change by its coming.
            selector, key = constraint.selector, constraint.topology_key
            if constraint.required or selector is None or not selector.requirements:
                continue
            if selector.matches(template.labels):
                eligible = snapshot.eligibility(template, (key,), constraint.honor_affinity, constraint.honor_taints)
                tally = snapshot.spread_tally(Siblings(template.namespace, selector), key, eligible)
                spreads.append((constraint.max_skew, tally))
        known = self._wishes[id(template)] = _Wishes(template, terms, spreads)
        if len(self._wishes) > _TEMPLATES:
            self._wishes.popitem(last=False)
        return known


def _skewed(max_skew: int, tally: SpreadTally, snapshot: LiveSnapshot) -> Costs:
    """By how much the distance from the least to the most pods of a domain grows beyond the skew, (rows,)."""
    column = snapshot.column(tally)
    count = snapshot.table.num_rows
    labels = column.labels.of_row[:count]
    if not tally.domains_at:
        return np.zeros(count, dtype=np.int64)
    there = column.by_row()[:count]
    least, most = tally.minimum, max(tally.domains_at)
    # The least count rises only if the pod comes to the one domain that has it.
    rises = (there == least) & (tally.domains_at.get(least, 0) == 1)
    after = np.maximum(most, there + 1) - (least + rises) - max_skew
    grown: Costs = np.maximum(after, 0) - max(most - least - max_skew, 0)
    grown[labels == NO_VALUE] = 0
    return grown
