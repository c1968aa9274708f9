"""What commands read: clusters and plans."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from placement.errors import InputError, PlanError

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.model.node import Node
    from placement.plans import Plan

STDIN = "-"
NAMED = 3
"""Pods that a notice names."""


def read_cluster(files: Sequence[str], *, cron_runs: int = 1) -> Cluster:
    """The cluster that files describe, with the pods its workloads miss.

    Parameters
    ----------
    cron_runs : int
        How many runs of each CronJob there are to be.

    Raises
    ------
    InputError
        If a file cannot be read or is wrong, or none holds a node.
    """
    from placement.cluster import Cluster
    from placement.desired import desired
    from placement.manifests import read_inventory, require_nodes

    try:
        return Cluster(desired(require_nodes(read_inventory(files)), cron_runs=cron_runs))
    except RecursionError:
        raise InputError("nested too deeply", source=_named(files)) from None
    except InputError as error:
        if error.source:
            raise
        raise InputError(error.problem, source=_named(files), object=error.object, field=error.field) from None


def read_nodes(files: Sequence[str]) -> tuple[Node, ...]:
    """The nodes that files describe, all else in them left aside.

    Raises
    ------
    InputError
        If a file cannot be read or is wrong, or none holds a node.
    """
    from placement.manifests import read_inventory, require_nodes

    return tuple(require_nodes(read_inventory(files)).nodes.values())


def _named(files: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(files))


def skipped(cluster: Cluster) -> str:
    """The kinds that were not understood, counted, or ""."""
    kinds = cluster.inventory.skipped
    return (
        "skipped kinds that do not bear on placement: "
        + ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
        if kinds
        else ""
    )


def unjudged(cluster: Cluster, *, running: bool = False) -> Iterator[str]:
    """What of the pods and nodes no rule judges, a notice each.

    Parameters
    ----------
    running : bool
        Whether pods that run may have to find a node, too, and not only those that wait.
    """
    from placement.bound_claims import is_anywhere
    from placement.gpus import WHOLE_GPUS, held, unknown
    from placement.model.volume import ClaimVolume

    asked = [pod for pod in cluster.inventory.pods.values() if not pod.finished] if running else cluster.pending
    claims = [pod.key for pod in asked if pod.template.device_claims]
    if claims:
        yield f"resourceClaims are not judged, as if every node could meet them: {_some(claims)}"
    inventory = cluster.inventory
    anywhere = dict.fromkeys(
        f"{pod.namespace}/{volume.claim}"
        for pod in asked
        for volume in pod.template.volumes
        if isinstance(volume, ClaimVolume) and is_anywhere(inventory, (pod.namespace, volume.claim))
    )
    if anywhere:
        yield f"claims whose volumes are made at once count as reached from anywhere: {_some([*anywhere])}"
    asking: dict[str, list[str]] = {}
    for pod in asked:
        for word in unknown(pod):
            asking.setdefault(word, []).append(pod.key)
    for word, pods in asking.items():
        yield f"{word} is not judged GPU by GPU: {_some(pods)}"
    silent = [
        pod.key
        for pod in cluster.inventory.pods.values()
        if pod.node and not pod.finished and pod.template.gpu_share is not None and not held(pod)
    ]
    if silent:
        yield f"running pods that do not say which GPU they have are laid out as fits: {_some(silent)}"
    if classes := sorted(cluster.inventory.unknown_priorities):
        yield f"no PriorityClass of this name, pods that ask for it count as of priority 0: {_some(classes)}"
    both = [node.name for node in cluster.inventory.nodes.values() if node.gpus and node.allocatable.get(WHOLE_GPUS)]
    if both:
        yield f"{WHOLE_GPUS} and shared GPUs of one node are counted apart, as if others: {_some(both)}"


def _some(pods: Sequence[str]) -> str:
    return ", ".join(pods[:NAMED]) + (f" and {len(pods) - NAMED:,} more" if len(pods) > NAMED else "")


def read_plan(source: str) -> Plan:
    """A plan from a JSON or YAML file, or from stdin for ``-``.

    Raises
    ------
    PlanError
        If the file cannot be read or holds no plan; names the file.
    """
    from placement.plans import Plan

    name = "stdin" if source == STDIN else source
    try:
        text = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        raise PlanError(f"{name}: {error.strerror}") from None
    try:
        if text.lstrip()[:1] in (b"{", b""):
            return Plan.from_json(text)
        return Plan.from_dict(_yaml(text))
    except RecursionError:
        raise PlanError(f"{name}: nested too deeply") from None
    except PlanError as error:
        raise PlanError(f"{name}: {error}") from None


def _yaml(text: bytes) -> object:
    import yaml

    try:
        body: object = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise PlanError(f"neither JSON nor YAML: {' '.join(str(error).split())}") from None
    return body
