"""Claims that wait for their pod, and the volumes that they may get, in whole plans."""

from __future__ import annotations

from placement import Cluster, plan
from placement.plans import Plan
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
