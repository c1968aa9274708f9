"""What it costs to disturb a running pod, so that the cheapest are disturbed first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from placement.model.disruption import PodDisruptionBudget
from placement.model.inventory import Inventory
from placement.model.pod import Pod, PodTemplate

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
PROTECTIONS: Mapping[str, str] = {
    "karpenter.sh/do-not-disrupt": "true",
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
}
"""Annotations, and the value with which they ask that a pod be left alone."""

PREFER_NO_EVICTION = "descheduler.alpha.kubernetes.io/prefer-no-eviction"


@dataclass(frozen=True, slots=True)
class Disruption:
    """The parts of the cost, each a tier of its own.

    Attributes
    ----------
    violates : int
        1 if the pod's budget has nothing left.
    cost : int
        Deletion cost and grace period, shifted to be at least 1.
    """

    violates: int
    cost: int


def protected(pod: Pod) -> bool:
    """Whether the pod asks not to be disturbed."""
    if PREFER_NO_EVICTION in pod.annotations:
        return True
    return any(pod.annotations.get(key) == value for key, value in PROTECTIONS.items())


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a budget.

    Attributes
    ----------
    healthy : int
        Pods that are ready and stay.
    desired : int
        How many of them there have to be.
    allowed : int
        Disruptions that it allows now.
    """

    healthy: int
    desired: int
    allowed: int


def allowed(budget: PodDisruptionBudget, inventory: Inventory) -> int:
    """Disruptions a budget allows now. O(pods)."""
    return budget.disruptions_allowed if budget.disruptions_allowed is not None else standing(budget, inventory).allowed


def standing(budget: PodDisruptionBudget, inventory: Inventory) -> Standing:
    """How it stands with a budget: what its status says of it, the rest counted from the pods. O(pods).

    Percentages round up (apimachinery ``GetScaledValueFromIntOrPercent`` as the disruption controller calls it).
    """
    healthy, desired = _counted(budget, inventory)
    healthy = healthy if budget.current_healthy is None else budget.current_healthy
    desired = desired if budget.desired_healthy is None else budget.desired_healthy
    left = max(healthy - desired, 0)
    return Standing(healthy, desired, left if budget.disruptions_allowed is None else budget.disruptions_allowed)


def _counted(budget: PodDisruptionBudget, inventory: Inventory) -> tuple[int, int]:
    """Healthy pods, and how many there have to be."""
    covered: dict[int, bool] = {}
    total = healthy = 0
    for pod in inventory.pods.values():
        template = pod.template
        if id(template) not in covered:
            covered[id(template)] = covers(budget, template)
        if covered[id(template)] and not pod.finished:
            total += 1
            healthy += bool(pod.node) and pod.ready and not pod.deleting
    if budget.max_unavailable is not None:
        return healthy, max(total - _scaled(budget.max_unavailable, total), 0)
    return healthy, 0 if budget.min_available is None else _scaled(budget.min_available, total)


def _scaled(amount: int | str, total: int) -> int:
    if isinstance(amount, int):
        return amount
    return -(-int(amount.rstrip("%")) * total // 100)


def covers(budget: PodDisruptionBudget, template: PodTemplate) -> bool:
    """Whether a budget is one of the template's pods."""
    selector = budget.selector
    return budget.namespace == template.namespace and selector is not None and selector.matches(template.labels)


def disruptions(pods: Sequence[Pod], inventory: Inventory) -> dict[str, Disruption]:
    """What disturbing each pod would cost, by ``namespace/name``."""
    covering: dict[int, list[PodDisruptionBudget]] = {}
    for pod in pods:
        if id(pod.template) not in covering:
            covering[id(pod.template)] = [budget for budget in inventory.budgets if covers(budget, pod.template)]
    asked = {id(budget): budget for budgets in covering.values() for budget in budgets}
    left = {number: allowed(budget, inventory) for number, budget in asked.items()}
    lowest = min((_deletion_cost(pod) for pod in pods), default=0)
    return {
        pod.key: Disruption(
            violates=int(any(left[id(budget)] <= 0 for budget in covering[id(pod.template)])),
            cost=1 + _deletion_cost(pod) - lowest + pod.template.termination_grace_period,
        )
        for pod in pods
    }


def _deletion_cost(pod: Pod) -> int:
    written = pod.annotations.get(DELETION_COST, "0")
    # The API server refuses anything but an integer; a dump that was edited by hand counts as none.
    return int(written) if written.removeprefix("-").isdecimal() else 0
