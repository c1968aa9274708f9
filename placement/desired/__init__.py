"""Desired state: the pods that workloads ask for and that do not exist."""

from __future__ import annotations

import dataclasses

from placement.desired.additions import Additions
from placement.desired.claims import bound_at_once
from placement.desired.controllers import add_completions, add_daemons, add_ordinals, add_replicas, add_runs
from placement.desired.lost import closed, is_lost
from placement.desired.ownership import Ownership
from placement.model.inventory import Inventory

__all__ = ["bound_at_once", "desired"]


def desired(inventory: Inventory, *, cron_runs: int = 1) -> Inventory:
    """The inventory with what the controllers of Kubernetes would do to it next, short of placing pods.

    Pods that workloads miss are added, unbound and `planned`, at the end and in the order of the workloads, with the
    claims they need, and new claims that wait for no pod are bound. Nodes that have failed or are cordoned are tainted
    against new pods, and pods lost with those that have failed are marked as being deleted. Nothing is ever scaled
    down.

    Parameters
    ----------
    inventory : Inventory
    cron_runs : int
        How many runs of each CronJob to provide for, those that exist counted in.
    """
    inventory = dataclasses.replace(inventory, nodes={name: closed(node) for name, node in inventory.nodes.items()})
    ownership = Ownership(inventory)
    additions = Additions(inventory)
    for workload in inventory.workloads:
        if ownership.root(workload) is not workload:
            continue
        if workload.kind == "StatefulSet":
            add_ordinals(workload, inventory, ownership, additions)
        elif workload.kind == "DaemonSet":
            add_daemons(workload, inventory, ownership, additions)
        elif workload.kind == "Job":
            add_completions(workload, inventory, ownership, additions)
        elif workload.kind == "CronJob":
            add_runs(workload, inventory, ownership, additions, cron_runs)
        else:
            add_replicas(workload, inventory, ownership, additions)
    pods = {
        key: dataclasses.replace(pod, deleting=True) if is_lost(pod, inventory.nodes) and not pod.deleting else pod
        for key, pod in inventory.pods.items()
        if key not in additions.pods
    }
    claims = {**inventory.claims, **additions.claims}
    return bound_at_once(dataclasses.replace(inventory, pods=pods | additions.pods, claims=claims))
