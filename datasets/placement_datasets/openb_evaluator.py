"""The rules of the openb trace, checked machine by machine; shares no code with any solver.

A pod that shares a GPU lies on one GPU, a pod with k GPUs has k empty ones, CPU and memory suffice, and the machine is
of a model the pod allows. Pods may be left out: what they ask for is the cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from placement_datasets.evaluation import Evaluation, contents
from placement_datasets.openb import WHOLE, Instance

MAY_LEAVE_OUT = True
"""Solutions need not place every pod."""


def evaluate(instance: Instance, node_of: Sequence[int]) -> Evaluation:
    """Judge a placement, `node_of[p]` being the machine of pod p, -1 for none.

    The cost is the milli-GPU that pods left out ask for, and their number; the score the milli-GPU in use in percent of
    all: the paper's GPU allocation ratio, higher is better.

    Raises
    ------
    ValueError
        If it does not name a machine of the instance, or -1, for each pod.
    """
    asked = [int(k) * int(milli) for k, milli in zip(instance.num_gpu, instance.gpu_milli, strict=True)]
    pods_of = contents(node_of, len(instance.pods), len(instance.nodes), least=-1)
    left_out = pods_of.pop(-1, [])
    milli = sum(asked[pod] for pod in left_out)
    return Evaluation(
        cost=(milli, len(left_out)),
        score=100 * (sum(asked) - milli) / instance.total_gpu_milli,
        violations=tuple(broken for node in pods_of for broken in _broken(instance, node, pods_of[node])),
    )


def allocation_curve(instance: Instance, node_of: Sequence[int]) -> list[float]:
    """The allocation in percent when the pods so far ask for 0, 1, 2 … percent of all GPUs, as the paper plots it."""
    total = instance.total_gpu_milli
    curve: list[float] = []
    arrived = placed = 0
    for pod, node in enumerate(node_of):
        asked = int(instance.num_gpu[pod] * instance.gpu_milli[pod])
        arrived += asked
        placed += asked if node >= 0 else 0
        while 100 * arrived >= len(curve) * total:
            curve.append(100 * placed / total)
    return curve


def _broken(instance: Instance, node: int, pods: list[int]) -> list[str]:
    name = instance.nodes[node]
    found = []
    for pod in pods:
        allowed = instance.allowed[pod]
        if allowed and instance.model[node] not in allowed.split("|"):
            found.append(f"model: {name} is {instance.model[node]}, pod {pod} asks for {allowed}")
    for resource, what in enumerate(("milli-cores", "MiB")):
        used, room = (
            sum(int(instance.request[pod][resource]) for pod in pods),
            int(instance.node_room[node][resource]),
        )
        if used > room:
            found.append(f"capacity: {name} runs pods of {used} {what}, of {room}")
    whole = sum(int(instance.num_gpu[pod]) for pod in pods if instance.gpu_milli[pod] == WHOLE)
    shares = [int(instance.gpu_milli[pod]) for pod in pods if 0 < instance.gpu_milli[pod] < WHOLE]
    shared = int(instance.gpus[node]) - whole
    if shared < 0:
        found.append(f"GPUs: {name} has {instance.gpus[node]}, its pods take {whole}")
    elif not _fit(shares, shared):
        found.append(f"GPUs: the {len(shares)} shares on {name} do not fit onto {shared} GPUs")
    return found


def _fit(shares: list[int], gpus: int) -> bool:
    """Whether shares fit onto so many GPUs, share by share: all loads that can be reached, fullest GPU first."""
    reached: set[tuple[int, ...]] = {(0,) * gpus}
    for share in sorted(shares, reverse=True):
        grown = set()
        for loads in reached:
            for gpu in range(gpus):
                alike = gpu and loads[gpu] == loads[gpu - 1]
                if not alike and loads[gpu] + share <= WHOLE:
                    grown.add(tuple(sorted((*loads[:gpu], loads[gpu] + share, *loads[gpu + 1 :]), reverse=True)))
        reached = grown
    return bool(reached)
