"""The benchmark of the verbs runs, and says what it measured."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from benchmarks.extender import calls
from benchmarks.extender.__main__ import main
from benchmarks.extender.measurement import Measurement, quantile
from placement.generate import generate


@pytest.mark.parametrize("options", [("--whole",), ("--events", "50", "--look-ahead", "0.1")])
def test_measures_each_verb_and_both_together(options: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "results" / "verbs.jsonl"
    assert main(["--nodes", "10", "--pods", "60", "--calls", "20", "--out", str(out), *options]) == 0
    found = [msgspec.json.decode(line, type=Measurement) for line in out.read_bytes().splitlines()]
    assert [one.verb for one in found] == ["filter", "prioritize", "filter+prioritize"]
    for one in found:
        assert 0 < one.p50 <= one.p99 <= one.p999 <= one.most
        assert (one.nodes, one.pods, one.calls) == (10, 60, 20)
        assert one.resident > 2**20


@pytest.mark.parametrize("order", calls.ORDERS)
def test_offers_nodes_in_the_order_asked_for(order: calls.Order) -> None:
    objects = generate(40, 80, 0, load=0.6)
    names = [one["metadata"]["name"] for one in objects if one["kind"] == "Node"]
    found = [
        json.loads(body)["NodeNames"] for body in calls.bodies(objects, random.Random(1), order=order, whole=False)
    ]
    assert all(set(one) <= set(names) for one in found)
    in_turn = [[names.index(name) for name in one] for one in found]
    match order:
        case "cluster":
            assert all(one == sorted(one) for one in in_turn)
        case "rotated":
            assert all(sum(b < a for a, b in pairwise(one)) <= 1 for one in in_turn)
            assert any(one != sorted(one) for one in in_turn)
        case "mixed":
            assert all(sorted(one) == list(range(40)) for one in in_turn)
            assert any(sum(b < a for a, b in pairwise(one)) > 5 for one in in_turn)


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert quantile([1.0], 0.999) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "expected JSON of kind List"),
        (b"\x1f\x8b", "expected JSON of kind List"),
        (b"[]", "expected JSON of kind List"),
        (b'{"items": [{"kind": "Node"}]}', "expected nodes and pods that wait for one"),
        (None, "No such file"),
    ],
)
def test_names_a_cluster_that_is_none(
    text: bytes | None, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = tmp_path / "cluster.json"
    if text is not None:
        cluster.write_bytes(text)

    assert main(["--cluster", str(cluster)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"benchmarks: {cluster}: {expected}")
    assert said.err.count("\n") == 1
