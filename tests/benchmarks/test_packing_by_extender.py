"""The simulated scheduler with the extender: binds what it says, and packs where it is told to."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.extender.packing import Packing, alone, extended, fewest, main, plain
from placement.generate import generate


def test_a_scheduler_that_asks_uses_fewer_nodes() -> None:
    objects = generate(30, 100, 0, pending=100, load=0.3)
    bound, _ = fewest(objects, "pack", 5.0)
    asked, without = extended(objects, "pack", 0.0, 0), alone(objects, 0)
    assert asked.unplaced <= without.unplaced
    assert bound <= asked.nodes_used < without.nodes_used
    assert asked.planned == 0


def test_follows_the_plan_of_all_waiting_pods(tmp_path: Path) -> None:
    out = tmp_path / "packing.jsonl"
    assert main(["--nodes", "12", "--pods", "40", "--look-ahead", "1", "--out", str(out)]) == 0
    line = msgspec.json.decode(out.read_bytes(), type=Packing)
    assert line.planned > 0
    assert line.lower_bound <= line.nodes_used < line.without_extender


def test_plans_anew_for_each_burst_of_pods_that_come() -> None:
    objects = plain(generate(12, 40, 1, pending=40, load=0.4))
    found = extended(objects, "pack", 0.5, 0, burst=20)
    assert (found.unplaced, found.planned) == (0, 40)
    assert found.nodes_used < alone(objects, 0).nodes_used


def test_plain_pods_may_go_anywhere() -> None:
    objects = plain(generate(40, 100, 2, pending=100, load=0.2))
    assert alone(objects, 0).nodes_used == 40
