"""Mutated bodies through the whole application: the harness holds, and it does notice harm."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.extender import fuzz as harness
from benchmarks.extender.fuzz import FuzzError, Target, fuzz, main
from benchmarks.extender.measurement import Fuzzing
from benchmarks.extender.mutations import mutated


@pytest.mark.parametrize("verb", harness.VERBS)
def test_no_body_does_harm(verb: str) -> None:
    found = fuzz(verb, 500, seed=0)
    assert sum(found.statuses.values()) == found.bodies == 500
    assert set(found.statuses) <= {"200", "400", "413"}
    assert found.statuses["200"] > 50
    assert found.statuses["400"] > 50
    assert found.slowest > 0


def test_well_formed_bodies_are_answered() -> None:
    target, rng = Target(0), random.Random(0)
    for verb in harness.VERBS:
        assert all(target.ask(verb, target.body(verb, rng))[0] == 200 for _ in range(20))


def test_keeps_a_line_for_each_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "results" / "fuzz.jsonl"
    assert main(["--verbs", "filter", "bind", "--count", "20", "--seed", "3", "--out", str(out)]) == 0
    found = [msgspec.json.decode(line, type=Fuzzing) for line in out.read_bytes().splitlines()]
    assert [(one.verb, one.seed, one.bodies, one.checks) for one in found] == [("filter", 3, 20, 1), ("bind", 3, 20, 1)]
    assert capsys.readouterr().out == out.read_text()


def test_notices_a_state_that_changed() -> None:
    target = Target(0)
    key = target.pods[0]["metadata"]
    target.verbs.state.delete("Pod", (key.get("namespace", "default"), key["name"]))
    with pytest.raises(FuzzError, match="not what it was"):
        target.check()


def test_notices_an_error_on_our_side(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(harness.Verbs, "filter", broken)
    assert main(["--verbs", "filter", "--count", "5"]) == 1
    assert "filter: RuntimeError: broken" in capsys.readouterr().err


def test_mutations_differ_and_some_are_still_json() -> None:
    text = json.dumps({"Pod": {"spec": {"containers": [{"name": "a"}]}}, "NodeNames": ["a", "b"]}).encode()
    rng = random.Random(0)
    found = [mutated(text, rng) for _ in range(200)]
    assert sum(one == text for one in found) < 20
    sound = 0
    for one in found:
        try:
            json.loads(one)
        except (ValueError, RecursionError):
            continue
        sound += 1
    assert 100 < sound < 200
