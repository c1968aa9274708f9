"""Lower bounds confirmed without the solver that claimed them."""

from __future__ import annotations

import msgspec
import pytest

from placement import Cluster, PlanError, plan
from placement.certificate import verify_bound
from placement.plans import Plan, TierCost
from placement.policy import PRESETS, Policy
from tests.objects import anti_affinity, node, pod

PACK = PRESETS["pack"]
APART = {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})}
PINNED = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n0"]}]}]
        }
    }
}


def planned(objects, policy=PACK, **options):
    cluster = Cluster.from_objects(objects)
    return cluster, plan(cluster, policy=policy, time_limit=60.0, **options)


def claiming(answer, *values):
    names = [tier.tier for tier in answer.cost]
    return msgspec.structs.replace(
        answer, lower_bound=tuple(TierCost(name, value) for name, value in zip(names, values, strict=True))
    )


def test_three_pods_of_half_a_node_need_two_nodes() -> None:
    cluster, answer = planned([node(f"n{i}") for i in range(3)] + [pod(f"p{i}", cpu="2") for i in range(3)])
    report = verify_bound(cluster, answer, PACK)
    assert report.verified
    assert [(each.tier, each.claimed, each.confirmed) for each in report.tiers][-1] == ("nodes", 2, 2)


def test_a_bound_that_is_too_high_is_not_confirmed() -> None:
    cluster, answer = planned([node(f"n{i}") for i in range(3)] + [pod(f"p{i}", cpu="2") for i in range(3)])
    report = verify_bound(cluster, claiming(answer, 0, 3), PACK)
    assert (report.verified, report.problem) == (False, "nodes: 3 is claimed, 2 is confirmed")


def test_a_lower_claim_is_true_as_well() -> None:
    cluster, answer = planned([node("n0"), pod("p")])
    assert verify_bound(cluster, claiming(answer, 0, 0), PACK).verified


def test_nodes_in_use_count_as_in_plans() -> None:
    cluster, answer = planned([node("n0"), node("n1"), pod("old", on="n0", cpu="3"), pod("p", cpu="2")])
    report = verify_bound(cluster, answer, PACK)
    assert report.verified
    assert report.tiers[-1].confirmed == 2


def test_daemons_do_not_count_as_use_of_a_node() -> None:
    cluster, answer = planned([node("n0"), node("n1"), pod("log", owner="DaemonSet/log", affinity=PINNED), pod("p")])
    assert verify_bound(cluster, answer, PACK).verified


def test_where_somebody_is_left_out_daemons_might_have_been_instead() -> None:
    objects = [
        node("n0", cpu="1"),
        pod("log", cpu="600m", owner="DaemonSet/log", affinity=PINNED),
        pod("p", cpu="600m"),
    ]
    cluster, answer = planned(objects)
    assert len(answer.unplaced) == 1
    assert verify_bound(cluster, answer, PACK).verified


def test_what_only_a_search_can_prove_is_told_apart() -> None:
    # 19 of 20 cores, but two fours on each node leave no room for the three.
    sizes = ["4", "4", "4", "4", "3"]
    objects = [node(f"n{i}", cpu="10") for i in range(3)] + [pod(f"p{i}", cpu=cpu) for i, cpu in enumerate(sizes)]
    cluster, answer = planned(objects, solver="cp-sat")
    assert answer.status == "optimal"
    report = verify_bound(cluster, answer, PACK)
    assert (report.verified, report.tiers[-1].claimed, report.tiers[-1].confirmed) == (False, 3, 2)


def test_no_claim_is_no_confirmation() -> None:
    cluster, answer = planned([node("n0"), pod("p")])
    report = verify_bound(cluster, msgspec.structs.replace(answer, lower_bound=None), PACK)
    assert (report.verified, report.problem) == (False, "the plan claims no bound")


def test_another_policy_has_other_tiers() -> None:
    cluster, answer = planned([node("n0"), pod("p")])
    with pytest.raises(PlanError, match="not those of policy"):
        verify_bound(cluster, answer, Policy(tiers=("unplaced", "price")))


def test_a_plan_that_disturbs_somebody_is_not_spoken_of() -> None:
    cluster, answer = planned([node("n"), pod("low", on="n", cpu="3"), pod("high", cpu="3", priority=9)])
    assert answer.evictions
    if answer.lower_bound is not None:
        assert not verify_bound(cluster, answer, PACK).verified


def six_big_and_four_small() -> list[dict[str, object]]:
    """Three nodes' worth of pods by volume, of which no four fit two of the three that area asks for."""
    nodes = [node(f"n{i}", cpu="10", memory="10Gi") for i in range(8)]
    kinds = (("6", "1Gi"), ("1", "6Gi"), ("4", "4Gi"))
    return nodes + [
        pod(f"p{kind}-{i}", cpu=cpu, memory=memory) for kind, (cpu, memory) in enumerate(kinds) for i in range(4)
    ]


def test_prices_in_the_plan_confirm_what_the_area_does_not() -> None:
    cluster, answer = planned(six_big_and_four_small())
    written = Plan.from_json(answer.to_json())
    report = verify_bound(cluster, written, PACK)
    assert (report.verified, report.method, report.tiers[-1].confirmed) == (True, "prices", 6)
    bare = verify_bound(cluster, msgspec.structs.replace(written, witness=None), PACK)
    assert (bare.verified, bare.method) == (False, "area")


def test_prices_confirm_no_bound_that_is_too_high() -> None:
    cluster, answer = planned(six_big_and_four_small())
    assert not verify_bound(cluster, claiming(answer, 0, 7), PACK).verified


def test_a_witness_that_is_none_is_refused() -> None:
    cluster, answer = planned([node("n0"), pod("p")])
    with pytest.raises(PlanError, match="witness"):
        verify_bound(cluster, msgspec.structs.replace(answer, witness={"prices": [{"tier": "nodes"}]}), PACK)
