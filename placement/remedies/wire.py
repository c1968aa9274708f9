"""Parts of pods and nodes as the JSON that Kubernetes takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placement.model.affinity import NodeSelectorTerm, PodAffinityTerm
from placement.model.labels import Requirement, Selector
from placement.model.node import CPU, EPHEMERAL_STORAGE, MEMORY, Node
from placement.model.quantity import canonical
from placement.model.taint import Taint, Toleration
from placement.model.topology import SpreadConstraint

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def quantity(resource: str, amount: int) -> str:
    """An amount in scheduling units (cpu in millicores, all else whole) as a quantity that loses nothing."""
    return thousandths(resource, amount if resource == CPU else amount * 1000)


def thousandths(resource: str, amount: int) -> str:
    """An amount in thousandths of a unit as a quantity that loses nothing."""
    binary = resource in (MEMORY, EPHEMERAL_STORAGE) or resource.startswith("hugepages-")
    return canonical(amount, binary=binary)


def taint(found: Taint) -> dict[str, Any]:
    """An entry of ``spec.taints``."""
    return {"key": found.key, **({"value": found.value} if found.value else {}), "effect": found.effect.value}


def toleration(found: Toleration) -> dict[str, Any]:
    """An entry of ``spec.tolerations``."""
    body: dict[str, Any] = {"key": found.key} if found.key else {}
    body["operator"] = "Exists" if found.exists else "Equal"
    if found.value:
        body["value"] = found.value
    if found.effect is not None:
        body["effect"] = found.effect.value
    if found.seconds is not None:
        body["tolerationSeconds"] = found.seconds
    return body


def node_selector(terms: Iterable[NodeSelectorTerm]) -> dict[str, Any]:
    """A node selector of these terms."""
    return {
        "nodeSelectorTerms": [
            {
                **({"matchExpressions": _expressions(term.labels)} if term.labels else {}),
                **({"matchFields": _expressions(term.fields)} if term.fields else {}),
            }
            for term in terms
        ]
    }


def pod_term(term: PodAffinityTerm) -> dict[str, Any]:
    """A pod affinity term; its label keys are part of the selector already."""
    body: dict[str, Any] = {"topologyKey": term.topology_key}
    if term.selector is not None:
        body["labelSelector"] = _selector(term.selector)
    if term.namespaces:
        body["namespaces"] = sorted(term.namespaces)
    if term.namespace_selector is not None:
        body["namespaceSelector"] = _selector(term.namespace_selector)
    return body


def spread(constraint: SpreadConstraint) -> dict[str, Any]:
    """A topology spread constraint; its label keys are part of the selector already."""
    body: dict[str, Any] = {
        "topologyKey": constraint.topology_key,
        "maxSkew": constraint.max_skew,
        "whenUnsatisfiable": "DoNotSchedule" if constraint.required else "ScheduleAnyway",
    }
    if constraint.selector is not None:
        body["labelSelector"] = _selector(constraint.selector)
    if constraint.required and constraint.min_domains > 1:
        body["minDomains"] = constraint.min_domains
    if not constraint.honor_affinity:
        body["nodeAffinityPolicy"] = "Ignore"
    if constraint.honor_taints:
        body["nodeTaintsPolicy"] = "Honor"
    return body


def node(found: Node) -> dict[str, Any]:
    """A node that could join a cluster."""
    allocatable = {name: quantity(name, amount) for name, amount in found.allocatable.items()}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": found.name, "labels": dict(found.labels)},
        "spec": {"taints": [taint(each) for each in found.taints]} if found.taints else {},
        "status": {
            "capacity": allocatable,
            "allocatable": allocatable,
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _selector(found: Selector) -> dict[str, Any]:
    return {"matchExpressions": _expressions(found.requirements)} if found.requirements else {}


def _expressions(requirements: Iterable[Requirement]) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key,
            "operator": each.operator.value,
            **({"values": list(each.values)} if each.values else {}),
        }
        for each in requirements
    ]
