"""What the API server would fill in is filled in."""

import pytest

from placement.errors import InputError
from placement.manifests import inventory_of, require_nodes
from placement.model.labels import Operator, Requirement, Selector
from placement.model.pod import HostPort, Owner, Phase
from placement.model.taint import Effect, Toleration
from placement.model.volume import ClaimVolume, DiskVolume, InlineCsiVolume
from tests.objects import node


def pod_of(*, metadata=None, status=None, **spec):
    made = {
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "shop", "labels": {"app": "web", "rev": "7"}, **(metadata or {})},
        "spec": {"containers": [{"name": "c", "image": "web"}], **spec},
        "status": status or {},
    }
    return inventory_of([made]).pods["shop/p"]


def template(**spec):
    return pod_of(**spec).template


class TestPodAffinity:
    def term(self, **fields):
        written = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}, **fields}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": [written]}
        return template(affinity={"podAntiAffinity": required}).anti_affinity.required[0]

    def test_names_the_pods_own_namespace_when_it_names_none(self):
        assert self.term().namespaces == {"shop"}

    def test_names_no_namespace_of_its_own_beside_a_namespace_selector(self):
        made = self.term(namespaceSelector={})
        assert made.namespaces == frozenset()
        assert made.namespace_selector == Selector()

    def test_keeps_the_namespaces_it_names(self):
        assert self.term(namespaces=["a", "b"]).namespaces == {"a", "b"}

    def test_merges_match_label_keys_the_pod_has(self):
        made = self.term(matchLabelKeys=["rev", "absent"], mismatchLabelKeys=["app"])
        assert made.selector == Selector(
            (
                Requirement("app", Operator.IN, ("web",)),
                Requirement("rev", Operator.IN, ("7",)),
                Requirement("app", Operator.NOT_IN, ("web",)),
            )
        )

    def test_leaves_an_absent_selector_absent(self):
        assert self.term(labelSelector=None, matchLabelKeys=["rev"]).selector is None


