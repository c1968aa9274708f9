"""Resources as columns: what templates ask for and what nodes have left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.nodes import NodeTable
from placement.compiler.occupancy import Occupancy
from placement.model.node import PODS
from placement.model.pod import PodTemplate


def resource_names(waiting: Sequence[PodTemplate]) -> tuple[str, ...]:
    """Resources that some waiting pod asks for, and `pods`, which each takes one of."""
    asked = {name for template in waiting for name, amount in template.requests.items() if amount > 0}
    return (*sorted(asked - {PODS}), PODS)


def requests(templates: Sequence[PodTemplate], names: Sequence[str]) -> NDArray[np.int64]:
    """What one pod of each template takes, (T, R) int64."""
    table = np.zeros((len(templates), len(names)), dtype=np.int64)
    for row, template in enumerate(templates):
        for column, name in enumerate(names):
            table[row, column] = 1 if name == PODS else template.requests.get(name, 0)
    return table


def free(
    nodes: NodeTable, names: Sequence[str], occupancy: Occupancy, of_template: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Allocatable minus what stays, (B, R) int64; negative where a node is overfull."""
    allocatable = np.array(
        [[node.allocatable.get(name, 0) for name in names] for node in nodes.nodes], dtype=np.int64
    ).reshape(len(nodes), len(names))
    return allocatable - occupancy.load(of_template, len(nodes))
