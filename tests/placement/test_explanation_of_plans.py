"""A plan's cost taken apart, counted by hand."""

from __future__ import annotations

from placement import Cluster, plan
from placement.explanation.plan import explain_plan
from placement.policy import PRESETS, Policy
from tests.objects import anti_affinity, node, pod

HOST = "kubernetes.io/hostname"


def taken_apart(objects, policy=None):
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster, policy=policy)
    explained = explain_plan(cluster, answer, policy)
    assert [(each.tier, each.value) for each in explained.tiers] == [(each.tier, each.value) for each in answer.cost]
    for tier in explained.tiers:
        assert sum(part.value for part in tier.parts) == tier.value
    return explained


def by_tier(explained) -> dict[str, list[tuple[str, str, int]]]:
    return {tier.tier: [(part.what, part.workload, part.value) for part in tier.parts] for tier in explained.tiers}


def test_nodes_are_in_use_already_or_opened_by_somebody() -> None:
    objects = [node("a"), node("b"), pod("old", on="a", cpu="3"), pod("big", cpu="3", owner="ReplicaSet/web")]
    assert by_tier(taken_apart(objects, PRESETS["pack"]))["nodes"] == [
        ("nodes in use already", "", 1),
        ("opens a node", "default/replicaset/web", 1),
    ]


def test_those_left_out_are_named_at_their_priority() -> None:
    objects = [node("a", cpu="1"), pod("x", cpu="2", priority=7), pod("y", cpu="1")]
    found = by_tier(taken_apart(objects))
    assert found["unplaced at priority 7"] == [("left without a node", "default/pod/x", 1)]
    assert found["unplaced at priority 0"] == []


def test_soft_terms_are_told_apart() -> None:
    policy = Policy(tiers=("unplaced", "preferences"))
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": HOST}
    wish = {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 30, "podAffinityTerm": term}]
        }
    }
    taint = {"key": "old", "effect": "PreferNoSchedule"}
    objects = [node("a", taints=[taint]), pod("db", on="a", labels={"app": "db"}), pod("x", affinity=wish)]
    assert by_tier(taken_apart(objects, policy))["preferences"] == [
        ("preferred node affinity and PreferNoSchedule taints", "default/pod/x", 100),
        ("preferred affinity and anti-affinity to pods", "default/pod/x", 30),
    ]


def test_the_next_best_node_is_given_with_what_it_would_cost() -> None:
    objects = [node("a"), node("b"), node("c"), pod("old", on="a"), pod("x"), pod("apart", on="c", cpu="4")]
    (choice,) = taken_apart(objects, PRESETS["pack"]).choices
    assert (choice.pod, choice.node) == ("default/x", "a")
    (other,) = choice.alternatives
    assert other.node == "b"
    assert [(delta.tier, delta.value) for delta in other.deltas] == [("nodes", 1)]


def test_a_pod_with_one_node_only_has_no_alternative() -> None:
    apart = {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})}
    objects = [node("a"), node("b"), pod("old", on="a", **apart), pod("x", **apart)]
    (choice,) = taken_apart(objects).choices
    assert choice.alternatives == ()


def test_a_daemon_costs_no_node() -> None:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}
    pinned = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    explained = taken_apart([node("a"), node("b"), pod("log", owner="DaemonSet/log", affinity=pinned)])
    assert all(tier.value == 0 for tier in explained.tiers)
