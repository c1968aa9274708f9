"""Who a pod's siblings are (upstream ``helper.DefaultSelector``)."""

from __future__ import annotations

import pytest

from placement import Cluster
from placement.predicates.sibling_selectors import SiblingSelectors
from tests.objects import Object, node, pod

HASH = "pod-template-hash"
LABELS = {"app": "web", HASH: "5f9c"}


def workload(kind: str, name: str, labels: dict[str, str]) -> Object:
    version = "v1" if kind == "ReplicationController" else "apps/v1"
    selector = labels if kind == "ReplicationController" else {"matchLabels": labels}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "app"}]}}
    spec = {"replicas": 0, "selector": selector, "template": template}
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def service(name: str, labels: dict[str, str], namespace: str = "default") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": labels},
    }


def siblings(owner: str, *others: Object) -> set[str]:
    """What selects the siblings of a pod of this owner, as ``key=value``."""
    cluster = Cluster.from_objects([node("n"), *others, pod("p", on="n", owner=owner, labels=LABELS)])
    found = SiblingSelectors(cluster.inventory).of(cluster.inventory.pods["default/p"])
    return set() if found is None else {f"{each.key}={','.join(each.values)}" for each in found.requirements}


@pytest.mark.parametrize("kind", ["ReplicaSet", "StatefulSet", "ReplicationController"])
def test_the_controller_selects_them(kind: str) -> None:
    assert siblings(f"{kind}/web", workload(kind, "web", {"app": "web"})) == {"app=web"}


def test_services_that_stand_before_the_pod_select_them_too() -> None:
    services = [
        service("web", {"app": "web"}),
        service("other", {"app": "db"}),
        service("far", {"app": "web"}, "far"),
        service("headless", {}),
    ]
    assert siblings("", *services) == {"app=web"}
    assert siblings("ReplicaSet/web", *services, workload("ReplicaSet", "web", LABELS)) == {"app=web", f"{HASH}=5f9c"}


def test_a_replica_set_that_was_not_read_selects_what_its_deployment_gave_it() -> None:
    deployment = workload("Deployment", "web", {"app": "web"})
    assert siblings("ReplicaSet/web-5f9c", deployment) == {"app=web", f"{HASH}=5f9c"}
    assert siblings("ReplicaSet/db-5f9c", deployment) == set()
    assert siblings("ReplicaSet/web-5f9c", workload("Deployment", "web", {"app": "db"})) == set()


@pytest.mark.parametrize("owner", ["", "Job/web", "DaemonSet/web"])
def test_nobody_selects_those_of_other_controllers(owner: str) -> None:
    assert siblings(owner, workload("ReplicaSet", "web", {"app": "web"})) == set()
