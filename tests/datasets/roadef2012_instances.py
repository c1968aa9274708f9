"""Instances of the machine reassignment challenge written here, so that no test needs the published ones."""

from __future__ import annotations

import numpy as np

from placement_datasets.roadef2012 import Instance

MODEL = """
2
1 100
0 10
3
0 0 10 8 6 4   0 1 2
0 1 10 8 6 4   1 0 1
1 1 10 8 6 4   3 1 0
3
2 0
1 1 0
1 0
4
0 5 2 7
0 4 2 1
1 2 1 2
2 1 6 3
1
0 1 2
20
1 10 100
"""
"""Two resources, the first transient; two machines form a neighbourhood; service 0 wants two locations, 1 needs 0."""

ASSIGNMENT = "0 1 0 2\n"


def random_instance(seed: int, *, num_machines: int = 6, num_processes: int = 30) -> Instance:
    """An instance in which every rule bites; its initial assignment keeps them all."""
    rng = np.random.default_rng(seed)
    num_resources, num_services = int(rng.integers(1, 4)), num_processes // 2
    neighbourhood = np.sort(rng.integers(0, 3, num_machines))
    location = rng.integers(0, 3, num_machines)
    service, initial = _services(rng, num_services, num_processes, num_machines)
    requirement = rng.integers(0, 20, (num_processes, num_resources))
    usage = np.zeros((num_machines, num_resources), dtype=np.int64)
    np.add.at(usage, initial, requirement)
    capacity = usage + rng.integers(5, 40, usage.shape)
    spread = [len(set(location[initial[service == s]].tolist())) for s in range(num_services)]
    num_balances = int(rng.integers(0, 3)) if num_resources > 1 else 0
    return Instance(
        name=f"random {seed}",
        transient=rng.random(num_resources) < 0.4,
        load_weight=rng.integers(0, 5, num_resources),
        neighbourhood=neighbourhood,
        location=location,
        capacity=capacity,
        safety_capacity=(capacity * rng.uniform(0.3, 0.9, capacity.shape)).astype(np.int64),
        machine_move_cost=rng.integers(0, 5, (num_machines, num_machines)) * (1 - np.eye(num_machines, dtype=np.int64)),
        spread_min=np.array([int(rng.integers(0, most + 1)) for most in spread]),
        dependencies=_dependencies(rng, service, neighbourhood[initial], num_services),
        service=service,
        requirement=requirement,
        process_move_cost=rng.integers(0, 9, num_processes),
        balances=np.column_stack(
            [
                np.zeros(num_balances, dtype=np.int64),
                np.ones(num_balances, dtype=np.int64),
                rng.integers(1, 4, num_balances),
                rng.integers(1, 4, num_balances),
            ]
        ),
        process_move_weight=1,
        service_move_weight=10,
        machine_move_weight=2,
        initial=initial,
    )


def _services(
    rng: np.random.Generator, num_services: int, num_processes: int, num_machines: int
) -> tuple[np.ndarray, np.ndarray]:
    """Service and machine of each process, no two of a service on one machine."""
    service, initial = [], []
    while len(service) < num_processes:
        s, m = int(rng.integers(num_services)), int(rng.integers(num_machines))
        if (s, m) not in zip(service, initial, strict=True):
            service.append(s)
            initial.append(m)
    return np.array(service), np.array(initial)


def _dependencies(
    rng: np.random.Generator, service: np.ndarray, neighbourhood: np.ndarray, num_services: int
) -> np.ndarray:
    """Up to ten pairs of services of which the first runs only where the second does."""
    runs_in = [set(neighbourhood[service == s].tolist()) for s in range(num_services)]
    pairs = [
        (a, b)
        for a in range(num_services)
        for b in range(num_services)
        if a != b and runs_in[a] and runs_in[a] <= runs_in[b]
    ]
    rng.shuffle(pairs)
    return np.array(pairs[:10], dtype=np.int64).reshape(-1, 2)
