"""``python -m benchmarks.extender.packing``: how few nodes a scheduler uses that asks the extender.

A simulated kube-scheduler (the default profile's filters and scores, all nodes looked at) takes waiting pods in random
order. It asks the verbs with the bodies that it would send, adds their scores with their weight, and binds; the
extender sees the binding as an event. Prints one JSON line: nodes used, and the number below which nobody can go.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from placement.cluster import Cluster
from placement.extender.look_ahead import LookAhead
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.generate import generate
from placement.kube_scheduler.columns import Columns
from placement.kube_scheduler.outlook import Outlook
from placement.manifests import inventory_of
from placement.model.pod import Pod, of_daemon
from placement.planner import plan
from placement.policy import PRESETS
from placement.predicates.snapshot import Snapshot
from placement.scores.node_resources_fit import LeastAllocated
from placement.store.state import State

Object = dict[str, Any]
WEIGHT = 20
_SCALE = 10


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the pods.

    Attributes
    ----------
    nodes_used : int
        That hold a pod which is not a daemon's.
    unplaced : int
    planned : int
        Pods that the look-ahead had a node for in the beginning.
    seconds : float
        Of the whole queue, without planning.
    """

    nodes_used: int
    unplaced: int
    planned: int
    seconds: float


class Scheduler:
    """Takes one pod after the other, as kube-scheduler with this extender would.

    Parameters
    ----------
    objects : list of dict
        Of the cluster.
    verbs : Verbs or None
        None asks nobody.
    """

    def __init__(self, objects: list[Object], verbs: Verbs | None, seed: int) -> None:
        inventory = inventory_of(objects)
        self.snapshot = Snapshot(inventory)
        self._columns = Columns(self.snapshot)
        self._outlooks: dict[int, Outlook] = {}
        self._verbs = verbs
        self._rng = random.Random(seed)
        self._written = {_key(one): one for one in objects if one["kind"] == "Pod"}
        self._waiting = [pod for pod in inventory.pods.values() if not pod.node]

    def run(self) -> int:
        """Schedule all waiting pods, those that found no node again after the others; how many stay without."""
        queue = self._rng.sample(self._waiting, len(self._waiting))
        while True:
            left = [pod for pod in queue if not self._schedule(pod)]
            if not left or len(left) == len(queue):
                return len(left)
            queue = left

    @property
    def nodes_used(self) -> int:
        """Nodes that hold a pod which is not a daemon's."""
        return sum(any(not of_daemon(pod) for pod in state.pods.values()) for state in self.snapshot.nodes.values())

    def _schedule(self, pod: Pod) -> bool:
        outlook = self._outlooks.get(id(pod.template))
        if outlook is None:
            outlook = self._outlooks[id(pod.template)] = Outlook(pod, self._columns, LeastAllocated())
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
            bound = {**written, "spec": {**written["spec"], "nodeName": node}}
            read = self._verbs.reader.read("Pod", json.dumps(bound).encode())
            self._verbs.state.apply("Pod", read.key, read.model)


def _key(written: Object) -> str:
    meta = written["metadata"]
    return f"{meta.get('namespace', 'default')}/{meta['name']}"


def _body(pod: Object, names: list[str]) -> bytes:
    return json.dumps({"Pod": pod, "Nodes": None, "NodeNames": names}).encode()


def extended(objects: list[Object], policy: str, look_ahead: float, seed: int) -> Result:
    """What becomes of the waiting pods with the extender, after a plan of all of them unless `look_ahead` is 0."""
    settings = Settings(look_ahead=look_ahead, plan_for=float("inf"), deadline=float("inf"))
    verbs = Verbs(State(inventory_of(objects)), policy=PRESETS[policy], settings=settings)
    if look_ahead:
        asyncio.run(LookAhead(verbs).plan_once())
    planned = len(verbs.guidance.node_of)
    return _scheduled(Scheduler(objects, verbs, seed), planned)


def alone(objects: list[Object], seed: int) -> Result:
    """What becomes of them without the extender."""
    return _scheduled(Scheduler(objects, None, seed), 0)


def _scheduled(scheduler: Scheduler, planned: int) -> Result:
    began = time.perf_counter()
    unplaced = scheduler.run()
    return Result(scheduler.nodes_used, unplaced, planned, round(time.perf_counter() - began, 1))


def fewest(objects: list[Object], policy: str, time_limit: float) -> tuple[int, int]:
    """A proven lower bound on the nodes used, and how many the engine's own plan uses.

    Raises
    ------
    ValueError
        If there is no bound on the nodes.
    """
    found = plan(Cluster.from_objects(objects), policy=PRESETS[policy], time_limit=time_limit)
    for tier in found.lower_bound or ():
        if tier.tier == "nodes":
            return tier.value, found.nodes_used
    raise ValueError(f"policy {policy} has no bound on the nodes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.extender.packing", description="Nodes used with the extender.")
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("--load", type=float, default=0.5, help="share of the nodes that the pods ask for")
    parser.add_argument("--look-ahead", type=float, default=20.0, help="seconds of search for the plan; 0 for none")
    parser.add_argument("--policy", choices=sorted(PRESETS), default="pack")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    objects = generate(asked.nodes, asked.pods, asked.seed, pending=asked.pods, load=asked.load)
    bound, ours = fewest(objects, asked.policy, max(asked.look_ahead, 5.0))
    found, without = extended(objects, asked.policy, asked.look_ahead, asked.seed), alone(objects, asked.seed)
    line = {
        "suite": "extender-packing",
        **vars(asked),
        "lower_bound": bound,
        "plan_alone": ours,
        "nodes_used": found.nodes_used,
        "above_bound": round(found.nodes_used / bound - 1, 4),
        "unplaced": found.unplaced,
        "planned": found.planned,
        "seconds": found.seconds,
        "without_extender": without.nodes_used,
        "unplaced_without_extender": without.unplaced,
    }
    print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
