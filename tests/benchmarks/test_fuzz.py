"""Mutated bodies through the whole application: the harness holds, and it does notice harm."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from benchmarks.extender import fuzz as harness
from benchmarks.extender.fuzz import FuzzError, Target, fuzz, main
from benchmarks.extender.mutations import mutated


@pytest.mark.parametrize("verb", harness.VERBS)
def test_no_body_does_harm(verb: str) -> None:
    statuses = fuzz(verb, 500, seed=0)
    assert sum(statuses.values()) == 500
    assert set(statuses) <= {200, 400, 413}
    assert statuses[200] > 50
    assert statuses[400] > 50


def test_well_formed_bodies_are_answered() -> None:
    target, rng = Target(0), random.Random(0)
    for verb in harness.VERBS:
        assert all(target.ask(verb, target.body(verb, rng))[0] == 200 for _ in range(20))


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
