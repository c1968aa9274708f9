"""The referee finds each thing that can be wrong with a plan."""

from __future__ import annotations

import msgspec
import pytest

from placement import Cluster, check, plan
from placement.plans import Eviction, Placement, Plan, TierCost, Unplaced
from placement.policy import PRESETS
from tests.objects import affinity, anti_affinity, node, pod, spread

ZONE = "topology.kubernetes.io/zone"


def judged(objects: list[dict], *placements: tuple[str, str], unplaced: tuple[str, ...] = (), used: int) -> list[str]:
    cluster = Cluster.from_objects(objects)
    proposed = Plan(
        status="feasible",
        placements=tuple(Placement(f"default/{name}", where) for name, where in placements),
        unplaced=tuple(Unplaced(f"default/{name}") for name in unplaced),
        nodes_used=used,
    )
    return [str(violation) for violation in check(cluster, proposed).violations]


def test_accepts_a_plan_that_fits() -> None:
    assert judged([node("n0"), pod("a")], ("a", "n0"), used=1) == []


def test_refuses_a_pod_too_many_on_a_node() -> None:
    found = judged([node("n0", cpu="1"), pod("a", cpu="600m"), pod("b", cpu="600m")], ("a", "n0"), ("b", "n0"), used=1)
    assert "default/b on n0: NodeResourcesFit: Insufficient cpu" in found
    assert "n0: NodeResourcesFit: cpu: 1200 requested, 1000 allocatable" in found


def test_counts_pods_that_run_already() -> None:
    found = judged([node("n0", cpu="1"), pod("old", cpu="600m", on="n0"), pod("a", cpu="600m")], ("a", "n0"), used=1)
    assert "default/a on n0: NodeResourcesFit: Insufficient cpu" in found


def test_refuses_two_pods_that_keep_apart_on_one_node() -> None:
    apart = {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})}
    found = judged([node("n0"), pod("a", **apart), pod("b", **apart)], ("a", "n0"), ("b", "n0"), used=1)
    assert any(line.startswith("default/b on n0: InterPodAffinity") for line in found)
    # In the final state each of them stands in the other's way, but only admission asks.
    assert len(found) == 1


def test_judges_affinity_in_the_order_of_the_plan() -> None:
    zones = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    objects = [*zones, pod("web", affinity=affinity({"app": "db"})), pod("db", labels={"app": "db"})]
    assert judged(objects, ("db", "n0"), ("web", "n0"), used=1) == []
    assert judged(objects, ("web", "n0"), ("db", "n0"), used=1) != []


def test_judges_spread_in_the_order_of_the_plan() -> None:
    zones = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    even = {"labels": {"app": "web"}, "topologySpreadConstraints": [spread({"app": "web"})]}
    objects = [*zones, *(pod(name, **even) for name in "abcd")]
    assert judged(objects, ("a", "n0"), ("b", "n1"), ("c", "n0"), ("d", "n1"), used=2) == []
    assert judged(objects, ("a", "n0"), ("c", "n0"), ("b", "n1"), ("d", "n1"), used=2) != []


@pytest.mark.parametrize(
    ("placements", "unplaced", "complaint"),
    [
        ([("a", "n9")], (), "default/a on n9: Plan: no such node in the cluster"),
        ([("zz", "n0"), ("a", "n0")], (), "default/zz: Plan: no such pod in the cluster"),
        ([("old", "n0"), ("a", "n0")], (), "default/old: Plan: the pod does not wait for a node"),
        ([("a", "n0"), ("a", "n0")], (), "default/a: Plan: named 2 times"),
        ([("a", "n0")], ("a",), "default/a: Plan: named 2 times"),
        ([], (), "default/a: Plan: a waiting pod that the plan does not name"),
    ],
)
def test_refuses_a_plan_that_names_the_wrong_things(
    placements: list[tuple[str, str]], unplaced: tuple[str, ...], complaint: str
) -> None:
    objects = [node("n0"), pod("old", on="n0"), pod("a")]
    assert complaint in judged(objects, *placements, unplaced=unplaced, used=1)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"nodes_used": 7}, "says 7 nodes are used, counted 1"),
        ({"cost": (TierCost("unplaced at priority 0", 3), TierCost("nodes", 1))}, "says 3 unplaced at priority 0"),
        ({"lower_bound": None}, "is called optimal without a bound"),
        (
            {"lower_bound": (TierCost("unplaced at priority 0", 0), TierCost("nodes", 0))},
            "is called optimal at (0, 1), but its bound is (0, 0)",
        ),
        (
            {"lower_bound": (TierCost("unplaced at priority 0", 0), TierCost("nodes", 2))},
            "its lower bound (0, 2) is above its cost (0, 1)",
        ),
    ],
)
def test_refuses_what_a_plan_wrongly_says_of_itself(change: dict[str, object], complaint: str) -> None:
    cluster = Cluster.from_objects([node("n0"), node("n1"), pod("a"), pod("b")])
    good = plan(cluster, policy=PRESETS["pack"])
    assert good.status == "optimal"
    assert check(cluster, good).ok
    found = [violation.message for violation in check(cluster, msgspec.structs.replace(good, **change)).violations]
    assert any(line.startswith(complaint) for line in found), found


def in_gang(name: str, **annotations: str) -> dict:
    body = pod(name)
    body["metadata"]["annotations"] = {"placement.dev/gang": "g", **annotations}
    return body


def test_refuses_half_a_gang() -> None:
    objects = [node("n0"), in_gang("a"), in_gang("b")]
    assert judged(objects, ("a", "n0"), ("b", "n0"), used=1) == []
    assert judged(objects, ("a", "n0"), unplaced=("b",), used=1) == ["Gang: default/g has 1 members, wants 2"]


def test_refuses_a_gang_in_two_racks() -> None:
    asked = {"placement.dev/gang-topology": ZONE}
    objects = [
        node("n0", labels={ZONE: "a"}),
        node("n1", labels={ZONE: "b"}),
        in_gang("a", **asked),
        in_gang("b", **asked),
    ]
    assert judged(objects, ("a", "n0"), ("b", "n0"), used=1) == []
    assert judged(objects, ("a", "n0"), ("b", "n1"), used=2) == [f"Gang: default/g lies in more than one {ZONE}: a, b"]


def test_refuses_an_eviction_of_a_pod_that_does_not_run_there() -> None:
    cluster = Cluster.from_objects([node("n0"), node("n1"), pod("old", on="n0")])
    proposed = Plan(status="feasible", evictions=(Eviction("default/old", "n1", "gives way"),), nodes_used=1)
    messages = [violation.message for violation in check(cluster, proposed).violations]
    assert "evicts a pod that does not run on this node" in messages
