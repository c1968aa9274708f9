"""Why a pod lies where it lies, or nowhere, what another node would cost, and what would make it fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from placement.cluster import Cluster
from placement.errors import UnknownPodError
from placement.model.node import Node
from placement.model.pod import Pod, of_daemon
from placement.outcome import outcome
from placement.plans import API_VERSION, Plan, ReasonCount
from placement.policy import Policy
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import Refusal, verdict
from placement.reasons import count_reasons
from placement.scores.total import scores, total

if TYPE_CHECKING:
    from placement.remedies.conflict import Conflict
    from placement.remedies.remedy import Remedy

TIME_LIMIT = 30.0
"""Seconds that the search for remedies may take."""


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
    remedies : tuple of Remedy, or None
        Single changes after which it would have a node, the cheapest first; None if it was not asked for them or has a
        node.
    conflict : Conflict or None
        Proof that it cannot be placed together with pods that the plan places, if it was asked for remedies.
    """

    pod: str
    node: str
    running: bool
    refusals: dict[str, Refusal] = field(default_factory=dict)
    reasons: tuple[ReasonCount, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    scores: dict[str, int] = field(default_factory=dict)
    score: int = 0
    remedies: tuple[Remedy, ...] | None = None
    conflict: Conflict | None = None

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON-ready values, keys as in the published schema."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Explanation",
            "pod": self.pod,
            "node": self.node or None,
            "running": self.running,
            "score": self.score if self.node else None,
            "scores": self.scores,
            "alternatives": [
                {
                    "node": each.node,
                    "nodesDelta": each.nodes_delta,
                    "scoreDelta": each.score_delta if self.node else None,
                    "score": each.score,
                }
                for each in self.alternatives
            ],
            "reasons": [{"plugin": each.plugin, "reason": each.reason, "nodes": each.nodes} for each in self.reasons],
            "refusals": {
                node: {"plugin": refusal.plugin, "reasons": list(refusal.reasons), "resolvable": refusal.resolvable}
                for node, refusal in self.refusals.items()
            },
            "remedies": None if self.remedies is None else [remedy.to_dict() for remedy in self.remedies],
            "conflict": None if self.conflict is None else self.conflict.to_dict(),
        }


def explain(
    cluster: Cluster,
    pod: str,
    plan: Plan | None = None,
    *,
    remedies: bool = False,
    policy: Policy | None = None,
    catalogue: Sequence[Node] = (),
    time_limit: float = TIME_LIMIT,
) -> Explanation:
    """Explain one pod, with the rest of the plan in place if one is given.

    Parameters
    ----------
    pod : str
        ``namespace/name``.
    remedies : bool
        Whether to look for what would make a pod fit that the plan leaves out; without a plan one is made.
    policy : Policy, optional
        What changed clusters are planned by, and the prices of nodes.
    catalogue : sequence of Node
        Nodes that could be added besides more of those the cluster has.
    time_limit : float
        Seconds of search for remedies.

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
    if remedies and plan is None:
        plan = _planned(cluster, policy)
    snapshot = outcome(inventory, plan)
    subject = inventory.pods[pod]
    node = snapshot.node_of(subject) or ""
    if node:
        snapshot.unbind(subject)
    # Asked as if it were to come: the node it names already would refuse it everywhere else.
    subject = replace(subject, node="")
    judged = verdict(subject, snapshot)
    scored = scores(subject, snapshot, judged.feasible) if judged.feasible else {}
    totals = {name: total(plugins) for name, plugins in scored.items()}
    here = totals.get(node, 0)
    alternatives = [
        Alternative(name, _opened(subject, name, snapshot) - _opened(subject, node, snapshot), score - here, score)
        for name, score in totals.items()
        if name != node
    ]
    alternatives.sort(key=lambda each: (each.nodes_delta, -each.score, each.node))
    found: tuple[Remedy, ...] | None = None
    clash: Conflict | None = None
    if remedies and plan is not None and pod in {each.pod for each in plan.unplaced}:
        found, clash = _help(cluster, pod, plan, policy, catalogue, time_limit, snapshot)
    return Explanation(
        pod=pod,
        node=node,
        running=bool(inventory.pods[pod].node),
        refusals=dict(judged.infeasible),
        reasons=count_reasons(judged.infeasible.values()),
        alternatives=tuple(alternatives),
        scores=scored.get(node, {}),
        score=here,
        remedies=found,
        conflict=clash,
    )


def _planned(cluster: Cluster, policy: Policy | None) -> Plan:
    from placement.planner import plan

    return plan(cluster, policy=policy)


def _help(
    cluster: Cluster,
    pod: str,
    plan: Plan,
    policy: Policy | None,
    catalogue: Sequence[Node],
    time_limit: float,
    snapshot: Snapshot,
) -> tuple[tuple[Remedy, ...], Conflict | None]:
    # They bring the solvers with them, which explaining alone does without.
    from placement.remedies.conflict import conflict
    from placement.remedies.search import remedies

    clash = conflict(cluster, pod, plan, time_limit=time_limit / 3)
    found = remedies(
        cluster, pod, plan, policy=policy, catalogue=catalogue, time_limit=time_limit * 2 / 3, snapshot=snapshot
    )
    return found, clash


def _opened(pod: Pod, node: str, snapshot: Snapshot) -> int:
    """1 if the pod would be the first on the node that is not a daemon's, else 0."""
    if not node or of_daemon(pod):
        return 0
    return int(all(of_daemon(other) for other in snapshot.nodes[node].pods.values()))
