"""The synthetic instances of the micro-benchmarks: a cluster of like bins and a stream of mixed items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from placement_solvers.problem import EVERYWHERE, NOWHERE, Attractions, Groups, Limits, Problem, Spreads, Tier

NUM_ZONES = 3
CPU = [50, 100, 200, 250, 500, 1000, 2000, 4000]
SHARES = [0.1, 0.2, 0.2, 0.15, 0.15, 0.1, 0.07, 0.03]
FILL = 0.85
"""Share of the scarcest resource that all items together ask for."""


@dataclass(frozen=True, slots=True)
class Size:
    """What an instance is made of.

    Attributes
    ----------
    order : str
        ``"mixed"``: items of all classes arrive interleaved; ``"class"``: one class after the other.
    limited, spread : float
        Shares of classes with at most one item a bin (host anti-affinity), and with a zone skew of 1 or 2.
    """

    bins: int
    items: int
    classes: int
    order: Literal["mixed", "class"] = "mixed"
    limited: float = 0.3
    spread: float = 0.3


def instance(size: Size, seed: int = 0) -> Problem:
    """A random problem of a size: CPU in thousandths, memory in mebibytes, and a number of items a bin."""
    rng = np.random.default_rng(seed)
    class_of = np.sort(rng.integers(0, size.classes, size.items)).astype(np.int32)
    if size.order == "mixed":
        rng.shuffle(class_of)
    cpu = rng.choice(CPU, size.classes, p=SHARES)
    memory = cpu * rng.choice([1, 2, 4, 8], size.classes) + rng.integers(0, 256, size.classes)
    demand = np.stack([cpu, memory, np.ones_like(cpu)], axis=1).astype(np.int64)
    wanted = demand[class_of].sum(axis=0) / size.bins / FILL
    shape = np.ceil([wanted[0], wanted[1], max(110, 2 * wanted[2])]).astype(np.int64)
    shape = np.maximum(shape, demand.max(axis=0))
    host = np.arange(size.bins, dtype=np.int32)
    zone = (np.arange(size.bins) % NUM_ZONES).astype(np.int32)
    shuffled = rng.permutation(size.classes).astype(np.int32)
    num_limited, num_spread = round(size.limited * size.classes), round(size.spread * size.classes)
    limited = np.sort(shuffled[:num_limited])
    spread = np.sort(shuffled[num_limited : num_limited + num_spread])
    group_of = np.full(size.classes, NOWHERE, dtype=np.int32)
    group_of[limited] = np.arange(len(limited))
    group_of[spread] = len(limited) + np.arange(len(spread))
    domains = np.repeat([size.bins, min(NUM_ZONES, size.bins)], [len(limited), len(spread)])
    ones = np.ones(len(spread), dtype=np.int32)
    return Problem(
        class_of=class_of,
        demand=demand,
        capacity=np.tile(shape, (size.bins, 1)),
        class_signature=np.zeros(size.classes, dtype=np.int32),
        bin_signature=np.zeros(size.bins, dtype=np.int32),
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=np.stack([host, zone]),
        scopes=np.zeros((0, size.bins), dtype=np.bool_),
        groups=Groups(
            topology=np.repeat([0, 1], [len(limited), len(spread)]).astype(np.int32),
            scope=np.full(len(domains), EVERYWHERE, dtype=np.int32),
            start=np.append(0, np.cumsum(domains)).astype(np.int64),
            initial=np.zeros(int(domains.sum()), dtype=np.int32),
            class_start=np.append(0, np.cumsum(group_of != NOWHERE)).astype(np.int64),
            of_class=group_of[group_of != NOWHERE],
        ),
        limits=Limits(limited, group_of[limited], np.ones(len(limited), dtype=np.int32)),
        attractions=Attractions(),
        spreads=Spreads(spread, group_of[spread], rng.integers(1, 3, len(spread), dtype=np.int32), ones, ones),
        tiers=(
            Tier("unplaced", unplaced=np.ones(size.classes, dtype=np.int64)),
            Tier("bins", open=np.ones(size.bins, dtype=np.int64)),
        ),
        class_priority=np.zeros(size.classes, dtype=np.int32),
        in_use=np.zeros(size.bins, dtype=np.bool_),
        pinned_to=np.full(size.classes, NOWHERE, dtype=np.int32),
    )
