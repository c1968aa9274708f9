"""Room that is kept is what one would add up anew, whatever happened before."""

from __future__ import annotations

import random

import numpy as np
import pytest

from placement.predicates.node_resources_fit import requests
from placement.store.reservations import Reservation, Reservations
from placement.store.state import State
from tests.placement.objects import node, pod, template

TEMPLATES = [
    template(app="a", requests={"cpu": 100}, priority=0),
    template(app="b", requests={"cpu": 200, "memory": 5}, priority=5),
    template(app="c", requests={"memory": 7}, priority=5),
    template(app="d", requests={"cpu": 1}, priority=9),
]
NODES = [f"n{number}" for number in range(5)]


def kept_anew(known: dict[str, Reservation], asking: str, priority: int, state: State, resource: str) -> list[int]:
    """What is kept from a pod, node by node."""
    kept = dict.fromkeys(state.snapshot.table.row_of, 0)
    for key, one in known.items():
        if key != asking and one.node in kept and one.template.priority >= priority:
            kept[one.node] += 1 if resource == "pods" else dict(requests(one.template)).get(resource, 0)
    return list(kept.values())


@pytest.mark.parametrize("seed", range(10))
def test_keeps_what_one_would_add_up_anew(seed: int) -> None:
    rng = random.Random(seed)
    state, reservations = State(), Reservations()
    known: dict[str, Reservation] = {}
    for name in NODES:
        state.apply("Node", ("", name), node(name))
    for _ in range(60):
        match rng.choice(["replace", "release", "release", "expire", "exchange", "node"]):
            case "replace":
                known = {
                    f"default/p{rng.randrange(9)}": Reservation(
                        rng.choice([*NODES, "elsewhere"]), rng.choice(TEMPLATES), rng.randrange(10)
                    )
                    for _ in range(rng.randrange(8))
                }
                reservations.replace(known.items())
            case "release":
                key = f"default/p{rng.randrange(9)}"
                known.pop(key, None)
                reservations.release(key)
            case "expire":
                now = rng.randrange(4)
                known = {key: one for key, one in known.items() if one.until > now}
                reservations.expire(now)
            case "exchange":
                one, other = (f"default/p{number}" for number in rng.sample(range(9), 2))
                first, second = known.get(one), known.get(other)
                if first is None or second is None or first.template is second.template:
                    known = {key: kept for key, kept in known.items() if key not in (one, other)}
                    known |= {key: kept for key, kept in ((one, second), (other, first)) if kept is not None}
                    reservations.exchange(one, other)
            case "node":
                name = rng.choice(NODES)
                if name in state.objects.nodes:
                    state.delete("Node", ("", name))
                else:
                    state.apply("Node", ("", name), node(name))
        assert len(reservations) == len(known)
        for of in TEMPLATES:
            asking = pod(f"p{rng.randrange(9)}", of=of)
            kept = reservations.kept_from(asking, state.snapshot.table)
            rows = np.array(list(state.snapshot.table.row_of.values()), dtype=np.int64)
            for resource in ("pods", "cpu", "memory"):
                expected = kept_anew(known, asking.key, of.priority, state, resource)
                if kept is None:
                    assert not any(expected)
                else:
                    column = kept.pods if resource == "pods" else kept.amounts(resource)
                    assert column[rows].tolist() == expected
