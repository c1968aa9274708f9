"""From a cluster to a checked plan.

The daemons' pods, which have one node each, go first; the rest is one problem. What the compiler relaxed is settled on
the objects afterwards; if important pods are left over, a second problem asks who could make room. No plan leaves
unless the referee accepts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from placement.cluster import Cluster
from placement.compiler import Compiled, compile_cluster
from placement.compiler.eligibility import pinned_node
from placement.errors import UncheckedPlanError
from placement.model.pod import Pod, of_daemon
from placement.planner.answering import answer
from placement.planner.clock import Clock
from placement.planner.draft import Draft, Pair, admit, solution_of
from placement.planner.preemption import make_room
from placement.planner.rebalancing import rebalance
from placement.planner.settling import settle
from placement.plans import Plan
from placement.policy import PRESETS, Policy
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal
from placement.referee import check
from placement.roster import KUBE_SCHEDULER, preemption_solver, solver_named
from placement_solvers.bounds.area import lower_bound
from placement_solvers.greedy import warm_up
from placement_solvers.objective import cost_of
from placement_solvers.result import Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import Interruptible, MaxRuntime, Progress, StoppingCriterion

LONGEST = 365 * 24 * 3600.0
"""Seconds that any search may take: more of them are no more, and clocks overflow."""


def plan(
    cluster: Cluster,
    *,
    policy: Policy | None = None,
    solver: str = "auto",
    time_limit: float = 10.0,
    seed: int = 0,
    start: Mapping[str, str] | None = None,
    moving: bool = False,
    interrupted: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Plan:
    """Find nodes for the waiting pods of a cluster.

    Parameters
    ----------
    time_limit : float
        Seconds of search; reading, checking and explaining come on top.
    start : mapping of pod to node, optional
        Placements to begin with, an earlier plan's for instance. What no longer fits is left out.
    moving : bool
        Whether somebody will carry moves of running pods out, so that they are planned where the policy rebalances.
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
    time_limit = min(time_limit, LONGEST)
    clock = Clock()
    policy = policy or PRESETS["default"]
    # Kernels are compiled once for a machine; that is no part of anybody's search.
    if solver != KUBE_SCHEDULER:
        warm_up(notice)
    clock.lap("kernels")
    stop = _stop(time_limit, interrupted, progress)
    deadline = time.perf_counter() + time_limit

    def ended() -> bool:
        return time.perf_counter() >= deadline or (interrupted is not None and interrupted())

    begin = start or {}
    draft = _draft(cluster, policy, solver, time_limit, stop, seed, clock, ended, begin)
    if draft.daemons and _hindered(draft):
        # Somebody more important might have had the room of a daemon: then they are decided on together.
        draft = _draft(cluster, policy, solver, time_limit, stop, seed, clock, ended, begin, daemons_first=False)
    left = time_limit - clock.stages["solve"]
    if policy.preemption == "lower-priority" and solver != KUBE_SCHEDULER and left > 0:
        limit = _stop(left, interrupted, progress)
        better = make_room(cluster, draft, policy, preemption_solver(left), limit, seed)
        draft = better if better is not None else draft
        clock.lap("make room")
    left = deadline - time.perf_counter()
    if moving and policy.rebalancing == "worthwhile" and not draft.evictions and solver != KUBE_SCHEDULER and left > 0:
        limit = _stop(left, interrupted, progress)
        better = rebalance(cluster, draft, policy, left, limit, seed)
        draft = better if better is not None else draft
        clock.lap("rebalance")
    if interrupted is not None and interrupted():
        draft.stopped_by = StopReason.INTERRUPTED
    found = answer(cluster, draft, policy, solver, seed)
    clock.lap("answer")
    report = check(cluster, found)
    clock.lap("check")
    if not report.ok:
        raise UncheckedPlanError(f"the plan fails its check in {len(report.violations)} places: {report.violations[0]}")
    return msgspec.structs.replace(found, timings=clock.stages)


