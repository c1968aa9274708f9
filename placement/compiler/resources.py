"""Resources as columns: what templates ask for and what nodes have left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.nodes import NodeTable
from placement.model.node import PODS
from placement.model.pod import PodTemplate
from placement_solvers.validation import LARGEST_AMOUNT

LARGEST = LARGEST_AMOUNT - 1
"""No problem holds more; what is larger counts as this, and what then seems to fit is refused on the objects."""


def resource_names(waiting: Sequence[PodTemplate], besides: Iterable[str] = ()) -> tuple[str, ...]:
    """Resources that some waiting pod asks for, those besides, and `pods`, which each takes one of."""
    asked = {name for template in waiting for name, amount in template.requests.items() if amount > 0}
    return (*sorted({*asked, *besides} - {PODS}), PODS)


def requests(templates: Sequence[PodTemplate], names: Sequence[str]) -> NDArray[np.int64]:
    """What one pod of each template takes, (T, R) int64."""
    table = np.zeros((len(templates), len(names)), dtype=np.int64)
    for row, template in enumerate(templates):
        for column, name in enumerate(names):
            table[row, column] = 1 if name == PODS else min(template.requests.get(name, 0), LARGEST)
    return table


def allocatable(nodes: NodeTable, names: Sequence[str]) -> NDArray[np.int64]:
    """What nodes offer, (B, R) int64."""
    rows = [[min(node.allocatable.get(name, 0), LARGEST) for name in names] for node in nodes.nodes]
    return np.array(rows, dtype=np.int64).reshape(len(nodes), len(names))
