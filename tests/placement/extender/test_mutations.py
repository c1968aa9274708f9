"""Mutated bodies: refused in one line or answered, never anything else, and the state stays what it was."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.extender.mutations import mutated
from placement.extender.preemption import Preemption
from placement.extender.protocol import MalformedError, binding_arguments
from placement.extender.verbs import Verbs
from tests.objects import node, pod
from tests.placement.extender.objects import verbs

WIRE = Path(__file__).parents[2] / "data" / "wire"


def answers(extender: Verbs) -> dict[str, Callable[[bytes], object]]:
    return {
        "filter": lambda body: json.loads(extender.filter(body)),
        "prioritize": lambda body: json.loads(extender.prioritize(body)),
        "preempt": lambda body: json.loads(Preemption(extender).preempt(body)),
        "bind": binding_arguments,
    }


@pytest.mark.parametrize("cached", ["true", "false"])
@pytest.mark.parametrize("verb", ["filter", "prioritize", "preempt", "bind"])
def test_no_body_does_harm(verb: str, cached: str) -> None:
    recorded = json.loads((WIRE / f"{verb}-nodecache-{cached}.json").read_text())["request"]
    body = json.dumps(recorded, separators=(",", ":")).encode()
    nodes = [node(f"node-{number}") for number in range(3)]
    extender = verbs([*nodes, pod("low", cpu="3", on="node-0"), pod("full", cpu="4", on="node-2")])
    answer, rng = answers(extender)[verb], random.Random(verb)
    before = {name: dict(state.requested) for name, state in extender.state.snapshot.nodes.items()}
    refused = 0
    for _ in range(1000):
        try:
            answer(mutated(body, rng))
        except MalformedError as error:
            refused += 1
            assert "\n" not in str(error)
    assert 0 < refused < 1000
    extender.state.expire(float("inf"))
    after = {
        name: {k: v for k, v in state.requested.items() if v or k in before[name]}
        for name, state in extender.state.snapshot.nodes.items()
    }
    assert after == before
    assert extender.metrics.fail_open.labels(verb, "error")._value.get() == 0
