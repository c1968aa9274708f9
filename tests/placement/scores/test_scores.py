"""Hand-counted scores of each plugin, normalised and not yet weighted."""

import pytest

from placement.model.affinity import NodeAffinity, NodeSelectorTerm, PodAffinity, PreferredNodeTerm, PreferredPodTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.pod import Owner
from placement.model.taint import Effect, Taint, Toleration
from placement.model.topology import HOSTNAME, ZONE
from placement.model.workload import Service, Workload
from placement.scores import (
    image_locality,
    inter_pod_affinity,
    node_affinity,
    node_resources_balanced_allocation,
    node_resources_fit,
    pod_topology_spread,
    taint_toleration,
)
from placement.scores.normalise import proportional
from placement.scores.total import scores, total
from tests.placement.objects import GIB, near, node, pod, snapshot, spread, template, term

MIB = 2**20


def given(plugin, incoming, state):
    """The plugin's score of each node of the state, in order."""
    return plugin.score(incoming, state, list(state.nodes.values()))


def test_normalises_to_the_highest_and_rounds_down():
    assert proportional([0, 1, 3]) == [0, 33, 100]
    assert proportional([0, 1, 3], reverse=True) == [100, 67, 0]
    assert proportional([0, 0]) == [0, 0]
    assert proportional([0, 0], reverse=True) == [100, 100]


def test_counts_the_taints_that_ask_to_stay_away():
    asks = [Taint(key, effect=Effect.PREFER_NO_SCHEDULE) for key in "xyz"]
    state = snapshot([node("none"), node("one", taints=asks[:1]), node("three", taints=tuple(asks))])
    assert given(taint_toleration, pod("p"), state) == [100, 67, 0]
    tolerant = pod("p", tolerations=(Toleration("x", exists=True), Toleration("y", exists=True)))
    assert given(taint_toleration, tolerant, state) == [100, 100, 0]
    # A toleration of another effect is none of this taint.
    other = pod("p", tolerations=(Toleration("x", exists=True, effect=Effect.NO_SCHEDULE),))
    assert given(taint_toleration, other, state) == [100, 67, 0]


def test_adds_the_weights_of_the_preferred_node_terms():
    def prefers(weight, key):
        return PreferredNodeTerm(weight, NodeSelectorTerm((Requirement(key, Operator.EXISTS),)))

    state = snapshot([node("both", labels={"x": "", "y": ""}), node("x", labels={"x": ""}), node("bare")])
    incoming = pod("p", node_affinity=NodeAffinity(preferred=(prefers(10, "x"), prefers(30, "y"))))
    assert given(node_affinity, incoming, state) == [100, 25, 0]
    assert given(node_affinity, pod("p"), state) is None


def two_thirds():
    """A node of 3000m and 16 GiB with 1000m and 4 GiB taken."""
    taken = {"cpu": 1000, "memory": 4 * GIB}
    return snapshot([node("a", cpu=3000)], [pod("q", on="a", requests=taken, scored_requests=taken)])


