"""The referee: whether a plan holds on the Kubernetes objects, whoever made it.

Knows nothing of classes, bins or arrays. It replays the plan pod by pod, as kube-scheduler would admit it, then judges
the final state once more from scratch: every sum of requests anew, and every predicate that does not depend on the
order for every pod the plan placed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from placement.cluster import Cluster
from placement.gangs import gangs
from placement.gpu_ledger import faults
from placement.model.node import PODS
from placement.model.pod import Pod, of_daemon
from placement.plans import API_VERSION, Plan
from placement.predicates.gpu_share import NAME as GPU_SHARE
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal
from placement.renewed_claims import renewed

PLAN = "Plan"
"""Stands in for a plugin's name where the plan itself is wrong."""

GANG = "Gang"
"""Stands in for a plugin's name where a gang is not placed as it asks."""

ORDER_DEPENDENT = frozenset({"PodTopologySpread", "InterPodAffinity"})
"""Predicates that kube-scheduler asks at admission only: later pods may change the answer for earlier ones."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a plan; `pod` or `node` is "" where it is not about one."""

    pod: str
    node: str
    plugin: str
    message: str

    def __str__(self) -> str:
        where = " on ".join(part for part in (self.pod, self.node) if part)
        return f"{where}: {self.plugin}: {self.message}" if where else f"{self.plugin}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What the referee found.

    Attributes
    ----------
    violations : tuple of Violation
    placements : int
        Placements that were judged.
    """

    violations: tuple[Violation, ...]
    placements: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    def to_dict(self) -> dict[str, Any]:
        """The report as the command and the service write it."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Report",
            "ok": self.ok,
            "placements": self.placements,
            "violations": [
                {"pod": each.pod, "node": each.node, "plugin": each.plugin, "message": each.message}
                for each in self.violations
            ],
        }


def check(cluster: Cluster, plan: Plan) -> Report:
    """Judge a plan for a cluster. O(placements x terms of a pod), once the cluster's state is built."""
    return Report(tuple(_violations(cluster, plan)), len(plan.placements))


def _violations(cluster: Cluster, plan: Plan) -> Iterator[Violation]:
    inventory = cluster.inventory
    evicted = {eviction.pod for eviction in plan.evictions}
    snapshot = Snapshot(renewed(inventory, evicted))
    yield from _names(cluster, plan)
    for eviction in plan.evictions:
        pod = inventory.pods.get(eviction.pod)
        if pod is None or pod.node != eviction.node or pod.finished:
            yield Violation(eviction.pod, eviction.node, PLAN, "evicts a pod that does not run on this node")
        else:
            snapshot.unbind(pod)
    placed: dict[str, tuple[Pod, str]] = {}
    for placement in plan.placements:
        pod = inventory.pods.get(placement.pod)
        if pod is not None and placement.pod in evicted:
            pod = replace(pod, node="")  # an evicted pod comes back without a node
        if pod is None or snapshot.node_of(pod) is not None or placement.node not in inventory.nodes:
            continue  # reported by _names
        refused = refusal(pod, placement.node, snapshot)
        if refused is not None:
            yield Violation(placement.pod, placement.node, refused.plugin, "; ".join(refused.reasons))
        snapshot.bind(pod, placement.node)
        placed[placement.pod] = pod, placement.node
    yield from _sums(cluster, plan, placed)
    gpus_of = {placement.pod: placement.gpus for placement in plan.placements}
    for key, node, message in faults(inventory, gpus_of, placed, evicted):
        yield Violation(key, node, GPU_SHARE, message)
    for key, (pod, node) in placed.items():
        snapshot.unbind(pod)
        refused = refusal(pod, node, snapshot)
        if refused is not None and refused.plugin not in ORDER_DEPENDENT:
            yield Violation(key, node, refused.plugin, f"in the final state: {'; '.join(refused.reasons)}")
        snapshot.bind(pod, node)
    yield from _together(cluster, snapshot, placed)
    yield from _claims(cluster, plan, placed)


def _together(cluster: Cluster, snapshot: Snapshot, placed: dict[str, tuple[Pod, str]]) -> Iterator[Violation]:
    """A gang that the plan touches runs in sufficient number, in one domain if it asks for one."""
    for gang in gangs(cluster.inventory.pods.values(), cluster.inventory.pod_groups):
        if not any(pod.key in placed for pod in gang.members):
            continue
        names = [name for pod in gang.members if (name := snapshot.node_of(pod)) is not None]
        if len(names) < gang.at_least:
            yield Violation("", "", GANG, f"{gang.name} has {len(names)} members, wants {gang.at_least}")
        if gang.topology_key:
            domains = {snapshot.nodes[name].labels.get(gang.topology_key, "none") for name in names}
            if len(domains) > 1 or "none" in domains:
                where = ", ".join(sorted(domains))
                yield Violation("", "", GANG, f"{gang.name} lies in more than one {gang.topology_key}: {where}")


