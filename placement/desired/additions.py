"""The pods and claims that desired state adds, and names that nothing else has."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from placement.model.inventory import Inventory
from placement.model.pod import Owner, Pod, PodTemplate
from placement.model.volume import ClaimVolume, PersistentVolumeClaim
from placement.model.workload import ClaimTemplate, Workload


class Additions:
    """Collects planned pods and their claims.

    Parameters
    ----------
    inventory : Inventory
        Its names are taken, and so are those its StatefulSets will need.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.pods: dict[str, Pod] = {}
        self.claims: dict[tuple[str, str], PersistentVolumeClaim] = {}
        self._taken = set(inventory.pods)
        for one in inventory.workloads:
            if one.kind == "StatefulSet":
                self._taken.update(f"{one.namespace}/{name}" for name in ordinal_names(one))
        self._next: dict[tuple[str, str], int] = {}

    def add_numbered(self, workload: Workload, prefix: str, owner: Owner | None = None) -> None:
        """Add a pod ``<prefix>-<n>`` with the first number that is free."""
        counter = (workload.namespace, prefix)
        number = self._next.get(counter, 0)
        while f"{workload.namespace}/{prefix}-{number}" in self._taken:
            number += 1
        self._next[counter] = number + 1
        self.add(workload, f"{prefix}-{number}", workload.template, owner)

    def add(
        self,
        workload: Workload,
        name: str,
        template: PodTemplate,
        owner: Owner | None = None,
        claims: Iterable[tuple[str, ClaimTemplate]] = (),
    ) -> None:
        """Add a pod.

        Parameters
        ----------
        workload : Workload
            What asks for it.
        name : str
        template : PodTemplate
        owner : Owner or None
            Its controller; None is the workload.
        claims : iterable of (str, ClaimTemplate)
            Claims of its own by name; those that do not exist are planned too.
        """
        ephemeral = [(f"{name}-{one.name}", one) for one in workload.ephemeral_claims]
        own = [*((claim, one, False) for claim, one in claims), *((claim, one, True) for claim, one in ephemeral)]
        if own:
            volumes = tuple(ClaimVolume(claim, ephemeral=is_ephemeral) for claim, _, is_ephemeral in own)
            template = dataclasses.replace(template, volumes=template.volumes + volumes)
            for claim, one, _ in own:
                self._claim(workload.namespace, claim, one)
        pod = Pod(
            name=name,
            template=template,
            owner=owner or Owner(workload.kind, workload.name, workload.uid),
            annotations=workload.pod_annotations,
            planned=True,
        )
        self._taken.add(pod.key)
        self.pods[pod.key] = pod

    def _claim(self, namespace: str, name: str, template: ClaimTemplate) -> None:
        if (namespace, name) not in self._inventory.claims:
            self.claims[namespace, name] = template.claim(namespace, name)


def ordinal_names(stateful_set: Workload) -> list[str]:
    """The names of the pods a StatefulSet wants, in order."""
    first = stateful_set.ordinals_start
    return [f"{stateful_set.name}-{ordinal}" for ordinal in range(first, first + stateful_set.replicas)]
