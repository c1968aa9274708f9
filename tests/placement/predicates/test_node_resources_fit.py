import pytest

from placement.model.pod import Phase
from placement.predicates.verdict import verdict
from tests.placement.objects import GIB, judged, node, only_refusal, pod, snapshot


def test_counts_the_requests_of_the_pods_that_are_there():
    state = snapshot([node("a", cpu=4000)], [pod("q", on="a", requests={"cpu": 3000})])
    assert judged("NodeResourcesFit", pod("p", requests={"cpu": 1000}), state).feasible == ["a"]
    answer = judged("NodeResourcesFit", pod("p", requests={"cpu": 1001}), state)
    assert only_refusal(answer).reasons == ("Insufficient cpu",)
    assert only_refusal(answer).resolvable


def test_eviction_cannot_help_where_the_node_is_too_small():
    state = snapshot([node("a", cpu=4000)])
    assert not only_refusal(judged("NodeResourcesFit", pod("p", requests={"cpu": 4001}), state)).resolvable


def test_tells_all_shortages_in_order():
    state = snapshot([node("a", pods=0, allocatable={"nvidia.com/gpu": 1, "hugepages-2Mi": 0})])
    asked = {"nvidia.com/gpu": 2, "hugepages-2Mi": 1, "ephemeral-storage": 1, "memory": 17 * GIB, "cpu": 5000}
    assert only_refusal(judged("NodeResourcesFit", pod("p", requests=asked), state)).reasons == (
        "Too many pods",
        "Insufficient cpu",
        "Insufficient memory",
        "Insufficient ephemeral-storage",
        "Insufficient hugepages-2Mi",
        "Insufficient nvidia.com/gpu",
    )


def test_a_full_node_is_full_for_pods_that_ask_for_nothing():
    state = snapshot([node("a", pods=1)], [pod("q", on="a")])
    answer = judged("NodeResourcesFit", pod("p"), state)
    assert only_refusal(answer).reasons == ("Too many pods",)
    assert only_refusal(answer).resolvable


def test_an_overfull_node_still_takes_pods_that_ask_for_another_resource():
    state = snapshot([node("a", cpu=1000)], [pod("q", on="a", requests={"cpu": 2000})])
    assert judged("NodeResourcesFit", pod("p", requests={"memory": GIB}), state).feasible == ["a"]


@pytest.mark.parametrize("phase", [Phase.SUCCEEDED, Phase.FAILED])
def test_a_finished_pod_holds_nothing(phase):
    state = snapshot([node("a", cpu=1000)], [pod("q", on="a", requests={"cpu": 1000}, phase=phase)])
    assert judged("NodeResourcesFit", pod("p", requests={"cpu": 1000}), state).feasible == ["a"]


def test_a_resource_of_a_device_class_is_left_to_claims():
    state = snapshot([node("a")], device_resources=frozenset({"example.com/gpu"}))
    asks = pod("p", requests={"example.com/gpu": 1})
    assert judged("NodeResourcesFit", asks, state).feasible == ["a"]
    refusal = verdict(asks, state).infeasible["a"]
    assert (refusal.plugin, refusal.reasons) == ("DynamicResources", ("cannot allocate all claims",))


def test_a_node_that_offers_the_resource_itself_needs_no_claim():
    offering = node("a", allocatable={"example.com/gpu": 1})
    state = snapshot([offering], device_resources=frozenset({"example.com/gpu"}))
    assert verdict(pod("p", requests={"example.com/gpu": 1}), state).feasible == ["a"]
