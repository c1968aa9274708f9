"""Every kind of remedy on a case counted by hand, applied to the objects as its patches say."""

from __future__ import annotations

import pytest

from placement import Cluster, plan
from placement.policy import Pods, Policy
from placement.remedies import Kind, Remedy, patched, remedies
from tests.objects import affinity, anti_affinity, node, pod, spread

ZONE = "topology.kubernetes.io/zone"
TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def found(objects, key="default/x", **options) -> list[Remedy]:
    cluster = Cluster.from_objects(objects)
    return list(remedies(cluster, key, plan(cluster), **{"time_limit": 600, **options}))


def of_kind(kind, objects, key="default/x", **options) -> list[Remedy]:
    chosen = [each for each in found(objects, key, **options) if each.kind is kind]
    for remedy in chosen:
        assert remedy.verified
        answer = plan(Cluster.from_objects(patched(objects, remedy)))
        assert key not in {each.pod for each in answer.unplaced}, remedy
    return chosen


def test_the_request_may_be_as_large_as_the_largest_room() -> None:
    objects = [node("a"), node("b"), pod("p", on="a", cpu="3"), pod("q", on="b", cpu="2500m"), pod("x", cpu="2")]
    (remedy,) = of_kind(Kind.LOWER_REQUEST, objects)
    assert remedy.description == "lower the request of cpu from 2 to 1500m"
    assert remedy.amount == (250_000,)
    assert remedy.patches[0].body == {
        "spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": "1500m"}}}]}
    }


def test_two_lacking_resources_are_not_cured_by_less_of_one() -> None:
    objects = [node("a", cpu="1", memory="1Gi"), pod("x", cpu="2", memory="2Gi")]
    assert of_kind(Kind.LOWER_REQUEST, objects) == []


def test_a_new_node_is_of_the_cheapest_shape_that_holds_the_pod() -> None:
    types = {"small": "2", "middle": "8", "large": "16"}
    objects = [node(name, cpu=cpu, labels={"node.kubernetes.io/instance-type": name}) for name, cpu in types.items()]
    objects += [pod(f"p-{name}", on=name, cpu=cpu) for name, cpu in types.items()]
    (remedy,) = of_kind(Kind.ADD_NODE, [*objects, pod("x", cpu="4")])
    assert remedy.description.startswith("add a node middle (cpu 8")
    policy = Policy(node_prices={"middle": 3.0, "large": 2.0})
    (remedy,) = of_kind(Kind.ADD_NODE, [*objects, pod("x", cpu="4")], policy=policy)
    assert remedy.patches[0].name == "new-large-0"


def test_no_node_is_added_that_would_not_hold_the_pod() -> None:
    assert found([node("a", cpu="1"), pod("x", cpu="2", memory="20Gi")]) == []


def test_a_taint_is_tolerated_only_where_that_is_enough() -> None:
    other = {"key": "team", "value": "a", "effect": "NoExecute"}
    objects = [node("a", taints=[TAINT]), node("b", taints=[TAINT, other]), pod("x")]
    (remedy,) = of_kind(Kind.TOLERATE_TAINT, objects)
    assert remedy.description == "tolerate the taint gpu=yes:NoSchedule"


def test_a_cordoned_node_is_opened() -> None:
    cordon = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    objects = [node("a", unschedulable=True, taints=[cordon]), node("b", cpu="1"), pod("x", cpu="2")]
    (remedy,) = of_kind(Kind.UNCORDON_NODE, objects)
    assert remedy.description == "uncordon node a"


def test_one_key_of_the_node_selector_is_dropped_not_all() -> None:
    objects = [node("a", labels={"disk": "ssd"}), pod("x", nodeSelector={"disk": "ssd", "zone": "b"})]
    (remedy,) = of_kind(Kind.DROP_NODE_SELECTOR, objects)
    assert remedy.patches[0].body == {"spec": {"nodeSelector": {"zone": None}}}


def test_node_affinity_loses_one_expression_or_all() -> None:
    expressions = [
        {"key": "disk", "operator": "In", "values": ["ssd"]},
        {"key": "gen", "operator": "Gt", "values": ["3"]},
    ]
    required = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
    wanted = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    objects = [node("a", labels={"disk": "ssd", "gen": "2"}), pod("x", affinity=wanted)]
    described = [each.description for each in of_kind(Kind.DROP_NODE_AFFINITY, objects)]
    assert described == [
        "drop gen Gt (3) from the required node affinity",
        "drop the required node affinity (disk=ssd and gen Gt (3))",
    ]


def test_affinity_to_nobody_is_dropped() -> None:
    objects = [node("a", labels={ZONE: "a"}), pod("x", affinity=affinity({"app": "db"}))]
    (remedy,) = of_kind(Kind.DROP_AFFINITY, objects)
    assert remedy.description == f"drop the affinity to pods with app=db in the same {ZONE}"


