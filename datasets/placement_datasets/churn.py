"""Seeded clusters after weeks of coming and going: pods everywhere, no node full, and too little room in each.

What the numbers are drawn from:

- *Nodes*: all alike, 16,000 millicores and 64 GiB.
- *Pods*: CPU from 250, 500, 1,000, 2,000 and 4,000 millicores (weights 4, 4, 3, 2, 1), with 2, 4 or 8 GiB a core
  (weights 1, 2, 1).
- *Coming and going*: pods arrive until they ask for `peak` of the scarcer resource; then, in each round, a quarter of
  those that run leaves, drawn at random, and others arrive until `peak` is reached again. In the end pods leave until
  `load` is. Each goes to the node with most room, of five drawn at random that have any for it: what the default
  scheduler does when it looks at a sample of the nodes.
- *Large pods* may wait: `large` pods of 12,000 millicores and 48 GiB, for which hardly a node has room, though all
  together have plenty. They are what fragmentation costs.

The cost: pods left out (one that runs may not be), then nodes in use, then moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import NOWHERE, Problem, Tier

Int64 = NDArray[np.int64]

NODE = np.array([16_000, 65_536], dtype=np.int64)
LARGE = np.array([12_000, 49_152], dtype=np.int64)
CPU, CPU_WEIGHTS = (250, 500, 1000, 2000, 4000), (4, 4, 3, 2, 1)
GIB_A_CORE, GIB_WEIGHTS = (2, 4, 8), (1, 2, 1)

SAMPLE = 5
LEAVING = 0.25

BATCH = 256
"""Pods that are drawn at once, for speed only."""


def churned_cluster(
    num_bins: int, seed: int, *, rounds: int = 20, peak: float = 0.85, load: float = 0.55, large: int = 0
) -> Problem:
    """A cluster after so many rounds; equal arguments give equal problems.

    Raises
    ------
    ValueError
        Unless ``0 < load <= peak <= 0.95``: above, a sample of nodes often has no room.
    """
    if not 0 < load <= peak <= 0.95:
        raise ValueError(f"expected 0 < load <= peak <= 0.95, found {load} and {peak}")
    cluster = _Cluster(np.random.default_rng(seed), num_bins)
    cluster.fill(peak)
    for _ in range(rounds):
        cluster.leave(LEAVING)
        cluster.fill(peak)
    cluster.leave(1 - load / peak)
    running, start = np.array(cluster.pods, dtype=np.int64).reshape(-1, 2), np.array(cluster.nodes, dtype=np.int64)
    waiting = np.tile(LARGE, (large, 1))
    amounts = np.concatenate([running, waiting])
    waits = np.arange(len(amounts)) >= len(running)
    rows, class_of = np.unique(np.column_stack([amounts, waits]), axis=0, return_inverse=True)
    problem = problem_of_classes(
        class_of.reshape(-1).astype(np.int32),
        np.ascontiguousarray(rows[:, :2]),
        np.tile(NODE, (num_bins, 1)),
        np.ones(num_bins, dtype=np.int64),
        "nodes",
        start=np.concatenate([start, np.full(large, NOWHERE)]).astype(np.int32),
    )
    runs = 1 - rows[:, 2]
    left_out = Tier("unplaced", unplaced=1 + (large + 1) * runs)
    return replace(problem, tiers=(left_out, problem.tiers[1], Tier("moves", moved=runs)))


class _Cluster:
    """Pods and the node of each, as they come and go."""

    def __init__(self, rng: np.random.Generator, num_bins: int) -> None:
        self.rng = rng
        self.free = np.tile(NODE, (num_bins, 1))
        self.pods: list[tuple[int, int]] = []
        self.nodes: list[int] = []

    def fill(self, peak: float) -> None:
        """Let pods arrive until they ask for `peak` of a resource, or one finds no room."""
        allowed = (1 - peak) * NODE * len(self.free)
        left = self.free.sum(axis=0)
        arriving = self._arriving()
        while (left > allowed).all():
            pod, sample = next(arriving)
            room = (self.free[sample] - pod).min(axis=1)
            if room.max() < 0:
                room_anywhere = (self.free - pod).min(axis=1)
                node = int(room_anywhere.argmax())
                if room_anywhere[node] < 0:
                    return
            else:
                node = int(sample[((self.free[sample] - pod) / NODE).min(axis=1).argmax()])
            self.free[node] -= pod
            left -= pod
            self.pods.append((int(pod[0]), int(pod[1])))
            self.nodes.append(node)

    def leave(self, share: float) -> None:
        """Let a share of the pods leave."""
        stays = self.rng.random(len(self.pods)) >= share
        for pod, node, stay in zip(self.pods, self.nodes, stays, strict=True):
            if not stay:
                self.free[node] += pod
        self.pods = [pod for pod, stay in zip(self.pods, stays, strict=True) if stay]
        self.nodes = [node for node, stay in zip(self.nodes, stays, strict=True) if stay]

    def _arriving(self) -> Iterator[tuple[Int64, Int64]]:
        """Pods without end, each with the nodes that are looked at."""
        while True:
            cpu = self.rng.choice(CPU, BATCH, p=np.array(CPU_WEIGHTS) / sum(CPU_WEIGHTS))
            gib = self.rng.choice(GIB_A_CORE, BATCH, p=np.array(GIB_WEIGHTS) / sum(GIB_WEIGHTS))
            pods = np.column_stack([cpu, cpu * gib * 1024 // 1000]).astype(np.int64)
            yield from zip(pods, self.rng.integers(0, len(self.free), (BATCH, SAMPLE)), strict=True)
