"""What each kind of controller would create next, one function a kind."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from placement.desired.additions import Additions, ordinal_names
from placement.desired.lost import is_lost
from placement.desired.ownership import Ownership
from placement.model.affinity import NodeSelectorTerm
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Requirement
from placement.model.node import Node
from placement.model.pod import Owner, Phase, Pod, PodTemplate
from placement.model.workload import Workload
from placement.predicates.node_affinity import admits, named_nodes
from placement.predicates.taint_toleration import untolerated

_INDEX = "batch.kubernetes.io/job-completion-index"


def living(pods: list[Pod], nodes: Mapping[str, Node]) -> list[Pod]:
    """The pods a controller counts: neither finished nor on their way out nor lost with their node.

    As ``controller.FilterActivePods``; pending pods count.
    """
    return [pod for pod in pods if not (pod.finished or pod.deleting or is_lost(pod, nodes))]


def add_replicas(workload: Workload, inventory: Inventory, ownership: Ownership, additions: Additions) -> None:
    """Pods of a Deployment, ReplicaSet or ReplicationController up to its replicas."""
    missing = workload.replicas - len(living(ownership.pods_of(workload), inventory.nodes))
    owner = ownership.replica_set_of(workload) or workload
    for _ in range(missing):
        additions.add_numbered(workload, workload.name, Owner(owner.kind, owner.name, owner.uid))


def add_ordinals(workload: Workload, inventory: Inventory, ownership: Ownership, additions: Additions) -> None:
    """The ordinals a StatefulSet lacks.

    A pod that is being deleted or lies on a failed node keeps its name until it is gone, so it is not replaced yet; a
    finished one is deleted and made anew at once.
    """
    for name in ordinal_names(workload):
        held = inventory.pods.get(f"{workload.namespace}/{name}")
        if held is None or (held.finished and ownership.workload_of(held) is workload):
            claims = [(f"{one.name}-{name}", one) for one in workload.claim_templates]
            additions.add(workload, name, workload.template, claims=claims)


def add_daemons(workload: Workload, inventory: Inventory, ownership: Ownership, additions: Additions) -> None:
    """A pod for each node a DaemonSet should run on and does not.

    As ``NodeShouldRunDaemonPod``: selector, required affinity and taints decide, free room does not.
    """
    served: set[str] = set()
    for pod in ownership.pods_of(workload):
        if not pod.finished:
            served.update([pod.node] if pod.node else named_nodes(pod.template) or ())
    for node in inventory.nodes.values():
        if node.name in served or not admits(workload.template, node) or untolerated(workload.template, node):
            continue
        additions.add(workload, f"{workload.name}-{node.name}", _pinned(workload.template, node.name))


def _pinned(template: PodTemplate, node: str) -> PodTemplate:
    # The controller replaces the required terms (ReplaceDaemonSetPodNodeNameNodeAffinity).
    term = NodeSelectorTerm(fields=(Requirement("metadata.name", Operator.IN, (node,)),))
    affinity = dataclasses.replace(template.node_affinity, required=(term,))
    return dataclasses.replace(template, node_affinity=affinity)


def add_completions(workload: Workload, inventory: Inventory, ownership: Ownership, additions: Additions) -> None:
    """Pods of a Job up to its parallelism, no more than completions are left.

    A pod that is being deleted or lost is replaced at once, unless the Job waits until it has ended.
    """
    if workload.suspended:
        return
    pods = ownership.pods_of(workload)
    active = living(pods, inventory.nodes)
    # As ``manageJob`` and ``firstPendingIndexes`` count the pods that are terminating (onlyReplaceFailedPods).
    leaving = [pod for pod in pods if not pod.finished and (pod.deleting or is_lost(pod, inventory.nodes))]
    ending = leaving if workload.waits_for_the_end else []
    done = [pod for pod in pods if pod.phase is Phase.SUCCEEDED]
    if workload.completions is None:
        # A work queue: once one pod has found it empty, no more are started.
        wanted = 0 if done or workload.succeeded else workload.replicas
    else:
        wanted = min(workload.replicas, workload.completions - max(len(done), workload.succeeded))
    missing = wanted - len(active) - len(ending)
    if workload.indexed and workload.completions is not None:
        held = {_index_of(pod, workload) for pod in (*active, *ending, *done)} | workload.settled_indexes
        free = [index for index in range(workload.completions) if index not in held]
        for index in free[: max(missing, 0)]:
            additions.add_numbered(workload, f"{workload.name}-{index}")
        return
    for _ in range(missing):
        additions.add_numbered(workload, workload.name)


def _index_of(pod: Pod, job: Workload) -> int | None:
    written = pod.template.labels.get(_INDEX) or pod.annotations.get(_INDEX)
    if written is None:
        match = re.fullmatch(r"([0-9]+)-.*", pod.name.removeprefix(f"{job.name}-"))
        written = match[1] if match else ""
    return int(written) if written.isascii() and written.isdigit() else None


def add_runs(workload: Workload, inventory: Inventory, ownership: Ownership, additions: Additions, runs: int) -> None:
    """Pods of the runs of a CronJob that are wanted at once and do not exist as Jobs.

    Parameters
    ----------
    runs : int
        Runs at once; a CronJob whose runs may not overlap has one at most.
    """
    if workload.suspended:
        return
    wanted = runs if workload.concurrent else min(runs, 1)
    active = {one.name for one in ownership.runs_of(workload) if one.replicas}
    # In a dump without Jobs their pods still name them.
    active |= {pod.owner.name for pod in living(ownership.pods_of(workload), inventory.nodes) if pod.owner is not None}
    for run in range(wanted - len(active)):
        for _ in range(workload.replicas):
            additions.add_numbered(workload, f"{workload.name}-{run}")
