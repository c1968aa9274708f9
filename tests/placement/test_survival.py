"""Losing zones or nodes: who runs again, who does not and why, counted by hand."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from placement import Cluster, InputError, plan
from placement.cli.app import main
from placement.survival import Survival, survive
from tests.objects import Object, node, pod, spread

ZONE = "topology.kubernetes.io/zone"


def zones(**nodes: int) -> list[Object]:
    return [
        node(f"{zone}{number}", cpu="1", labels={ZONE: zone})
        for zone, count in nodes.items()
        for number in range(count)
    ]


def owned(name: str, on: str = "", **more: object) -> Object:
    return pod(name, on=on, owner="ReplicaSet/web", **{"cpu": "900m", **more})


def lost(objects: list[Object], *domains: str, key: str = ZONE) -> Survival:
    planner = partial(plan, time_limit=20.0)
    return survive(Cluster.from_objects(objects), planner, topology_key=key, domains=domains)


def left_out(found: Survival) -> dict[str, list[str]]:
    return {loss.domain: [each.pod.removeprefix("default/") for each in loss.left_out] for loss in found.losses}


def test_a_zone_is_survived_where_the_others_have_room() -> None:
    found = lost([*zones(a=2, b=2), owned("x", on="a0"), owned("y", on="b0")])
    assert found.survived
    assert [(loss.domain, loss.nodes, loss.pods) for loss in found.losses] == [
        ("a", ("a0", "a1"), ("default/x",)),
        ("b", ("b0", "b1"), ("default/y",)),
    ]


def test_who_finds_no_room_is_left_out_and_that_is_proven() -> None:
    found = lost([*zones(a=2, b=1), owned("x", on="a0"), owned("y", on="a1")])
    (loss, other) = found.losses
    assert (loss.domain, len(loss.left_out), loss.plan.places_most) == ("a", 1, True)
    assert loss.left_out[0].reasons[0].reason == "Insufficient cpu"
    assert other.survived
    assert not found.survived


def test_waiting_pods_are_placed_before_anything_is_lost() -> None:
    found = lost([*zones(a=1, b=1), owned("x"), owned("y")])
    assert {domain: len(pods) for domain, pods in left_out(found).items()} == {"a": 1, "b": 1}


def test_who_found_no_node_before_is_not_counted_as_lost() -> None:
    found = lost([*zones(a=1, b=1), owned("x", on="a0"), owned("huge", cpu="8")])
    assert left_out(found) == {"a": [], "b": []}


def test_daemons_go_with_their_nodes_and_bare_pods_are_gone() -> None:
    objects = [*zones(a=1, b=1), pod("daemon", on="a0", owner="DaemonSet/log"), pod("bare", on="a0")]
    (loss,) = lost(objects, "a").losses
    assert (loss.pods, loss.gone, loss.survived) == ((), ("default/bare",), False)


def test_rules_of_the_pods_hold_in_what_is_left() -> None:
    apart = {"labels": {"app": "web"}, **spread({"app": "web"})}
    objects = [*zones(a=1, b=1, c=1), *(owned(f"p{zone}", on=f"{zone}0", cpu="100m", **apart) for zone in "abc")]
    assert left_out(lost(objects)) == {"a": [], "b": [], "c": []}
    objects = [*zones(a=1, b=1), owned("x", on="a0", nodeSelector={ZONE: "a"}, cpu="100m")]
    assert left_out(lost(objects)) == {"a": ["x"], "b": []}


def storage(*, topology_keys: bool) -> list[Object]:
    drivers = {"name": "zonal.csi", "nodeID": "x"} | ({"topologyKeys": [ZONE]} if topology_keys else {})
    return [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "zonal"},
            "provisioner": "zonal.csi",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
        *(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "CSINode",
                "metadata": {"name": name},
                "spec": {"drivers": [drivers]},
            }
            for name in ("a0", "b0")
        ),
    ]


def claim(storage_class: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "storageClassName": storage_class,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


DATA = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}


def test_a_volume_that_is_made_in_a_zone_does_not_leave_it() -> None:
    found = lost([*zones(a=1, b=1), *storage(topology_keys=True), claim("zonal"), owned("x", **DATA)])
    assert sorted(map(len, left_out(found).values())) == [0, 1]
    assert (found.free_claims, found.survived) == ((), False)


def test_a_claim_of_whose_volume_nobody_says_where_it_is_is_named() -> None:
    found = lost([*zones(a=1, b=1), *storage(topology_keys=False), claim("zonal"), owned("x", **DATA)])
    assert (found.free_claims, found.survived) == (("default/data",), True)
    assert found.to_dict()["freeClaims"] == ["default/data"]


def test_a_volume_that_is_there_already_stays_where_it_is() -> None:
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "disk"},
        "spec": {
            "capacity": {"storage": "2Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "local",
            "nodeAffinity": {
                "required": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["a"]}]}]
                }
            },
        },
        "status": {"phase": "Available"},
    }
    other = {**volume, "metadata": {"name": "other"}, "spec": {**volume["spec"], "capacity": {"storage": "9Gi"}}}
    other["spec"].pop("nodeAffinity")
    local = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "local"},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    found = lost([*zones(a=1, b=1), local, volume, other, claim("local"), owned("x", on="a0", **DATA)], "a")
    assert left_out(found) == {"a": ["x"]}


def test_pods_keep_the_gpus_that_the_plan_gave_them() -> None:
    milli, count = "alibabacloud.com/gpu-milli", "alibabacloud.com/gpu-count"
    nodes = zones(a=1, b=1)
    pods = [owned(name, cpu="100m") for name in "wxyz"]
    for each, gpus in zip(nodes, (1, 2), strict=True):
        each["status"]["allocatable"][count] = str(gpus)
    for each, amount in zip(pods, (700, 600, 600, 300), strict=True):
        each["metadata"]["annotations"] = {milli: str(amount), count: "1"}
    found = lost([*nodes, *pods], "a")
    (loss,) = found.losses
    assert (len(loss.left_out), loss.plan.places_most) == (1, True)


def test_any_label_will_do() -> None:
    found = lost([*zones(a=2), owned("x", on="a0")], key="kubernetes.io/hostname")
    assert left_out(found) == {"a0": [], "a1": []}
    assert found.survived


def test_a_domain_that_nobody_is_in_is_named() -> None:
    with pytest.raises(InputError, match=r"no node is in topology\.kubernetes\.io/zone z; expected one of: a, b"):
        lost(zones(a=1, b=1), "z")
    with pytest.raises(InputError, match="no node bears the label rack"):
        lost(zones(a=1), key="rack")


def test_an_interruption_leaves_the_other_domains_unasked() -> None:
    cluster = Cluster.from_objects([*zones(a=1, b=1), owned("x", on="a0")])
    found = survive(cluster, partial(plan, interrupted=lambda: True), topology_key=ZONE)
    assert (len(found.losses), found.not_asked, found.survived) == (1, ("b",), False)


def test_an_interruption_before_anything_is_lost_asks_nothing() -> None:
    cluster = Cluster.from_objects([*zones(a=1, b=1), owned("x")])
    found = survive(cluster, partial(plan, interrupted=lambda: True), topology_key=ZONE)
    assert (found.losses, found.not_asked, found.survived) == ((), ("a", "b"), False)


def test_the_command_says_what_is_lost_and_why(tmp_path, capsys) -> None:
    file = tmp_path / "cluster.json"
    objects = [*zones(a=1, b=1), owned("x", on="a0"), owned("y", on="b0")]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert main(["survive", str(file)]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["LOST", "NODES", "PODS", "RUN", "AGAIN", "LEFT", "OUT"]
    assert "1 (no plan leaves fewer)" in out
    assert "default/x   0/1 nodes: 1 Insufficient cpu" in out
    assert out.splitlines()[-1] == f"does not survive losing a, b · {ZONE}"
    assert main(["survive", str(file), "--lose", "a", "-o", "json"]) == 1
    body = msgspec.json.decode(capsys.readouterr().out)
    assert [(each["domain"], each["leftOut"], each["proven"]) for each in body["domains"]] == [
        ("a", ["default/x"], True)
    ]
    assert main(["survive", str(file), "--lose", "a", "-o", "name"]) == 1
    assert capsys.readouterr().out == "a\tdefault/x\n"
    assert main(["survive", str(file), "--lose", "moon"]) == 2


def ephemeral(zone: str) -> list[Object]:
    """A pod of zone `zone` with a generic ephemeral volume that only this zone reaches."""
    scratch = {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "ebs"}}}}
    runs = owned("x", on=f"{zone}0", volumes=[scratch])
    runs["metadata"]["resourceVersion"] = "1"
    here = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
    return [
        runs,
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


def test_ephemeral_volumes_go_with_their_pods_and_do_not_keep_them_in_the_lost_zone() -> None:
    waits = {
        "kind": "StorageClass",
        "metadata": {"name": "ebs"},
        "provisioner": "csi.example",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    objects = [*zones(a=1, b=1), *ephemeral("a")]
    assert left_out(lost([*objects, waits], "a")) == {"a": []}
    assert left_out(lost([*objects, {**waits, "volumeBindingMode": "Immediate"}], "a")) == {"a": []}
    # Of a class that is not there nobody can say where it makes volumes.
    assert left_out(lost(objects, "a")) == {"a": ["x"]}
    only = [{"matchLabelExpressions": [{"key": ZONE, "values": ["a"]}]}]
    assert left_out(lost([*objects, {**waits, "allowedTopologies": only}], "a")) == {"a": ["x"]}
