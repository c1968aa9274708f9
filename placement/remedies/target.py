"""The objects that hold the template of a pod, and so must change with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from placement.model.inventory import Inventory
from placement.model.pod import Pod, PodTemplate
from placement.model.workload import Workload
from placement.remedies.change import Change
from placement.remedies.relaxations import Relaxation
from placement.remedies.remedy import Action, Patch

API_VERSIONS = {"CronJob": "batch/v1", "Job": "batch/v1", "ReplicationController": "v1"}
APPS = "apps/v1"


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Pods whose template changes at one place.

    Attributes
    ----------
    pods : tuple of Pod
        A pod that exists stands alone; pods that a workload is yet to make change together.
    workload : Workload or None
        What is to make them.
    """

    pods: tuple[Pod, ...]
    workload: Workload | None = None

    @property
    def template(self) -> PodTemplate:
        """The template to be changed."""
        return self.pods[0].template

    def change(self, relaxation: Relaxation, family: str = "") -> Change:
        """The change that a relaxation makes here."""
        return Change(
            kind=relaxation.kind,
            description=f"{relaxation.what}{self._where()}",
            amount=relaxation.amount,
            family=f"{self.pods[0].key} {family or relaxation.what}",
            patches=self.patches(lambda template: {"spec": relaxation.spec(template)}),
            apply=lambda inventory: self.apply(inventory, relaxation),
        )

    def apply(self, inventory: Inventory, relaxation: Relaxation) -> Inventory:
        """The inventory with the template changed wherever it is held."""
        made: dict[int, PodTemplate] = {}
        changed: dict[str, Pod] = {}
        for pod in self.pods:
            template = made.setdefault(id(pod.template), relaxation.mutate(pod.template))
            changed[pod.key] = replace(inventory.pods[pod.key], template=template)
        workloads = tuple(
            replace(each, template=relaxation.mutate(each.template)) if each is self.workload else each
            for each in inventory.workloads
        )
        return replace(inventory, pods={**inventory.pods, **changed}, workloads=workloads)

    def _where(self) -> str:
        return "" if self.workload is None else f" in {self.workload.kind} {self.workload.name}"

    def patches(self, of_pod: Callable[[PodTemplate], dict[str, Any]]) -> tuple[Patch, ...]:
        """The patches of the objects, given that of a pod of a template."""
        workload = self.workload
        if workload is not None:
            body: dict[str, Any] = {"spec": {"template": of_pod(workload.template)}}
            if workload.kind == "CronJob":
                body = {"spec": {"jobTemplate": body}}
            version = API_VERSIONS.get(workload.kind, APPS)
            return (Patch(Action.MODIFY, version, workload.kind, workload.namespace, workload.name, body),)
        return tuple(
            Patch(Action.MODIFY, "v1", "Pod", pod.namespace, pod.name, of_pod(pod.template)) for pod in self.pods
        )


def target_of(pod: Pod, inventory: Inventory) -> Target:
    """Where the template of a pod is to be changed."""
    workload = _workload_of(pod, inventory) if pod.planned else None
    if workload is None:
        return Target((pod,))
    siblings = tuple(
        each for each in inventory.pods.values() if each.planned and _workload_of(each, inventory) is workload
    )
    return Target(siblings, workload)


def _workload_of(pod: Pod, inventory: Inventory) -> Workload | None:
    """The workload at the top of those that own a pod, as desired state takes it."""
    owner, found = pod.owner, None
    while owner is not None:
        above = next(
            (
                each
                for each in inventory.workloads
                if (each.namespace, each.kind, each.name) == (pod.namespace, owner.kind, owner.name)
            ),
            None,
        )
        if above is None:
            break
        owner, found = above.owner, above
    return found