def _names(cluster: Cluster, plan: Plan) -> Iterator[Violation]:
    """Every waiting pod is named exactly once, and nothing else is."""
    waiting = {pod.key for pod in cluster.pending} | {eviction.pod for eviction in plan.evictions}
    named = Counter(placement.pod for placement in plan.placements)
    named.update(unplaced.pod for unplaced in plan.unplaced)
    for placement in plan.placements:
        if placement.node not in cluster.inventory.nodes:
            yield Violation(placement.pod, placement.node, PLAN, "no such node in the cluster")
    for key, times in named.items():
        if key not in cluster.inventory.pods:
            yield Violation(key, "", PLAN, "no such pod in the cluster")
        elif key not in waiting:
            yield Violation(key, "", PLAN, "the pod does not wait for a node")
        elif times > 1:
            yield Violation(key, "", PLAN, f"named {times} times")
    for key in sorted(waiting - named.keys()):
        yield Violation(key, "", PLAN, "a waiting pod that the plan does not name")


def _sums(cluster: Cluster, plan: Plan, placed: dict[str, tuple[Pod, str]]) -> Iterator[Violation]:
    """Add up every node the plan touches anew, from the pods alone."""
    evicted = {eviction.pod for eviction in plan.evictions}
    totals: dict[str, Counter[str]] = {node: Counter() for _, node in placed.values()}
    lying = [(pod, pod.node) for key, pod in cluster.inventory.pods.items() if pod.node and key not in evicted]
    for pod, node in [*lying, *placed.values()]:
        if node in totals and not pod.finished:
            totals[node].update(pod.template.requests)
            totals[node][PODS] += 1
    asked = {node: set[str]() for node in totals}
    for pod, node in placed.values():
        asked[node].update(name for name, amount in pod.template.requests.items() if amount > 0)
        asked[node].add(PODS)
    for node, total in totals.items():
        allocatable = cluster.inventory.nodes[node].allocatable
        for name in sorted(asked[node]):
            if total[name] > allocatable.get(name, 0):
                message = f"{name}: {total[name]} requested, {allocatable.get(name, 0)} allocatable"
                yield Violation("", node, "NodeResourcesFit", message)


def _claims(cluster: Cluster, plan: Plan, placed: dict[str, tuple[Pod, str]]) -> Iterator[Violation]:
    """What the plan says of itself is counted again."""
    used = nodes_used(cluster, {node for pod, node in placed.values() if not of_daemon(pod)}, plan)
    if used != plan.nodes_used:
        yield Violation("", "", PLAN, f"says {plan.nodes_used} nodes are used, counted {used}")
    tiers, evicted = {tier.tier for tier in plan.cost}, {one.pod for one in plan.evictions}
    left_out = Counter(
        pod.template.priority
        for unplaced in plan.unplaced
        # A gated pod waits for somebody to lift the gate; no plan could place it, so none pays for it.
        if (pod := cluster.inventory.pods.get(unplaced.pod)) is not None
        and not pod.template.scheduling_gates
        # Whoever gave way and found no other node is paid for in a tier of its own.
        and not (pod.key in evicted and f"evicted at priority {pod.template.priority}" in tiers)
    )
    for tier in plan.cost:
        prefix = "unplaced at priority "
        if tier.tier.startswith(prefix) and tier.value != left_out[int(tier.tier.removeprefix(prefix))]:
            counted = left_out[int(tier.tier.removeprefix(prefix))]
            yield Violation("", "", PLAN, f"says {tier.value} {tier.tier}, counted {counted}")
    if plan.lower_bound is not None:
        values = tuple(tier.value for tier in plan.cost)
        bounds = tuple(tier.value for tier in plan.lower_bound)
        if bounds > values:
            yield Violation("", "", PLAN, f"its lower bound {bounds} is above its cost {values}")
        if plan.status == "optimal" and bounds != values:
            yield Violation("", "", PLAN, f"is called optimal at {values}, but its bound is {bounds}")
    elif plan.status == "optimal":
        yield Violation("", "", PLAN, "is called optimal without a bound")


def nodes_used(cluster: Cluster, placed_on: set[str], plan: Plan) -> int:
    """Nodes with a pod that is not a DaemonSet's, once `placed_on` have theirs."""
    evicted = {eviction.pod for eviction in plan.evictions}
    lying = {
        pod.node
        for key, pod in cluster.inventory.pods.items()
        if pod.node and not pod.finished and not of_daemon(pod) and key not in evicted
    }
    return len((lying & cluster.inventory.nodes.keys()) | placed_on)
