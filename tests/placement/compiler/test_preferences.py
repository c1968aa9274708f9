"""Wishes as costs: each counted by hand on a case of its own."""

from __future__ import annotations

import pytest

from placement import Cluster, plan
from placement.policy import Policy
from tests.objects import Object, node, pod

ZONE = "topology.kubernetes.io/zone"
WISHES = Policy(tiers=("unplaced", "preferences"))


def preferred_nodes(key: str, value: str, weight: int) -> Object:
    term = {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]}
    return {
        "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, "preference": term}]}
    }


def preferred_pods(kind: str, labels: dict[str, str], weight: int, key: str = ZONE) -> Object:
    term = {"labelSelector": {"matchLabels": labels}, "topologyKey": key}
    return {kind: {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, "podAffinityTerm": term}]}}


def cost_and_places(objects: list[Object], solver: str = "cp-sat") -> tuple[int, dict[str, str]]:
    answer = plan(Cluster.from_objects(objects), policy=WISHES, solver=solver)
    assert answer.status == "optimal"
    wishes = next(tier.value for tier in answer.cost if tier.tier == "preferences")
    return wishes, {one.pod.removeprefix("default/"): one.node for one in answer.placements}


def test_a_wished_for_node_costs_nothing_and_any_other_the_weight() -> None:
    nodes = [node("n0"), node("n1", labels={"disk": "ssd"})]
    assert cost_and_places([*nodes, pod("a", affinity=preferred_nodes("disk", "ssd", 30))]) == (0, {"a": "n1"})
    full = pod("old", cpu="4", on="n1")
    assert cost_and_places([*nodes, full, pod("a", affinity=preferred_nodes("disk", "ssd", 30))]) == (30, {"a": "n0"})


def test_a_taint_that_asks_to_stay_away_is_heeded_unless_tolerated() -> None:
    taint = {"key": "spot", "value": "yes", "effect": "PreferNoSchedule"}
    nodes = [node("n0", taints=[taint])]
    assert cost_and_places([*nodes, pod("a")])[0] == 100
    assert cost_and_places([*nodes, pod("a", tolerations=[{"key": "spot", "operator": "Exists"}])])[0] == 0


def test_company_that_is_wished_for_is_sought() -> None:
    nodes = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    db = pod("db", labels={"app": "db"}, on="n1")
    wish = preferred_pods("podAffinity", {"app": "db"}, 7)
    assert cost_and_places([*nodes, db, pod("web", affinity=wish)]) == (-7, {"web": "n1"})


def test_company_that_is_not_wished_for_is_avoided_by_both_sides() -> None:
    nodes = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    wish = preferred_pods("podAntiAffinity", {"app": "db"}, 7)
    # The term is the staying pod's; the one that comes keeps away all the same.
    shy = pod("shy", on="n0", affinity=wish)
    assert cost_and_places([*nodes, shy, pod("db", labels={"app": "db"})]) == (0, {"db": "n1"})


@pytest.mark.parametrize(("pods", "cost"), [(2, 0), (3, 0), (4, 0)])
def test_a_wished_for_spread_costs_nothing_where_it_can_be_had(pods: int, cost: int) -> None:
    wish = {
        "maxSkew": 1,
        "topologyKey": ZONE,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
    nodes = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    even = [pod(f"w{i}", labels={"app": "web"}, topologySpreadConstraints=[wish]) for i in range(pods)]
    assert cost_and_places([*nodes, *even])[0] == cost


def test_a_wished_for_spread_pays_for_each_pod_too_many() -> None:
    wish = {
        "maxSkew": 1,
        "topologyKey": ZONE,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
    nodes = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"}, cpu="100m")]
    even = [pod(f"w{i}", labels={"app": "web"}, topologySpreadConstraints=[wish]) for i in range(5)]
    # Zone b has room for one: 4 against 1 is a skew of 3, two too many.
    assert cost_and_places([*nodes, *even])[0] == 200


def test_pods_without_constraints_are_spread_by_those_of_the_cluster() -> None:
    zones = [node(f"{zone}{number}", labels={ZONE: zone}) for zone in "ab" for number in range(2)]
    behind = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}
    running = [pod(f"r{number}", on="a0", labels={"app": "web"}) for number in range(5)]
    full = [pod(f"full-{name}", on=name, cpu="4") for name in ("a1", "b0", "b1")]
    objects = [*zones, *running, *full, pod("w", labels={"app": "web"})]
    # Six in one zone, one beyond a skew of five, and six on one host, three beyond a skew of three.
    assert cost_and_places([*objects, behind]) == (100 * (1 + 3), {"w": "a0"})
    assert cost_and_places(objects) == (0, {"w": "a0"})
    own = {"maxSkew": 9, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
    constrained = pod("w", labels={"app": "web"}, topologySpreadConstraints=[own])
    assert cost_and_places([*objects[:-1], behind, constrained]) == (0, {"w": "a0"})
