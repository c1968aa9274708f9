"""Machines of a synthetic cluster: shapes, pools, zones and racks, and the Node objects that describe them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from placement.generate.identity import fields_of, moment, uid

ZONES = ("eu-1a", "eu-1b", "eu-1c")
NODES_A_RACK = 16
MAX_PODS = 110
GPU = "nvidia.com/gpu"

_KI = 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of machine.

    Attributes
    ----------
    cpu : int
        Cores.
    memory : int
        GiB.
    share : int
        How often it occurs among its pool, relative to the others.
    """

    name: str
    cpu: int
    memory: int
    share: int
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """A group of machines that are labelled and tainted alike."""

    name: str
    share: int  # of a hundred machines
    shapes: tuple[Shape, ...]
    taints: tuple[tuple[str, str, str], ...] = ()


_ORDINARY = (
    Shape("general-8", 8, 32, 30),
    Shape("general-16", 16, 64, 40),
    Shape("compute-32", 32, 64, 15),
    Shape("memory-16", 16, 128, 15),
)
POOLS = (
    Pool("general", 70, _ORDINARY),
    Pool("spot", 20, _ORDINARY, (("spot", "true", "PreferNoSchedule"),)),
    Pool("batch", 6, (Shape("compute-32", 32, 64, 1),), (("dedicated", "batch", "NoSchedule"),)),
    Pool("gpu", 4, (Shape("gpu-32", 32, 256, 1, gpus=4),), ((GPU, "present", "NoSchedule"),)),
)


@dataclass(slots=True)
class Machine:
    """One machine and what is still free on it: millicores, MiB, pods and GPUs."""

    name: str
    shape: Shape
    pool: Pool
    zone: int
    rack: int
    cordoned: bool
    cpu: int
    memory: int
    pods: int
    gpus: int


def draw_machines(rng: random.Random, num_nodes: int, pods_a_node: int) -> list[Machine]:
    """Machines by pool and shape, dealt to the zones in turn; one in two hundred is cordoned.

    Parameters
    ----------
    rng : random.Random
    num_nodes : int
    pods_a_node : int
        Pods to expect on a node; the kubelet's limit is raised for more than it usually takes.
    """
    pools = rng.choices(POOLS, [pool.share for pool in POOLS], k=num_nodes)
    if num_nodes:
        pools[0] = POOLS[0]  # however few, somewhere ordinary pods can be
    machines = []
    for index, pool in enumerate(pools):
        shape = rng.choices(pool.shapes, [one.share for one in pool.shapes])[0]
        zone = index % len(ZONES)
        machines.append(
            Machine(
                name=f"node-{index:05d}",
                shape=shape,
                pool=pool,
                zone=zone,
                rack=index // len(ZONES) // NODES_A_RACK * len(ZONES) + zone,
                cordoned=index > 0 and rng.random() < 0.005,
                cpu=shape.cpu * 1000 - 100,
                memory=shape.memory * 1024 * 93 // 100,
                pods=max(MAX_PODS, 2 * pods_a_node),
                gpus=shape.gpus,
            )
        )
    return machines


def node_object(rng: random.Random, machine: Machine, images: list[str]) -> dict[str, Any]:
    """The Node object of a machine, as long as a kubelet writes it."""
    shape = machine.shape
    resources = {
        "cpu": str(shape.cpu),
        "ephemeral-storage": "203056560Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{shape.memory * _KI * _KI}Ki",
        "pods": str(machine.pods),
    }
    allocatable = resources | {
        "cpu": f"{shape.cpu * 1000 - 100}m",
        "ephemeral-storage": "187097874220",
        "memory": f"{shape.memory * 1024 * 93 // 100 * _KI}Ki",
    }
    if shape.gpus:
        resources[GPU] = allocatable[GPU] = str(shape.gpus)
    taints = [{"effect": effect, "key": key, "value": value} for key, value, effect in machine.pool.taints]
    spec: dict[str, Any] = {"providerID": f"synthetic:///{ZONES[machine.zone]}/{machine.name}"}
    if machine.cordoned:
        spec["unschedulable"] = True
        taints.append({"effect": "NoSchedule", "key": "node.kubernetes.io/unschedulable"})
    if taints:
        spec["taints"] = taints
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/os": "linux",
        # The kubelet still sets the labels of old, and old manifests still select by them.
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": shape.name,
        "placement.dev/pool": machine.pool.name,
        "topology.kubernetes.io/rack": f"rack-{machine.rack:04d}",
        "topology.kubernetes.io/region": "eu-1",
        "topology.kubernetes.io/zone": ZONES[machine.zone],
    }
    created = moment(rng)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "annotations": {
                "csi.volume.kubernetes.io/nodeid": f'{{"csi.synthetic":"{machine.name}"}}',
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
            "creationTimestamp": created,
            "labels": labels,
            "managedFields": fields_of("kubelet", ("metadata", "spec", "status"), created),
            "name": machine.name,
            "resourceVersion": str(rng.randrange(10**6, 10**9)),
            "uid": uid(rng),
        },
        "spec": spec,
        "status": {
            "addresses": [{"address": machine.name, "type": "Hostname"}],
            "allocatable": allocatable,
            "capacity": resources,
            "conditions": [_condition(kind, created) for kind in _CONDITIONS],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": [
                {"names": [f"{image}@sha256:{rng.getrandbits(256):064x}", image], "sizeBytes": _size_of(image)}
                for image in sorted(rng.sample(images, min(len(images), 20)))
            ],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": uid(rng),
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.12.0",
                "kubeletVersion": "v1.36.2",
                "machineID": f"{rng.getrandbits(128):032x}",
                "operatingSystem": "linux",
                "osImage": "Synthetic Linux",
                "systemUUID": uid(rng),
            },
        },
    }


_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def _condition(kind: tuple[str, str, str, str], created: str) -> dict[str, str]:
    name, status, reason, message = kind
    return {
        "lastHeartbeatTime": created,
        "lastTransitionTime": created,
        "message": message,
        "reason": reason,
        "status": status,
        "type": name,
    }


def _size_of(image: str) -> int:
    # The same on every node, 30 MB to 1 GB, without a draw: the name decides.
    return (30 + sum(image.encode()) * 7919 % 970) * 1_000_000
