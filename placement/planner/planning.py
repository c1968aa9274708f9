"""From a cluster to a checked plan.

The daemons' pods, which have one node each, go first; the rest is one problem. What the compiler relaxed is settled on
the objects afterwards; if important pods are left over, a second problem asks who could make room. No plan leaves
unless the referee accepts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

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
from placement.planner.settling import settle
from placement.plans import Plan
from placement.policy import PRESETS, Policy
from placement.predicates.snapshot import Snapshot
from placement.referee import check
from placement.roster import KUBE_SCHEDULER, preemption_solver, solver_named
from placement_solvers.bounds.area import lower_bound
from placement_solvers.objective import cost_of
from placement_solvers.result import Result, Status, StopReason
from placement_solvers.stop import Interruptible, MaxRuntime, Progress, StoppingCriterion


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
    clock = Clock()
    policy = policy or PRESETS["default"]
    stop = _stop(time_limit, interrupted, progress)
    draft = _draft(cluster, policy, solver, stop, seed, notice, clock)
    settle(draft, cluster.inventory)
    clock.lap("settle")
    left = time_limit - clock.stages["solve"]
    if policy.preemption == "lower-priority" and solver != KUBE_SCHEDULER and left > 0:
        limit = _stop(left, interrupted, progress)
        better = make_room(cluster, draft, policy, preemption_solver(), limit, seed)
        draft = better if better is not None else draft
        clock.lap("make room")
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
    stop: StoppingCriterion,
    seed: int,
    notice: Callable[[str], None] | None,
    clock: Clock,
) -> Draft:
    """What the solver makes of the cluster, with nobody disturbed."""
    snapshot = Snapshot(cluster.inventory)
    clock.lap("state")
    waiting = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    daemons, others = _daemons(waiting, snapshot)
    compiled = compile_cluster(cluster.inventory, others, policy, assumed=daemons)
    clock.lap("compile")
    if solver == KUBE_SCHEDULER:
        result = _simulated(compiled, snapshot, stop, seed)
        pairs = [(pod, node) for pod, node in compiled.invert(result.solution)]
    else:
        result = solver_named(solver, policy, notice).solve(compiled.problem, stop, seed=seed)
        pairs = admit(compiled.invert(result.solution), snapshot)
    clock.lap("solve")
    return Draft(
        compiled=compiled,
        snapshot=snapshot,
        status=result.status,
        stopped_by=result.stopped_by,
        lower_bound=result.lower_bound,
        daemons=daemons,
        pairs=[*daemons, *pairs],
        statistics=dict(result.statistics),
    )


def _daemons(waiting: Sequence[Pod], snapshot: Snapshot) -> tuple[list[Pair], list[Pod]]:
    """Bind the pods that have one node each and go before all others, and give the others."""
    named = [(pod, pinned_node(pod.template) if of_daemon(pod) else None) for pod in waiting]
    daemons = [(pod, node) for pod, node in named if node is not None]
    others = [pod for pod, node in named if node is None]
    first = admit(((pod, node) for pod, node in daemons if node in snapshot.nodes), snapshot)
    if len(first) < len(daemons) or _outranked(first, others):
        # A daemon that found no room, or might take that of somebody more important, is no foregone conclusion.
        for pod, _ in first:
            snapshot.unbind(pod)
        return [], list(waiting)
    return first, others


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
