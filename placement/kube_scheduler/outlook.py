"""How all nodes look to the pods of one template: who admits them, and with what score."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from placement.kube_scheduler.columns import Columns, Integers
from placement.model.node import CPU, MEMORY, PODS
from placement.model.pod import Pod
from placement.model.taint import Effect
from placement.model.topology import HOSTNAME
from placement.predicates import (
    gpu_share,
    inter_pod_affinity,
    node_affinity,
    node_resources_fit,
    node_unschedulable,
    pod_topology_spread,
    taint_toleration,
)
from placement.predicates.kind import AllTerms, Siblings
from placement.predicates.verdict import OF_THE_POD, prepared
from placement.scores import image_locality
from placement.scores import inter_pod_affinity as preferred_affinity
from placement.scores import pod_topology_spread as soft_spread
from placement.scores.node_resources_fit import LeastAllocated, Strategy
from placement.scores.normalise import MAX_SCORE

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Outlook:
    """A template before all nodes. What never changes is worked out once, the rest is read off the columns.

    Parameters
    ----------
    pod : Pod
        Any pod of the template.
    columns : Columns
    strategy : Strategy
        How NodeResourcesFit scores: least or most allocated.
    """

    def __init__(self, pod: Pod, columns: Columns, strategy: Strategy) -> None:
        self.columns = columns
        self.strategy = strategy
        snapshot, template = columns.snapshot, pod.template
        self.template = template
        states = columns.states
        self.kind = snapshot.kind(template)
        names = node_affinity.named_nodes(template)
        self.named: Mask | None = None if names is None else np.array([state.name in names for state in states])
        self.hopeless = bool(inter_pod_affinity.unparsable(template)) or bool(template.scheduling_gates)
        self.static = np.array(
            [
                node_unschedulable.admits(template, state.node)
                and taint_toleration.untolerated(template, state.node) is None
                and node_affinity.admits(template, state.node)
                for state in states
            ],
            dtype=np.bool_,
        )
        if self.named is not None:
            self.static &= self.named
        self.asked = node_resources_fit.requests(template)
        devices = snapshot.inventory.device_resources
        if any(name in devices for name, _ in self.asked):
            # Only claims could meet it, or the node's own offer, which the filter of requests looks at.
            self.static &= np.array(
                [
                    not any(node_resources_fit.served_by_claims(name, state.node, devices) for name, _ in self.asked)
                    for state in states
                ],
                dtype=np.bool_,
            )
        self.spread = pod_topology_spread.checks(template, snapshot)
        wanted = template.affinity.required
        self.near = snapshot.affinity_tallies(wanted) if wanted else []
        self.far = [snapshot.tally(AllTerms((term,)), term.topology_key) for term in template.anti_affinity.required]
        self.starts_itself = inter_pod_affinity.starts_itself(template, snapshot)
        self._prepare_scores(pod)

    def _prepare_scores(self, pod: Pod) -> None:
        snapshot, template, states = self.columns.snapshot, self.template, self.columns.states
        tolerations = [t for t in template.tolerations if t.effect in (None, Effect.PREFER_NO_SCHEDULE)]
        self.taints = np.array(
            [
                sum(
                    taint.effect is Effect.PREFER_NO_SCHEDULE and not any(t.tolerates(taint) for t in tolerations)
                    for taint in state.node.taints
                )
                for state in states
            ],
            dtype=np.int64,
        )
        preferred = template.node_affinity.preferred
        self.liking = np.array(
            [
                sum(choice.weight for choice in preferred if choice.term.matches(state.name, state.labels))
                for state in states
            ],
            dtype=np.int64,
        )
        self.images = np.array(image_locality.score(pod, snapshot, states), dtype=np.int64)
        incoming = template.incoming_requests
        scored = template.scored_requests if incoming is None else incoming
        self.scored = scored.get(CPU, 0), scored.get(MEMORY, 0)
        self.requested = template.requests.get(CPU, 0), template.requests.get(MEMORY, 0)

    @property
    def may_improve(self) -> bool:
        """Whether pods that come can make a node admit the template which did not before."""
        return bool(self.near or self.spread)

    def feasible(self, pod: Pod) -> Mask:
        """Nodes that admit a pod of the template, (N,) bool. O(nodes × terms)."""
        columns = self.columns
        mask = self.static.copy()
        if self.hopeless:
            return mask & False
        for name, amount in self.asked:
            mask &= amount <= columns.offered(name) - columns.taken(name)
        mask &= columns.num_pods < columns.offered(PODS)
        for check in self.spread:
            domains, _ = columns.topology(check.key)
            mask &= (domains >= 0) & (columns.counts(check.tally) - check.least <= check.allowed)
        self._keep_near(mask)
        for tally in self.far:
            if tally.counts:
                mask &= columns.counts(tally) == 0
        for carrier in columns.snapshot.carriers_meeting(self.kind):
            if not carrier.weight and carrier.tally.counts:
                mask &= columns.counts(carrier.tally) == 0
        if self.template.host_ports or self.template.volumes or self.template.gpu_share is not None:
            self._ask_one_by_one(pod, mask)
        return mask

    def _keep_near(self, mask: Mask) -> None:
        if not self.near:
            return
        there = np.ones_like(mask)
        for tally in self.near:
            mask &= self.columns.topology(tally.key)[0] >= 0
            there &= self.columns.counts(tally) > 0
        if not self.starts_itself or any(tally.counts for tally in self.near):
            mask &= there

    def _ask_one_by_one(self, pod: Pod, mask: Mask) -> None:
        # Ports, volumes and shares of GPUs are rare, and what they conflict with differs from pod to pod.
        snapshot = self.columns.snapshot
        judges = prepared(pod, snapshot, plugins=OF_THE_POD | {"NodePorts", gpu_share.NAME})
        if not isinstance(judges, list):
            mask[:] = False
            return
        for row in np.flatnonzero(mask).tolist():
            state = self.columns.states[row]
            mask[row] = all(judge(state) is None for judge in judges)

    def totals(self, pod: Pod, rows: Integers) -> Integers:
        """Weighted sum of the default profile's scores for some nodes, (len(rows),) int64."""
        total = self._allocation(rows) + self._balance(rows) + self.images[rows]
        total += 3 * (MAX_SCORE - proportional(self.taints[rows]))
        total += 2 * proportional(self.liking[rows])
        total += 2 * self._spread(pod, rows)
        total += 2 * self._affinity(pod, rows)
        return total

    def _allocation(self, rows: Integers) -> Integers:
        columns = self.columns
        total = np.zeros(len(rows), dtype=np.int64)
        weights = np.zeros(len(rows), dtype=np.int64)
        least = isinstance(self.strategy, LeastAllocated)
        of = {
            CPU: (self.scored[0] + columns.scored_cpu[rows], columns.offered(CPU)[rows]),
            MEMORY: (self.scored[1] + columns.scored_memory[rows], columns.offered(MEMORY)[rows]),
        }
        for resource, weight in self.strategy.weights:
            asked, there = of[resource]
            some = np.maximum(there, 1)
            kept = np.minimum(asked, there)
            share = (np.where(asked > there, 0, there - kept) if least else kept) * MAX_SCORE // some
            total += np.where(there > 0, share * weight, 0)
            weights += np.where(there > 0, weight, 0)
        return total // np.maximum(weights, 1)

    def _balance(self, rows: Integers) -> Integers:
        if not any(self.requested):
            return np.zeros(len(rows), dtype=np.int64)
        columns = self.columns
        without = [columns.taken(resource)[rows] for resource in (CPU, MEMORY)]
        there = [columns.offered(resource)[rows] for resource in (CPU, MEMORY)]
        with_pod = [taken + asked for taken, asked in zip(without, self.requested, strict=True)]
        half = MAX_SCORE // 2
        gain = half + _evenness(with_pod, there) - _evenness(without, there)
        # Towards zero, as Go divides.
        return half + np.trunc(gain / 2).astype(np.int64)

    def _affinity(self, pod: Pod, rows: Integers) -> Integers:
        weighted = preferred_affinity.weighted_tallies(pod, self.columns.snapshot)
        raw = np.zeros(len(rows), dtype=np.int64)
        for weight, tally in weighted:
            raw += weight * self.columns.counts(tally)[rows]
        low, high = int(raw.min()), int(raw.max())
        if high <= low:
            return np.zeros(len(rows), dtype=np.int64)
        return (MAX_SCORE * ((raw - low) / (high - low))).astype(np.int64)

    def _spread(self, pod: Pod, rows: Integers) -> Integers:
        columns, template = self.columns, self.template
        constraints = soft_spread.soft_constraints(pod, columns.snapshot)
        if not constraints:
            return np.zeros(len(rows), dtype=np.int64)
        keys = tuple(sorted({constraint.topology_key for constraint in constraints})) if template.spread else ()
        scored = np.ones(len(rows), dtype=np.bool_)
        for key in keys:
            scored &= columns.topology(key)[0][rows] >= 0
        raw = np.zeros(len(rows))
        for constraint in constraints:
            key = constraint.topology_key
            domains = columns.topology(key)[0][rows]
            siblings = Siblings(template.namespace, constraint.selector)
            if key == HOSTNAME:
                tally = columns.snapshot.tally(siblings, "")
                number = int(scored.sum())
            else:
                eligibility = columns.snapshot.eligibility(
                    template, keys, constraint.honor_affinity, constraint.honor_taints
                )
                tally = columns.snapshot.spread_tally(siblings, key, eligibility)
                number = len(np.unique(domains[scored]))
            weight = math.log(number + 2)
            counted = columns.counts(tally)[rows] * weight + (constraint.max_skew - 1)
            raw += np.where(scored & (domains >= 0), counted, 0.0)
        return _stretched(np.floor(raw + 0.5).astype(np.int64), scored)


def proportional(raw: Integers) -> Integers:
    """Raw scores in proportion to the highest; zeros if there is none above zero."""
    highest = int(raw.max())
    return MAX_SCORE * raw // highest if highest else raw


def _evenness(requested: list[Integers], there: list[Integers]) -> Integers:
    shares: list[Floats] = [
        np.minimum(1.0, asked / np.maximum(some, 1)) for asked, some in zip(requested, there, strict=True)
    ]
    both = (there[0] > 0) & (there[1] > 0)
    deviation = np.where(both, np.abs((shares[0] - shares[1]) / 2), 0.0)
    return ((1 - deviation) * MAX_SCORE).astype(np.int64)


def _stretched(raw: Integers, scored: Mask) -> Integers:
    if not scored.any():
        return np.zeros(len(raw), dtype=np.int64)
    low, high = int(raw[scored].min()), int(raw[scored].max())
    if high == 0:
        return np.where(scored, MAX_SCORE, 0)
    return np.where(scored, MAX_SCORE * (high + low - raw) // high, 0)
