"""Seeded packing problems: few or cheap bins for many items of few classes.

What the numbers are drawn from, for C classes and n items:

- *Counts*: every class has one item; the other n - C are spread multinomially with log-normal weights (sigma 1),
  so that some classes are ten times as large as others.
- *Demand* (`Grid`): CPU log-uniform between 1/128 and 1/4 of the reference bin of 32,000 millicores, memory
log-uniform
  between 1/256 and 1/4 of its 131,072 MiB, then scaled so that the volumes of both, in bins, differ by at most a tenth:
  neither resource alone decides. Both are rounded to a step. With `RAW` units the step is one millicore and
  one MiB, and two more resources (disk in MiB, network in Mbit/s) follow CPU and memory with log-normal noise.
- *Limits*: a share of the classes, drawn without replacement, may have at most k items in a bin, k uniform in 1 to 4
but
  so large that the class alone asks for no more than half as many reference bins as the volume of all items: what is
  spread widely has few replicas, and a problem that one class decides would be no packing problem.
- *Bins*: copies of the reference bin, opening one costs 1; or nine shapes (8, 16, 32 cores with 2, 4, 8 GiB a core)
  at a price per core and GiB that falls with neither size nor family by more than the noise of 5 %.
- *Zones*: bin b lies in zone b mod 3, and every class is spread over the zones with a skew of one.
- *Existing bins*: shapes drawn uniformly, a share of each resource free that is uniform in 0.2 to 0.8, in use
  already, so that they cost nothing.

About ten to fourteen items fill a reference bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import (
    EVERYWHERE,
    Attractions,
    Groups,
    Limits,
    Problem,
    Spreads,
    Tier,
)

Int64 = NDArray[np.int64]

REFERENCE = np.array([32_000, 131_072, 1_048_576, 10_000], dtype=np.int64)
"""The reference bin: millicores, MiB of memory, MiB of disk, Mbit/s."""

NUM_ZONES = 3

MOST_IN_A_BIN = 4
"""Largest limit of a class in a bin."""

HOST, ZONE = 0, 1
"""Rows of `Problem.domain_of`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Units the demands are rounded to.

    Attributes
    ----------
    cpu, memory : int
        Step in millicores and MiB.
    num_resources : int
        2, or 4 to add disk and network.
    """

    cpu: int = 250
    memory: int = 512
    num_resources: int = 2


RAW = Grid(cpu=1, memory=1, num_resources=4)
"""Four resources in raw units: no two demands share a divisor worth having."""


def packing(
    num_items: int,
    num_classes: int,
    seed: int,
    *,
    grid: Grid = Grid(),
    limited: float = 0.3,
    priced: bool = False,
    zones: bool = False,
    num_existing: int = 0,
) -> Problem:
    """A packing problem; equal arguments give equal problems.

    Parameters
    ----------
    num_items, num_classes : int
        ``num_items >= num_classes >= 1``.
    limited : float
        Share of the classes with at most 1 to 4 items in a bin.
    priced : bool
        Nine shapes at a price instead of copies of the reference bin.
    zones : bool
        Every class spread over three zones with a skew of one.
    num_existing : int
        Bins, half full and unlike, that are there already.

    Raises
    ------
    ValueError
        If there are fewer items than classes, or no class.
    """
    if not num_items >= num_classes >= 1:
        raise ValueError(f"{num_items} items do not fill {num_classes} classes")
    rng = np.random.default_rng(seed)
    count = _counts(rng, num_items, num_classes)
    demand = _demand(rng, count, grid)
    at_most = _limits(rng, count, demand, limited)
    shapes, prices = _shapes(rng, grid) if priced else (REFERENCE[None, :], np.ones(1, dtype=np.int64))
    shapes = shapes[:, : grid.num_resources]
    existing = _existing(rng, num_existing, grid)
    per_shape = np.array([_enough(shape, demand, count, at_most, spare=0.5 if priced else 2.0) for shape in shapes])
    capacity = np.concatenate([existing, np.repeat(shapes, per_shape, axis=0)])
    price = np.concatenate([np.zeros(num_existing, dtype=np.int64), np.repeat(prices, per_shape)])
    class_of = rng.permutation(np.repeat(np.arange(num_classes, dtype=np.int32), count))
    return _problem(class_of, demand, capacity, price, at_most, num_existing, zones, "price" if priced else "bins")


def _counts(rng: np.random.Generator, num_items: int, num_classes: int) -> Int64:
    weight = rng.lognormal(0.0, 1.0, num_classes)
    return 1 + rng.multinomial(num_items - num_classes, weight / weight.sum()).astype(np.int64)


def _demand(rng: np.random.Generator, count: Int64, grid: Grid) -> Int64:
    """Demand of each class, (C, R) int64, at least one step of each resource and at most a quarter of the bin."""
    num_classes = len(count)
    cpu = np.exp(rng.uniform(np.log(1 / 128), np.log(1 / 4), num_classes))
    memory = np.exp(rng.uniform(np.log(1 / 256), np.log(1 / 4), num_classes))
    memory *= rng.uniform(0.9, 1.1) * (cpu @ count) / (memory @ count)
    disk = memory * rng.lognormal(-0.5, 0.7, num_classes)
    network = cpu * rng.lognormal(-0.5, 0.7, num_classes)
    share = np.minimum(np.stack([cpu, memory, disk, network], axis=1)[:, : grid.num_resources], 1 / 4)
    step = _steps(grid)
    steps: Int64 = np.maximum(np.round(share * REFERENCE[: grid.num_resources] / step), 1).astype(np.int64)
    return steps * step


def _steps(grid: Grid) -> Int64:
    return np.array([grid.cpu, grid.memory, 1, 1], dtype=np.int64)[: grid.num_resources]


def _limits(rng: np.random.Generator, count: Int64, demand: Int64, share: float) -> Int64:
    """How many of a class a bin may hold, (C,) int64; 0 is any number."""
    volume = (demand * count[:, None]).sum(axis=0) / REFERENCE[: demand.shape[1]]
    least = np.ceil(count / max(volume.max() / 2, 1.0)).astype(np.int64)
    candidates = np.flatnonzero(least <= MOST_IN_A_BIN)
    chosen = rng.permutation(candidates)[: round(share * len(count))]
    at_most = np.zeros(len(count), dtype=np.int64)
    at_most[chosen] = rng.integers(least[chosen], MOST_IN_A_BIN + 1)
    return at_most


def _shapes(rng: np.random.Generator, grid: Grid) -> tuple[Int64, Int64]:
    """Nine shapes (9, 4) int64 and their prices (9,) int64, in hundredths of a cent an hour."""
    cores = np.repeat([8, 16, 32], 3)
    gib_a_core = np.tile([2, 4, 8], 3)
    shapes = np.stack([cores * 1000, cores * gib_a_core * 1024, cores * 32_768, cores * 312], axis=1).astype(np.int64)
    price = (300 * cores + 40 * cores * gib_a_core) * rng.uniform(0.95, 1.05, 9)
    return shapes, np.round(price).astype(np.int64)


def _existing(rng: np.random.Generator, num_existing: int, grid: Grid) -> Int64:
    """What half full bins have left, (E, R) int64."""
    shapes, _ = _shapes(rng, grid)
    shape = shapes[rng.integers(0, len(shapes), num_existing), : grid.num_resources]
    step = _steps(grid)
    free = rng.uniform(0.2, 0.8, shape.shape)
    return np.floor(shape * free / step).astype(np.int64) * step


def _enough(shape: Int64, demand: Int64, count: Int64, at_most: Int64, spare: float) -> int:
    """`spare` times as many bins of a shape as the volume of all items that fit it, and what limits may ask on top."""
    fits = (demand <= shape).all(axis=1)
    area = ((demand * count[:, None])[fits].sum(axis=0) / shape).max(initial=0.0)
    limited = fits & (at_most > 0)
    alone = np.ceil(count[limited] / at_most[limited]).max(initial=0.0)
    return int(spare * area + alone) + 2 * NUM_ZONES


def _problem(
    class_of: NDArray[np.int32],
    demand: Int64,
    capacity: Int64,
    price: Int64,
    at_most: Int64,
    num_existing: int,
    zones: bool,
    objective: str,
) -> Problem:
    num_classes, num_bins = len(demand), len(capacity)
    zone = (np.arange(num_bins) % NUM_ZONES).astype(np.int32)
    domain_of = np.stack([np.arange(num_bins, dtype=np.int32), zone])
    limited = np.flatnonzero(at_most).astype(np.int32)
    spread = np.arange(num_classes if zones else 0, dtype=np.int32)
    return Problem(
        class_of=class_of,
        demand=demand,
        capacity=capacity,
        class_signature=np.zeros(num_classes, dtype=np.int32),
        bin_signature=np.zeros(num_bins, dtype=np.int32),
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=domain_of,
        scopes=np.zeros((0, num_bins), dtype=np.bool_),
        groups=_groups(limited, spread, num_classes, num_bins),
        limits=Limits(limited, np.arange(len(limited), dtype=np.int32), at_most[limited].astype(np.int32)),
        attractions=Attractions(),
        spreads=Spreads(
            class_=spread,
            group=(len(limited) + spread).astype(np.int32),
            max_skew=np.ones(len(spread), dtype=np.int32),
            min_domains=np.ones(len(spread), dtype=np.int32),
            counts_itself=np.ones(len(spread), dtype=np.int32),
        ),
        tiers=(
            Tier("unplaced", unplaced=np.ones(num_classes, dtype=np.int64)),
            Tier(objective, open=price),
        ),
        class_priority=np.zeros(num_classes, dtype=np.int32),
        in_use=np.arange(num_bins) < num_existing,
        pinned_to=np.full(num_classes, -1, dtype=np.int32),
    )


def _groups(limited: NDArray[np.int32], spread: NDArray[np.int32], num_classes: int, num_bins: int) -> Groups:
    """A group of the class itself on bins for each limited class, then one on zones for each spread class."""
    topology = np.concatenate([np.full(len(limited), HOST), np.full(len(spread), ZONE)]).astype(np.int32)
    size = np.where(topology == HOST, num_bins, NUM_ZONES)
    members = np.concatenate([limited, spread])
    order = np.argsort(members, kind="stable")
    return Groups(
        topology=topology,
        scope=np.full(len(topology), EVERYWHERE, dtype=np.int32),
        start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        initial=np.zeros(int(size.sum()), dtype=np.int32),
        class_start=np.searchsorted(members[order], np.arange(num_classes + 1)).astype(np.int64),
        of_class=order.astype(np.int32),
    )