def _stop(
    time_limit: float, interrupted: Callable[[], bool] | None, progress: Callable[[Progress], None] | None
) -> StoppingCriterion:
    stop: StoppingCriterion = MaxRuntime(time_limit)
    if interrupted is not None:
        stop = Interruptible(stop, interrupted)
    return stop if progress is None else _shown(stop, progress)


def _draft(
    cluster: Cluster,
    policy: Policy,
    solver: str,
    time_limit: float,
    stop: StoppingCriterion,
    seed: int,
    clock: Clock,
    ended: Callable[[], bool],
    start: Mapping[str, str],
    *,
    daemons_first: bool = True,
) -> Draft:
    """What the solver makes of the cluster, with nobody disturbed."""
    snapshot = Snapshot(cluster.inventory)
    clock.lap("state")
    waiting = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    daemons = _daemons(waiting, snapshot) if daemons_first else []
    gone = {pod.key for pod, _ in daemons}
    others = [pod for pod in waiting if pod.key not in gone]
    compiled = compile_cluster(cluster.inventory, others, policy, assumed=daemons)
    clock.lap("compile")
    if solver == KUBE_SCHEDULER:
        result = _simulated(compiled, snapshot, stop, seed)
        pairs = [(pod, node) for pod, node in compiled.invert(result.solution)]
    else:
        begin = _begun(compiled, others, start)
        result = solver_named(solver, policy, time_limit).solve(compiled.problem, stop, start=begin, seed=seed)
        pairs = admit(compiled.invert(result.solution), snapshot)
    clock.lap("solve")
    draft = Draft(
        compiled=compiled,
        snapshot=snapshot,
        status=result.status,
        stopped_by=result.stopped_by,
        lower_bound=result.lower_bound,
        daemons=daemons,
        pairs=[*daemons, *pairs],
        statistics=dict(result.statistics),
        witness=result.witness,
    )
    settle(draft, cluster.inventory, ended)
    clock.lap("settle")
    return draft


def _begun(compiled: Compiled, waiting: Sequence[Pod], start: Mapping[str, str]) -> Solution | None:
    """The solution that placements say, None if they say nothing of this cluster."""
    nodes = set(compiled.nodes)
    pairs = [(pod, start[pod.key]) for pod in waiting if start.get(pod.key) in nodes]
    return solution_of(compiled, pairs) if pairs else None


def _daemons(waiting: Sequence[Pod], snapshot: Snapshot) -> list[Pair]:
    """Bind the daemons' pods, which have one node each, where that node takes them."""
    named = ((pod, pinned_node(pod.template)) for pod in waiting if of_daemon(pod))
    return admit(((pod, node) for pod, node in named if node is not None and node in snapshot.nodes), snapshot)


def _hindered(draft: Draft) -> bool:
    """Whether a pod is left over that a less important daemon, gone from its node, would make room for."""
    asked: set[int] = set()
    for pod in draft.left_over():
        if id(pod.template) in asked:
            continue
        asked.add(id(pod.template))
        for daemon, node in draft.daemons:
            if daemon.template.priority < pod.template.priority:
                with draft.snapshot.without(daemon):
                    if refusal(pod, node, draft.snapshot) is None:
                        return True
    return False


def _shown(stop: StoppingCriterion, progress: Callable[[Progress], None]) -> StoppingCriterion:
    def criterion(now: Progress, /) -> bool:
        progress(now)
        return stop(now)

    return criterion


def _simulated(compiled: Compiled, snapshot: Snapshot, stop: StoppingCriterion, seed: int) -> Result:
    """What the default scheduler would do with the same pods, as a result like any other."""
    from placement.kube_scheduler import simulate

    began = time.perf_counter()
    bound = simulate(snapshot, compiled.pods, seed=seed, stop=stop)
    solution = solution_of(compiled, ((pod, node) for pod, node in bound if node is not None))
    cost = cost_of(compiled.problem, solution)
    return Result(
        status=Status.FEASIBLE,
        stopped_by=StopReason.FINISHED,
        solution=solution,
        cost=cost,
        lower_bound=lower_bound(compiled.problem),
        elapsed=time.perf_counter() - began,
    )
