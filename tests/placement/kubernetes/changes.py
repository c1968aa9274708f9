"""Random changes of a cluster, of every kind that is watched, and whether a state is that of a fresh list."""

from __future__ import annotations

import random
from typing import Any

from placement.manifests import inventory_of
from placement.predicates.verdict import verdict
from placement.store.state import State
from tests.objects import affinity, anti_affinity, node, pod, spread
from tests.placement.kubernetes.api_server import ApiServer

ZONE = "topology.kubernetes.io/zone"
DRIVER = "disk.example"
SPECS: list[dict[str, Any]] = [
    {"cpu": "500m", "labels": {"app": "web"}},
    {"cpu": "300m", "labels": {"app": "web"}, "topologySpreadConstraints": [spread({"app": "web"})]},
    {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})},
    {"labels": {"app": "api"}, "affinity": affinity({"app": "web"})},
    {"labels": {"app": "agent"}, "tolerations": [{"operator": "Exists"}]},
    *(
        {"labels": {"app": "data"}, "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": f"c{number}"}}]}
        for number in range(3)
    ),
]
_PLAIN = (
    "namespaces",
    "claims",
    "volumes",
    "storage_classes",
    "csi_nodes",
    "capacity_drivers",
    "storage_capacities",
    "attachments",
    "budgets",
    "pod_groups",
    "priority_classes",
    "services",
)
_OFTEN = {"Pod": 40, "no Pod": 20, "Node": 6, "no Node": 2, "Namespace": 1}
_SELDOM = (
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "CSIDriver",
    "CSIStorageCapacity",
    "CSINode",
    "VolumeAttachment",
    "PodDisruptionBudget",
    "PriorityClass",
    "Service",
    "ReplicaSet",
    "StatefulSet",
    "PodGroup",
)


async def anything(rng: random.Random, server: ApiServer) -> None:
    """One change of the cluster."""
    wheel = _OFTEN | dict.fromkeys(_SELDOM, 3) | {f"no {kind}": 1 for kind in _SELDOM}
    what = rng.choices(list(wheel), list(wheel.values()))[0]
    kind = what.removeprefix("no ")
    name = DRIVER if kind == "CSIDriver" else f"{_INITIAL.get(kind, 'x')}{rng.randrange(_MANY.get(kind, 3))}"
    if what != kind:
        await server.delete(kind, ("" if kind in _WITHOUT else "default", name))
    else:
        await server.put(kind, written(kind, name, rng))


_INITIAL = {"Pod": "p", "Node": "n", "PersistentVolumeClaim": "c", "PersistentVolume": "v", "CSINode": "n"}
_MANY = {"Pod": 60, "Node": 8, "CSINode": 8}
_WITHOUT = {
    "Node",
    "Namespace",
    "PersistentVolume",
    "StorageClass",
    "CSIDriver",
    "CSINode",
    "VolumeAttachment",
    "PriorityClass",
}


