"""Policies as they are written, and each field on a case counted by hand."""

from __future__ import annotations

import pytest

from placement import Cluster, InputError, PolicyError, plan, read_policy
from placement.policy import PRESETS, Cardinality, Pods, Policy, Weights
from tests.objects import node, pod

ZONE = "topology.kubernetes.io/zone"
ZONES = [node(f"{zone}{number}", labels={ZONE: zone}) for zone in "ab" for number in range(2)]
WEB = {"labels": {"app": "web"}}


def written(tmp_path, text, name="policy.toml"):
    (tmp_path / name).write_text(text)
    return read_policy(str(tmp_path / name))


def outcome(objects, policy, solver="cp-sat"):
    answer = plan(Cluster.from_objects(objects), policy=policy, solver=solver, time_limit=60.0)
    return {tier.tier: tier.value for tier in answer.cost}, {
        each.pod.removeprefix("default/"): each.node for each in answer.placements
    }


def test_a_file_has_all_tables(tmp_path) -> None:
    text = """
    preset = "spread"
    tiers = ["unplaced", "cardinalities", "preferences"]
    [weights]
    taints = 7
    [[undisturbed]]
    namespace = "kube-system"
    [[cardinalities]]
    labels = { app = "web" }
    topologyKey = "zone"
    atMost = 3
    """
    policy = written(tmp_path, text)
    assert (policy.name, policy.fill) == ("policy", "spread")
    assert policy.weights == Weights(taints=7)
    assert policy.undisturbed == (Pods(namespace="kube-system"),)
    assert policy.cardinalities == (Cardinality(labels={"app": "web"}, topology_key="zone", at_most=3),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('tiers = ["nodes"]', "the first tier is 'unplaced'"),
        ('tiers = ["unplaced", "nodes", "nodes"]', "each tier is named once"),
        ('teirs = ["unplaced"]', "teirs"),
        ("[weights]\ntaints = -1", r"\$.weights.taints"),
        ('[[cardinalities]]\ntopologyKey = "zone"\natLeast = 3\natMost = 2', "at most 2 is less than at least 3"),
        (
            'preset = "spread"\ntiers = ["unplaced"]\n[[cardinalities]]\ntopologyKey = "zone"',
            "'cardinalities' is missing",
        ),
        ("[[undisturbed]]\nname = 'x'", "name"),
        ("preset = 'fastest'", "expected one of default, pack, spread, stable"),
        ("tiers = ", "policy.toml"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line(tmp_path, text, complaint) -> None:
    with pytest.raises(PolicyError, match=complaint) as error:
        written(tmp_path, text)
    assert "\n" not in str(error.value)
    assert "policy.toml" in str(error.value)


def test_the_same_policy_in_yaml(tmp_path) -> None:
    text = "preset: pack\ncardinalities: [{topologyKey: zone, atLeast: 1}]\n"
    assert written(tmp_path, text, "p.yaml").cardinalities[0].at_least == 1


def test_every_preset_bears_its_own_name() -> None:
    assert {name: policy.name for name, policy in PRESETS.items()} == {name: name for name in PRESETS}


def test_each_zone_gets_as_many_as_it_should() -> None:
    rule = Cardinality(labels={"app": "web"}, topology_key=ZONE, at_least=2, weight=5)
    objects = [*ZONES, *(pod(f"w{number}", **WEB) for number in range(3))]
    cost, places = outcome(objects, Policy(cardinalities=(rule,)))
    # Three pods for twice two: one is missing, at a weight of five.
    assert cost["cardinalities"] == 5
    assert sorted(place[0] for place in places.values()) in (["a", "a", "b"], ["a", "b", "b"])


def test_no_zone_gets_more_than_it_should_running_pods_counted() -> None:
    rule = Cardinality(labels={"app": "web"}, topology_key=ZONE, at_most=1)
    objects = [*ZONES, pod("old", on="a0", **WEB), pod("w", **WEB)]
    cost, places = outcome(objects, Policy(cardinalities=(rule,)))
    assert (cost["cardinalities"], places["w"][0]) == (0, "b")
    cost, _ = outcome([*objects, pod("v", **WEB)], Policy(cardinalities=(rule,)))
    assert cost["cardinalities"] == 1


def test_without_the_rule_pods_are_packed_where_the_others_are() -> None:
    cost, places = outcome([*ZONES, pod("old", on="a0", **WEB), pod("w", **WEB)], PRESETS["pack"])
    assert places["w"] == "a0"
    assert "cardinalities" not in cost


def test_pods_of_other_namespaces_do_not_count() -> None:
    rule = Cardinality(namespace="shop", labels={"app": "web"}, topology_key=ZONE, at_most=0)
    cost, _ = outcome([*ZONES, pod("w", **WEB)], Policy(cardinalities=(rule,)))
    assert "cardinalities" not in cost


def asking(name, rule, **more):
    written = pod(name, **more)
    written["metadata"]["annotations"] = {"placement.dev/cardinality": rule}
    return written


def test_pods_ask_for_it_in_an_annotation() -> None:
    rule = f"app=web {ZONE} ..1; app=web kubernetes.io/hostname 0..1"
    objects = [*ZONES, *(asking(f"w{number}", rule, **WEB) for number in range(3))]
    cost, places = outcome(objects, Policy())
    # Each of two zones should have one: the third is one too many, but it finds a node of its own.
    assert cost["cardinalities"] == 1
    assert len(set(places.values())) == 3


@pytest.mark.parametrize("rule", ["two to four", "app zone 1..2", "app=web zone 3..2", "app=web zone 3"])
def test_an_annotation_that_is_no_rule_is_an_error_that_names_the_pod(rule) -> None:
    with pytest.raises(InputError, match=r"Pod default/w: metadata.annotations\[placement.dev/cardinality\]"):
        plan(Cluster.from_objects([*ZONES, asking("w", rule)]))


def test_weights_decide_between_a_wish_and_a_taint() -> None:
    taint = {"key": "old", "effect": "PreferNoSchedule"}
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    wish = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 30, "preference": term}]}}
    objects = [node("tainted", taints=[taint], labels={"disk": "ssd"}), node("plain"), pod("x", affinity=wish)]
    tiers = ("unplaced", "preferences")
    assert outcome(objects, Policy(tiers=tiers)) == ({"unplaced at priority 0": 0, "preferences": 30}, {"x": "plain"})
    heavier = Policy(tiers=tiers, weights=Weights(node_affinity=2, taints=50))
    assert outcome(objects, heavier) == ({"unplaced at priority 0": 0, "preferences": 50}, {"x": "tainted"})
    nothing = Policy(tiers=tiers, weights=Weights(node_affinity=0, taints=0))
    assert outcome(objects, nothing)[0]["preferences"] == 0