def test_anti_affinity_is_dropped_where_only_its_own_term_stands_in_the_way() -> None:
    objects = [node("a"), pod("db", on="a", labels={"app": "db"}), pod("x", affinity=anti_affinity({"app": "db"}))]
    (remedy,) = of_kind(Kind.DROP_ANTI_AFFINITY, objects)
    assert remedy.patches[0].body["spec"]["affinity"] == {
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": None}
    }


def test_the_skew_is_raised_no_further_than_needed() -> None:
    nodes = [node("a", labels={ZONE: "a"}), node("b", labels={ZONE: "b"}, cpu="1")]
    web = {"labels": {"app": "web"}}
    running = [pod(f"w{number}", on="a", **web) for number in range(3)]
    rule = {"topologySpreadConstraints": [spread({"app": "web"})]}
    objects = [*nodes, *running, pod("x", cpu="2", **web, **rule)]
    (remedy,) = of_kind(Kind.RAISE_MAX_SKEW, objects)
    # Four in zone a, none in zone b.
    assert remedy.description == f"raise maxSkew over {ZONE} from 1 to 4"
    assert len(of_kind(Kind.SCHEDULE_ANYWAY, objects)) == 1


def test_a_host_port_is_given_up() -> None:
    def serving(name, **more):
        served = pod(name, **more)
        served["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81}]
        return served

    objects = [node("a"), serving("p", on="a"), serving("x")]
    (remedy,) = of_kind(Kind.DROP_HOST_PORT, objects)
    assert remedy.description == "give up the host port 8080/TCP"


def test_a_scheduling_gate_is_lifted() -> None:
    (remedy,) = of_kind(Kind.LIFT_GATE, [node("a"), pod("x", schedulingGates=[{"name": "quota"}])])
    assert remedy.description == "lift the scheduling gate quota"


@pytest.fixture
def never_preempting():
    """Three pods of lower priority, of which the cheapest to disturb is `cheap`, and one that waits."""
    cheap = pod("cheap", on="a", cpu="2", priority=1)
    cheap["metadata"]["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": "-5"}
    return [
        node("a"),
        node("b", cpu="1"),
        cheap,
        pod("dear", on="a", cpu="2", priority=1),
        pod("small", on="b", cpu="1", priority=1),
        pod("x", cpu="2", priority=5, preemptionPolicy="Never"),
    ]


def test_the_cheapest_single_victim_is_named(never_preempting) -> None:
    (remedy,) = of_kind(Kind.EVICT, never_preempting)
    assert remedy.description == "evict default/cheap (priority 1) from a"
    assert remedy.patches[0].action == "delete"


def test_pods_that_the_policy_leaves_alone_are_no_victims(never_preempting) -> None:
    policy = Policy(undisturbed=(Pods(namespace="default"),))
    assert of_kind(Kind.EVICT, never_preempting, policy=policy) == []


def test_no_more_victims_than_needed(never_preempting) -> None:
    small = [pod(f"s{number}", on="c", cpu="1", priority=1) for number in range(4)]
    objects = [node("c"), *small, pod("x", cpu="2", priority=5, preemptionPolicy="Never")]
    (remedy,) = of_kind(Kind.EVICT, objects)
    assert remedy.amount[:2] == (0, 2)


def test_pods_of_equal_priority_and_protected_ones_are_left_alone() -> None:
    held = pod("held", on="a", cpu="2", priority=1)
    held["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
    objects = [node("a"), held, pod("peer", on="a", cpu="2", priority=5)]
    assert of_kind(Kind.EVICT, [*objects, pod("x", cpu="2", priority=5, preemptionPolicy="Never")]) == []


def test_what_a_workload_is_yet_to_make_changes_at_the_workload() -> None:
    from placement.desired import desired

    container = {"name": "main", "image": "app", "resources": {"requests": {"cpu": "3"}}}
    labels = {"app": "web"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    objects = [node("a"), deployment]
    cluster = Cluster(desired(Cluster.from_objects(objects).inventory))
    answer = plan(cluster)
    left_out = answer.unplaced[0].pod

    lower = [each for each in remedies(cluster, left_out, answer, time_limit=600) if each.kind is Kind.LOWER_REQUEST]

    # Both replicas change, so each may have half of the node.
    assert [each.description for each in lower] == ["lower the request of cpu from 3 to 2 in Deployment web"]
    changed = Cluster(desired(Cluster.from_objects(patched(objects, lower[0])).inventory))
    assert plan(changed).all_placed


def test_a_pod_that_has_a_node_needs_no_remedy() -> None:
    assert found([node("a"), pod("x")]) == []


def test_a_pod_nobody_can_help_has_none() -> None:
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "missing"}}
    assert found([node("a"), pod("x", volumes=[claim])]) == []
