"""Scores follow the policy: first what a node would cost, then how full it gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from placement.extender.favour import MOST
from placement.extender.guidance import Guidance
from placement.extender.verbs import Verbs
from placement.manifests import inventory_of
from placement.policy import PRESETS, Policy
from placement.store.state import State
from tests.objects import Object, node, pod
from tests.placement.extender.objects import Clock, call

INSTANCE = "node.kubernetes.io/instance-type"


def scored(policy: Policy, objects: list[Object], subject: Object, **guidance: str) -> dict[str, int]:
    """Scores by node."""
    extender = Verbs(State(inventory_of(objects)), policy=policy, clock=Clock())
    extender.guidance = Guidance(guidance)
    names = [one["metadata"]["name"] for one in objects if one["kind"] == "Node"]
    answer = json.loads(extender.prioritize(call(subject, names)))
    return {one["Host"]: one["Score"] for one in answer}


def tiers(*names: Any, **more: Any) -> Policy:
    return Policy(tiers=("unplaced", *names), fill="pack", **more)


def test_packing_opens_no_node_while_another_will_do_and_fills_the_fullest() -> None:
    objects = [node("empty"), node("half"), node("full"), pod("x", cpu="2", on="half"), pod("y", cpu="3", on="full")]
    assert scored(PRESETS["pack"], objects, pod("new", cpu="1")) == {"empty": 0, "half": 7, "full": 9}


def test_of_nodes_to_be_opened_that_cost_the_same_the_roomiest_is_best() -> None:
    objects = [node("small", cpu="2", memory="8Gi"), node("large", cpu="8", memory="32Gi")]
    found = scored(PRESETS["pack"], objects, pod("new", cpu="1"))
    assert found["large"] > found["small"]
    filled = scored(tiers("preferences"), objects, pod("new", cpu="1"))
    assert filled["small"] > filled["large"]


def test_spreading_prefers_the_emptiest() -> None:
    objects = [node("empty"), node("half"), pod("x", cpu="2", on="half")]
    assert scored(PRESETS["spread"], objects, pod("new", cpu="400m")) == {"empty": 8, "half": 3}


def test_of_nodes_to_be_opened_the_cheapest_is_best_and_those_in_use_cost_nothing() -> None:
    prices = {"large": 2.0, "small": 1.0, "special": 0.5}
    objects = [
        node("a", labels={INSTANCE: "large"}),
        node("b", labels={INSTANCE: "small"}),
        node("special", labels={INSTANCE: "large"}),
        node("unknown"),
        node("used", labels={INSTANCE: "large"}),
        pod("x", cpu="1", on="used"),
    ]
    found = scored(tiers("price", node_prices=prices, default_price=3.0), objects, pod("new", cpu="1"))
    assert sorted(found, key=lambda name: -found[name]) == ["used", "special", "b", "a", "unknown"]
    assert len(set(found.values())) == 5


def test_what_a_pod_would_rather_have_counts_where_the_policy_says() -> None:
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    affinity = {
        "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 50, "preference": term}]}
    }
    wary = [{"key": "old", "effect": "PreferNoSchedule"}]
    objects = [
        node("ssd", labels={"disk": "ssd"}),
        node("hdd", labels={"disk": "hdd"}),
        node("old", labels={"disk": "ssd"}, taints=wary),
        node("worst", taints=wary),
        pod("x", cpu="3", on="worst"),
    ]
    heeding = scored(tiers("preferences"), objects, pod("new", affinity=affinity))
    assert sorted(heeding, key=lambda name: -heeding[name]) == ["ssd", "hdd", "old", "worst"]
    tolerant = scored(
        tiers("preferences"), objects, pod("new", affinity=affinity, tolerations=[{"operator": "Exists"}])
    )
    assert tolerant["old"] == tolerant["ssd"] > tolerant["hdd"]
    packing = scored(tiers("nodes", "preferences"), objects, pod("new", affinity=affinity))
    assert max(packing, key=lambda name: packing[name]) == "worst"


def test_the_planned_node_has_the_highest_score_of_all() -> None:
    objects = [node("a"), node("b"), pod("x", cpu="3", on="b")]
    found = scored(PRESETS["pack"], objects, pod("new", cpu="1"), **{"default/new": "a"})
    assert found == {"a": MOST, "b": 9}


@pytest.mark.parametrize("count", [7, 40])
def test_many_costs_share_the_scores_that_there_are_without_changing_order(count: int) -> None:
    objects = [node(f"n{number}") for number in range(count)]
    prices = {f"n{number}": float(number + 1) for number in range(count)}
    found = scored(tiers("price", node_prices=prices), objects, pod("new"))
    in_order = [found[f"n{number}"] for number in range(count)]
    assert in_order == sorted(in_order, reverse=True)
    assert (in_order[0] > in_order[1], in_order[-1], max(in_order) < MOST) == (True, 0, True)
