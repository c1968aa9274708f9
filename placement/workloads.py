"""Which workload a pod belongs to, as its owner would say it."""

from __future__ import annotations

from collections.abc import Mapping

from placement.model.inventory import Inventory
from placement.model.pod import Owner, Pod

TOP_KINDS = {"ReplicaSet": "Deployment", "Job": "CronJob"}
"""Kinds that another workload usually makes, and that one's kind."""


def owners_of(inventory: Inventory) -> Mapping[tuple[str, str, str], Owner]:
    """The owner of each owned workload, by namespace, kind and name."""
    return {(each.namespace, each.kind, each.name): each.owner for each in inventory.workloads if each.owner}


def workload_of(pod: Pod, owners: Mapping[tuple[str, str, str], Owner]) -> str:
    """``deployment/web`` for a pod of its ReplicaSet; ``pod/name`` for one that stands alone."""
    owner = pod.owner
    if owner is None:
        return f"pod/{pod.name}"
    above = owners.get((pod.namespace, owner.kind, owner.name))
    if above is not None and above.kind == TOP_KINDS.get(owner.kind):
        owner = above
    return f"{owner.kind.lower()}/{owner.name}"
