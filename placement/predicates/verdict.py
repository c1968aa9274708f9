"""What kube-scheduler's default profile says of a pod, node by node."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from placement.model.pod import Pod, PodTemplate
from placement.predicates import (
    dynamic_resources,
    gpu_share,
    inter_pod_affinity,
    node_affinity,
    node_name,
    node_ports,
    node_resources_fit,
    node_unschedulable,
    node_volume_limits,
    pod_topology_spread,
    scheduling_gates,
    taint_toleration,
    volume_binding,
    volume_restrictions,
    volume_zone,
)
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal
from placement.predicates.snapshot import Filter, Snapshot

__all__ = ["FILTERS", "Refusal", "Verdict", "plugin_verdict", "prepared", "refusal", "verdict"]

Prepare: TypeAlias = Callable[[Pod, Snapshot], Filter | Refusal | None]

# The default filters in the order in which they are asked (apis/config/v1/default_plugins.go).
FILTERS: dict[str, Prepare] = {
    node_unschedulable.NAME: node_unschedulable.prepare,
    node_name.NAME: node_name.prepare,
    taint_toleration.NAME: taint_toleration.prepare,
    node_affinity.NAME: node_affinity.prepare,
    node_ports.NAME: node_ports.prepare,
    node_resources_fit.NAME: node_resources_fit.prepare,
    volume_restrictions.NAME: volume_restrictions.prepare,
    node_volume_limits.NAME: node_volume_limits.prepare,
    volume_binding.NAME: volume_binding.prepare,
    volume_zone.NAME: volume_zone.prepare,
    pod_topology_spread.NAME: pod_topology_spread.prepare,
    inter_pod_affinity.NAME: inter_pod_affinity.prepare,
    dynamic_resources.NAME: dynamic_resources.prepare,
    # Not the scheduler's own: what schedulers of shared GPUs add.
    gpu_share.NAME: gpu_share.prepare,
}

# Filters that look at more of a pod than its template: its node, its claims and who else uses them.
OF_THE_POD = frozenset(
    {
        node_name.NAME,
        volume_restrictions.NAME,
        node_volume_limits.NAME,
        volume_binding.NAME,
        volume_zone.NAME,
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a pod could go, and who refuses it elsewhere.

    Attributes
    ----------
    pod : str
        ``namespace/name``.
    feasible : list of str
        Nodes that admit the pod, in the order of the cluster.
    infeasible : dict of node name to Refusal
    """

    pod: str
    feasible: list[str]
    infeasible: dict[str, Refusal]


def verdict(pod: Pod, snapshot: Snapshot) -> Verdict:
    """The word of the first refusing filter on every node. O(nodes × filters)."""
    filters = _profile(pod, snapshot)
    if isinstance(filters, Refusal):
        return Verdict(pod.key, [], dict.fromkeys(snapshot.nodes, filters))
    feasible: list[str] = []
    infeasible: dict[str, Refusal] = {}
    for name, state in snapshot.nodes.items():
        refused = _first(filters, state)
        if refused is None:
            feasible.append(name)
        else:
            infeasible[name] = refused
    return Verdict(pod.key, feasible, infeasible)


def refusal(pod: Pod, node: str, snapshot: Snapshot) -> Refusal | None:
    """The word of the first filter that refuses the pod on one node, None if it may go there. O(terms of the pod)."""
    filters = _profile(pod, snapshot)
    return filters if isinstance(filters, Refusal) else _first(filters, snapshot.nodes[node])


def plugin_verdict(plugin: str, pod: Pod, snapshot: Snapshot) -> Verdict:
    """The word of one filter alone on every node."""
    judge = FILTERS[plugin](pod, snapshot)
    if judge is None:
        return Verdict(pod.key, list(snapshot.nodes), {})
    if isinstance(judge, Refusal):
        return Verdict(pod.key, [], dict.fromkeys(snapshot.nodes, judge))
    refusals = {name: judge(state) for name, state in snapshot.nodes.items()}
    return Verdict(
        pod.key,
        [name for name, refused in refusals.items() if refused is None],
        {name: refused for name, refused in refusals.items() if refused is not None},
    )


def _first(filters: list[Filter], state: NodeState) -> Refusal | None:
    for judge in filters:
        refused = judge(state)
        if refused is not None:
            return refused
    return None


def prepared(pod: Pod, snapshot: Snapshot, plugins: Collection[str] | None = None) -> list[Filter] | Refusal:
    """The filters of all or some plugins that have a say on a pod, in order.

    Or the refusal that one of them gives to all nodes beforehand.
    """
    template = pod.template
    of_template = _of_template(template, pod, snapshot)
    filters: list[Filter] = []
    for plugin in FILTERS:
        if plugins is not None and plugin not in plugins:
            continue
        judge = FILTERS[plugin](pod, snapshot) if plugin in OF_THE_POD else of_template[plugin]
        if isinstance(judge, Refusal):
            return judge
        if judge is not None:
            filters.append(judge)
    return filters


def _profile(pod: Pod, snapshot: Snapshot) -> list[Filter] | Refusal:
    """The filters of the whole profile, or one refusal of all nodes."""
    template = pod.template
    of_template_alone = not (pod.node or template.volumes)
    if of_template_alone:
        known = snapshot.profiles.get(id(template))
        if known is not None:
            return known[1]
    filters = scheduling_gates.refusal(template) or prepared(pod, snapshot)
    names = node_affinity.named_nodes(template)
    if names is not None and isinstance(filters, list):
        filters.insert(0, _only(names))
    if of_template_alone:
        snapshot.profiles[id(template)] = (template, filters)
    return filters


def _of_template(template: PodTemplate, pod: Pod, snapshot: Snapshot) -> dict[str, Filter | Refusal | None]:
    # Prepared once for all pods of the template; the counts behind stay up to date by themselves.
    known = snapshot.prepared.get(id(template))
    if known is None:
        judges = {plugin: prepare(pod, snapshot) for plugin, prepare in FILTERS.items() if plugin not in OF_THE_POD}
        known = snapshot.prepared[id(template)] = (template, judges)
    return known[1]


def _only(names: frozenset[str]) -> Filter:
    def judge(state: NodeState) -> Refusal | None:
        return None if state.name in names else node_affinity.LEFT_OUT

    return judge
