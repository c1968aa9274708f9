"""From a cluster to a checked plan.

The daemons' pods, which have one node each, go first; the rest is one problem. What the compiler relaxed is settled on
the objects afterwards, and no plan leaves unless the referee accepts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from placement.cluster import Cluster
from placement.compiler import Compiled, compile_cluster
from placement.compiler.eligibility import pinned_node
from placement.errors import UncheckedPlanError
from placement.model.pod import Pod, PodTemplate, of_daemon
from placement.plans import Placement, Plan, PlanStatus, ReasonCount, TierCost, Unplaced
from placement.policy import PRESETS, Policy
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal, verdict
from placement.reasons import count_reasons
from placement.referee import check, nodes_used
from placement.roster import KUBE_SCHEDULER, solver_named
from placement_solvers.bounds.area import lower_bound
from placement_solvers.objective import Cost, cost_of, gap
from placement_solvers.result import Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import Interruptible, MaxRuntime, Progress, StoppingCriterion

Pair = tuple[Pod, str]

PLAN_STATUS: dict[Status, PlanStatus] = {
    Status.OPTIMAL: "optimal",
    Status.FEASIBLE: "feasible",
    Status.INFEASIBLE: "infeasible",
    Status.UNKNOWN: "unknown",
}


@dataclass(slots=True)
class _Clock:
    """Seconds by stage, for people."""

    began: float
    stages: dict[str, float]

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self.began
        self.began = now


def plan(
    cluster: Cluster,
    *,
    policy: Policy | None = None,
    solver: str = "auto",
    time_limit: float = 10.0,
    seed: int = 0,
    interrupted: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Plan:
    """Find nodes for the waiting pods of a cluster.

    Parameters
    ----------
    time_limit : float
        Seconds of search; reading, checking and explaining come on top.
    interrupted : callable, optional
        Asked now and then; once it says True the best plan so far is returned.
    progress : callable, optional
        Is shown how far the search is.
    notice : callable, optional
        Is told, in a few words, of anything that takes a while.

    Raises
    ------
    UncheckedPlanError
        If the referee refuses the plan, which is a defect of this program.
    UnknownSolverError
        If there is no solver of that name.
    """
    clock = _Clock(time.perf_counter(), {})
    policy = policy or PRESETS["default"]
    stop: StoppingCriterion = MaxRuntime(time_limit)
    if interrupted is not None:
        stop = Interruptible(stop, interrupted)
    if progress is not None:
        stop = _shown(stop, progress)
    waiting = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    snapshot = Snapshot(cluster.inventory)
    clock.lap("state")
    daemons = [pod for pod in waiting if of_daemon(pod) and pinned_node(pod.template) is not None]
    others = [pod for pod in waiting if not (of_daemon(pod) and pinned_node(pod.template) is not None)]
    first = _admit(((pod, pinned_node(pod.template) or "") for pod in daemons), snapshot)
    if len(first) < len(daemons) or _outranked(first, others):
        # A daemon that found no room, or might take that of somebody more important, is no foregone conclusion.
        for pod, _ in first:
            snapshot.unbind(pod)
        first, others = [], waiting
    clock.lap("daemons")
    compiled = compile_cluster(cluster.inventory, others, policy, assumed=first)
    clock.lap("compile")
    if solver == KUBE_SCHEDULER:
        result = _simulated(compiled, snapshot, stop, seed)
    else:
        result = solver_named(solver, policy, notice).solve(compiled.problem, stop, seed=seed)
        _admit(compiled.invert(result.solution), snapshot)
    if interrupted is not None and interrupted():
        result = replace(result, stopped_by=StopReason.INTERRUPTED)
    clock.lap("solve")
    final = _settle(compiled, result, snapshot, first)
    clock.lap("settle")
    answer = _answer(cluster, policy, solver, seed, compiled, result, final, snapshot, clock)
    report = check(cluster, answer)
    clock.lap("check")
    if not report.ok:
        raise UncheckedPlanError(f"the plan fails its check in {len(report.violations)} places: {report.violations[0]}")
    return answer


def _shown(stop: StoppingCriterion, progress: Callable[[Progress], None]) -> StoppingCriterion:
    def criterion(now: Progress, /) -> bool:
        progress(now)
        return stop(now)

    return criterion


def _outranked(daemons: Sequence[Pair], others: Sequence[Pod]) -> bool:
    """Whether a daemon could stand in the way of a pod of higher priority."""
    if not daemons or not others:
        return False
    return min(pod.template.priority for pod, _ in daemons) < max(pod.template.priority for pod in others)


def _admit(pairs: Iterable[Pair], snapshot: Snapshot) -> list[Pair]:
    """Bind what the predicates admit, in order; those that found their place."""
    admitted = []
    for pod, node in pairs:
        if refusal(pod, node, snapshot) is None:
            snapshot.bind(pod, node)
            admitted.append((pod, node))
    return admitted


def _simulated(compiled: Compiled, snapshot: Snapshot, stop: StoppingCriterion, seed: int) -> Result:
    """What the default scheduler would do with the same pods, as a result like any other."""
    from placement.kube_scheduler import simulate

    began = time.perf_counter()
    bound = simulate(snapshot, compiled.pods, seed=seed, stop=stop)
    solution = _solution(compiled, ((pod, node) for pod, node in bound if node is not None))
    cost = cost_of(compiled.problem, solution)
    return Result(
        status=Status.FEASIBLE,
        stopped_by=StopReason.FINISHED,
        solution=solution,
        cost=cost,
        lower_bound=lower_bound(compiled.problem),
        elapsed=time.perf_counter() - began,
    )


def _solution(compiled: Compiled, pairs: Iterable[Pair]) -> Solution:
    """The solution that says the same as pods and nodes."""
    item_of = {pod.key: item for item, pod in enumerate(compiled.pods)}
    bin_of_node = {name: bin_ for bin_, name in enumerate(compiled.nodes)}
    solution = Solution.nothing_placed(len(compiled.pods))
    sequence = []
    for pod, node in pairs:
        item = item_of.get(pod.key)
        if item is not None:
            solution.bin_of[item] = bin_of_node[node]
            sequence.append(item)
    return Solution(solution.bin_of, np.array(sequence, dtype=np.int32))


def _settle(compiled: Compiled, result: Result, snapshot: Snapshot, first: Sequence[Pair]) -> list[Pair]:
    """Give what is left over the nodes it still can have, by the predicates on objects.

    Needed where the problem was a relaxation and the referee refused a placement, or where the search was cut short.
    A template without a feasible node is not asked again until something else has moved in.
    """
    pairs = [*first, *((pod, node) for pod, node in compiled.invert(result.solution) if snapshot.node_of(pod) == node)]
    left = [pod for pod in compiled.pods if not snapshot.node_of(pod)]
    while left:
        refused: set[int] = set()
        found: list[Pair] = []
        for pod in sorted(left, key=lambda pod: -pod.template.priority):
            if id(pod.template) in refused:
                continue
            feasible = verdict(pod, snapshot).feasible
            if not feasible:
                refused.add(id(pod.template))
                continue
            node = max(feasible, key=lambda name: (len(snapshot.nodes[name].pods), name))
            snapshot.bind(pod, node)
            found.append((pod, node))
        if not found:
            break
        pairs += found
        placed = {pod.key for pod, _ in found}
        left = [pod for pod in left if pod.key not in placed]
    return pairs


def _answer(
    cluster: Cluster,
    policy: Policy,
    solver: str,
    seed: int,
    compiled: Compiled,
    result: Result,
    pairs: Sequence[Pair],
    snapshot: Snapshot,
    clock: _Clock,
) -> Plan:
    problem = compiled.problem
    cost = cost_of(problem, _solution(compiled, pairs))
    placed = {pod.key for pod, _ in pairs}
    unplaced = [pod for pod in cluster.pending if pod.key not in placed]
    bound = result.lower_bound
    if (
        bound is not None
        and len(pairs) > len(placed & {pod.key for pod in compiled.pods})
        and any(cost[tier] for tier, part in enumerate(problem.tiers) if part.unplaced is not None)
    ):
        bound = _bound_with_daemons(cluster, policy, problem_tiers=[tier.name for tier in problem.tiers])
    offsets = [int(tier.open[problem.in_use].sum()) if tier.open is not None else 0 for tier in problem.tiers]
    names = [tier.name for tier in problem.tiers]
    proven = bound is not None and bound == cost
    status = result.status
    if proven:
        status = Status.OPTIMAL
    elif status is Status.OPTIMAL:
        status = Status.FEASIBLE
    clock.lap("answer")
    answer = Plan(
        status=PLAN_STATUS[status],
        placements=tuple(Placement(pod.key, node) for pod, node in pairs),
        unplaced=tuple(_reasons(unplaced, snapshot)),
        cost=_tiers(names, cost, offsets),
        lower_bound=None if bound is None else _tiers(names, bound, offsets),
        gap=None if bound is None else gap(_shifted(cost, offsets), _shifted(bound, offsets)),
        nodes_used=0,
        solver=solver,
        policy=policy.name,
        seed=seed,
        stopped_by=result.stopped_by.value,
        statistics={
            "nodes": len(compiled.nodes),
            "pods": len(cluster.pending),
            "classes": problem.num_classes,
            "groups": len(problem.groups),
            **{name: value for name, value in result.statistics.items() if isinstance(value, int | str)},
        },
        timings=clock.stages,
    )
    used = nodes_used(cluster, {node for pod, node in pairs if not of_daemon(pod)}, answer)
    clock.lap("explain")
    return msgspec.structs.replace(answer, nodes_used=used)


def _shifted(cost: Cost, offsets: Sequence[int]) -> Cost:
    return tuple(value + offset for value, offset in zip(cost, offsets, strict=True))


def _tiers(names: Sequence[str], cost: Cost, offsets: Sequence[int]) -> tuple[TierCost, ...]:
    return tuple(TierCost(name, value) for name, value in zip(names, _shifted(cost, offsets), strict=True))


def _bound_with_daemons(cluster: Cluster, policy: Policy, problem_tiers: Sequence[str]) -> Cost:
    """A bound that holds even if leaving a daemon's pod out would make room for others."""
    everyone = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    problem = compile_cluster(cluster.inventory, everyone, policy).problem
    of_tier = {
        tier.name: value
        for tier, value in zip(problem.tiers, lower_bound(problem), strict=True)
        if tier.unplaced is not None
    }
    return tuple(of_tier.get(name, 0) for name in problem_tiers)


def _reasons(unplaced: Iterable[Pod], snapshot: Snapshot) -> Iterable[Unplaced]:
    """Why each pod is left over, judged in the final state; pods of one template share the answer."""
    known: dict[int, tuple[ReasonCount, ...]] = {}
    for pod in unplaced:
        template: PodTemplate = pod.template
        if id(template) not in known:
            known[id(template)] = count_reasons(verdict(pod, snapshot).infeasible.values())
        yield Unplaced(pod.key, known[id(template)])
