"""The remedies of an unplaced pod: candidates in order of cost, each proven by planning the changed cluster anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from placement.cluster import Cluster
from placement.compiler.tiers import PRICE_UNIT, price_of
from placement.gangs import Gang, gangs
from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod
from placement.outcome import outcome
from placement.plans import Plan
from placement.policy import PRESETS, Policy
from placement.predicates.snapshot import Snapshot
from placement.remedies import candidates
from placement.remedies.change import Change
from placement.remedies.gangs import gang_changes
from placement.remedies.relaxations import Relaxation
from placement.remedies.remedy import Remedy
from placement.remedies.scene import Scene
from placement.remedies.shared import shared_requests
from placement.remedies.smaller_shares import smaller_shares
from placement.remedies.target import Target, target_of
from placement.remedies.trial import Replan, Trial

TIME_LIMIT = 30.0
"""Seconds that the trials may take together."""

QUICKLY_CONFIRMED = ("auto", "cp-sat", "lns")
"""Solvers that leave nobody out where greedy leaves nobody out, for they start from its answer."""


def remedies(
    cluster: Cluster,
    pod: str,
    plan: Plan,
    *,
    policy: Policy | None = None,
    replan: Replan | None = None,
    catalogue: Sequence[Node] = (),
    time_limit: float = TIME_LIMIT,
    snapshot: Snapshot | None = None,
) -> tuple[Remedy, ...]:
    """The cheapest single changes after which a pod that the plan leaves out has a node.

    Of every kind of change and every rule of the pod the cheapest that helps is given, in order of cost. A pod of a
    gang is helped when its gang is.

    Parameters
    ----------
    pod : str
        ``namespace/name``.
    replan : callable, optional
        How a changed cluster is planned; as `plan` says by default.
    time_limit : float
        Seconds for all trials; candidates that come too late are given unverified.
    snapshot : Snapshot, optional
        The outcome of the plan if it is at hand; it is left as it is.

    Raises
    ------
    PlanError
        If the plan names a pod or a node the cluster does not have.
    KeyError
        If there is no such pod.
    """
    inventory = cluster.inventory
    subject = inventory.pods[pod]
    if pod not in {each.pod for each in plan.unplaced}:
        return ()
    policy = policy or PRESETS.get(plan.policy, PRESETS["default"])
    replan = replan or partial(_replanned, policy, plan)
    price = partial(_price, policy)
    gang = _gang_of(subject, inventory)
    if gang is not None:
        waiting = tuple(each for each in gang.members if not each.node)
        trial = Trial(inventory, plan, waiting, gang.missing(), replan, time_limit)
        return _proven(gang_changes(gang, waiting, inventory, trial, catalogue, price, policy), trial)
    target = target_of(subject, inventory)
    scene = Scene(outcome(inventory, plan) if snapshot is None else snapshot, subject, target)
    trial = Trial(inventory, plan, (subject,), 1, replan, time_limit)
    return _proven(_pod_changes(scene, target, inventory, trial, catalogue, price, policy), trial)


def _replanned(policy: Policy, before: Plan, cluster: Cluster, seconds: float) -> Plan:
    """A plan as the one before was made; greedy's if that places everybody, for then any solver's does."""
    from placement.planner import plan
    from placement.roster import solver_names

    solver = before.solver if before.solver in solver_names() else "auto"
    if solver in QUICKLY_CONFIRMED:
        found = plan(cluster, policy=policy, solver="greedy", seed=before.seed, time_limit=seconds)
        if found.all_placed:
            return found
    return plan(cluster, policy=policy, solver=solver, seed=before.seed, time_limit=seconds)


def _gang_of(pod: Pod, inventory: Inventory) -> Gang | None:
    for gang in gangs(inventory.pods.values(), inventory.pod_groups):
        if any(each is pod for each in gang.members) and (gang.missing() > 1 or gang.topology_key):
            return gang
    return None


def _price(policy: Policy, node: Node) -> int:
    return round(price_of(node, policy) * PRICE_UNIT)


def _pod_changes(
    scene: Scene,
    target: Target,
    inventory: Inventory,
    trial: Trial,
    catalogue: Sequence[Node],
    price: Callable[[Node], int],
    policy: Policy,
) -> Iterator[Change]:
    def judge(relaxation: Relaxation) -> bool:
        return bool(scene.feasible(relaxation.mutate))

    yield from candidates.softer(target, inventory.nodes.values(), judge)
    yield from candidates.wider_skews(target, judge, len(inventory.pods) + 1)
    yield from candidates.uncordoned(scene, inventory)
    if len(target.pods) > 1:
        yield from shared_requests((target,), inventory, trial)
    else:
        yield from candidates.smaller(scene, target)
    yield from smaller_shares(scene, target)
    yield from candidates.evictions(scene, inventory, policy)
    yield from candidates.more_nodes((target.template,), inventory, catalogue, price)


def _proven(changes: Iterable[Change], trial: Trial) -> tuple[Remedy, ...]:
    """The cheapest change of each family that helps, in order of cost."""
    found: list[Remedy] = []
    settled: set[str] = set()
    for change in sorted(changes, key=_order):
        if change.family in settled:
            continue
        verified = not trial.over and trial.helps(change)
        if verified or trial.over:
            settled.add(change.family)
            found.append(Remedy(change.kind, change.description, change.amount, change.patches, verified))
    return tuple(found)


def _order(change: Change) -> tuple[tuple[int, ...], str]:
    return change.cost, change.description
