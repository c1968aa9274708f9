"""Synthetic clusters as Kubernetes objects: seeded, of any size, placed legally, as heavy as real dumps.

What is drawn, and how often:

- nodes: pools general 70 %, spot 20 % (a PreferNoSchedule taint), batch 6 % and gpu 4 % (NoSchedule taints); the
  first two of 8 to 32 cores with 2 to 8 GiB a core, dealt to three zones in turn and to racks of 16; one in two
  hundred is cordoned. Each offers 93 % of its memory and all but 100 millicores.
- workloads: sizes follow a Pareto law of exponent 1.2; 80 % are Deployments (with their ReplicaSet), 12 %
  StatefulSets, 8 % Jobs, in 20 namespaces. Requests are quarter to fourfold steps with 1 to 8 GiB a core, scaled so
  that all pods together ask for `load` of the ordinary nodes.
- relations: 35 % spread over zones with skew 1 to 3 and 30 % keep replicas on separate nodes, half of each required
  and half wished; 10 % wish to be in the zone of another workload, 15 % wish for a pool; 8 % need large memory, up to
  8 % the batch pool and 6 % a GPU; 2 % take a host port; 20 % have a sidecar, 15 % an init container; three priorities.
- around them: a Service for 70 %, a disruption budget for half, and one DaemonSet with a pod on every node where the
  bound pods are at least two a node.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, BinaryIO

from placement.generate.demands import Demand, draw_demands, shares
from placement.generate.identity import suffix
from placement.generate.machines import Machine, draw_machines, node_object
from placement.generate.objects import (
    admitted,
    cluster_objects,
    metadata,
    pod_object,
    workload_objects,
)
from placement.generate.placing import Placing

__all__ = ["generate", "write"]

_AGENT = {
    "containers": [
        {
            "image": "registry.example/agent:0.9",
            "imagePullPolicy": "IfNotPresent",
            "name": "agent",
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
        }
    ],
    "priorityClassName": "system-node-critical",
    "tolerations": [{"operator": "Exists"}],
}


def generate(
    nodes: int,
    pods: int,
    seed: int = 0,
    *,
    pending: int | None = None,
    workloads: int | None = None,
    pending_workloads: int | None = None,
    load: float = 0.6,
    daemon_set: bool = True,
) -> list[dict[str, Any]]:
    """The Kubernetes objects of a synthetic cluster; the same arguments give the same objects.

    Parameters
    ----------
    nodes, pods : int
        How many of each; pods that run and pods that are pending together.
    seed : int
    pending : int or None
        How many of the pods have no node; a tenth if None. They belong to workloads of their own. Bound pods for
        which there is no legal room are pending besides.
    workloads, pending_workloads : int or None
        How many workloads the bound and the pending pods belong to; one for 200 and one for 50 pods if None.
    load : float
        Share of the ordinary nodes' cpu and memory that all pods together request.
    daemon_set : bool
        Whether a DaemonSet may take some of the bound pods.

    Raises
    ------
    ValueError
        If a count is negative, pods are wanted without nodes, or more pods are pending than there are.
    """
    pending = pods // 10 if pending is None else pending
    if nodes < 0 or pods < 0 or not 0 <= pending <= pods or (pods and not nodes):
        raise ValueError(f"cannot place {pods} pods, {pending} of them pending, on {nodes} nodes")
    rng = random.Random(seed)
    machines = draw_machines(rng, nodes, -(-pods // max(nodes, 1)))
    bound = pods - pending
    agents = nodes if daemon_set and bound >= 2 * nodes else 0
    for machine in machines[:agents]:
        machine.cpu, machine.memory, machine.pods = machine.cpu - 50, machine.memory - 64, machine.pods - 1
    sizes = [(size, False) for size in shares(rng, bound - agents, _count(workloads, bound - agents, 200))]
    sizes += [(size, True) for size in shares(rng, pending, _count(pending_workloads, pending, 50))]
    demands = draw_demands(rng, sizes, machines, load) if sizes else []
    _place(demands, machines)
    images = [f"registry.example/{one.name}:1.4.2" for one in demands] + ["registry.example/proxy:3.1"]
    objects = cluster_objects(rng)
    objects += [node_object(rng, machine, images) for machine in machines]
    waiting: list[dict[str, Any]] = []
    running: list[dict[str, Any]] = []
    if agents:
        controller, running = _daemons(rng, machines)
        objects.append(controller)
    for demand in demands:
        controllers, made = workload_objects(rng, demand)
        objects += controllers
        running += [pod for pod in made if "nodeName" in pod["spec"]]
        waiting += [pod for pod in made if "nodeName" not in pod["spec"]]
    rng.shuffle(waiting)  # they arrive mixed, not workload by workload
    return objects + running + waiting


def _count(wished: int | None, pods: int, pods_a_workload: int) -> int:
    return max(1, -(-pods // pods_a_workload) if wished is None else wished) if pods else 0


def _place(demands: list[Demand], machines: list[Machine]) -> None:
    # What is choosy first: it finds its room while there is room.
    placing = Placing(machines)
    choosy = sorted(demands, key=lambda one: (not (one.hard and one.skew), not one.apart, -one.cpu))
    for demand in choosy:
        if not demand.pending:
            placing.place(demand)


def _daemons(rng: random.Random, machines: list[Machine]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    labels = {"app": "node-agent"}
    controller = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(rng, "node-agent", "kube-system", labels),
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _AGENT},
        },
    }
    base = admitted(_AGENT, 2_000_001_000)
    made: list[dict[str, Any]] = []
    for machine in machines:
        field = {"key": "metadata.name", "operator": "In", "values": [machine.name]}
        required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        pinned = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
        name = f"node-agent-{suffix(rng, 5)}{len(made):x}"
        spec = base | {"affinity": pinned}
        made.append(pod_object(rng, name, "kube-system", labels, controller, spec, machine.name))
    return controller, made


def write(objects: Iterable[dict[str, Any]], stream: BinaryIO) -> None:
    """Write objects as one JSON ``List``, one object a line.

    Parameters
    ----------
    objects : iterable of dict
    stream : binary file
    """
    import msgspec

    encode = msgspec.json.Encoder().encode
    stream.write(b'{"apiVersion":"v1","kind":"List","items":[')
    for index, one in enumerate(objects):
        stream.write(b",\n" if index else b"\n")
        stream.write(encode(one))
    stream.write(b"\n]}\n")
