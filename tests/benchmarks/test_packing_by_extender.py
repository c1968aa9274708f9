"""The simulated scheduler with the extender: binds what it says, and packs where it is told to."""

from __future__ import annotations

import json

import pytest

from benchmarks.extender.packing import alone, extended, fewest, main
from placement.generate import generate


def test_a_scheduler_that_asks_uses_fewer_nodes() -> None:
    objects = generate(30, 100, 0, pending=100, load=0.3)
    bound, _ = fewest(objects, "pack", 5.0)
    asked, without = extended(objects, "pack", 0.0, 0), alone(objects, 0)
    assert asked.unplaced <= without.unplaced
    assert bound <= asked.nodes_used < without.nodes_used
    assert asked.planned == 0


def test_follows_the_plan_of_all_waiting_pods(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nodes", "12", "--pods", "40", "--look-ahead", "1"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["planned"] > 0
    assert line["lower_bound"] <= line["nodes_used"] < line["without_extender"]
