"""Free capacity of storage drivers in whole plans."""

from __future__ import annotations

from placement import Cluster, plan
from tests.objects import Object, node, pod

ZONE = "topology.kubernetes.io/zone"


def stored(kind: str, name: str, **more: object) -> Object:
    return {"apiVersion": "storage.k8s.io/v1", "kind": kind, "metadata": {"name": name}, **more}


def test_a_claim_is_made_where_its_driver_has_room() -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    request = {"resources": {"requests": {"storage": "5Gi"}}, "storageClassName": "lvm"}
    first = {"matchLabels": {ZONE: "a"}}
    objects = [
        node("n0", labels={ZONE: "b"}),
        node("n1", labels={ZONE: "a"}),
        stored("CSIDriver", "lvm.example", spec={"storageCapacity": True}),
        stored("StorageClass", "lvm", provisioner="lvm.example", volumeBindingMode="WaitForFirstConsumer"),
        stored("CSIStorageCapacity", "roomy", storageClassName="lvm", capacity="8Gi", nodeTopology=first),
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": request},
        pod("db", volumes=volumes),
    ]
    answer = plan(Cluster.from_objects(objects), solver="cp-sat")
    assert [(each.pod, each.node) for each in answer.placements] == [("default/db", "n1")]
    assert answer.status == "optimal"
    request["resources"]["requests"]["storage"] = "9Gi"
    (left,) = plan(Cluster.from_objects(objects), solver="cp-sat").unplaced
    assert [each.reason for each in left.reasons] == ["node(s) did not have enough free storage"]