def test_company_and_skew_weigh_what_the_policy_says() -> None:
    term = {"labelSelector": {"matchLabels": WEB["labels"]}, "topologyKey": ZONE}
    wish = {
        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 3, "podAffinityTerm": term}]}
    }
    soft = {**term, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}
    rules = {**WEB, "affinity": wish, "topologySpreadConstraints": [soft]}
    # Only zone a has room: two run there, a third comes.
    objects = [ZONES[0], node("b0", cpu="0", labels={ZONE: "b"}), *(pod(f"o{n}", on="a0", **WEB) for n in range(2))]
    policy = Policy(tiers=("unplaced", "preferences"), weights=Weights(pod_affinity=10, spread=1000))
    cost, _ = outcome([*objects, pod("w", **rules)], policy)
    # Two neighbours at 3 times 10, and a skew of three, two beyond one.
    assert cost["preferences"] == 2 * 30 + 2 * 1000


def test_the_undisturbed_stay_where_a_more_important_pod_wants_their_room() -> None:
    objects = [node("n"), pod("low", on="n", cpu="3", **WEB), pod("high", cpu="3", priority=10)]
    assert outcome(objects, Policy())[1] == {"high": "n"}
    for kept in (Pods(namespace="default"), Pods(labels={"app": "web"}), Pods()):
        assert outcome(objects, Policy(undisturbed=(kept,)))[1] == {}
    assert outcome(objects, Policy(undisturbed=(Pods(namespace="default", labels={"app": "db"}),)))[1] == {"high": "n"}


