"""The draft said as a plan: costs by tier, what is proven, and why some pods are left over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.model.pod import Pod, PodTemplate, of_daemon
from placement.planner.draft import Draft, solution_of
from placement.plans import Eviction, Placement, Plan, PlanStatus, ReasonCount, TierCost, Unplaced
from placement.policy import Policy
from placement.predicates.gpu_share import laid_out
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import verdict
from placement.reasons import count_reasons
from placement.referee import nodes_used
from placement_solvers.bounds.area import lower_bound
from placement_solvers.objective import Cost, cost_of, gap
from placement_solvers.problem import Problem
from placement_solvers.result import Status

PLAN_STATUS: dict[Status, PlanStatus] = {
    Status.OPTIMAL: "optimal",
    Status.FEASIBLE: "feasible",
    Status.INFEASIBLE: "infeasible",
    Status.UNKNOWN: "unknown",
}


def answer(cluster: Cluster, draft: Draft, policy: Policy, solver: str, seed: int) -> Plan:
    """The plan of a draft, its cost summed anew from what the snapshot holds."""
    problem = draft.compiled.problem
    cost = cost_of(problem, solution_of(draft.compiled, draft.pairs, draft.evictions))
    bound = _bound(cluster, draft, policy, cost)
    offsets = [int(tier.open[problem.in_use].sum()) if tier.open is not None else 0 for tier in problem.tiers]
    names = [tier.name for tier in problem.tiers]
    status = draft.status
    if bound is not None and bound == cost:
        status = Status.OPTIMAL
    elif status is Status.OPTIMAL:
        status = Status.FEASIBLE
    placed = {pod.key for pod, _ in draft.pairs}
    waiting = [*cluster.pending, *draft.evictions]
    said = Plan(
        status=PLAN_STATUS[status],
        placements=tuple(_placements(draft)),
        evictions=tuple(_eviction(pod, placed) for pod in draft.evictions),
        unplaced=tuple(_reasons([pod for pod in waiting if pod.key not in placed], draft.snapshot)),
        cost=_tiers(names, cost, offsets),
        lower_bound=None if bound is None else _tiers(names, bound, offsets),
        gap=None if bound is None else gap(_shifted(cost, offsets), _shifted(bound, offsets)),
        solver=solver,
        policy=policy.name,
        seed=seed,
        stopped_by=draft.stopped_by.value,
        statistics=_statistics(cluster, draft, problem),
        witness=draft.witness.as_dict() if draft.witness and draft.witness.prices and bound is not None else None,
    )
    used = nodes_used(cluster, {node for pod, node in draft.pairs if not of_daemon(pod)}, said)
    return msgspec.structs.replace(said, nodes_used=used)


def _statistics(cluster: Cluster, draft: Draft, problem: Problem) -> dict[str, int | float | str]:
    counts = {name: value for name, value in draft.statistics.items() if isinstance(value, int | str)}
    claiming = sum(bool(pod.template.device_claims) for pod in cluster.pending)
    unjudged = {"pods with device claims not judged": claiming} if claiming else {}
    return {
        "nodes": problem.num_bins,
        "pods": len(cluster.pending),
        "classes": problem.num_classes,
        "groups": len(problem.groups),
        **unjudged,
        **counts,
    }


def _bound(cluster: Cluster, draft: Draft, policy: Policy, cost: Cost) -> Cost | None:
    """The proven bound, weakened where daemons that went first might have stood in the way of others.

    Where nobody as important as the least important daemon is left out, every best plan places all daemons, each on
    the one node it has: going first then took nothing from anybody.
    """
    problem = draft.compiled.problem
    least = min((daemon.template.priority for daemon, _ in draft.daemons), default=None)
    if draft.lower_bound is None or least is None:
        return draft.lower_bound
    contested = problem.class_priority >= least
    if not any(
        value and part.unplaced is not None and part.unplaced[contested].any()
        for value, part in zip(cost, problem.tiers, strict=True)
    ):
        return draft.lower_bound
    everyone = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    whole = compile_cluster(cluster.inventory, everyone, policy).problem
    of_tier = {
        tier.name: value
        for tier, value in zip(whole.tiers, lower_bound(whole), strict=True)
        if tier.unplaced is not None
    }
    return tuple(of_tier.get(tier.name, 0) for tier in problem.tiers)


def _placements(draft: Draft) -> Iterator[Placement]:
    """Where each pod goes, and which GPUs it has of those it shares."""
    sharing = dict.fromkeys(node for pod, node in draft.pairs if pod.template.gpu_share is not None)
    gpus = {node: laid_out(draft.snapshot.nodes[node]) or {} for node in sharing}
    for pod, node in draft.pairs:
        yield Placement(pod.key, node, gpus[node].get(pod.key, ()) if node in gpus else ())


def _eviction(pod: Pod, placed: set[str]) -> Eviction:
    return Eviction(pod.key, pod.node, "moves to another node" if pod.key in placed else "gives way")


def _shifted(cost: Cost, offsets: Sequence[int]) -> Cost:
    return tuple(value + offset for value, offset in zip(cost, offsets, strict=True))


def _tiers(names: Sequence[str], cost: Cost, offsets: Sequence[int]) -> tuple[TierCost, ...]:
    return tuple(TierCost(name, value) for name, value in zip(names, _shifted(cost, offsets), strict=True))


def _reasons(unplaced: Iterable[Pod], snapshot: Snapshot) -> Iterable[Unplaced]:
    """Why each pod is left over, judged in the final state; pods of one template share the answer."""
    known: dict[int, tuple[ReasonCount, ...]] = {}
    for pod in unplaced:
        template: PodTemplate = pod.template
        if id(template) not in known:
            known[id(template)] = count_reasons(verdict(pod, snapshot).infeasible.values())
        yield Unplaced(pod.key, known[id(template)])
