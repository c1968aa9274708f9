"""Shared GPUs as devices: bins inside bins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from placement.compiler.nodes import NodeTable
from placement.compiler.resources import LARGEST
from placement.gpus import held
from placement.model.gpu import GpuShare
from placement.model.pod import Pod
from placement_solvers.problem import Devices


def devices(shares: Sequence[GpuShare | None], nodes: NodeTable, staying: Iterable[tuple[Pod, int]]) -> Devices:
    """The GPUs of all nodes as far as classes ask for them.

    Pods that stay and do not say which GPUs they have take nothing here: the objects find them room.

    Parameters
    ----------
    shares : sequence of GpuShare or None
        Of each class.
    staying : iterable of (Pod, node)
    """
    if not any(shares):
        return Devices()
    names = sorted({name for share in shares if share is not None for name, _ in share.amounts})
    # Nobody may enter a node whose GPUs lack what he asks, so resources that never meet on a GPU share one column: what
    # is known of packing onto devices knows one resource.
    apart = all(sum(name in gpu.amounts for name in names) <= 1 for node in nodes.nodes for gpu in node.gpus)
    column = dict.fromkeys(names, 0) if apart else {name: number for number, name in enumerate(names)}
    width = len(set(column.values()))
    start = np.zeros(len(nodes) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(node.gpus) for node in nodes.nodes])
    capacity = np.zeros((int(start[-1]), width), dtype=np.int64)
    for row, gpu in enumerate(gpu for node in nodes.nodes for gpu in node.gpus):
        for name, amount in gpu.amounts.items():
            if name in column:
                capacity[row, column[name]] = min(amount, LARGEST)
    for pod, node in staying:
        share = pod.template.gpu_share
        if share is None:
            continue
        place = {gpu.index: position for position, gpu in enumerate(nodes.nodes[node].gpus)}
        for index in held(pod):
            for name, amount in share.amounts:
                if index in place and name in column:
                    capacity[start[node] + place[index], column[name]] -= min(amount, LARGEST)
    count = np.array([0 if share is None else share.count for share in shares], dtype=np.int32)
    taken = np.zeros((len(shares), width), dtype=np.int64)
    for class_, share in enumerate(shares):
        for name, amount in () if share is None else share.amounts:
            taken[class_, column[name]] = min(amount, LARGEST)
    return Devices(start, np.maximum(capacity, -LARGEST), count, taken)
