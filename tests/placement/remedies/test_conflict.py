"""Pods that fit alone but not together."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement import Cluster, plan
from placement.remedies.conflict import Conflict, conflict
from placement.remedies.quickxplain import quickxplain
from tests.objects import anti_affinity, node, pod


def found(objects, **options) -> Conflict | None:
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster)
    return conflict(cluster, answer.unplaced[0].pod, answer, **options)


def test_two_that_want_the_last_room_are_named_and_a_third_is_not() -> None:
    other = {"nodeSelector": {"kubernetes.io/hostname": "b"}}
    objects = [node("a", cpu="3"), node("b", cpu="1"), pod("p", cpu="2"), pod("q", cpu="2"), pod("r", cpu="1", **other)]
    answer = found(objects)
    assert answer is not None
    assert sorted(answer.pods) == ["default/p", "default/q"]
    # They are alike, so that one demand speaks of both.
    assert [each.what for each in answer.demands] == ["asks for cpu 2"]
    assert answer.minimal


def test_replicas_that_keep_apart_conflict_by_that_rule_alone() -> None:
    apart = {"labels": {"app": "db"}, "affinity": anti_affinity({"app": "db"})}
    answer = found([node("a"), node("b"), *(pod(name, **apart) for name in "pqr"), pod("s")])
    assert answer is not None
    assert sorted(answer.pods) == ["default/p", "default/q", "default/r"]
    assert [each.what for each in answer.demands] == ["keeps away from pods with app=db by kubernetes.io/hostname"]


def test_a_pod_that_fits_nowhere_conflicts_with_nobody() -> None:
    answer = found([node("a"), pod("x", cpu="9"), pod("p")])
    assert answer is not None
    assert answer.pods == ("default/x",)


def test_a_gang_without_room_for_all_is_proven_to_have_none() -> None:
    members = [pod(f"m{number}", cpu="3") for number in range(3)]
    for each in members:
        each["metadata"]["annotations"] = {"placement.dev/gang": "ring"}
    answer = found([node("a"), node("b"), *members, pod("p", cpu="1")])
    assert answer is not None
    assert sorted(answer.pods) == ["default/m0", "default/m1", "default/m2"]


def test_a_gang_that_lies_apart_already_is_proven_to_take_nobody_in() -> None:
    asked = {"placement.dev/gang": "ring", "placement.dev/gang-topology": "kubernetes.io/hostname"}
    members = [pod("m0", on="a"), pod("m1", on="b"), pod("m2")]
    for each in members:
        each["metadata"]["annotations"] = asked
    answer = found([node("a"), node("b"), *members])
    assert answer is not None
    assert (answer.pods, answer.minimal) == (("default/m2",), True)


def test_without_time_nothing_is_claimed() -> None:
    assert found([node("a"), pod("x", cpu="9")], time_limit=0.0) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 7), min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_quickxplain_finds_is_impossible_and_minimal(conflicts) -> None:
    def impossible(chosen) -> bool:
        return any(each <= set(chosen) for each in conflicts)

    needed = quickxplain(list(range(8)), impossible)

    assert impossible(needed)
    assert not any(impossible(fewer) for fewer in combinations(needed, len(needed) - 1))


@pytest.mark.parametrize("room", [1, 2, 3])
def test_a_conflict_over_room_has_one_pod_more_than_there_is_room_for(room) -> None:
    objects = [node("a", cpu=str(room)), *(pod(f"p{number}", cpu="1") for number in range(room + 3))]
    answer = found(objects)
    assert answer is not None
    assert len(answer.pods) == room + 1


@pytest.mark.parametrize("seed", range(5))
def test_gangs_that_want_one_node_more_than_there_are_are_proven_to(seed) -> None:
    rng = random.Random(seed)
    num_nodes = rng.randint(3, 5)
    members = []
    while len(members) <= num_nodes:
        size = min(rng.randint(1, 3), num_nodes + 1 - len(members))
        for number in range(size):
            each = pod(f"g{len(members)}-{number}", cpu=rng.choice(["5", "6", "7"]))
            each["metadata"]["annotations"] = {"placement.dev/gang": f"g{len(members) - number}"}
            members.append(each)
    rng.shuffle(members)
    answer = found([*(node(f"n{number}", cpu="8") for number in range(num_nodes)), *members, pod("small")])
    assert answer is not None
    # No two of them fit on a node, so all of them are needed for the conflict, and the small pod is not.
    assert len(answer.pods) == num_nodes + 1
    assert "default/small" not in answer.pods
