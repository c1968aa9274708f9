import json

import pytest

from placement.cluster import Cluster
from placement.errors import UnknownPodError


def node(name, cpu="4", **labels):
    allocatable = {"cpu": cpu, "memory": "8Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"allocatable": allocatable},
    }


def pod(name, cpu="1", **more):
    metadata = {"name": name, "namespace": "shop"} | more.pop("metadata", {})
    container = {"name": "c", "image": "web", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container]} | more.pop("spec", {})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec} | more


@pytest.fixture
def cluster():
    objects = [
        node("small", cpu="1"),
        node("large", cpu="4"),
        pod("there", cpu="3", spec={"nodeName": "large"}),
        pod("coming"),
        pod("second"),
        pod("done", status={"phase": "Succeeded"}),
        pod("going", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}),
    ]
    return Cluster.from_objects(objects)


def test_judges_each_pod_alone_against_the_pods_that_have_a_node(cluster):
    for _ in range(2):
        assert cluster.verdict("shop/coming").feasible == ["small", "large"]
        assert cluster.verdict("shop/second").feasible == ["small", "large"]


def test_a_pod_that_has_a_node_does_not_stand_in_its_own_way(cluster):
    answer = cluster.verdict("shop/there")
    assert answer.feasible == ["large"]
    assert answer.infeasible["small"].plugin == "NodeName"
    assert list(cluster.snapshot.nodes["large"].pods) == ["shop/there"]


def test_scores_the_feasible_nodes(cluster):
    scores = cluster.scores("shop/coming")
    # 4000m and 1000m of cpu less 1000m, and of 8 GiB 200 MiB assumed: 3000m lie on the large node already.
    assert scores["small"]["NodeResourcesFit"] == (0 + 97) // 2
    assert scores["large"]["NodeResourcesFit"] == (0 + 95) // 2


def test_an_unknown_pod_is_named(cluster):
    with pytest.raises(UnknownPodError, match="no pod shop/nobody; expected namespace/name"):
        cluster.verdict("shop/nobody")
    with pytest.raises(UnknownPodError):
        cluster.scores("nobody")


def test_pending_are_the_pods_that_wait_for_a_node(cluster):
    assert [one.key for one in cluster.pending] == ["shop/coming", "shop/second"]


def test_reads_files(tmp_path):
    path = tmp_path / "dump.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [node("a"), pod("p")]}))
    assert Cluster.from_files([path]).verdict("shop/p").feasible == ["a"]


def volume_objects(limit):
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {"storageClassName": "later"}}
    return [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "later"},
            "provisioner": "csi.example.com",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "CSINode",
            "metadata": {"name": "a"},
            "spec": {"drivers": [{"name": "csi.example.com", "nodeID": "a", "allocatable": {"count": limit}}]},
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "VolumeAttachment",
            "metadata": {"name": "csi-1"},
            "spec": {"attacher": "csi.example.com", "nodeName": "a", "source": {"persistentVolumeName": "stale"}},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "stale"},
            "spec": {"csi": {"driver": "csi.example.com", "volumeHandle": "x"}},
        },
        *({**claim, "metadata": {"name": f"c{i}", "namespace": "shop"}} for i in range(2)),
        *(
            pod(
                f"p{i}",
                spec={
                    "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": f"c{i}"}}],
                    **({"nodeName": "a"} if i == 0 else {}),
                },
            )
            for i in range(2)
        ),
    ]


@pytest.mark.parametrize(("limit", "feasible"), [(2, []), (3, ["a"])])
def test_attach_limits_are_read_from_objects(limit, feasible):
    answer = Cluster.from_objects([node("a"), *volume_objects(limit)]).verdict("shop/p1")
    assert answer.feasible == feasible
    assert [refusal.plugin for refusal in answer.infeasible.values()] == ["NodeVolumeLimits"] * (limit == 2)


def test_pods_of_a_replica_set_are_spread_over_zones_by_default():
    labels = {"app": "web", "pod-template-hash": "1"}
    selector = {"matchLabels": labels}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "web"}]}}
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "r", "controller": True}
    replicas = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "uid": "r",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}],
        },
        "spec": {"replicas": 2, "selector": selector, "template": template},
    }
    owned = {"labels": labels, "ownerReferences": [owner]}
    zone = "topology.kubernetes.io/zone"
    cluster = Cluster.from_objects(
        [
            node("a", **{zone: "z0"}),
            node("b", **{zone: "z1"}),
            replicas,
            pod("web-1-x", metadata=owned, spec={"nodeName": "a"}),
            pod("web-1-y", metadata=owned),
        ]
    )
    scores = cluster.scores("shop/web-1-y")
    assert scores["a"]["PodTopologySpread"] < scores["b"]["PodTopologySpread"] == 200


def test_workloads_bring_their_pods() -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web"}]}},
        },
    }
    assert len(Cluster.from_objects([deployment]).pending) == 3