def test_nobody_gives_way_under_the_stable_preset() -> None:
    objects = [node("n"), pod("low", on="n", cpu="3"), pod("high", cpu="3", priority=10)]
    answer = plan(Cluster.from_objects(objects), policy=PRESETS["stable"])
    assert (answer.evictions, len(answer.unplaced)) == ((), 1)


def test_the_default_goes_by_wishes_first_and_then_fills_evenly() -> None:
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    wish = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}]}}
    objects = [node("fast", labels={"disk": "ssd"}), node("slow"), *(pod(f"p{n}", cpu="1") for n in range(4))]
    _, places = outcome(objects, PRESETS["default"], "auto")
    assert sorted(places.values()) == ["fast", "fast", "slow", "slow"]
    _, places = outcome([*objects[:2], *(pod(f"p{n}", cpu="1", affinity=wish) for n in range(4))], PRESETS["default"])
    assert set(places.values()) == {"fast"}


def test_spread_is_even_where_one_by_one_would_not_be() -> None:
    # Small ones first, one by one, and the large one finds no even place any more.
    sizes = {"s0": "1", "s1": "1", "s2": "1", "large": "3"}
    objects = [node("a"), node("b"), *(pod(name, cpu=cpu, memory="0") for name, cpu in sizes.items())]
    cost, places = outcome(objects, PRESETS["spread"])
    assert cost["utilisation"] == 0
    assert places["s0"] == places["s1"] == places["s2"] != places["large"]


def test_a_target_is_kept_where_it_can_be(tmp_path) -> None:
    text = 'tiers = ["unplaced", "utilisation", "nodes"]\ntargetUtilisation = 0.75\nmemoryPerCpu = "4000Mi"'
    objects = [node("a"), node("b"), *(pod(f"p{n}", cpu="1", memory="0") for n in range(4))]
    cost, places = outcome(objects, written(tmp_path, text))
    # All four would fit on one node, but three fill it to the target.
    assert (cost["utilisation"], cost["nodes"], len(set(places.values()))) == (0, 2, 2)
    cost, _ = outcome([*objects, *(pod(f"q{n}", cpu="1", memory="0") for n in range(3))], written(tmp_path, text))
    assert cost["utilisation"] == 4000 << 20


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("targetUtilisation = 0", "targetUtilisation"),
        ("targetUtilisation = 1.5", "targetUtilisation"),
        ("targetUtilisation = 'full'", "targetUtilisation"),
        ("memoryPerCpu = 'much'", "memoryPerCpu: 'much' is not a quantity"),
        ("memoryPerCpu = '0'", "memoryPerCpu: expected more than nothing"),
    ],
)
def test_what_is_no_target_or_ratio_is_refused(tmp_path, text, complaint) -> None:
    with pytest.raises(PolicyError, match=complaint):
        written(tmp_path, text)


def test_the_cheapest_mix_of_nodes_is_bought_beside_what_is_there(tmp_path) -> None:
    kind = "node.kubernetes.io/instance-type"
    shapes = [node(f"r8-{n}", cpu="8", labels={kind: "r8"}) for n in range(3)]
    shapes += [node(f"r16-{n}", cpu="16", labels={kind: "r16"}) for n in range(3)]
    objects = [node("there"), *shapes, *(pod(f"p{n}", cpu="4") for n in range(6))]
    text = 'tiers = ["unplaced", "price"]\ndefaultPrice = 0\n[nodePrices]\nr8 = 0.6\nr16 = 1.0'
    cost, places = outcome(objects, written(tmp_path, text))
    # One pod goes where there is room for nothing; the other five ask for 20 CPUs.
    assert cost == {"unplaced at priority 0": 0, "price": 16_000}
    assert {place.rpartition("-")[0] or place for place in places.values()} == {"there", "r8", "r16"}
