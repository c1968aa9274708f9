"""Important pods find room, and as little as possible is disturbed for them."""

from __future__ import annotations

from placement import Cluster, check, plan
from placement.policy import Policy
from tests.objects import Object, node, pod


def places(objects: list[Object], **options: object) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Placements, evictions (pod to node) and pods left over of a checked plan."""
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster, **options)  # type: ignore[arg-type]
    assert check(cluster, answer).ok
    short = str.removeprefix
    return (
        {short(one.pod, "default/"): one.node for one in answer.placements},
        {short(one.pod, "default/"): one.node for one in answer.evictions},
        {short(one.pod, "default/") for one in answer.unplaced},
    )


def test_a_more_important_pod_takes_the_place_of_a_lesser_one() -> None:
    placed, evicted, left = places(
        [node("n0", cpu="2"), pod("low", cpu="2", on="n0"), pod("high", cpu="2", priority=5)]
    )
    assert (placed, evicted, left) == ({"high": "n0"}, {"low": "n0"}, {"low"})


def test_an_equal_pod_is_not_disturbed() -> None:
    placed, evicted, left = places([node("n0", cpu="2"), pod("old", cpu="2", on="n0"), pod("new", cpu="2")])
    assert (placed, evicted, left) == ({}, {}, {"new"})


def test_a_pod_that_may_not_preempt_waits() -> None:
    objects = [node("n0", cpu="2"), pod("low", cpu="2", on="n0")]
    objects.append(pod("high", cpu="2", priority=5, preemptionPolicy="Never"))
    assert places(objects) == ({}, {}, {"high"})


def test_a_policy_can_forbid_it() -> None:
    objects = [node("n0", cpu="2"), pod("low", cpu="2", on="n0"), pod("high", cpu="2", priority=5)]
    assert places(objects, policy=Policy(preemption="never")) == ({}, {}, {"high"})


def test_a_pod_that_fits_elsewhere_moves_there() -> None:
    # The high one needs a whole node; the low one fits beside the other.
    objects = [
        node("n0", cpu="4"),
        node("n1", cpu="4"),
        pod("a", cpu="1", on="n0"),
        pod("b", cpu="1", on="n1"),
        pod("high", cpu="4", priority=5),
    ]
    placed, evicted, left = places(objects)
    assert left == set()
    assert len(evicted) == 1
    assert len(set(placed.values())) == 2


def test_the_fewest_pods_give_way() -> None:
    objects = [
        node("n0", cpu="4"),
        node("n1", cpu="4"),
        *(pod(f"small{i}", cpu="1", on="n0") for i in range(4)),
        pod("large", cpu="4", on="n1"),
        pod("high", cpu="4", priority=5),
    ]
    assert places(objects) == ({"high": "n1"}, {"large": "n1"}, {"large"})


def test_a_pod_without_budget_goes_before_one_whose_budget_is_used_up() -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "db"}}, "minAvailable": 1},
    }
    objects = [
        budget,
        node("n0", cpu="2"),
        node("n1", cpu="2"),
        pod("kept", cpu="2", on="n0", labels={"app": "db"}),
        pod("free", cpu="2", on="n1"),
        pod("high", cpu="2", priority=5),
    ]
    assert places(objects)[1] == {"free": "n1"}


def test_a_protected_pod_stays() -> None:
    kept = pod("kept", cpu="2", on="n0")
    kept["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
    assert places([node("n0", cpu="2"), kept, pod("high", cpu="2", priority=5)]) == ({}, {}, {"high"})


def test_a_pod_that_gave_way_is_not_counted_among_those_that_wait() -> None:
    objects = [node("a"), pod("low", cpu="3", on="a"), pod("high", cpu="3", priority=1000), pod("other", cpu="3")]
    found = plan(Cluster.from_objects(objects), time_limit=2.0)

    assert [one.pod for one in found.evictions] == ["default/low"]
    assert {one.pod for one in found.unplaced} == {"default/low", "default/other"}
    assert {one.tier: one.value for one in found.cost}["unplaced at priority 0"] == 1
