"""Scores of nodes, 0 to 10, by what the policy's cost would become."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod
from placement.policy import Policy
from placement.store.columns import NodeTable

MOST = 10
"""``MaxExtenderPriority``; only the planned node gets it."""


def favours(pod: Pod, policy: Policy, table: NodeTable, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A score of 0 to 9 for each node, (n,); rows of -1 score 0.

    Packing: a node that would have to be opened scores 0, the others the more the fuller the pod leaves their
    scarcer resource, which is best fit. Spreading: the emptier the better.
    """
    fullness = np.zeros(table.num_rows)
    for resource in (CPU, MEMORY):
        offered, free = table.offered(resource), table.free(resource)
        asked = pod.template.requests.get(resource, 0)
        there = np.maximum(offered, 1).astype(np.float64)
        np.maximum(fullness, (offered - free + asked) / there, out=fullness)
    np.clip(fullness, 0.0, 1.0, out=fullness)
    if policy.fill == "pack":
        scores = np.where(table.working[: table.num_rows] > 0, 1 + np.floor(fullness * 8), 0)
    else:
        scores = np.floor((1 - fullness) * 9)
    if not len(scores):
        return np.zeros(len(rows), dtype=np.int64)
    found: NDArray[np.int64] = scores.astype(np.int64)[rows]
    found[rows < 0] = 0
    return found
