"""Workloads of a synthetic cluster: how many pods, how large, where they may be and what they ask of each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from placement.generate.machines import Machine

NAMESPACES = tuple(f"team-{index:02d}" for index in range(20))
PRIORITIES = {"low": -10, "normal": 0, "high": 1000}

_KINDS = ("Deployment", "StatefulSet", "Job")
_NAMES = ("api", "auth", "cache", "cart", "feed", "gateway", "index", "mail", "queue", "search", "store", "web")
_CPU_STEPS = (0.25, 0.5, 1.0, 1.0, 2.0, 4.0)
_GIB_A_CORE = (1, 2, 4, 4, 8)


@dataclass(slots=True)
class Demand:
    """One workload.

    Attributes
    ----------
    place : str
        Where its pods may be: "anywhere" that is not tainted, "memory" (large-memory shapes), "batch" or "gpu".
    cpu, memory : int
        Millicores and MiB that a pod requests.
    skew : int
        Of a zone spread constraint, 0 for none.
    hard : bool
        Whether the spread is DoNotSchedule and the anti-affinity required.
    apart : bool
        Whether its pods avoid each other's nodes.
    near : str
        Name of a workload of its namespace whose zone it prefers, "" for none.
    affine : bool
        Whether it prefers one pool of nodes.
    """

    name: str
    namespace: str
    kind: str
    replicas: int
    pending: bool
    steps: float
    gib_a_core: int
    priority: str = "normal"
    place: str = "anywhere"
    cpu: int = 0
    memory: int = 0
    skew: int = 0
    hard: bool = False
    apart: bool = False
    near: str = ""
    affine: bool = False
    host_port: int = 0
    sidecar: bool = False
    init: bool = False
    guarded: bool = False
    exposed: bool = False
    nodes: list[str] = field(default_factory=list)  # of its bound pods, filled when they are placed


def shares(rng: random.Random, total: int, num_parts: int) -> list[int]:
    """Sizes of `num_parts` workloads of `total` pods, at least 1 each: few are large, most are small."""
    num_parts = min(num_parts, total)
    weights = [rng.paretovariate(1.2) for _ in range(num_parts)]
    left, whole = total - num_parts, sum(weights)
    sizes = [1 + int(left * weight / whole) for weight in weights]
    for index in range(total - sum(sizes)):
        sizes[index % num_parts] += 1
    return sizes


def draw_demands(
    rng: random.Random, sizes: Sequence[tuple[int, bool]], machines: Sequence[Machine], load: float
) -> list[Demand]:
    """Workloads of the given sizes that together request a share of what the ordinary machines have.

    Parameters
    ----------
    rng : random.Random
    sizes : sequence of (int, bool)
        Pods of each workload and whether they are pending.
    machines : sequence of Machine
    load : float
        The share.
    """
    demands = [_draw(rng, index, size, pending) for index, (size, pending) in enumerate(sizes)]
    _scale(demands, machines, load)
    _assign_places(rng, demands, machines)
    for demand in demands:
        _draw_relations(rng, demand, demands, machines)
    return demands


def _draw(rng: random.Random, index: int, size: int, pending: bool) -> Demand:
    return Demand(
        name=f"{rng.choice(_NAMES)}-{index:04d}",
        namespace=rng.choice(NAMESPACES),
        kind=rng.choices(_KINDS, (80, 12, 8))[0],
        replicas=size,
        pending=pending,
        steps=rng.choice(_CPU_STEPS),
        gib_a_core=rng.choice(_GIB_A_CORE),
        priority=rng.choices(tuple(PRIORITIES), (20, 70, 10))[0],
        sidecar=rng.random() < 0.2,
        init=rng.random() < 0.15,
        guarded=rng.random() < 0.5,
        exposed=rng.random() < 0.7,
    )


def _scale(demands: Sequence[Demand], machines: Sequence[Machine], load: float) -> None:
    ordinary = [one for one in machines if one.pool.name in ("general", "spot") and not one.cordoned]
    largest_cpu = min(one.cpu for one in ordinary) // 2
    largest_memory = min(one.memory for one in ordinary) // 2
    core = load * sum(one.cpu for one in ordinary) / max(sum(one.steps * one.replicas for one in demands), 1)
    asked = sum(one.steps * one.gib_a_core * one.replicas for one in demands)
    gib = load * sum(one.memory for one in ordinary) / max(asked, 1)
    for one in demands:
        one.cpu = min(max(round(one.steps * core / 10) * 10, 10), largest_cpu)
        one.memory = min(max(round(one.steps * one.gib_a_core * gib / 16) * 16, 16), largest_memory)


def _assign_places(rng: random.Random, demands: Sequence[Demand], machines: Sequence[Machine]) -> None:
    # A special pool takes workloads until six tenths of it are asked for; the others stay ordinary.
    room = {
        "batch": [0.6 * _total(machines, "batch", "cpu"), 0.6 * _total(machines, "batch", "memory")],
        "gpu": [0.6 * _total(machines, "gpu", "gpus"), 0.6 * _total(machines, "gpu", "cpu")],
    }
    for one in demands:
        place = rng.choices(("anywhere", "memory", "batch", "gpu"), (78, 8, 8, 6))[0]
        if place == "memory" and one.gib_a_core >= 4:
            one.place = "memory" if any(machine.shape.name == "memory-16" for machine in machines) else "anywhere"
        elif place in room:
            needs = (one.cpu, one.memory) if place == "batch" else (1, one.cpu)
            if all(one.replicas * need <= left for need, left in zip(needs, room[place], strict=True)):
                one.place = place
                room[place] = [left - one.replicas * need for need, left in zip(needs, room[place], strict=True)]


def _total(machines: Sequence[Machine], pool: str, what: str) -> int:
    return sum(getattr(one, what) for one in machines if one.pool.name == pool and not one.cordoned)


def _draw_relations(rng: random.Random, demand: Demand, demands: Sequence[Demand], machines: Sequence[Machine]) -> None:
    demand.hard = rng.random() < 0.5
    if rng.random() < 0.35:
        demand.skew = rng.choice((1, 1, 2, 3))
    num_places = sum(may_hold(machine, demand) for machine in machines)
    demand.apart = rng.random() < 0.3 and 2 * demand.replicas <= num_places
    if rng.random() < 0.02 and 4 * demand.replicas <= num_places:
        demand.host_port = rng.choice((8080, 9100, 9443))
    demand.affine = rng.random() < 0.15
    if rng.random() < 0.1:
        other = rng.choice(demands)
        demand.near = other.name if other is not demand and other.namespace == demand.namespace else ""


def may_hold(machine: Machine, demand: Demand) -> bool:
    """Whether taints, selectors and cordons allow the workload's pods on a machine."""
    if machine.cordoned:
        return False
    if demand.place in ("batch", "gpu"):
        return machine.pool.name == demand.place
    if machine.pool.name not in ("general", "spot"):
        return False
    return demand.place != "memory" or machine.shape.name in ("memory-16", "general-16")
