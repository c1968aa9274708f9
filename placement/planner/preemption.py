"""Making room: running pods of lower priority that move or give way, so that more important ones find a node.

kube-scheduler looks for victims on one node at a time and never moves anybody (``defaultpreemption``). Here the
running pods of many nodes are items of one problem: at each priority as many as possible keep or get a node, then
as few and as cheap ones as possible are disturbed.
"""

from __future__ import annotations

from collections.abc import Sequence

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.compiler.disruption import protected
from placement.model.pod import Pod, of_daemon
from placement.planner.disturbing import carry_out
from placement.planner.draft import Draft, solution_of
from placement.policy import Policy
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal
from placement_solvers.objective import cost_of
from placement_solvers.solver import Solver
from placement_solvers.stop import StoppingCriterion

NODES_PER_TEMPLATE = 32
"""Nodes whose pods may be disturbed for the sake of one template, the cheapest first."""


def make_room(
    cluster: Cluster, draft: Draft, policy: Policy, solver: Solver, stop: StoppingCriterion, seed: int
) -> Draft | None:
    """A better draft in which some running pods move or give way, None if there is none to be found.

    The lower bound of the new draft speaks of the pods that were open to it only where these are all there are;
    otherwise it is absent.
    """
    wanting = [pod for pod in draft.left_over() if pod.template.preempts]
    if not wanting:
        return None
    threshold = max(pod.template.priority for pod in wanting)
    givers = [
        pod
        for pod in cluster.inventory.pods.values()
        if _may_give_way(pod, threshold, draft.snapshot) and not policy.leaves_alone(pod.template)
    ]
    if not givers:
        return None
    nodes = _promising(wanting, draft.snapshot, {pod.node for pod in givers})
    evictable = [pod for pod in givers if pod.node in nodes]
    if not evictable:
        return None
    waiting = [pod for pod in draft.compiled.pods if not pod.node]
    compiled = compile_cluster(cluster.inventory, waiting, policy, assumed=draft.daemons, evictable=evictable)
    before = solution_of(compiled, draft.pairs)
    result = solver.solve(compiled.problem, stop, start=before, seed=seed)
    if result.cost >= cost_of(compiled.problem, before):
        return None
    carried = carry_out(cluster, compiled, len(waiting), result.solution, draft.daemons)
    if carried is None:
        return None
    everybody = len(evictable) == len(givers)
    return Draft(
        compiled=compiled,
        snapshot=carried.snapshot,
        status=result.status,
        stopped_by=result.stopped_by,
        lower_bound=result.lower_bound if everybody else None,
        daemons=draft.daemons,
        pairs=carried.pairs,
        evictions=carried.evictions,
        statistics={**draft.statistics, "evictable": len(evictable)},
    )


def _may_give_way(pod: Pod, threshold: int, snapshot: Snapshot) -> bool:
    return (
        pod.node in snapshot.nodes
        and not pod.finished
        and not pod.deleting
        and pod.template.priority < threshold
        and not of_daemon(pod)
        and not protected(pod)
    )


def _promising(wanting: Sequence[Pod], snapshot: Snapshot, occupied: set[str]) -> set[str]:
    """For each template that wants room the nodes where least would have to go, by count and then by priority."""
    chosen: set[str] = set()
    for template in {id(pod.template): pod for pod in wanting}.values():
        costs = []
        for name in occupied:
            refused = refusal(template, name, snapshot)
            if refused is None or refused.resolvable:
                costs.append((*_estimate(template, snapshot.nodes[name]), name))
        costs.sort()
        chosen.update(name for *_, name in costs[:NODES_PER_TEMPLATE])
    return chosen


def _estimate(pod: Pod, state: NodeState) -> tuple[int, int]:
    """How many pods of lower priority make room for one more, lowest first, and the highest priority among them."""
    allocatable = state.node.allocatable
    lacking = {
        name: amount - (allocatable.get(name, 0) - state.requested.get(name, 0))
        for name, amount in pod.template.requests.items()
    }
    victims = sorted(
        (other for other in state.pods.values() if other.template.priority < pod.template.priority),
        key=lambda other: (other.template.priority, other.key),
    )
    for count, victim in enumerate(victims):
        if all(amount <= 0 for amount in lacking.values()):
            return count, victims[count - 1].template.priority if count else 0
        for name in lacking:
            lacking[name] -= victim.template.requests.get(name, 0)
    return len(victims), victims[-1].template.priority if victims else 0