ASKS = {"cpu": 1000, "memory": 4 * GIB}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (node_resources_fit.LeastAllocated(), (33 + 50) // 2),
        (node_resources_fit.MostAllocated(), (66 + 50) // 2),
        (node_resources_fit.RequestedToCapacityRatio(((0, 0), (100, 10))), 58),
        (node_resources_fit.RequestedToCapacityRatio(((0, 10), (60, 4), (100, 0))), 42),
        (node_resources_fit.MostAllocated((("cpu", 3), ("memory", 1))), (3 * 66 + 50) // 4),
    ],
)
def test_each_strategy_scores_what_is_left_or_taken(strategy, expected):
    # 2000m of 3000m are 66 %, 8 GiB of 16 GiB are 50 %. The rising line gives the shares themselves; on the falling
    # line 66 % scores 40 - 6 = 34 and 50 % scores 100 - 50 = 50.
    incoming = pod("p", requests=ASKS, scored_requests=ASKS)
    state = two_thirds()
    assert node_resources_fit.score(incoming, state, list(state.nodes.values()), strategy) == [expected]


def test_pod_level_requests_count_only_once_the_pod_is_there():
    incoming = pod("p", scored_requests=ASKS, incoming_requests={"cpu": 0, "memory": 0})
    assert given(node_resources_fit, incoming, two_thirds()) == [(66 + 75) // 2]


def test_likes_nodes_that_the_pod_brings_into_balance():
    state = snapshot([node("a", cpu=4000), node("b", cpu=4000)], [pod("q", on="a", requests={"cpu": 2000})])
    incoming = pod("p", requests={"memory": 8 * GIB})
    # a: shares 1/2 and 0 become 1/2 and 1/2: 75 to 100. b: 0 and 0 become 0 and 1/2: 100 to 75.
    assert given(node_resources_balanced_allocation, incoming, state) == [50 + (50 + 25) // 2, 50 + (50 - 25) // 2]
    assert given(node_resources_balanced_allocation, pod("p"), state) is None


def test_an_image_counts_by_its_size_and_by_how_many_nodes_have_it():
    state = snapshot([node("a", images={"x:1": 600 * MIB}), node("b", images={"x:1": 600 * MIB}), node("c"), node("d")])
    # 600 MiB on half of the nodes count 300; 23 are nothing and 1000 are 100.
    assert given(image_locality, pod("p", images=("x:1",)), state) == [100 * 277 // 977] * 2 + [0, 0]
    # With two containers 2000 are 100.
    assert given(image_locality, pod("p", images=("x:1", "y:1")), state)[0] == 100 * 277 // 1977
    assert given(image_locality, pod("p", images=("y:1",)), state) == [0, 0, 0, 0]


ZONED = [node("a", zone="z0"), node("b", zone="z1"), node("c", zone="z2")]


def liking(weight, app):
    return PodAffinity(preferred=(PreferredPodTerm(weight, term(app)),))


def test_preferences_of_the_pod_and_of_those_that_are_there_add_up():
    state = snapshot(
        ZONED,
        [
            pod("db0", on="a", app="db"),
            pod("db1", on="a", app="db"),
            pod("fan", on="b", app="fan", affinity=liking(10, "web")),
            pod("foe", on="c", app="foe", anti_affinity=liking(20, "web")),
        ],
    )
    # a: 2 × 30, b: 10, c: -20.
    assert given(inter_pod_affinity, pod("p", app="web", affinity=liking(30, "db")), state) == [100, 37, 0]


def test_required_affinity_of_a_pod_that_is_there_draws_with_weight_one():
    state = snapshot(ZONED, [pod("db", on="b", app="db", affinity=near(term("web")))])
    assert given(inter_pod_affinity, pod("p", app="web"), state) == [0, 100, 0]


def test_nobody_with_a_preference_skips_the_plugin():
    state = snapshot(ZONED, [pod("db", on="b", app="db", affinity=liking(5, "api"))])
    assert given(inter_pod_affinity, pod("p", app="web"), state) is None
    assert given(inter_pod_affinity, pod("p", app="api"), state) == [0, 100, 0]


def test_soft_spread_likes_the_emptier_zone():
    state = snapshot(ZONED, [pod(f"w{i}", on=on, app="web") for i, on in enumerate("aab")])
    incoming = pod("p", app="web", spread=(spread("web", required=False),))
    # ln 5 = 1.609 a pod: 3, 2, 0; then 100 × (3 + 0 - score) / 3.
    assert given(pod_topology_spread, incoming, state) == [0, 33, 100]


def test_soft_spread_gives_nothing_to_nodes_without_the_label():
    state = snapshot([*ZONED, node("bare")], [pod("w", on="a", app="web")])
    incoming = pod("p", app="web", spread=(spread("web", required=False),))
    assert given(pod_topology_spread, incoming, state) == [0, 100, 100, 0]


def test_hard_spread_alone_is_not_scored():
    assert given(pod_topology_spread, pod("p", app="web", spread=(spread("web"),)), snapshot(ZONED)) is None


def behind_a_service(**more):
    service = Service("web", "default", {"app": "web"})
    return snapshot([*ZONED, node("bare")], [pod("w", on="a", app="web")], services=(service,), **more)


def test_pods_behind_a_service_are_spread_by_default():
    # By host ln 6 = 1.79 a pod and 2 for skew 3; by zone ln 6 with the nameless zone, and 4 for skew 5.
    # a: 1.79 + 2 + 1.79 + 4 = 10, b and c: 6, bare: 2; then 100 × (10 + 2 - score) / 10.
    assert given(pod_topology_spread, pod("p", app="web"), behind_a_service()) == [20, 60, 60, 100]
    assert given(pod_topology_spread, pod("p", app="api"), behind_a_service()) is None


def test_a_controllers_selector_narrows_who_the_siblings_are():
    by_tier = Workload("ReplicaSet", "web-1", "default", template(app="web"), selector=Selector.of({"tier": "new"}))
    state = behind_a_service(workloads=(by_tier,))
    owned = pod("p", app="web", owner=Owner("ReplicaSet", "web-1"))
    # The pod on a is behind the service, but not of the tier.
    assert given(pod_topology_spread, owned, state) == [33, 33, 33, 100]
    unknown = pod("p", app="api", owner=Owner("ReplicaSet", "gone"))
    assert given(pod_topology_spread, unknown, state) is None


def test_host_spread_counts_on_the_node_itself():
    state = snapshot(ZONED, [pod("w", on="b", app="web")])
    incoming = pod("p", app="web", spread=(spread("web", HOSTNAME, required=False),))
    assert given(pod_topology_spread, incoming, state) == [100, 0, 100]


def test_weighs_the_plugins_and_adds_them_up():
    state = snapshot(ZONED)
    rows = scores(pod("p", app="web", requests=ASKS, scored_requests=ASKS), state, ["a", "c"])
    assert list(rows) == ["a", "c"]
    assert rows["a"] == {
        "TaintToleration": 300,
        "NodeResourcesFit": 75,
        "DynamicResources": 0,
        "NodeResourcesBalancedAllocation": 75,
        "ImageLocality": 0,
    }
    assert total(rows["a"]) == 450
    assert scores(pod("p"), state, []) == {}
    assert ZONE in state.nodes["a"].labels
