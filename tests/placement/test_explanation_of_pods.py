"""Explanations of pods that find no node, with what would help."""

from __future__ import annotations

import json

from placement import Cluster, explain
from placement.report.explanation import explanation
from tests.objects import anti_affinity, node, pod

CROWDED = [node("a", cpu="3"), pod("p", cpu="2"), pod("q", cpu="2")]


def left_out(objects) -> str:
    from placement import plan

    return plan(Cluster.from_objects(objects)).unplaced[0].pod


def test_remedies_are_looked_for_only_when_asked() -> None:
    cluster = Cluster.from_objects([node("a"), pod("x", cpu="9")])
    assert explain(cluster, "default/x").remedies is None
    found = explain(cluster, "default/x", remedies=True).remedies
    assert found is not None
    assert [remedy.kind for remedy in found] == ["lower-request"]


def test_a_pod_that_has_a_node_is_given_no_remedies() -> None:
    cluster = Cluster.from_objects([node("a"), pod("x")])
    assert explain(cluster, "default/x", remedies=True).remedies is None


def test_a_conflict_over_the_last_room_is_told_in_words() -> None:
    key = left_out(CROWDED)
    cluster = Cluster.from_objects(CROWDED)
    explained = explain(cluster, key, remedies=True)
    lines = [line.plain for line in explanation(explained, cluster.inventory.pods[key], cluster.inventory, None)]
    other = "default/p" if key == "default/q" else "default/q"
    assert f"It is proven that it cannot be placed together with {other}:" in lines
    assert any(line.startswith("lower-request") for line in lines)


def test_the_json_holds_patches_and_the_conflict() -> None:
    cluster = Cluster.from_objects(CROWDED)
    found = json.loads(json.dumps(explain(cluster, left_out(CROWDED), remedies=True).to_dict()))
    assert [remedy["kind"] for remedy in found["remedies"]] == ["lower-request", "add-node"]
    assert all(remedy["verified"] and remedy["patches"] for remedy in found["remedies"])
    assert sorted(found["conflict"]["pods"]) == ["default/p", "default/q"]


def test_no_remedy_is_said_in_words() -> None:
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "missing"}}
    cluster = Cluster.from_objects([node("a"), pod("x", volumes=[claim])])
    explained = explain(cluster, "default/x", remedies=True)
    lines = [
        line.plain for line in explanation(explained, cluster.inventory.pods["default/x"], cluster.inventory, None)
    ]
    assert "No single change that was tried would make it fit." in lines


def test_the_nodes_of_a_catalogue_can_be_added() -> None:
    cluster = Cluster.from_objects([node("a"), pod("x", cpu="9", affinity=anti_affinity({"app": "db"}))])
    bigger = Cluster.from_objects([node("big", cpu="16", labels={"node.kubernetes.io/instance-type": "m16"})])
    catalogue = tuple(bigger.inventory.nodes.values())
    found = explain(cluster, "default/x", remedies=True, catalogue=catalogue).remedies
    assert found is not None
    assert [remedy.description for remedy in found if remedy.kind == "add-node"] == [
        "add a node m16 (cpu 16, memory 8Gi)"
    ]