def written(kind: str, name: str, rng: random.Random) -> dict[str, Any]:
    """An object of a kind, as it may be."""
    number = rng.randrange(3)
    metadata = {"name": name} if kind in _WITHOUT else {"name": name, "namespace": "default"}
    selector = {"matchLabels": {"app": rng.choice(["web", "db"])}}
    match kind:
        case "Pod":
            spec = rng.choice(SPECS)
            # Nobody runs with a claim that is not bound.
            runs = rng.random() < 0.7 and spec is not SPECS[-1]
            return pod(name, on=f"n{rng.randrange(8)}" if runs else "", **spec)
        case "Node":
            taints = [{"key": "x", "effect": "NoSchedule"}] if rng.random() < 0.2 else []
            return node(name, cpu="8", labels={ZONE: rng.choice(["a", "b", "c"])}, taints=taints)
        case "Namespace":
            return {"metadata": {"name": "default", "labels": {"team": rng.choice(["x", "y"])}}}
        case "PersistentVolumeClaim":
            # The last is never bound, the others always to the same volume: which one an API server lets nobody change.
            volume = {"volumeName": f"v{name[1:]}"} if name != "c2" else {}
            resources = {"requests": {"storage": "1Gi"}}
            claim = {"accessModes": ["ReadWriteOnce"], "resources": resources, "storageClassName": "x0", **volume}
            bound: dict[str, Any] = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}} if volume else {}
            return {"metadata": metadata | bound, "spec": claim}
        case "PersistentVolume":
            term = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [rng.choice("abc")]}]}
            spec = {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "x0",
                "csi": {"driver": DRIVER, "volumeHandle": name},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}},
            }
            return {"metadata": metadata, "spec": spec, "status": {"phase": "Bound"}}
        case "StorageClass":
            mode = rng.choice(["Immediate", "WaitForFirstConsumer"])
            return {"metadata": metadata, "provisioner": DRIVER, "volumeBindingMode": mode}
        case "CSIDriver":
            return {"metadata": metadata, "spec": {"storageCapacity": rng.random() < 0.8}}
        case "CSIStorageCapacity":
            there = {"matchLabels": {ZONE: rng.choice("abc")}}
            room = {"capacity": rng.choice(["0", "2Gi"])}
            return {"metadata": metadata, "storageClassName": "x0", "nodeTopology": there, **room}
        case "CSINode":
            driver = {"name": DRIVER, "nodeID": name, "allocatable": {"count": number}}
            return {"metadata": metadata, "spec": {"drivers": [driver]}}
        case "VolumeAttachment":
            source = {"persistentVolumeName": f"v{number}"}
            return {"metadata": metadata, "spec": {"attacher": DRIVER, "nodeName": f"n{number}", "source": source}}
        case "PodDisruptionBudget":
            return {"metadata": metadata, "spec": {"minAvailable": number, "selector": selector}}
        case "PriorityClass":
            return {"metadata": metadata, "value": number}
        case "Service":
            return {"metadata": metadata, "spec": {"selector": selector["matchLabels"]}}
        case "PodGroup":
            return {"metadata": metadata, "spec": {"minMember": number + 1}}
        case _:
            template = {"metadata": {"labels": selector["matchLabels"]}, "spec": {"containers": [{"name": "main"}]}}
            return {"metadata": metadata, "spec": {"replicas": number, "selector": selector, "template": template}}


def fresh(server: ApiServer) -> State:
    """The state of a fresh list."""
    objects = [
        {"apiVersion": _GROUPS.get(kind, "v1"), **one, "kind": kind}
        for kind, held in server.objects.items()
        if kind not in ("Lease", "ConfigMap")
        for one in held.values()
    ]
    return State(inventory_of(objects))


_GROUPS = {
    "StorageClass": "storage.k8s.io/v1",
    "CSIDriver": "storage.k8s.io/v1",
    "CSIStorageCapacity": "storage.k8s.io/v1",
    "CSINode": "storage.k8s.io/v1",
    "VolumeAttachment": "storage.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "PodGroup": "scheduling.x-k8s.io/v1alpha1",
    "DeviceClass": "resource.k8s.io/v1",
}


def difference(state: State, expected: State) -> str:
    """The first thing in which two states differ, "" if they hold the same and judge the same."""
    ours, theirs = state.inventory(), expected.inventory()
    for what in _PLAIN:
        one, other = getattr(ours, what), getattr(theirs, what)
        if what in ("budgets", "services"):
            one, other = ({each.name: each for each in held} for held in (one, other))
        if what in ("capacity_drivers", "storage_capacities"):
            one, other = (dict(enumerate(sorted(held, key=repr))) for held in (one, other))
        one, other = ({key: repr(each) for key, each in held.items()} for held in (one, other))
        if one != other:
            return f"{what}: {one} and not {other}"
    if {(each.kind, each.name, each.replicas) for each in ours.workloads} != {
        (each.kind, each.name, each.replicas) for each in theirs.workloads
    }:
        return "workloads"
    one, other = ({key: f"{each.node} {each.phase}" for key, each in held.pods.items()} for held in (ours, theirs))
    if one != other:
        return f"pods: {dict(one.items() - other.items())} and not {dict(other.items() - one.items())}"
    if set(ours.nodes) != set(theirs.nodes):
        return "nodes"
    for name, there in state.snapshot.nodes.items():
        other = expected.snapshot.nodes[name]
        if set(there.pods) != set(other.pods) or _counted(there.requested) != _counted(other.requested):
            return f"pods counted on {name}"
    for number, spec in enumerate(SPECS):
        incoming = next(iter(inventory_of([pod(f"incoming{number}", **spec)]).pods.values()))
        outcome, wanted = state.outcome(incoming), verdict(incoming, expected.snapshot).infeasible
        said = {name: outcome.refusal(row) for name, row in state.snapshot.table.row_of.items()}
        for name in expected.snapshot.nodes:
            if said[name] != wanted.get(name):
                return f"the verdict on {spec}: {name} says {said[name]} and not {wanted.get(name)}"
    return ""


def _counted(amounts: dict[str, int]) -> dict[str, int]:
    return {resource: amount for resource, amount in amounts.items() if amount}
