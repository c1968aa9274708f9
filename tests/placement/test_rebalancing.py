"""A cluster as it runs is made better with few moves, and nobody is left without a node for it."""

from __future__ import annotations

import random

import pytest

from placement import Cluster, check, plan
from placement.plans import Plan
from placement.policy import PRESETS, Pods, Policy, Weights
from tests.objects import Object, node, pod

STABLE = PRESETS["stable"]


def drifted(seed: int, num_nodes: int = 8, num_pods: int = 48) -> list[Object]:
    """A cluster of which a third of the nodes was away while the pods were placed."""
    draw = random.Random(seed)
    full = num_nodes - num_nodes // 3
    objects = [node(f"n{number}", cpu="16", memory="32Gi") for number in range(num_nodes)]
    for number in range(num_pods):
        cpu, memory = f"{draw.randrange(2, 12) * 100}m", f"{draw.randrange(2, 12) * 128}Mi"
        objects.append(pod(f"p{number}", on=f"n{number % full}", owner="ReplicaSet/web", cpu=cpu, memory=memory))
    return objects


def planned(objects: list[Object], policy: Policy = STABLE, *, moving: bool = True) -> Plan:
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster, policy=policy, solver="greedy", moving=moving, time_limit=10.0)
    assert check(cluster, answer).ok
    return answer


def largest_share(objects: list[Object], answer: Plan) -> float:
    """CPU asked for on the fullest node once the plan is carried out, as a share of a mean node's."""
    lies = {one["metadata"]["name"]: one["spec"]["nodeName"] for one in objects if one["kind"] == "Pod"}
    lies |= {one.pod.removeprefix("default/"): one.node for one in answer.placements}
    loads: dict[str, int] = {one["metadata"]["name"]: 0 for one in objects if one["kind"] == "Node"}
    for one in objects:
        if one["kind"] == "Pod":
            asked = one["spec"]["containers"][0]["resources"]["requests"]["cpu"]
            loads[lies[one["metadata"]["name"]]] += int(asked.removesuffix("m"))
    return max(loads.values()) * len(loads) / sum(loads.values())


@pytest.mark.parametrize("seed", range(2))
def test_few_moves_level_a_cluster_that_drifted(seed: int) -> None:
    objects = drifted(seed)
    before = planned(objects, moving=False)
    after = planned(objects)

    assert (before.placements, before.evictions) == ((), ())
    assert 0 < len(after.evictions) <= 48 // 3, "a third of the pods is what the empty nodes lack"
    assert {one.pod for one in after.evictions} == {one.pod for one in after.placements}
    assert {one.reason for one in after.evictions} == {"moves to another node"}
    assert largest_share(objects, after) < 1.15 < largest_share(objects, before)


def test_moves_that_weigh_more_are_made_less_often() -> None:
    objects = drifted(0)
    policies = [
        Policy(preemption="never", rebalancing="worthwhile", weights=Weights(moves=moves)) for moves in (1, 800)
    ]
    light, heavy = (len(planned(objects, policy).evictions) for policy in policies)
    assert heavy < light


def test_a_level_cluster_is_left_alone() -> None:
    objects = [node(f"n{number}") for number in range(3)]
    objects += [pod(f"p{number}", on=f"n{number % 3}", owner="ReplicaSet/web", cpu="500m") for number in range(12)]
    assert planned(objects).evictions == ()


def test_a_running_pod_moves_so_that_one_that_waits_finds_room() -> None:
    objects = [node("n0"), node("n1")]
    objects += [pod(f"small{number}", on=f"n{number}", owner="ReplicaSet/web", cpu="1") for number in range(2)]
    answer = planned([*objects, pod("large", cpu="4")])

    assert answer.unplaced == ()
    assert len(answer.evictions) == 1


def test_nobody_gives_way_to_a_more_important_pod() -> None:
    objects = [node("n"), pod("low", on="n", cpu="3", owner="ReplicaSet/web"), pod("high", cpu="3", priority=10)]
    answer = planned(objects)
    assert (answer.evictions, len(answer.unplaced)) == ((), 1)


def crowded(**mover: object) -> list[Object]:
    """Four pods on one of two nodes: all level it by moving unless something keeps them."""
    pods = [pod(f"p{number}", on="n0", cpu="900m", memory="1Gi", **mover) for number in range(4)]  # type: ignore[arg-type]
    return [node("n0"), node("n1"), *pods]


def test_pods_that_nobody_would_make_anew_stay() -> None:
    assert len(planned(crowded(owner="ReplicaSet/web")).evictions) == 2
    assert planned(crowded()).evictions == ()
    assert planned(crowded(owner="DaemonSet/agent")).evictions == ()


def test_the_undisturbed_and_those_whose_budget_is_used_up_stay() -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "db"}}, "maxUnavailable": 0},
    }
    objects = crowded(owner="ReplicaSet/web", labels={"app": "db"})
    kept = Policy(preemption="never", rebalancing="worthwhile", undisturbed=(Pods(labels={"app": "db"}),))

    assert planned([*objects, budget]).evictions == ()
    assert planned(objects, kept).evictions == ()


def test_no_move_waits_for_another() -> None:
    """Two that could only change places stay: neither finds room while the other still holds it."""

    def wish(name: str) -> dict[str, object]:
        term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [name]}]}
        wished = [{"weight": 100, "preference": term}]
        return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": wished}}

    pods = [
        pod(f"p{number}", on=f"n{number}", owner="ReplicaSet/web", cpu="3", affinity=wish(f"n{1 - number}"))
        for number in range(2)
    ]
    policy = Policy(preemption="never", rebalancing="worthwhile", weights=Weights(moves=1))
    tight = planned([node("n0"), node("n1"), *pods], policy)
    roomy = planned([node("n0", cpu="8"), node("n1", cpu="8"), *pods], policy)

    assert tight.evictions == ()
    assert len(roomy.evictions) == 2


def test_plans_that_nobody_carries_out_on_running_pods_move_none() -> None:
    assert planned(crowded(owner="ReplicaSet/web"), moving=False).evictions == ()
