"""Draining nodes: where their pods go, and each thing that can stand in the way."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from placement import Cluster, InputError, check, plan
from placement.cli.app import main
from placement.draining import Budget, Drain, drain
from tests.objects import Object, node, pod, spread


def owned(name: str, on: str = "", **more: object) -> Object:
    return pod(name, on=on, owner="ReplicaSet/web", **{"cpu": "900m", "labels": {"app": "web"}, **more})


def budget(name: str, **spec: object) -> Object:
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": selector, **spec},
    }


def drained(objects: list[Object], *nodes: str) -> Drain:
    cluster = Cluster.from_objects(objects)
    found = drain(cluster, nodes, partial(plan, time_limit=20.0))
    assert check(cluster, found.plan).ok
    return found


def small(*names: str) -> list[Object]:
    return [node(name, cpu="1") for name in names]


def test_a_node_is_drained_where_others_have_room() -> None:
    found = drained([*small("a", "b"), owned("x", on="a"), pod("daemon", on="a", owner="DaemonSet/log")], "a")
    assert found.possible
    assert found.pods == ("default/x",)
    assert [(each.pod, each.node) for each in found.plan.placements] == [("default/x", "b")]
    assert [(each.pod, each.node, each.reason) for each in found.plan.evictions] == [
        ("default/x", "a", "its node is drained")
    ]


def test_static_pods_stay_with_their_node_whether_or_not_it_owns_them() -> None:
    mirrored = pod("kube-proxy-a", on="a")
    mirrored["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "0a1b2c"}
    found = drained([*small("a", "b"), mirrored, pod("etcd-a", on="a", owner="Node/a")], "a")
    assert (found.pods, found.possible) == ((), True)


def test_a_spread_that_heeds_taints_does_not_count_the_drained_node() -> None:
    zone = "topology.kubernetes.io/zone"
    nodes = [node(name, cpu="4", labels={zone: name}) for name in "abc"]
    apart = {**spread({"app": "web"}, zone), "nodeTaintsPolicy": "Honor"}
    pods = [owned(f"x{name}", on=name, topologySpreadConstraints=[apart]) for name in "abc"]
    cluster = Cluster.from_objects([*nodes, *pods])

    assert drain(cluster, ["c"], partial(plan, time_limit=20.0)).possible


def test_a_pod_with_an_ephemeral_volume_gets_a_new_one_where_it_goes() -> None:
    scratch = {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "ebs"}}}}
    runs = owned("x", on="a", volumes=[scratch])
    here = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["a"]}]}
    storage = [
        {
            "kind": "StorageClass",
            "metadata": {"name": "ebs"},
            "provisioner": "csi.example",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
        {
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": "x-tmp",
                "uid": "c",
                "annotations": {"pv.kubernetes.io/bind-completed": "yes"},
                "ownerReferences": [{"kind": "Pod", "name": "x", "uid": "uid-x", "controller": True}],
            },
            "spec": {"storageClassName": "ebs", "volumeName": "v"},
        },
        {
            "kind": "PersistentVolume",
            "metadata": {"name": "v"},
            "spec": {
                "storageClassName": "ebs",
                "claimRef": {"namespace": "default", "name": "x-tmp", "uid": "c"},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [here]}},
            },
            "status": {"phase": "Bound"},
        },
    ]
    found = drained([*small("a", "b"), *storage, runs], "a")
    assert [(each.pod, each.node) for each in found.plan.placements] == [("default/x", "b")]


def test_a_drained_node_takes_nobody() -> None:
    found = drained([*small("a", "b"), owned("x", on="a"), owned("waits")], "a")
    assert {each.node for each in found.plan.placements} == {"b"}
    assert len(found.plan.unplaced) == 1


def test_pods_that_find_no_node_stand_in_the_way_and_that_is_proven() -> None:
    found = drained([*small("a", "b"), owned("x", on="a"), owned("y", on="b")], "a")
    assert ([each.pod for each in found.stuck], found.possible, found.plan.places_most) == (["default/x"], False, True)


def test_nodes_are_drained_together() -> None:
    objects = [*small("a", "b", "c"), owned("x", on="a"), owned("y", on="b")]
    assert drained(objects, "a").possible
    assert drained(objects, "b").possible
    assert not drained(objects, "a", "b").possible


def test_a_budget_says_how_many_rounds_it_takes() -> None:
    objects = [*small("a", "b"), *(owned(f"p{i}", on="a", cpu="100m") for i in range(3))]
    (found,) = drained([*objects, budget("slow", maxUnavailable=2)], "a").budgets
    assert (found, found.rounds) == (Budget("default/slow", 3, 2, healthy=3, desired=1), 2)
    stopped = drained([*objects, budget("never", minAvailable=3)], "a")
    assert [each.rounds for each in stopped.budgets] == [None]
    assert not stopped.possible


@pytest.mark.parametrize(
    ("policy", "ready", "held"),
    [("AlwaysAllow", "False", 0), ("AlwaysAllow", "True", 1), (None, "False", 1), ("IfHealthyBudget", "False", 1)],
)
def test_a_budget_that_lets_pods_go_that_are_not_ready_does_not_hold_them(
    policy: str | None, ready: str, held: int
) -> None:
    sick = owned("x", on="a")
    sick["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}
    never = budget("never", maxUnavailable=0, unhealthyPodEvictionPolicy=policy)
    found = drained([*small("a", "b"), sick, never], "a")
    assert ([each.pods for each in found.budgets], found.possible) == ([1] * held, not held)


def is_ready(written: Object, ready: str) -> Object:
    written["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}
    return written


@pytest.mark.parametrize(("desired", "held"), [(2, 0), (3, 1), (0, 1)])
def test_a_pod_that_is_not_ready_may_go_where_enough_others_are(desired: int, held: int) -> None:
    sick, well = is_ready(owned("x", on="a"), "False"), [is_ready(owned(f"p{i}", on="b"), "True") for i in range(2)]
    few = budget("few", minAvailable=desired)
    few["status"] = {"currentHealthy": 2, "desiredHealthy": desired, "disruptionsAllowed": 0}
    objects = [node("a", cpu="1"), node("b", cpu="4"), sick, *well, few]
    found = drained(objects, "a")
    assert ([each.pods for each in found.budgets], found.possible) == ([1] * held, not held)
    del few["status"]
    counted = drained(objects, "a")
    assert [each.pods for each in counted.budgets] == [1] * held


def test_what_the_budgets_status_observed_counts() -> None:
    two = [is_ready(owned(name, on="a", cpu="100m"), "True") for name in "xy"]
    seen = budget("seen", minAvailable=1)
    seen["status"] = {"currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 0, "observedGeneration": 3}
    objects = [*small("a", "b"), *two, seen]
    seen["metadata"]["generation"] = 3
    assert drained(objects, "a").budgets == (Budget("default/seen", 2, 0, healthy=1, desired=1),)
    seen["metadata"]["generation"] = 4
    assert drained(objects, "a").budgets == (Budget("default/seen", 2, 1, healthy=2, desired=1),)


def test_pods_that_are_not_ready_are_not_healthy() -> None:
    two = [is_ready(owned(name, on="a", cpu="100m"), ready) for name, ready in (("x", "True"), ("y", "False"))]
    found = drained([*small("a", "b"), *two, budget("one", minAvailable=1)], "a")
    assert found.budgets == (Budget("default/one", 1, 0, healthy=1, desired=1),)


def test_budgets_do_not_hold_pods_that_have_not_started() -> None:
    starting = owned("x", on="a")
    starting["status"] = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}
    never = [budget("one", maxUnavailable=0), budget("two", maxUnavailable=0)]
    found = drained([*small("a", "b"), starting, *never], "a")
    assert (found.budgets, found.covered_twice, found.possible) == ((), (), True)


def test_pods_that_lose_their_scratch_data_are_named_and_may_go() -> None:
    volumes = [{"name": "cache", "emptyDir": {"medium": "Memory"}}, {"name": "config", "configMap": {"name": "c"}}]
    loses = owned("x", on="a", volumes=volumes)
    keeps = owned("y", on="b", cpu="50m", volumes=volumes[1:])
    found = drained([*small("a", "b", "c"), loses, keeps], "a", "b")
    assert (found.scratch, found.possible) == (("default/x",), True)
    assert found.to_dict()["emptyDir"] == ["default/x"]


def test_a_pod_that_two_budgets_cover_cannot_be_evicted() -> None:
    objects = [*small("a", "b"), owned("x", on="a"), budget("one", maxUnavailable=1), budget("two", maxUnavailable=1)]
    found = drained(objects, "a")
    assert (found.covered_twice, found.possible) == (("default/x",), False)
    assert found.to_dict()["coveredTwice"] == ["default/x"]


def test_a_pod_without_a_controller_would_be_lost() -> None:
    found = drained([*small("a", "b"), pod("bare", on="a")], "a")
    assert (found.alone, found.possible) == (("default/bare",), False)


def test_pods_that_ask_to_be_left_alone_are_named() -> None:
    written = owned("x", on="a")
    written["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
    found = drained([*small("a", "b"), written], "a")
    assert (found.unwilling, found.possible) == (("default/x",), True)


def test_a_node_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no node moon in the cluster"):
        drained(small("a"), "moon")


def test_the_command_gives_the_plan_and_the_verdict(tmp_path, capsys) -> None:
    file = tmp_path / "cluster.json"
    objects = [*small("a", "b"), owned("x", on="a"), budget("slow", maxUnavailable=1)]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert main(["drain", str(file), "--node", "a"]) == 0
    out = capsys.readouterr().out
    assert "a can be drained: 1 pod to move" in out
    assert "default/slow      1         1        0                 1        1" in out
    assert main(["drain", str(file), "--node", "a", "--node", "b", "-o", "json"]) == 1
    body = msgspec.json.decode(capsys.readouterr().out)
    assert (body["possible"], body["stuck"], body["proven"]) == (False, ["default/x"], True)
    assert main(["drain", str(file), "--node", "a", "-o", "name"]) == 0
    assert capsys.readouterr().out == "default/x\tb\n"
    assert main(["drain", str(file), "--node", "a", "--node", "b"]) == 1
    assert "a, b cannot be drained: 1 of 1 pods find no node (no plan places more)" in capsys.readouterr().out
    assert main(["drain", str(file), "--node", "moon"]) == 2


def test_the_command_says_what_a_budget_lacks_and_whose_data_is_lost(tmp_path, capsys) -> None:
    file = tmp_path / "cluster.json"
    loses = owned("x", on="a", volumes=[{"name": "cache", "emptyDir": {}}])
    objects = [*small("a", "b"), loses, budget("all", minAvailable="100%")]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert main(["drain", str(file), "--node", "a"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "a cannot be drained: budget default/all allows no disruption: 1 healthy, 1 needed" in out
    assert "lose their emptyDir data (kubectl drain wants --delete-emptydir-data): default/x" in out


def test_the_command_tells_what_it_does_not_judge_of_pods_that_run(tmp_path, capsys) -> None:
    file = tmp_path / "cluster.json"
    claims = owned("x", on="a", resourceClaims=[{"name": "gpu", "resourceClaimName": "one"}])
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": [*small("a", "b"), claims]}))
    assert main(["drain", str(file), "--node", "a", "-o", "name", "--solver", "greedy"]) == 0
    assert "resourceClaims are not judged, as if every node could meet them: default/x" in capsys.readouterr().err
