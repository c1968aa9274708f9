"""Utilisation and balance as costs: each counted by hand on a case of its own."""

from __future__ import annotations

import numpy as np
import pytest

from placement import Cluster
from placement.compiler import compile_cluster
from placement.compiler.utilisation import Amounts, loads
from placement.policy import Policy
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from tests.objects import Object, node, pod

MI = 1 << 20
EVEN = Policy(tiers=("unplaced", "utilisation"), memory_per_cpu="4000Mi")
BALANCED = Policy(tiers=("unplaced", "balance"), memory_per_cpu="4000Mi")


def cost(objects: list[Object], places: dict[str, str], policy: Policy) -> int:
    """The last tier's cost with the waiting pods where they are said to be."""
    cluster = Cluster.from_objects(objects)
    compiled = compile_cluster(cluster.inventory, cluster.pending, policy)
    bin_of = np.array([compiled.nodes.index(places[pod.name]) for pod in compiled.pods], dtype=np.int32)
    return cost_of(compiled.problem, Solution(bin_of, np.arange(len(bin_of), dtype=np.int32)))[-1]


def two_nodes() -> list[Object]:
    return [node("a", cpu="4", memory="16000Mi"), node("b", cpu="4", memory="16000Mi")]


def test_what_lies_above_the_target_is_paid_for_of_each_resource() -> None:
    half = Policy(tiers=("unplaced", "utilisation"), target_utilisation=0.5, memory_per_cpu="4000Mi")
    objects = [*two_nodes(), pod("x", cpu="3", memory="2Gi"), pod("y", cpu="1", memory="9000Mi")]
    # Three cores where two are wanted; 9000 MiB where 8000 are.
    assert cost(objects, {"x": "a", "y": "b"}, half) == (4000 + 1000) * MI
    # Side by side it is two cores and 3048 MiB.
    assert cost(objects, {"x": "a", "y": "a"}, half) == (8000 + 9000 + 2048 - 8000) * MI


def test_what_a_node_held_before_is_not_held_against_the_plan() -> None:
    half = Policy(tiers=("unplaced", "utilisation"), target_utilisation=0.5, memory_per_cpu="4000Mi")
    objects = [*two_nodes(), pod("old", cpu="3", on="a"), pod("x", cpu="1"), pod("y", cpu="1")]
    assert cost(objects, {"x": "b", "y": "b"}, half) == 0
    assert cost(objects, {"x": "a", "y": "b"}, half) == 4000 * MI


def test_even_is_the_level_that_the_waiting_reach_over_the_running() -> None:
    objects = [
        *two_nodes(),
        pod("old", cpu="2", memory="0", on="a"),
        *(pod(name, cpu="1", memory="0") for name in "xyz"),
    ]
    # Three cores over 2 + 0 of 4 + 4 level at 2.5: b may take 2.5, a half a core more.
    assert cost(objects, {"x": "b", "y": "b", "z": "a"}, EVEN) == 2000 * MI
    assert cost(objects, {"x": "b", "y": "b", "z": "b"}, EVEN) == 2000 * MI
    assert cost(objects, {"x": "b", "y": "a", "z": "a"}, EVEN) == 6000 * MI


def test_nodes_that_no_waiting_pod_may_enter_do_not_lower_the_level() -> None:
    closed = node("closed", cpu="96", memory="16000Mi", taints=[{"key": "gpu", "effect": "NoSchedule"}])
    objects = [*two_nodes(), closed, pod("x", cpu="2", memory="0"), pod("y", cpu="2", memory="0")]
    assert cost(objects, {"x": "a", "y": "b"}, EVEN) == 0
    assert cost(objects, {"x": "a", "y": "a"}, EVEN) == 8000 * MI


def test_free_cpu_wants_memory_beside_it() -> None:
    objects = [*two_nodes(), pod("thin", cpu="3", memory="0"), pod("fat", cpu="0", memory="12000Mi")]
    # On one node they leave 1 core and 4000 MiB; apart, fat leaves 4 cores beside 4000 MiB.
    assert cost(objects, {"thin": "a", "fat": "a"}, BALANCED) == 0
    assert cost(objects, {"thin": "a", "fat": "b"}, BALANCED) == 12000 * MI


def test_without_a_wanted_ratio_the_nodes_have_it() -> None:
    policy = Policy(tiers=("unplaced", "balance"))
    objects = [node("a", cpu="4", memory="4000Mi"), node("b", cpu="4", memory="12000Mi"), pod("x", cpu="1", memory="0")]
    # 2000 MiB a core on the whole: a lacks 4000 of its own, or 2000 once x has one of its cores.
    assert cost(objects, {"x": "b"}, policy) == 4000 * MI
    assert cost(objects, {"x": "a"}, policy) == 2000 * MI


def test_whether_running_pods_are_items_changes_no_cost() -> None:
    objects = [
        *two_nodes(),
        pod("old", cpu="3", memory="0", on="a", priority=-1),
        pod("x", cpu="1", memory="0"),
        pod("y", cpu="2", memory="0"),
    ]
    cluster = Cluster.from_objects(objects)
    old = cluster.inventory.pods["default/old"]
    costs = []
    for evictable in ([], [old]):
        compiled = compile_cluster(cluster.inventory, cluster.pending, EVEN, evictable=evictable)
        bin_of = np.array([0, 1] + [0] * len(evictable), dtype=np.int32)
        costs.append(cost_of(compiled.problem, Solution(bin_of, np.arange(len(bin_of), dtype=np.int32)))[-1])
    # Level: 3 cores pour onto b until it too holds 3; old itself is not paid for, x on top of it is.
    assert costs == [4000 * MI, 4000 * MI]


@pytest.mark.parametrize("offered", [2**52, 10**6 + 1, 3, 0])
def test_no_amount_overflows_and_the_level_is_the_least_that_will_do(offered: int) -> None:
    nodes = np.full((3, 1), offered, dtype=np.int64)
    none = np.zeros_like(nodes)
    amounts = Amounts(("cpu",), nodes, none, none, np.array([offered], dtype=np.int64), np.ones(3, dtype=np.bool_))
    target = loads(EVEN, amounts).target
    assert target.sum(dtype=object) >= offered
    assert (target <= offered // 3 + offered // 10**6 + 1).all()
