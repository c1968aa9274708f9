"""Claims that wait for their pod, and the volumes that they may get, in whole plans."""

from __future__ import annotations

from functools import partial

from placement import Cluster, plan
from placement.cli.reading import unjudged
from placement.plans import Plan
from placement.survival import survive
from tests.objects import Object, node, pod

HOST = "kubernetes.io/hostname"
LOCAL = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local"},
    "provisioner": "kubernetes.io/no-provisioner",
    "volumeBindingMode": "WaitForFirstConsumer",
}
WANTED = {
    "storageClassName": "local",
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "5Gi"}},
}


def volume(name: str, on: str, *, labels: dict[str, str] | None = None, **spec: object) -> Object:
    """A disk of one node, as a manifest has it: without a status."""
    here = {"matchExpressions": [{"key": HOST, "operator": "In", "values": [on]}]}
    body = {
        "capacity": {"storage": "10Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "local",
        "nodeAffinity": {"required": {"nodeSelectorTerms": [here]}},
        **spec,
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": body,
    }


def claim(name: str, **spec: object) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {**WANTED, **spec},
    }


def using(name: str, claim_name: str) -> Object:
    return pod(name, volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}])


def stateful(replicas: int, **claim_spec: object) -> Object:
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "db"}},
            "template": template,
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {**WANTED, **claim_spec}}],
        },
    }


def where(answer: Plan) -> dict[str, str]:
    return {each.pod.removeprefix("default/"): each.node for each in answer.placements}


def planned(*objects: Object) -> Plan:
    return plan(Cluster.from_objects([node("n0"), node("n1"), node("n2"), LOCAL, *objects]))


def test_a_volume_that_a_manifest_makes_is_available() -> None:
    answer = planned(volume("v1", "n1"), claim("c"), using("db", "c"))
    assert where(answer) == {"db": "n1"}


def test_a_volume_meant_for_the_claim_is_found_by_the_plan() -> None:
    mine = {"namespace": "default", "name": "c"}
    answer = planned(volume("v2", "n2", claimRef=mine), claim("c"), using("db", "c"), using("x", "d"))
    assert where(answer) == {"db": "n2"}
    assert answer.status == "optimal"


def test_a_volume_meant_for_another_claim_is_not_taken() -> None:
    answer = planned(volume("v2", "n2", claimRef={"namespace": "other", "name": "c"}), claim("c"), using("db", "c"))
    assert where(answer) == {}
    assert answer.status == "optimal"


def test_claims_of_a_stateful_set_keep_to_the_volumes_they_select() -> None:
    disks = [volume("v0", "n0", labels={"app": "other"}), volume("v1", "n1", labels={"app": "db"})]
    answer = planned(*disks, stateful(2, selector={"matchLabels": {"app": "db"}}))
    assert where(answer) == {"db-0": "n1"} or where(answer) == {"db-1": "n1"}
    assert len(planned(*disks, stateful(2)).placements) == 2


def at_once(name: str = "standard", **more: object) -> Object:
    """A class that does not wait for pods."""
    return {**LOCAL, "metadata": {"name": name}, "provisioner": "csi.example", "volumeBindingMode": "Immediate", **more}


def test_claims_of_manifests_that_wait_for_no_pod_are_bound_before_it_is_placed() -> None:
    answer = planned(
        at_once(),
        claim("c", storageClassName="standard"),
        using("db", "c"),
        stateful(2, storageClassName="standard"),
    )
    assert set(where(answer)) == {"db", "db-0", "db-1"}


def test_a_volume_made_at_once_keeps_to_the_topologies_of_its_class() -> None:
    only = [{"matchLabelExpressions": [{"key": HOST, "values": ["n2"]}]}]
    answer = planned(at_once(allowedTopologies=only), claim("c", storageClassName="standard"), using("db", "c"))
    assert where(answer) == {"db": "n2"}


def test_a_claim_gets_the_smallest_volume_before_one_is_made() -> None:
    disks = [volume(f"v{n}", f"n{n}", storageClassName="standard", capacity={"storage": f"{6 - n}Gi"}) for n in (0, 1)]
    objects = [at_once(), *disks, claim("c", storageClassName="standard"), using("db", "c")]
    assert where(planned(*objects)) == {"db": "n1"}


def test_a_claim_that_names_its_volume_is_bound_to_it() -> None:
    disk = volume("v1", "n1", storageClassName="")
    named = claim("c", storageClassName="", volumeName="v1")
    assert where(planned(disk, named, using("db", "c"))) == {"db": "n1"}
    taken = volume("v1", "n1", storageClassName="", claimRef={"namespace": "other", "name": "c"})
    assert where(planned(taken, named, using("db", "c"))) == {}


def test_claims_that_the_api_server_holds_unbound_are_left_to_it() -> None:
    for seen in ({"metadata": {"name": "c", "uid": "u"}}, {"status": {}}):
        held = {**claim("c", storageClassName="standard"), **seen}
        (left,) = planned(at_once(), held, using("db", "c")).unplaced
        assert [each.reason for each in left.reasons] == ["pod has unbound immediate PersistentVolumeClaims"]


def test_a_pod_that_nobody_has_seen_gets_the_claims_of_its_ephemeral_volumes() -> None:
    scratch = {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": WANTED}}}
    seen = pod("db", volumes=[scratch])
    (left,) = planned(volume("v1", "n1"), seen).unplaced
    assert [each.reason for each in left.reasons] == [
        'waiting for ephemeral volume controller to create the persistentvolumeclaim "db-tmp"'
    ]
    written = {**seen, "metadata": {"name": "db"}}
    del written["status"]
    assert where(planned(volume("v1", "n1"), written)) == {"db": "n1"}


def test_it_is_said_of_which_claims_nobody_knows_where_they_will_lie() -> None:
    claims = [claim("c", storageClassName="standard"), claim("d", storageClassName="standard")]
    cluster = Cluster.from_objects([node("n0"), node("n1"), at_once(), *claims, using("db", "c")])
    assert list(unjudged(cluster)) == [
        "claims whose volumes are made at once count as reached from anywhere: default/c"
    ]
    assert survive(cluster, partial(plan, time_limit=5.0), topology_key=HOST, domains=["n0"]).free_claims == (
        "default/c",
    )
