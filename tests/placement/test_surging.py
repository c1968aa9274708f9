"""Rollouts: whether new pods have room before old ones go, counted by hand."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from placement import Cluster, InputError, plan
from placement.cli.app import main
from placement.model.workload import Rollout
from placement.surging import Surge, surges
from tests.objects import Object, anti_affinity, node, pod, spread


def deployment(name: str, replicas: int, cpu: str = "900m", strategy: Object | None = None, **spec: object) -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod(name, cpu=cpu, **spec)["spec"]}
    body = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    if strategy is not None:
        body["strategy"] = strategy
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "uid": f"uid-{name}"},
        "spec": body,
    }


def rolling(surge: int | str, unavailable: int | str) -> Object:
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


def small(count: int) -> list[Object]:
    return [node(f"n{number}", cpu="1") for number in range(count)]


def asked(*objects: Object, name: str = "default/web") -> Surge:
    (found,) = surges(Cluster.from_objects(objects), partial(plan, time_limit=20.0), names=[name]).surges
    return found


@pytest.mark.parametrize(
    ("strategy", "replicas", "rollout"),
    [
        (None, 4, Rollout(1, 1)),
        (None, 3, Rollout(1, 0)),
        (rolling("50%", "50%"), 3, Rollout(2, 1)),
        (rolling(0, 0), 3, Rollout(0, 1)),
        (rolling(2, 0), 3, Rollout(2, 0)),
        (rolling(2_000_000_000, 0), 3, Rollout(3, 0)),
        ({"type": "Recreate"}, 3, Rollout(0, 3)),
    ],
)
def test_surge_rounds_up_and_what_is_missing_rounds_down(
    strategy: Object | None, replicas: int, rollout: Rollout
) -> None:
    inventory = Cluster.from_objects([*small(1), deployment("web", replicas, strategy=strategy)]).inventory
    assert [each.rollout for each in inventory.workloads] == [rollout]


def test_a_surge_that_is_no_number_is_named() -> None:
    with pytest.raises(InputError, match=r"Deployment default/web: spec\.strategy\.rollingUpdate\.maxSurge: 'some'"):
        Cluster.from_objects([*small(1), deployment("web", 2, strategy=rolling("some", 0))])


def test_a_surge_has_room_where_nodes_are_free() -> None:
    found = asked(*small(3), deployment("web", 2, strategy=rolling(1, 0)))
    assert (found.at_once, found.missing, found.fits) == (1, 0, True)


def test_a_rollout_is_stuck_where_nobody_may_go_and_nobody_can_come() -> None:
    found = asked(*small(2), deployment("web", 2, strategy=rolling(1, 0)))
    assert (found.at_once, found.fits, found.plan.places_most) == (0, False, True)
    assert [reason.reason for reason in found.left_out[0].reasons] == ["Insufficient cpu"]


def test_a_rollout_goes_on_where_an_old_pod_may_go_first() -> None:
    found = asked(*small(2), deployment("web", 2, strategy=rolling(1, 1)))
    assert (found.at_once, found.missing, found.fits) == (1, 1, False)


def test_a_new_template_that_no_old_place_can_hold_is_stuck() -> None:
    running = [pod(f"old{number}", on=f"n{number}", owner="Deployment/web", labels={"app": "web"}) for number in (0, 1)]
    for each in running:
        each["metadata"]["ownerReferences"][0]["uid"] = "uid-web"
    found = asked(*small(2), *running, deployment("web", 2, cpu="1500m", strategy=rolling(0, 1)))
    assert (found.at_once, found.missing) == (0, 1)


def test_recreating_asks_for_the_room_of_the_old_pods() -> None:
    found = asked(*small(2), deployment("web", 2, strategy={"type": "Recreate"}))
    assert (found.at_once, found.missing, found.fits) == (2, 2, True)


def test_part_of_a_surge_is_room_enough_to_go_on() -> None:
    found = asked(*small(3), deployment("web", 2, strategy=rolling(2, 0)))
    assert (found.at_once, found.fits) == (1, False)


def test_new_pods_keep_the_rules_of_their_template() -> None:
    apart = {"affinity": anti_affinity({"app": "web"})}
    assert asked(*small(2), deployment("web", 2, cpu="100m", strategy=rolling(1, 0), **apart)).at_once == 0
    assert asked(*small(3), deployment("web", 2, cpu="100m", strategy=rolling(1, 0), **apart)).at_once == 1


def test_old_pods_do_not_count_where_spread_is_by_revision() -> None:
    of_revision = {**spread({"app": "web"}, "kubernetes.io/hostname"), "matchLabelKeys": ["pod-template-hash"]}
    running = [
        pod(name, on=on, cpu="100m", owner="ReplicaSet/web-77c9", labels={"app": "web", "pod-template-hash": "77c9"})
        for name, on in (("x", "n0"), ("y", "n0"), ("z", "n1"))
    ]
    full = pod("full", on="n1", cpu="850m", owner="ReplicaSet/full")
    web = deployment("web", 3, cpu="100m", strategy=rolling(1, 0), topologySpreadConstraints=[of_revision])
    found = asked(*small(2), *running, full, web)
    assert (found.at_once, [each.node for each in found.plan.placements]) == (1, ["n0"])


def test_a_volume_that_is_still_to_be_made_is_reached_from_its_whole_zone() -> None:
    nodes = [node(name, cpu="1", labels={"zone": "a"}) for name in ("a0", "a1")]
    shared = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
    drivers = [{"name": "zonal.csi", "nodeID": "x", "topologyKeys": ["zone"]}]
    objects = [
        {"kind": "StorageClass", "apiVersion": "storage.k8s.io/v1", "metadata": {"name": "zonal"}},
        *({"kind": "CSINode", "apiVersion": "storage.k8s.io/v1", "metadata": {"name": name}} for name in ("a0", "a1")),
        {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": {"name": "data"}},
    ]
    objects[0] |= {"provisioner": "zonal.csi", "volumeBindingMode": "WaitForFirstConsumer"}
    for each in objects[1:-1]:
        each["spec"] = {"drivers": drivers}
    objects[-1]["spec"] = {"storageClassName": "zonal", "resources": {"requests": {"storage": "1Gi"}}}
    assert asked(*nodes, *objects, deployment("web", 1, strategy=rolling(1, 0), **shared)).at_once == 1


def test_who_finds_no_node_anyway_takes_no_room_from_a_surge() -> None:
    found = asked(*small(3), deployment("web", 2, strategy=rolling(1, 0)), pod("huge", cpu="8"))
    assert found.fits


def test_a_deployment_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no Deployment default/moon; expected one of: default/web"):
        asked(*small(1), deployment("web", 1), name="default/moon")
    with pytest.raises(InputError, match="no Deployment in the cluster"):
        asked(*small(1))


def test_an_interruption_leaves_the_others_unasked() -> None:
    objects = [*small(2), deployment("web", 1, strategy=rolling(1, 0)), deployment("other", 1)]
    found = surges(Cluster.from_objects(objects), partial(plan, interrupted=lambda: True))
    assert (found.surges, found.not_asked) == ((), ("default/other", "default/web"))


def test_the_command_says_which_rollouts_are_stuck(tmp_path, capsys) -> None:
    file = tmp_path / "cluster.json"
    objects = [*small(2), deployment("web", 2, strategy=rolling(1, 0)), deployment("none", 0)]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert main(["rollout", str(file)]) == 1
    out = capsys.readouterr().out
    assert "stuck: no room for a new pod (no plan places more)" in out
    assert "nothing to roll" in out
    assert out.splitlines()[-1] == "stuck: default/web"
    assert main(["rollout", str(file), "--deployment", "none", "-o", "json"]) == 0
    body = msgspec.json.decode(capsys.readouterr().out)
    assert [(each["workload"], each["maxSurge"]) for each in body["workloads"]] == [("default/none", 0)]
    assert main(["rollout", str(file), "-o", "name"]) == 1
    assert capsys.readouterr().out == "default/none\t0\ndefault/web\t0\n"
    assert main(["rollout", str(file), "--deployment", "moon"]) == 2
