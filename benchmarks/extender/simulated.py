"""A kube-scheduler in this process, with or without the extender: the default profile, all nodes looked at."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from placement.extender.verbs import Verbs
from placement.kube_scheduler.columns import Columns
from placement.kube_scheduler.outlook import Outlook
from placement.manifests import inventory_of
from placement.model.pod import Pod, of_daemon
from placement.predicates.snapshot import Snapshot
from placement.scores.node_resources_fit import Strategy

Object = dict[str, Any]
WEIGHT = 20
"""Of the extender in the scheduler's configuration."""
# What kube-scheduler multiplies an extender's scores by to bring 0 to 10 to its own 0 to 100.
_SCALE = 10


class Scheduler:
    """Takes one pod after the other, as kube-scheduler with this extender would.

    Parameters
    ----------
    objects : list of dict
        Of the cluster.
    verbs : Verbs or None
        None asks nobody. Their state need not know the waiting pods yet.
    strategy : Strategy
        How kube-scheduler's own NodeResourcesFit scores.
    """

    def __init__(self, objects: list[Object], verbs: Verbs | None, seed: int, strategy: Strategy) -> None:
        inventory = inventory_of(objects)
        self.snapshot = Snapshot(inventory)
        self._columns = Columns(self.snapshot)
        self._outlooks: dict[int, Outlook] = {}
        self._verbs = verbs
        self._strategy = strategy
        self._rng = random.Random(seed)
        self._written = {_key(one): one for one in objects if one["kind"] == "Pod"}
        waiting = [pod for pod in inventory.pods.values() if not pod.node]
        self._to_come = self._rng.sample(waiting, len(waiting))
        self._left: list[Pod] = []

    def come(self, number: int) -> int:
        """Let the next so many pods come; how many there were."""
        come, self._to_come = self._to_come[:number], self._to_come[number:]
        self._left += come
        if self._verbs is not None:
            for pod in come:
                self._tell(self._verbs, self._written[pod.key])
        return len(come)

    def run(self) -> int:
        """Schedule all that have come, those that found no node again after the others; how many stay without."""
        while True:
            tried = len(self._left)
            self._left = [pod for pod in self._left if not self._schedule(pod)]
            if len(self._left) in (0, tried):
                return len(self._left)

    @property
    def nodes_used(self) -> int:
        """Nodes that hold a pod which is not a daemon's."""
        return sum(any(not of_daemon(pod) for pod in state.pods.values()) for state in self.snapshot.nodes.values())

    def _schedule(self, pod: Pod) -> bool:
        outlook = self._outlooks.get(id(pod.template))
        if outlook is None:
            outlook = self._outlooks[id(pod.template)] = Outlook(pod, self._columns, self._strategy)
        rows = np.flatnonzero(outlook.feasible(pod))
        wanted = np.zeros(len(rows), dtype=np.int64)
        if self._verbs is not None and len(rows):
            rows, wanted = self._asked(self._verbs, pod, rows)
        if not len(rows):
            return False
        totals = outlook.totals(pod, rows) + WEIGHT * _SCALE * wanted
        best = rows[totals == totals.max()]
        self._bind(pod, int(best[self._rng.randrange(len(best))]))
        return True

    def _asked(self, verbs: Verbs, pod: Pod, rows: Any) -> tuple[Any, Any]:
        """What the extender leaves of some rows, and its scores for those."""
        names = [self._columns.states[row].name for row in rows.tolist()]
        row_of = dict(zip(names, rows.tolist(), strict=True))
        filtered = json.loads(verbs.filter(_body(self._written[pod.key], names)))
        if filtered["Error"]:
            raise RuntimeError(filtered["Error"])
        kept = filtered["NodeNames"]
        if len(kept) < 2:
            return np.array([row_of[name] for name in kept], dtype=np.int64), np.zeros(len(kept), dtype=np.int64)
        scored = json.loads(verbs.prioritize(_body(self._written[pod.key], kept)))
        score_of = {one["Host"]: one["Score"] for one in scored}
        return np.array([row_of[name] for name in kept]), np.array([score_of[name] for name in kept])

    def _bind(self, pod: Pod, row: int) -> None:
        node = self._columns.states[row].name
        self.snapshot.bind(pod, node)
        self._columns.refresh(row, self.snapshot.kind(pod.template, pod.deleting).tallies)
        if self._verbs is not None:
            written = self._written[pod.key]
            self._tell(self._verbs, {**written, "spec": {**written["spec"], "nodeName": node}})

    def _tell(self, verbs: Verbs, pod: Object) -> None:
        """What the watch would."""
        read = verbs.reader.read("Pod", json.dumps(pod).encode())
        verbs.state.apply("Pod", read.key, read.model)


def _key(written: Object) -> str:
    meta = written["metadata"]
    return f"{meta.get('namespace', 'default')}/{meta['name']}"


def _body(pod: Object, names: list[str]) -> bytes:
    return json.dumps({"Pod": pod, "Nodes": None, "NodeNames": names}).encode()