class TestSpread:
    def constraint(self, **fields):
        written = {"topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "ScheduleAnyway", **fields}
        return template(topologySpreadConstraints=[written]).spread[0]

    def test_has_the_defaults_of_the_scheduler(self):
        made = self.constraint()
        assert (made.required, made.min_domains, made.honor_affinity, made.honor_taints) == (False, 1, True, False)
        assert made.selector is None

    def test_merges_match_label_keys(self):
        made = self.constraint(labelSelector={}, matchLabelKeys=["rev"])
        assert made.selector == Selector((Requirement("rev", Operator.IN, ("7",)),))

    def test_reads_its_policies(self):
        made = self.constraint(minDomains=3, nodeAffinityPolicy="Ignore", nodeTaintsPolicy="Honor")
        assert (made.min_domains, made.honor_affinity, made.honor_taints) == (3, False, True)


class TestHostPorts:
    def ports(self, *ports, **spec):
        container = {"name": "c", "image": "web", "ports": list(ports)}
        return template(containers=[container], **spec).host_ports

    def test_is_tcp_on_every_address_by_default(self):
        assert self.ports({"containerPort": 80, "hostPort": 8080, "hostIP": ""}) == (HostPort(8080, "TCP", "0.0.0.0"),)

    def test_takes_no_port_of_the_node_without_asking(self):
        assert self.ports({"containerPort": 80}) == ()

    def test_takes_every_container_port_on_the_host_network(self):
        assert self.ports({"containerPort": 80, "protocol": "UDP"}, hostNetwork=True) == (HostPort(80, "UDP"),)

    def test_counts_init_containers_only_while_they_keep_running(self):
        ports = [{"containerPort": 1, "hostPort": 1}]
        sidecar = {"name": "s", "image": "i", "restartPolicy": "Always", "ports": ports}
        assert self.ports(initContainers=[sidecar]) == (HostPort(1),)
        assert self.ports(initContainers=[sidecar | {"restartPolicy": None}]) == ()


def test_a_toleration_without_operator_is_equal():
    made = template(tolerations=[{"key": "a", "value": "b"}, {"operator": "Exists", "effect": "NoExecute"}])
    assert made.tolerations == (
        Toleration("a", exists=False, value="b"),
        Toleration("", exists=True, effect=Effect.NO_EXECUTE),
    )


def test_a_toleration_keeps_its_seconds():
    made = template(tolerations=[{"key": "a", "operator": "Exists", "tolerationSeconds": 300}])
    assert made.tolerations[0].seconds == 300


def test_images_carry_a_tag():
    containers = [
        {"name": "a", "image": "registry:5000/web"},
        {"name": "b", "image": "web:1.2"},
        {"name": "c", "image": "web@sha256:abc"},
    ]
    init = [{"name": "i", "image": "busybox"}]
    made = template(containers=containers, initContainers=init)
    assert made.images == ("busybox:latest", "registry:5000/web:latest", "web:1.2", "web@sha256:abc")


class TestVolumes:
    def test_names_the_claim_of_an_ephemeral_volume_after_the_pod(self):
        made = template(volumes=[{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}])
        assert made.volumes == (ClaimVolume("p-scratch", ephemeral=True),)

    def test_keeps_what_bears_on_placement_and_drops_the_rest(self):
        made = template(
            volumes=[
                {"name": "a", "persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
                {"name": "b", "emptyDir": {}},
                {"name": "c", "gcePersistentDisk": {"pdName": "disk"}},
                {"name": "d", "rbd": {"image": "img", "monitors": ["m1", "m2"]}},
                {"name": "e", "csi": {"driver": "inline.example"}},
                {"name": "f", "awsElasticBlockStore": {"volumeID": "vol-1", "readOnly": True}},
                {"name": "g", "iscsi": {"iqn": "iqn.1"}},
                {"name": "kube-api-access-x1y2z", "projected": {"sources": []}},
            ]
        )
        assert made.volumes == (
            ClaimVolume("data", read_only=True),
            DiskVolume("gcePersistentDisk", ("disk",)),
            DiskVolume("rbd", ("rbd", "img"), monitors=frozenset(("m1", "m2"))),
            InlineCsiVolume("inline.example"),
            DiskVolume("awsElasticBlockStore", ("vol-1",), read_only=True),
            DiskVolume("iscsi", ("iqn.1",)),
        )


class TestPod:
    def test_belongs_to_the_owner_marked_as_controller(self):
        references = [{"kind": "X", "name": "x"}, {"kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}]
        assert pod_of(metadata={"ownerReferences": references}).owner == Owner("ReplicaSet", "web", "1")

    def test_belongs_to_nobody_if_no_owner_controls_it(self):
        references = [{"kind": "Node", "name": "n", "controller": False}]
        assert pod_of(metadata={"ownerReferences": references}).owner is None

    def test_is_pending_without_a_phase(self):
        assert pod_of().phase is Phase.PENDING

    def test_tells_whether_it_is_ready_deleting_or_nominated(self):
        status = {
            "phase": "Running",
            "nominatedNodeName": "n",
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        made = pod_of(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}, status=status)
        assert (made.ready, made.deleting, made.nominated_node, made.finished) == (True, True, "n", False)

    def test_lives_in_the_default_namespace_unless_it_says_so(self):
        assert list(inventory_of([{"kind": "Pod", "metadata": {"name": "p"}, "spec": {}}]).pods) == ["default/p"]

    def test_gets_a_name_where_only_its_beginning_is_given(self):
        pods = [{"kind": "Pod", "metadata": {"generateName": "run-"}, "spec": {}}] * 2
        assert list(inventory_of(pods).pods) == ["default/run-0", "default/run-1"]


class TestNode:
    def test_offers_its_capacity_where_allocatable_is_absent(self):
        status = {"capacity": {"cpu": "4", "memory": "1Gi", "pods": "10"}}
        made = inventory_of([{"kind": "Node", "metadata": {"name": "n"}, "status": status}]).nodes["n"]
        assert made.allocatable == {"cpu": 4000, "memory": 2**30, "pods": 10}

    def test_rounds_what_it_offers_down(self):
        made = inventory_of([node("n", memory="1500m")]).nodes["n"]
        assert made.allocatable["memory"] == 1

    @pytest.mark.parametrize(("status", "ready"), [("True", True), ("False", False), ("Unknown", False)])
    def test_is_ready_as_its_condition_says(self, status, ready):
        written = {"kind": "Node", "metadata": {"name": "n"}}
        assert inventory_of([written]).nodes["n"].ready
        conditions = [{"type": "Ready", "status": status}]
        assert inventory_of([written | {"status": {"conditions": conditions}}]).nodes["n"].ready is ready

    def test_knows_each_image_under_each_of_its_names(self):
        images = [{"names": ["a@sha256:1", "a:1"], "sizeBytes": 5}, {"names": None}]
        made = inventory_of([{"kind": "Node", "metadata": {"name": "n"}, "status": {"images": images}}]).nodes["n"]
        assert made.images == {"a@sha256:1": 5, "a:1": 5}


def test_a_namespace_carries_its_name_as_a_label():
    made = inventory_of([{"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "a"}}}])
    assert made.namespaces == {"shop": {"team": "a", "kubernetes.io/metadata.name": "shop"}}


def test_null_fields_count_as_absent():
    spec = {"containers": None, "volumes": None, "tolerations": None, "affinity": {"podAffinity": None}}
    made = inventory_of([{"kind": "Pod", "metadata": {"name": "p", "labels": {"a": None}}, "spec": spec}])
    assert made.pods["default/p"].template.labels == {"a": ""}


def test_refuses_a_cluster_without_nodes_where_nodes_are_needed():
    with pytest.raises(InputError, match="no nodes"):
        require_nodes(inventory_of([]))


def test_a_later_object_replaces_an_earlier_one_of_its_name_as_applying_it_would():
    services = [
        {"kind": "Service", "metadata": {"name": "s"}, "spec": {"selector": {"app": app}}} for app in ("old", "new")
    ]
    assert [one.selector for one in inventory_of(services).services] == [{"app": "new"}]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job"}, "Job.batch.volcano.sh"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "ConfigMap"),
        ({"apiVersion": "example.org/v1", "kind": "AllowList", "items": ["no object"]}, "AllowList"),
    ],
)
def test_counts_kinds_it_does_not_understand(written, kind):
    assert inventory_of([written, written]).skipped == {kind: 2}


def test_opens_lists_within_lists():
    pods = {"kind": "PodList", "items": [{"metadata": {"name": "a"}, "spec": {}}]}
    made = inventory_of([{"kind": "List", "items": [pods, {"kind": "NodeList", "items": []}]}])
    assert list(made.pods) == ["default/a"]


def test_where_there_are_no_nodes_the_kinds_that_were_not_understood_are_named():
    lower_case = {**node("n"), "kind": "node"}
    status = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "nodes is forbidden"}
    with pytest.raises(InputError, match=r"kind Node; kinds that were not understood: Status \(1\), node \(1\)$"):
        require_nodes(inventory_of([lower_case, status]))
