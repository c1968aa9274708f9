"""Whether nodes can be drained: where their pods go, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from placement.cluster import Cluster
from placement.compiler.disruption import Standing, covers, protected, standing
from placement.errors import InputError, UncheckedPlanError
from placement.model.disruption import PodDisruptionBudget
from placement.model.inventory import Inventory
from placement.model.pod import Phase, Pod, of_daemon
from placement.plans import API_VERSION, Eviction, Plan, Unplaced
from placement.referee import check, nodes_used
from placement.scenarios import MakePlan, cordoned, emptied

REASON = "its node is drained"


@dataclass(frozen=True, slots=True)
class Budget:
    """A disruption budget that covers pods of the nodes.

    Attributes
    ----------
    name : str
        ``namespace/name``.
    pods : int
        Of the nodes, that it holds back: all it covers, but for those that have not started, and those not ready where
        it lets these go.
    allowed : int
        Disruptions it allows at once.
    healthy, desired : int
        Pods that are ready anywhere, and how many have to be.
    """

    name: str
    pods: int
    allowed: int
    healthy: int
    desired: int

    @property
    def rounds(self) -> int | None:
        """How many times as many pods as it allows have to leave and be ready again; None if it allows none."""
        return -(-self.pods // self.allowed) if self.allowed else None


@dataclass(frozen=True, slots=True)
class Drain:
    """The answer for some nodes together.

    Attributes
    ----------
    nodes : tuple of str
    plan : Plan
        For the cluster as it is: the pods of the nodes are evicted and placed elsewhere, with all that waits.
    pods : tuple of str
        Those that have to leave; daemons stay with their nodes.
    stuck : tuple of Unplaced
        Those of them that find no node, and why.
    budgets : tuple of Budget
    covered_twice : tuple of str
        Pods that several budgets cover: the API server evicts none of them, whatever the budgets allow.
    alone : tuple of str
        Pods that no controller makes anew: ``kubectl drain`` takes them only by force, and then they are gone.
    unwilling : tuple of str
        Pods whose annotations ask autoscalers to leave them alone; ``kubectl drain`` does not ask.
    scratch : tuple of str
        Pods that lose what they have in ``emptyDir`` volumes; ``kubectl drain`` takes them only when told so.
    """

    nodes: tuple[str, ...]
    plan: Plan
    pods: tuple[str, ...]
    stuck: tuple[Unplaced, ...]
    budgets: tuple[Budget, ...]
    covered_twice: tuple[str, ...]
    alone: tuple[str, ...]
    unwilling: tuple[str, ...]
    scratch: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Whether every pod finds a node, every budget allows somebody to go, and nobody is lost."""
        never = any(budget.rounds is None for budget in self.budgets)
        return not (self.stuck or never or self.covered_twice or self.alone)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Drain",
            "nodes": list(self.nodes),
            "possible": self.possible,
            "pods": list(self.pods),
            "stuck": [each.pod for each in self.stuck],
            "proven": self.plan.places_most,
            "budgets": [
                {
                    "name": each.name,
                    "pods": each.pods,
                    "allowed": each.allowed,
                    "currentHealthy": each.healthy,
                    "desiredHealthy": each.desired,
                    "rounds": each.rounds,
                }
                for each in self.budgets
            ],
            "coveredTwice": list(self.covered_twice),
            "alone": list(self.alone),
            "unwilling": list(self.unwilling),
            "emptyDir": list(self.scratch),
            "plan": self.plan.to_dict(),
        }


def drain(cluster: Cluster, nodes: Sequence[str], make_plan: MakePlan) -> Drain:
    """Plan a cluster with some nodes emptied, all at once.

    Parameters
    ----------
    make_plan : callable
        Gives the plan of a cluster.

    Raises
    ------
    InputError
        If there is no such node.
    UncheckedPlanError
        If the referee refuses the plan for the cluster as it is, which is a defect of this program.
    """
    inventory = cluster.inventory
    unknown = [name for name in nodes if name not in inventory.nodes]
    if unknown:
        raise InputError(f"no node {', '.join(unknown)} in the cluster")
    after, leaving = emptied(inventory, frozenset(nodes))
    plan = _as_it_is(Cluster(cordoned(inventory, nodes)), make_plan(Cluster(after)), leaving)
    mine = {pod.key for pod in leaving}
    return Drain(
        nodes=tuple(dict.fromkeys(nodes)),
        plan=plan,
        pods=tuple(pod.key for pod in leaving),
        stuck=tuple(each for each in plan.unplaced if each.pod in mine),
        budgets=tuple(_budgets(inventory, leaving)),
        covered_twice=tuple(
            pod.key
            for pod in leaving
            if _started(pod) and sum(covers(each, pod.template) for each in inventory.budgets) > 1
        ),
        alone=tuple(pod.key for pod in leaving if pod.owner is None),
        unwilling=tuple(pod.key for pod in leaving if protected(pod)),
        scratch=tuple(pod.key for pod in leaving if pod.template.scratch),
    )


def _as_it_is(cluster: Cluster, plan: Plan, leaving: Sequence[Pod]) -> Plan:
    """The plan for the cluster in which the nodes are cordoned and the pods still run where they do."""
    evictions = (*(Eviction(pod.key, pod.node, REASON) for pod in leaving), *plan.evictions)
    placed_on = {each.node for each in plan.placements if not of_daemon(cluster.inventory.pods[each.pod])}
    found = msgspec.structs.replace(plan, evictions=evictions)
    found = msgspec.structs.replace(found, nodes_used=nodes_used(cluster, placed_on, found))
    report = check(cluster, found)
    if not report.ok:
        raise UncheckedPlanError(f"the plan fails its check in {len(report.violations)} places: {report.violations[0]}")
    return found


def _budgets(inventory: Inventory, leaving: Sequence[Pod]) -> list[Budget]:
    found = []
    for budget in inventory.budgets:
        covered = [pod for pod in leaving if _started(pod) and covers(budget, pod.template)]
        if not covered:
            continue
        now = standing(budget, inventory)
        pods = sum(_holds_back(budget, now, pod) for pod in covered)
        if pods:
            name = f"{budget.namespace}/{budget.name}"
            found.append(Budget(name, pods, now.allowed, now.healthy, now.desired))
    return found


# Both as the API server has it: `canIgnorePDB` and `Create` in pkg/registry/core/pod/storage/eviction.go.


def _started(pod: Pod) -> bool:
    """Whether budgets are asked about a pod of a node at all."""
    return pod.phase is not Phase.PENDING


def _holds_back(budget: PodDisruptionBudget, now: Standing, pod: Pod) -> bool:
    """Whether a pod that a budget covers may leave only as the budget allows.

    One that is not ready disturbs nobody by leaving where enough others are (the policy ``IfHealthyBudget``).
    """
    enough = now.healthy >= now.desired > 0
    return pod.ready or not (budget.always_allow_unhealthy or enough)
