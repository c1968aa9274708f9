"""Nodes, pods and clusters in a line each, for tests of predicates and scores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placement.model.affinity import PodAffinity, PodAffinityTerm
from placement.model.inventory import Inventory
from placement.model.labels import Selector
from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.model.topology import HOSTNAME, ZONE, SpreadConstraint
from placement.model.volume import PersistentVolume, PersistentVolumeClaim, StorageClass
from placement.predicates.refusal import Refusal
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import Verdict, plugin_verdict

GIB = 2**30


def node(name: str, *, zone: str = "", cpu: int = 4000, pods: int = 110, **more: Any) -> Node:
    """A node with its hostname label, in a zone or in none, of `cpu` millicores and 16 GiB."""
    labels = {HOSTNAME: name} | ({ZONE: zone} if zone else {}) | more.pop("labels", {})
    allocatable = {"cpu": cpu, "memory": 16 * GIB, "pods": pods} | more.pop("allocatable", {})
    return Node(name, labels=labels, allocatable=allocatable, **more)


def template(namespace: str = "default", app: str = "", **more: Any) -> PodTemplate:
    """A template labelled ``app``."""
    labels = ({"app": app} if app else {}) | more.pop("labels", {})
    return PodTemplate(namespace, labels=labels, **more)


def pod(name: str, on: str = "", *, of: PodTemplate | None = None, **more: Any) -> Pod:
    """A pod, on a node if one is given; words other than those of a pod describe its template."""
    of_pod = {key: more.pop(key) for key in ("uid", "phase", "deleting", "owner") if key in more}
    return Pod(name, of or template(**more), node=on, **of_pod)


def snapshot(nodes: Iterable[Node], pods: Iterable[Pod] = (), **more: Any) -> Snapshot:
    """The state of these nodes and pods."""
    named = {"nodes": {one.name: one for one in nodes}, "pods": {one.key: one for one in pods}}
    return Snapshot(Inventory(**named, **more))


def term(app: str, key: str = ZONE, namespaces: tuple[str, ...] = ("default",), **more: Any) -> PodAffinityTerm:
    """Pods of an app in a namespace, by zone."""
    return PodAffinityTerm(Selector.of({"app": app}), key, frozenset(namespaces), **more)


def near(*terms: PodAffinityTerm) -> PodAffinity:
    """These terms, required."""
    return PodAffinity(required=terms)


def spread(app: str, key: str = ZONE, skew: int = 1, **more: Any) -> SpreadConstraint:
    """At most `skew` pods of an app more in one zone than in another."""
    return SpreadConstraint(key, skew, Selector.of({"app": app}), **more)


def storage(
    claims: Iterable[PersistentVolumeClaim] = (),
    volumes: Iterable[PersistentVolume] = (),
    classes: Iterable[StorageClass] = (),
) -> dict[str, Any]:
    """Storage objects as the inventory holds them."""
    return {
        "claims": {(one.namespace, one.name): one for one in claims},
        "volumes": {one.name: one for one in volumes},
        "storage_classes": {one.name: one for one in classes},
    }


def judged(plugin: str, incoming: Pod, state: Snapshot) -> Verdict:
    """The word of one plugin on all nodes."""
    return plugin_verdict(plugin, incoming, state)


def refused(plugin: str, incoming: Pod, state: Snapshot) -> dict[str, tuple[str, ...]]:
    """Reasons of one plugin by node."""
    return {name: refusal.reasons for name, refusal in judged(plugin, incoming, state).infeasible.items()}


def only_refusal(verdict: Verdict) -> Refusal:
    """The refusal that all infeasible nodes share."""
    (refusal,) = set(verdict.infeasible.values())
    return refusal
