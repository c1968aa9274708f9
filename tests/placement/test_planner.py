"""Plans end to end: from Kubernetes objects to a checked plan."""

from __future__ import annotations

import pytest

from placement import Cluster, UnknownSolverError, check, plan
from placement.policy import PRESETS, Policy
from tests.objects import affinity, anti_affinity, node, pod, spread

ZONE = "topology.kubernetes.io/zone"


def where(answer) -> dict[str, str]:
    return {placement.pod.removeprefix("default/"): placement.node for placement in answer.placements}


def test_packs_two_halves_on_one_node_and_proves_it() -> None:
    cluster = Cluster.from_objects([node("n0"), node("n1"), pod("a", cpu="2"), pod("b", cpu="2")])

    answer = plan(cluster, policy=PRESETS["pack"])

    assert len(set(where(answer).values())) == 1
    assert (answer.status, answer.gap, answer.nodes_used) == ("optimal", 0.0, 1)
    assert check(cluster, answer).ok


def test_spread_policy_uses_both_nodes() -> None:
    cluster = Cluster.from_objects([node("n0"), node("n1"), pod("a", cpu="2"), pod("b", cpu="2")])
    assert len(set(where(plan(cluster, policy=PRESETS["spread"])).values())) == 2


def test_fills_nodes_in_use_before_opening_others() -> None:
    cluster = Cluster.from_objects([node("n0"), node("n1"), pod("old", on="n1"), pod("a")])
    assert where(plan(cluster, policy=PRESETS["pack"])) == {"a": "n1"}


def test_the_dearer_of_two_nodes_stays_closed() -> None:
    policy = Policy(tiers=("unplaced", "price"), node_prices={"n0": 3.0, "n1": 1.0})
    answer = plan(Cluster.from_objects([node("n0"), node("n1"), pod("a")]), policy=policy)
    assert where(answer) == {"a": "n1"}
    assert answer.cost[-1].value == 10_000


def test_the_more_important_pod_gets_the_room() -> None:
    cluster = Cluster.from_objects(
        [node("n0", cpu="1"), pod("low", cpu="1"), pod("high", cpu="1", priority=10)],
    )
    answer = plan(cluster)
    assert where(answer) == {"high": "n0"}
    assert [unplaced.pod for unplaced in answer.unplaced] == ["default/low"]
    assert answer.unplaced[0].reasons[0].reason == "Insufficient cpu"


def test_a_pod_that_needs_company_waits_for_it() -> None:
    nodes = [node("n0", labels={ZONE: "a"}), node("n1", labels={ZONE: "b"})]
    cluster = Cluster.from_objects(
        [*nodes, pod("web", affinity=affinity({"app": "db"})), pod("db", labels={"app": "db"})]
    )
    answer = plan(cluster)
    assert [placement.pod for placement in answer.placements] == ["default/db", "default/web"]


def test_replicas_that_keep_apart_fill_the_nodes_there_are() -> None:
    apart = {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})}
    cluster = Cluster.from_objects([node("n0"), node("n1"), *(pod(name, **apart) for name in "abc")])
    answer = plan(cluster)
    assert len(answer.placements) == 2
    # Three pods, two nodes: the one left over is proven to be unavoidable.
    assert answer.lower_bound is not None
    assert answer.lower_bound[0].value == 1


def test_a_gated_pod_is_left_over_and_costs_nothing() -> None:
    answer = plan(Cluster.from_objects([node("n0"), pod("a", schedulingGates=[{"name": "wait"}])]))
    assert answer.unplaced[0].reasons[0].plugin == "SchedulingGates"
    assert all(tier.value == 0 for tier in answer.cost)


def test_a_daemon_does_not_count_as_use_of_its_node() -> None:
    pinned = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]
            }
        }
    }
    cluster = Cluster.from_objects(
        [node("n0"), node("n1"), pod("log", owner="DaemonSet/log", affinity=pinned), pod("a")]
    )
    answer = plan(cluster)
    assert where(answer)["log"] == "n1"
    assert answer.nodes_used == 1


def test_the_same_input_and_seed_give_the_same_bytes() -> None:
    objects = [node(f"n{i}") for i in range(5)] + [pod(f"p{i}", cpu=f"{100 + 37 * i}m") for i in range(40)]
    first, second = (plan(Cluster.from_objects(objects), seed=3) for _ in range(2))
    assert first.to_json() == second.to_json()


def test_an_interrupted_plan_is_the_best_so_far() -> None:
    cluster = Cluster.from_objects([node("n0"), *(pod(f"p{i}") for i in range(5))])
    answer = plan(cluster, interrupted=lambda: True)
    assert answer.stopped_by == "interrupted"
    assert check(cluster, answer).ok


def test_an_unknown_solver_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownSolverError, match=r"expected one of: .*greedy"):
        plan(Cluster.from_objects([node("n0")]), solver="oracle")


def test_spread_over_zones_is_kept_and_admitted_one_by_one() -> None:
    even = {"labels": {"app": "web"}, "topologySpreadConstraints": [spread({"app": "web"})]}
    nodes = [node(f"n{i}", labels={ZONE: "abc"[i % 3]}) for i in range(6)]
    answer = plan(Cluster.from_objects([*nodes, *(pod(f"w{i}", **even) for i in range(7))]))
    assert not answer.unplaced
