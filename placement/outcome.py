"""The state of a cluster once a plan is carried out."""

from __future__ import annotations

from dataclasses import replace

from placement.errors import PlanError
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.plans import Plan
from placement.predicates.snapshot import Snapshot
from placement.renewed_claims import renewed


def outcome(inventory: Inventory, plan: Plan | None = None) -> Snapshot:
    """The cluster with the plan's evictions and placements done; as it was read without a plan.

    Raises
    ------
    PlanError
        If the plan names a pod or a node the cluster does not have.
    """
    if plan is None:
        return Snapshot(inventory)
    snapshot = Snapshot(renewed(inventory, [eviction.pod for eviction in plan.evictions]))
    for eviction in plan.evictions:
        snapshot.unbind(_named(eviction.pod, inventory))
    for placement in plan.placements:
        if placement.node not in inventory.nodes:
            raise PlanError(f"the plan names node {placement.node!r}, which the cluster does not have")
        snapshot.bind(replace(_named(placement.pod, inventory), node=""), placement.node)
    return snapshot


def _named(key: str, inventory: Inventory) -> Pod:
    if key not in inventory.pods:
        raise PlanError(f"the plan names pod {key!r}, which the cluster does not have")
    return inventory.pods[key]
