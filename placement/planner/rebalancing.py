"""The cluster as it runs, made better with few moves.

What moves is decided by the search that reassigns machines (`placement_solvers.local_search`), over all waiting and all
running pods that may move; nobody is left without a node for it. What a move has to earn the policy says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.compiler.disruption import disruptions, protected
from placement.model.pod import Pod, of_daemon
from placement.planner.disturbing import carry_out
from placement.planner.draft import Draft, solution_of
from placement.policy import Policy
from placement.roster import rebalancing_solver
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE
from placement_solvers.stop import StoppingCriterion


def rebalance(
    cluster: Cluster, draft: Draft, policy: Policy, seconds: float, stop: StoppingCriterion, seed: int
) -> Draft | None:
    """A better draft in which some running pods move, None if there is none to be found."""
    movers = _movers(cluster, policy, draft)
    if not movers:
        return None
    waiting = [pod for pod in draft.compiled.pods if not pod.node]
    compiled = compile_cluster(cluster.inventory, waiting, policy, assumed=draft.daemons, evictable=movers, moving=True)
    if compiled.problem.devices.asked:
        return None  # the search that moves pods knows no GPUs that they share
    # Where nobody waits for room, who moves holds its old place until the new one is ready: then no move waits for
    # another. Where somebody does, it takes what others leave.
    held = np.full(compiled.problem.num_resources, not draft.left_over())
    problem = replace(compiled.problem, transient=held)
    before = solution_of(compiled, draft.pairs)
    result = rebalancing_solver(seconds, len(movers)).solve(problem, stop, start=before, seed=seed)
    if result.cost >= cost_of(problem, before) or (result.solution.bin_of[len(waiting) :] == NOWHERE).any():
        return None
    carried = carry_out(cluster, compiled, len(waiting), result.solution, draft.daemons)
    if carried is None:
        return None
    return Draft(
        compiled=compiled,
        snapshot=carried.snapshot,
        status=result.status,
        stopped_by=result.stopped_by,
        lower_bound=result.lower_bound,
        daemons=draft.daemons,
        pairs=carried.pairs,
        evictions=carried.evictions,
        statistics={**draft.statistics, "movable": len(movers), "moved": len(carried.evictions)},
        witness=result.witness,
    )


def _movers(cluster: Cluster, policy: Policy, draft: Draft) -> list[Pod]:
    """Running pods that somebody will make anew elsewhere, and whose budgets allow it now."""
    inventory = cluster.inventory
    running = [
        pod
        for pod in inventory.pods.values()
        if pod.node in draft.snapshot.nodes
        and pod.owner is not None
        and not pod.finished
        and not pod.deleting
        and not of_daemon(pod)
        and not protected(pod)
        and not policy.leaves_alone(pod.template)
    ]
    cost = disruptions(running, inventory)
    return [pod for pod in running if not cost[pod.key].violates]
