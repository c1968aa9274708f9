"""A plan in the making: what was compiled, what was found, and the state of the cluster with it carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from placement.compiler import Compiled
from placement.model.pod import Pod
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal
from placement_solvers.bounds.witness import Witness
from placement_solvers.objective import Cost
from placement_solvers.result import Status, StopReason
from placement_solvers.solution import Solution

Pair = tuple[Pod, str]


@dataclass(slots=True)
class Draft:
    """Placements and evictions that the snapshot holds already.

    Attributes
    ----------
    daemons : list of (Pod, node)
        Pods with one node each, placed before anything was compiled.
    pairs : list of (Pod, node)
        All placements, the daemons' first, in an order in which they are admitted.
    evictions : list of Pod
        Running pods that leave their node; those that find another are in `pairs` too.
    lower_bound : Cost or None
        Proven for the compiled problem.
    witness : Witness or None
        Prices that prove it, if prices do.
    """

    compiled: Compiled
    snapshot: Snapshot
    status: Status
    stopped_by: StopReason
    lower_bound: Cost | None
    daemons: list[Pair]
    pairs: list[Pair] = field(default_factory=list)
    evictions: list[Pod] = field(default_factory=list)
    statistics: dict[str, int | float | str] = field(default_factory=dict)
    witness: Witness | None = None

    def left_over(self) -> list[Pod]:
        """Pods of the problem that have no node, in its order."""
        return [pod for pod in self.compiled.pods if self.snapshot.node_of(pod) is None]


def admit(pairs: Iterable[Pair], snapshot: Snapshot) -> list[Pair]:
    """Bind what the predicates admit, in order, and give those that found their place."""
    admitted = []
    for pod, node in pairs:
        if refusal(pod, node, snapshot) is None:
            snapshot.bind(pod, node)
            admitted.append((pod, node))
    return admitted


def solution_of(compiled: Compiled, pairs: Iterable[Pair], evicted: Iterable[Pod] = ()) -> Solution:
    """The solution that says the same as placements and evictions."""
    item_of = {pod.key: item for item, pod in enumerate(compiled.pods)}
    bin_of_node = {name: bin_ for bin_, name in enumerate(compiled.nodes)}
    bin_of = np.full(len(compiled.pods), -1, dtype=np.int32)
    if len(compiled.problem.start):
        bin_of[:] = compiled.problem.start
    bin_of[[item_of[pod.key] for pod in evicted]] = -1
    sequence = np.flatnonzero(bin_of >= 0).tolist()
    for pod, node in pairs:
        item = item_of.get(pod.key)
        if item is not None:
            bin_of[item] = bin_of_node[node]
            sequence.append(item)
    return Solution(bin_of, np.array(sequence, dtype=np.int32))
