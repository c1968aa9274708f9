"""Why a pod lies where it lies, or nowhere, and what another node would cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from placement.cluster import Cluster
from placement.errors import PlanError, UnknownPodError
from placement.model.inventory import Inventory
from placement.model.pod import Pod, of_daemon
from placement.plans import Plan, ReasonCount
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import Refusal, verdict
from placement.reasons import count_reasons
from placement.scores.total import scores, total


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another node a pod could have.

    Attributes
    ----------
    nodes_delta : int
        Nodes in use, more or fewer, if the pod went there.
    score_delta : int
        What kube-scheduler's default profile would score it, relative to the node the pod has.
    """

    node: str
    nodes_delta: int
    score_delta: int
    score: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one pod.

    Attributes
    ----------
    pod : str
    node : str
        "" if it has none.
    running : bool
        Whether it lies there now, rather than by the plan.
    refusals : mapping of node to Refusal
        Nodes that cannot have it, once everything else of the plan is in place.
    reasons : tuple of ReasonCount
        The refusals, counted, the most frequent first.
    alternatives : tuple of Alternative
        Other nodes that could have it, the cheapest first.
    scores : mapping of plugin to int
        What kube-scheduler's default profile scores the node it has.
    """

    pod: str
    node: str
    running: bool
    refusals: dict[str, Refusal] = field(default_factory=dict)
    reasons: tuple[ReasonCount, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    scores: dict[str, int] = field(default_factory=dict)
    score: int = 0


def explain(cluster: Cluster, pod: str, plan: Plan | None = None) -> Explanation:
    """Explain one pod, with the rest of the plan in place if one is given.

    Parameters
    ----------
    pod : str
        ``namespace/name``.

    Raises
    ------
    UnknownPodError
        If the cluster has no such pod.
    PlanError
        If the plan names a pod or a node the cluster does not have.
    """
    inventory = cluster.inventory
    if pod not in inventory.pods:
        raise UnknownPodError(f"no pod {pod!r} in the cluster; expected namespace/name")
    snapshot = Snapshot(inventory)
    _apply(plan, inventory, snapshot)
    subject = inventory.pods[pod]
    node = snapshot.node_of(subject) or ""
    if node:
        snapshot.unbind(subject)
    # Asked as if it were to come: the node it names already would refuse it everywhere else.
    subject = replace(subject, node="")
    judged = verdict(subject, snapshot)
    found = scores(subject, snapshot, judged.feasible) if judged.feasible else {}
    totals = {name: total(plugins) for name, plugins in found.items()}
    here = totals.get(node, 0)
    alternatives = [
        Alternative(name, _opened(subject, name, snapshot) - _opened(subject, node, snapshot), score - here, score)
        for name, score in totals.items()
        if name != node
    ]
    alternatives.sort(key=lambda each: (each.nodes_delta, -each.score, each.node))
    return Explanation(
        pod=pod,
        node=node,
        running=bool(inventory.pods[pod].node),
        refusals=dict(judged.infeasible),
        reasons=count_reasons(judged.infeasible.values()),
        alternatives=tuple(alternatives),
        scores=found.get(node, {}),
        score=here,
    )


def _apply(plan: Plan | None, inventory: Inventory, snapshot: Snapshot) -> None:
    if plan is None:
        return
    for eviction in plan.evictions:
        snapshot.unbind(_named(eviction.pod, inventory))
    for placement in plan.placements:
        if placement.node not in inventory.nodes:
            raise PlanError(f"the plan names node {placement.node!r}, which the cluster does not have")
        snapshot.bind(replace(_named(placement.pod, inventory), node=""), placement.node)


def _named(key: str, inventory: Inventory) -> Pod:
    if key not in inventory.pods:
        raise PlanError(f"the plan names pod {key!r}, which the cluster does not have")
    return inventory.pods[key]


def _opened(pod: Pod, node: str, snapshot: Snapshot) -> int:
    """1 if the pod would be the first on the node that is not a daemon's, else 0."""
    if not node or of_daemon(pod):
        return 0
    return int(all(of_daemon(other) for other in snapshot.nodes[node].pods.values()))
