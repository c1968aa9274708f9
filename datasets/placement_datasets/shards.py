"""Seeded problems of shards to balance: the everyday question of a large fleet, which Meta's Rebalancer is made for.

What the numbers are drawn from, for I shards on I / 40 hosts:

- *Services* of ten shards each; no two shards of a service may be on one host.
- *Demand*: two resources. The mean shard asks for a fortieth of 70 % of a host; each is log-normal (sigma 0.6) with a
  correlation of a half between the two, and at most a quarter of a host.
- *Where they are*: hosts have a popularity that is log-normal (sigma 0.5); each shard in turn goes to the most popular
  of three hosts drawn at random that have room and none of its service. So some hosts are full, others nearly empty.
- *Cost*: each unit of load above the mean load of a host, of either resource, costs 1; a move costs as much as 1/200 of
  a host in units. Capacities and services must be kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import EVERYWHERE, Groups, Limits, Problem, Tier

Int64 = NDArray[np.int64]

HOST = 10_000
"""Units of either resource that a host has."""

SHARDS_A_HOST, SHARDS_A_SERVICE = 40, 10

FULLNESS = 0.7
"""Mean load of a host."""

MOVE = HOST // 200

TRIES = 200


def unbalanced_shards(num_items: int, seed: int) -> Problem:
    """Shards on hosts of which some are full; equal arguments give equal problems.

    Raises
    ------
    ValueError
        If there are fewer than ten hosts' worth of shards.
    """
    num_bins = num_items // SHARDS_A_HOST
    if num_bins < 2 * SHARDS_A_SERVICE:
        raise ValueError(f"{num_items} shards are fewer than {2 * SHARDS_A_SERVICE * SHARDS_A_HOST}")
    rng = np.random.default_rng(seed)
    demand = _demand(rng, num_items)
    service = np.arange(num_items) // SHARDS_A_SERVICE
    start = _start(rng, demand, service, num_bins)
    capacity = np.full((num_bins, 2), HOST, dtype=np.int64)
    target = np.tile(-(-demand.sum(axis=0) // num_bins), (num_bins, 1))
    num_services = int(service[-1]) + 1
    # Every shard is a class: no two are alike.
    problem = problem_of_classes(
        np.arange(num_items, dtype=np.int32),
        demand,
        capacity,
        np.zeros(num_bins, dtype=np.int64),
        "cost",
        start=start.astype(np.int32),
        groups=Groups(
            topology=np.zeros(num_services, dtype=np.int32),
            scope=np.full(num_services, EVERYWHERE, dtype=np.int32),
            start=num_bins * np.arange(num_services + 1, dtype=np.int64),
            initial=np.zeros(num_bins * num_services, dtype=np.int32),
            class_start=np.arange(num_items + 1, dtype=np.int64),
            of_class=service.astype(np.int32),
        ),
        limits=Limits(
            np.arange(num_items, dtype=np.int32), service.astype(np.int32), np.ones(num_items, dtype=np.int32)
        ),
    )
    cost = Tier(
        "cost",
        over_target=np.ones(2, dtype=np.int64),
        moved=np.full(num_items, MOVE, dtype=np.int64),
    )
    return replace(problem, tiers=(problem.tiers[0], cost), target=target)


def _demand(rng: np.random.Generator, num_items: int) -> Int64:
    common, own = rng.normal(size=num_items), rng.normal(size=(num_items, 2))
    size = np.exp(0.6 * (np.sqrt(0.5) * common[:, None] + np.sqrt(0.5) * own))
    share = FULLNESS / SHARDS_A_HOST * size / size.mean(axis=0)
    demand: Int64 = np.clip(np.round(share * HOST), 1, HOST // 4).astype(np.int64)
    return demand


def _start(rng: np.random.Generator, demand: Int64, service: Int64, num_bins: int) -> Int64:
    popularity = rng.lognormal(0.0, 0.5, num_bins)
    free = np.full((num_bins, 2), HOST, dtype=np.int64)
    start = np.empty(len(demand), dtype=np.int64)
    for item, asked in enumerate(demand):
        taken = set(start[SHARDS_A_SERVICE * service[item] : item].tolist())
        for _ in range(TRIES):
            drawn = [int(b) for b in rng.integers(0, num_bins, 3)]
            fitting = [b for b in drawn if b not in taken and (free[b] >= asked).all()]
            if fitting:
                break
        else:
            raise ValueError("the hosts are too full; another seed may do")
        start[item] = max(fitting, key=popularity.__getitem__)
        free[start[item]] -= asked
    return start
