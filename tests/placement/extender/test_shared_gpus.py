"""Pods that share GPUs: however many are between filter and bind, no GPU is given away twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from placement.extender.protocol import BindingArguments
from placement.extender.service import FromFiles
from placement.extender.verbs import Verbs
from placement.policy import PRESETS
from tests.objects import Object, node, pod
from tests.placement.extender.objects import call, verbs

ONE_GPU = {"alibabacloud.com/gpu-count": "1"}


def sharing(name: str, milli: int, **more: Any) -> Object:
    made = pod(name, **more)
    made["metadata"]["annotations"] = {"alibabacloud.com/gpu-milli": str(milli)}
    return made


def offered(extender: Verbs, one: Object, *nodes: str) -> tuple[list[str], dict[str, str]]:
    """Nodes that filter leaves, and why nobody should be evicted on the others."""
    answer = json.loads(extender.filter(call(one, nodes)))
    assert answer["Error"] == ""
    return answer["NodeNames"], answer["FailedAndUnresolvableNodes"]


@pytest.mark.parametrize("steering", ["authoritative", "advisory"])
def test_two_pods_asked_about_before_either_is_bound_get_a_gpu_each(steering: str) -> None:
    extender = verbs([node("a", **ONE_GPU), node("b", **ONE_GPU)], steering=steering)
    (first,), _ = offered(extender, sharing("x", 600), "a", "b")
    (second,), _ = offered(extender, sharing("y", 600), "a", "b")
    assert {first, second} == {"a", "b"}
    assert offered(extender, sharing("z", 600), "a", "b")[0] == []
    assert offered(extender, sharing("small", 400), "a", "b")[0] != []


def test_nodes_that_are_passed_over_are_not_to_be_emptied() -> None:
    extender = verbs([node("a", **ONE_GPU), node("b", **ONE_GPU), node("full", cpu="50m", **ONE_GPU)])
    (chosen,), hopeless = offered(extender, sharing("x", 600), "a", "b", "full")
    reason = "node(s) were passed over, as pods that share GPUs are sent to one node at a time"
    assert hopeless == {({"a", "b"} - {chosen}).pop(): reason, "full": "Insufficient cpu"}


def test_the_one_node_is_the_one_that_prioritize_likes_best() -> None:
    running = pod("runs", cpu="2", on="b")
    for policy, best in (("pack", "b"), ("spread", "a")):
        extender = verbs([node("a", **ONE_GPU), node("b", **ONE_GPU), running])
        extender = Verbs(extender.state, policy=PRESETS[policy], clock=extender.clock)
        scores = json.loads(extender.prioritize(call(sharing("x", 100), ["a", "b"])))
        assert max(scores, key=lambda each: each["Score"])["Host"] == best
        assert offered(extender, sharing("x", 100), "a", "b")[0] == [best]


def test_a_pod_that_comes_back_is_sent_to_each_of_its_nodes_in_turn() -> None:
    extender = verbs([node(name, **ONE_GPU) for name in "abc"])
    sent = [offered(extender, sharing("x", 600), "a", "b", "c")[0][0] for _ in range(6)]
    assert sorted(sent[:3]) == sorted(sent[3:]) == ["a", "b", "c"]


def test_a_pod_beside_nodes_nobody_has_heard_of_counts_on_the_one_that_is_known() -> None:
    extender = verbs([node("a", **ONE_GPU), node("b", **ONE_GPU)])
    left, _ = offered(extender, sharing("x", 600), "a", "b", "new")
    assert len(left) == 2
    assert "new" in left
    (second, _), _ = offered(extender, sharing("y", 600), "a", "b", "new")
    assert second not in left


def test_other_pods_keep_all_their_nodes() -> None:
    extender = verbs([node("a", **ONE_GPU), node("b", **ONE_GPU)])
    assert offered(extender, pod("plain"), "a", "b") == (["a", "b"], {})


def test_binding_to_a_gpu_that_was_given_away_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "cluster.json"
    objects = [node("a", **ONE_GPU), node("b", **ONE_GPU), sharing("x", 600), sharing("y", 600)]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    extender = verbs([])
    source = FromFiles([str(file)])

    async def story() -> list[str]:
        await source.open()
        source.tasks(extender, lambda: None)
        asked = [("x", "a"), ("y", "a"), ("y", "b")]
        return [await source.bind(BindingArguments(name, "default", f"uid-{name}", to)) for name, to in asked]

    assert asyncio.run(story()) == ["", "node 'a': Insufficient alibabacloud.com/gpu-milli on one GPU", ""]
