"""``python -m benchmarks.extender.packing``: how few nodes a scheduler uses that asks the extender.

A simulated kube-scheduler (the default profile's filters and scores, all nodes looked at) takes waiting pods in random
order. It asks the verbs with the bodies that it would send, adds their scores with their weight, and binds; the
extender sees the binding as an event. The pods are there from the beginning or come in bursts, and the look-ahead plans
for those that have come. Prints one JSON line, and appends it to a file with ``--out``: nodes used, and the number
below which nobody can go who has all pods before him.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.extender.measurement import say
from benchmarks.extender.simulated import Object, Scheduler
from benchmarks.machine import Provenance, provenance
from placement.cluster import Cluster
from placement.extender.look_ahead import LookAhead
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.generate import generate
from placement.manifests import inventory_of
from placement.planner import plan
from placement.policy import PRESETS
from placement.scores.node_resources_fit import LeastAllocated, MostAllocated, Strategy
from placement.store.state import State


class Packing(Provenance, frozen=True, kw_only=True):
    """What a scheduler that asks the extender made of a cluster.

    Attributes
    ----------
    load_asked : float
        Share of the nodes that the pods ask for.
    burst : int
        Pods that came at a time; 0 if all were there.
    lower_bound, plan_alone : int
        No plan of all pods uses fewer nodes; what one made by the engine uses.
    planned : int
        Pods that the look-ahead had a node for before they were scheduled.
    seconds : float
        Of the whole queue, without planning.
    without_extender, most_allocated : int
        Nodes that the default scheduler uses, and one whose NodeResourcesFit prefers full nodes.
    """

    suite: str = "extender-packing"
    nodes: int
    pods: int
    plain: bool
    load_asked: float
    burst: int
    look_ahead: float
    policy: str
    seed: int
    lower_bound: int
    plan_alone: int
    nodes_used: int
    above_bound: float
    unplaced: int
    planned: int
    seconds: float
    without_extender: int
    unplaced_without_extender: int
    most_allocated: int
    unplaced_most_allocated: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the pods.

    Attributes
    ----------
    nodes_used : int
        That hold a pod which is not a daemon's.
    unplaced : int
    planned : int
        Pods that the look-ahead had a node for before they were scheduled.
    seconds : float
        Of the whole queue, without planning.
    """

    nodes_used: int
    unplaced: int
    planned: int
    seconds: float


def plain(objects: list[Object]) -> list[Object]:
    """The same cluster with waiting pods that ask for nothing but room, and nodes that forbid nothing."""
    stripped = {
        "Pod": ("affinity", "topologySpreadConstraints", "nodeSelector", "initContainers"),
        "Node": ("taints", "unschedulable"),
    }
    found = []
    for one in objects:
        if one["kind"] == "Node" or (one["kind"] == "Pod" and "nodeName" not in one["spec"]):
            spec = {name: value for name, value in one["spec"].items() if name not in stripped[one["kind"]]}
            if "containers" in spec:
                spec["containers"] = [_plain(container) for container in spec["containers"]]
            one = {**one, "spec": spec}
        found.append(one)
    return found


def _plain(container: Object) -> Object:
    requests = container["resources"]["requests"]
    asked = {resource: requests[resource] for resource in ("cpu", "memory") if resource in requests}
    return {**container, "ports": [], "resources": {"requests": asked}}


def extended(objects: list[Object], policy: str, look_ahead: float, seed: int, *, burst: int = 0) -> Result:
    """What becomes of the waiting pods with the extender; see `burst_by_burst`."""
    return asyncio.run(burst_by_burst(objects, policy, look_ahead, seed, burst=burst))


async def burst_by_burst(objects: list[Object], policy: str, look_ahead: float, seed: int, *, burst: int = 0) -> Result:
    """What becomes of the waiting pods with the extender, which plans between bursts.

    Parameters
    ----------
    look_ahead : float
        Seconds of search for each plan, one before each burst; 0 for none.
    burst : int
        Pods that come at a time; 0 for all.
    """
    settings = Settings(look_ahead=look_ahead, plan_for=float("inf"), deadline=float("inf"))
    running = [one for one in objects if one["kind"] != "Pod" or "nodeName" in one["spec"]]
    verbs = Verbs(State(inventory_of(running)), policy=PRESETS[policy], settings=settings)
    scheduler = Scheduler(objects, verbs, seed, LeastAllocated())
    looking = LookAhead(verbs)
    found = Result(0, 0, 0, 0.0)
    while scheduler.come(burst or len(objects)):
        if look_ahead:
            await looking.plan_once()
        found = _scheduled(scheduler, found, planned=len(verbs.guidance.node_of))
    await looking.close()
    return found


def alone(objects: list[Object], seed: int, strategy: Strategy | None = None) -> Result:
    """What becomes of them without the extender, by default with the scores that kube-scheduler has by default."""
    scheduler = Scheduler(objects, None, seed, strategy or LeastAllocated())
    scheduler.come(len(objects))
    return _scheduled(scheduler, Result(0, 0, 0, 0.0), planned=0)


def _scheduled(scheduler: Scheduler, before: Result, *, planned: int) -> Result:
    began = time.perf_counter()
    unplaced = scheduler.run()
    seconds = round(before.seconds + time.perf_counter() - began, 1)
    return replace(
        before,
        nodes_used=scheduler.nodes_used,
        unplaced=unplaced,
        planned=before.planned + planned,
        seconds=seconds,
    )


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
    asked = _parser().parse_args(arguments)
    ran_on = provenance()
    objects = generate(asked.nodes, asked.pods, asked.seed, pending=asked.pods, load=asked.load)
    if asked.plain:
        objects = plain(objects)
    bound, ours = fewest(objects, asked.policy, max(asked.look_ahead, 5.0))
    found = extended(objects, asked.policy, asked.look_ahead, asked.seed, burst=asked.burst)
    without, most = alone(objects, asked.seed), alone(objects, asked.seed, MostAllocated())
    line = Packing(
        nodes=asked.nodes,
        pods=asked.pods,
        plain=asked.plain,
        load_asked=asked.load,
        burst=asked.burst,
        look_ahead=asked.look_ahead,
        policy=asked.policy,
        seed=asked.seed,
        lower_bound=bound,
        plan_alone=ours,
        nodes_used=found.nodes_used,
        above_bound=round(found.nodes_used / bound - 1, 4),
        unplaced=found.unplaced,
        planned=found.planned,
        seconds=found.seconds,
        without_extender=without.nodes_used,
        unplaced_without_extender=without.unplaced,
        most_allocated=most.nodes_used,
        unplaced_most_allocated=most.unplaced,
        **ran_on,
    )
    say(line, asked.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.extender.packing", description="Nodes used with the extender.")
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("--load", type=float, default=0.5, help="share of the nodes that the pods ask for")
    parser.add_argument("--plain", action="store_true", help="pods that ask for room only, nodes without taints")
    parser.add_argument("--burst", type=int, default=0, help="pods that come at a time; 0 for all")
    parser.add_argument("--look-ahead", type=float, default=20.0, help="seconds of search for a plan; 0 for none")
    parser.add_argument("--policy", choices=sorted(PRESETS), default="pack")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSONL to add to, such as benchmarks/results/extender/packing.jsonl")
    return parser


if __name__ == "__main__":
    sys.exit(main())
