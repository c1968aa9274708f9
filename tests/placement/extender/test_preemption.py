"""The verb preempt: minimal sets of victims, under budgets, on the best of the nodes offered."""

from __future__ import annotations

import json
from typing import Any

from placement.extender.preemption import Preemption
from tests.objects import Object, node, pod
from tests.placement.extender.objects import verbs


def budget(name: str, labels: dict[str, str], allowed: int) -> Object:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "minAvailable": 1},
        "status": {"disruptionsAllowed": allowed},
    }


def victims(objects: list[Object], subject: Object, offered: dict[str, list[str]]) -> dict[str, Any]:
    """Victims by node, and the violations that were told."""
    candidates = {
        name: {"Pods": [{"UID": f"uid-{one}"} for one in names], "NumPDBViolations": 0}
        for name, names in offered.items()
    }
    body = json.dumps({"Pod": subject, "NodeNameToVictims": None, "NodeNameToMetaVictims": candidates}).encode()
    extender = verbs(objects)
    before = {name: dict(state.requested) for name, state in extender.state.snapshot.nodes.items()}
    answer = json.loads(Preemption(extender).preempt(body))
    assert {name: dict(state.requested) for name, state in extender.state.snapshot.nodes.items()} == before
    found: dict[str, Any] = answer["NodeNameToMetaVictims"]
    return {
        name: ([one["UID"].removeprefix("uid-") for one in each["Pods"]], each["NumPDBViolations"])
        for name, each in found.items()
    }


HIGH = pod("high", cpu="3", priority=100)


def test_takes_no_more_victims_than_it_needs() -> None:
    objects = [node("a"), *(pod(f"p{number}", cpu="1", on="a") for number in range(4))]
    found = victims(objects, pod("high", cpu="1500m", priority=100), {"a": ["p0", "p1", "p2", "p3"]})
    assert [len(names) for names, _ in found.values()] == [2]


def test_chooses_the_node_with_fewer_victims() -> None:
    objects = [node("a"), node("b"), pod("one", cpu="3", on="a"), pod("x", cpu="2", on="b"), pod("y", cpu="2", on="b")]
    assert victims(objects, HIGH, {"a": ["one"], "b": ["x", "y"]}) == {"a": (["one"], 0)}


def test_prefers_less_important_victims_to_fewer() -> None:
    objects = [node("a"), node("b"), pod("dear", cpu="3", on="a", priority=50)]
    objects += [pod("x", cpu="2", on="b"), pod("y", cpu="2", on="b")]
    found = victims(objects, HIGH, {"a": ["dear"], "b": ["x", "y"]})
    assert {name: (sorted(names), violations) for name, (names, violations) in found.items()} == {"b": (["x", "y"], 0)}


def test_keeps_to_budgets_while_another_choice_is_left() -> None:
    labels = {"app": "kept"}
    objects = [node("a"), node("b"), budget("kept", labels, 0), pod("kept", cpu="3", on="a", labels=labels)]
    objects += [pod("x", cpu="2", on="b"), pod("y", cpu="2", on="b")]
    assert list(victims(objects, HIGH, {"a": ["kept"], "b": ["x", "y"]})) == ["b"]
    assert victims(objects, HIGH, {"a": ["kept"]}) == {"a": (["kept"], 1)}


def test_never_evicts_pods_of_the_same_or_a_higher_priority() -> None:
    objects = [node("a"), pod("equal", cpu="3", on="a", priority=100)]
    assert victims(objects, HIGH, {"a": ["equal"]}) == {}


def test_offers_no_node_where_eviction_does_not_help() -> None:
    objects = [node("a", cpu="2"), pod("low", cpu="1", on="a")]
    assert victims(objects, HIGH, {"a": ["low"]}) == {}


def test_takes_the_schedulers_word_for_nodes_it_has_not_heard_of() -> None:
    assert victims([node("a")], HIGH, {"new": ["somebody"]}) == {"new": (["somebody"], 0)}
