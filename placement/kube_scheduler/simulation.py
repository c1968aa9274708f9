"""One pod after the other: filter, score, choose, bind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import numpy as np

from placement.kube_scheduler.columns import Columns, Integers
from placement.kube_scheduler.outlook import Outlook
from placement.model.pod import Pod
from placement.predicates.snapshot import Snapshot
from placement.scores.node_resources_fit import LeastAllocated, MostAllocated, Strategy
from placement_solvers.stop import Progress

FEWEST_NODES = 100
STRATEGIES: dict[str, Callable[[], Strategy]] = {
    LeastAllocated.name: LeastAllocated,
    MostAllocated.name: MostAllocated,
}


def simulate(
    snapshot: Snapshot,
    pods: Sequence[Pod],
    *,
    strategy: str = LeastAllocated.name,
    seed: int = 0,
    percentage_of_nodes: int = 0,
    stop: Callable[[Progress], bool] | None = None,
) -> list[tuple[Pod, str | None]]:
    """Where the default scheduler would put pods; the snapshot holds them afterwards.

    Higher priority first, then in the order given (PrioritySort). In a cluster of 100 nodes or more only so many
    feasible nodes are looked for as kube-scheduler looks for, going on where the last search ended; of several best
    nodes one is drawn. Pods that find no node are tried again while others come whose nearness they may want. No pod
    is preempted.

    Parameters
    ----------
    snapshot : Snapshot
    pods : sequence of Pod
    strategy : str
        How NodeResourcesFit scores: LeastAllocated, the default profile's, or MostAllocated.
    seed : int
        Of the draws among equals.
    percentage_of_nodes : int
        ``percentageOfNodesToScore``; 0 lets the size of the cluster decide, 100 looks at all nodes.
    stop : callable, optional
        Asked before each pod; once it says True the rest stays without a node.

    Returns
    -------
    list of (Pod, node name or None)
        Those with a node first, in the order in which they were bound.

    Raises
    ------
    KeyError
        If there is no strategy of that name.

    Notes
    -----
    O(pods × nodes × terms) with a small constant. Source: ``pkg/scheduler/schedule_one.go``, ``schedulePod`` and
    ``findNodesThatPassFilters``.
    """
    return _Simulation(snapshot, STRATEGIES[strategy](), seed, percentage_of_nodes, stop).run(pods)


class _Simulation:
    def __init__(
        self,
        snapshot: Snapshot,
        strategy: Strategy,
        seed: int,
        percentage: int,
        stop: Callable[[Progress], bool] | None,
    ) -> None:
        self.snapshot = snapshot
        self.columns = Columns(snapshot)
        self.strategy = strategy
        self.random = random.Random(seed)
        self.percentage = percentage
        self.stop = stop
        self.began = time.perf_counter()
        self.steps = 0
        self.walked = 0
        self.outlooks: dict[int, Outlook] = {}
        # Templates that no node admits any more, whatever else comes.
        self.lost: set[int] = set()

    def run(self, pods: Sequence[Pod]) -> list[tuple[Pod, str | None]]:
        waiting = sorted(pods, key=lambda pod: -pod.template.priority)
        bound: list[tuple[Pod, str | None]] = []
        while waiting:
            left: list[Pod] = []
            before = len(bound)
            for number, pod in enumerate(waiting):
                if self._stopped():
                    return bound + [(one, None) for one in [*left, *waiting[number:]]]
                node = self._schedule(pod)
                if node is None:
                    left.append(pod)
                else:
                    bound.append((pod, node))
            waiting = left
            if len(bound) == before or all(id(pod.template) in self.lost for pod in left):
                break
        return bound + [(pod, None) for pod in waiting]

    def _stopped(self) -> bool:
        if self.stop is None:
            return False
        self.steps += 1
        return self.stop(Progress(time.perf_counter() - self.began, self.steps, 0, (), None))

    def _schedule(self, pod: Pod) -> str | None:
        key = id(pod.template)
        if key in self.lost or not self.columns.states:
            return None
        outlook = self.outlooks.get(key)
        if outlook is None:
            outlook = self.outlooks[key] = Outlook(pod, self.columns, self.strategy)
        rows = self._found(outlook, pod)
        if not len(rows):
            if not outlook.may_improve and not pod.template.volumes:
                self.lost.add(key)
            return None
        row = self._chosen(outlook, pod, rows)
        node = self.columns.states[row].name
        self.snapshot.bind(pod, node)
        self.columns.refresh(row, self.snapshot.kind(pod.template, pod.deleting).tallies)
        return node

    def _found(self, outlook: Outlook, pod: Pod) -> Integers:
        """Rows of the feasible nodes that the search comes upon."""
        mask = outlook.feasible(pod)
        num_nodes = len(mask)
        in_question = num_nodes if outlook.named is None else int(outlook.named.sum())
        enough = self._enough(in_question)
        # Rows in the order of the walk, which begins where the last one ended.
        walk = np.flatnonzero(mask)
        begin = int(np.searchsorted(walk, self.walked))
        walk = np.concatenate((walk[begin:], walk[:begin]))
        if outlook.named is not None or len(walk) <= enough:
            return walk[:enough]
        found = walk[:enough]
        self.walked = (int(found[-1]) + 1) % num_nodes
        return found

    def _enough(self, num_nodes: int) -> int:
        """How many feasible nodes are looked for (``numFeasibleNodesToFind``)."""
        if num_nodes < FEWEST_NODES or self.percentage >= 100:
            return num_nodes
        percentage = self.percentage or max(5, 50 - num_nodes // 125)
        return max(FEWEST_NODES, num_nodes * percentage // 100)

    def _chosen(self, outlook: Outlook, pod: Pod, rows: Integers) -> int:
        if len(rows) == 1:
            return int(rows[0])
        totals = outlook.totals(pod, rows)
        best = rows[totals == totals.max()]
        return int(best[self.random.randrange(len(best))])
