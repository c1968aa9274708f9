"""Deployments, ReplicaSets and ReplicationControllers get the replicas they lack."""

import pytest

from placement.desired import desired
from placement.manifests import inventory_of
from placement.model.labels import Operator, Requirement, Selector
from tests.objects import node, pod, spread

LABELS = {"app": "web"}
SELECTOR = {"matchLabels": LABELS}
TEMPLATE = {
    "metadata": {"labels": LABELS},
    "spec": {"containers": [{"name": "main", "image": "app", "resources": {"requests": {"cpu": "100m"}}}]},
}
NODES = (node("n1"), node("n2"))
FAILED = "node.kubernetes.io/unreachable"


def workload(replicas, *, kind="Deployment", name="web", selector=SELECTOR, template=TEMPLATE, owner=""):
    metadata = {"name": name, "uid": f"uid-{name}"}
    if owner:
        metadata["ownerReferences"] = [{"kind": "Deployment", "name": owner, "controller": True}]
    spec = {"replicas": replicas, "selector": selector, "template": template}
    return {"kind": kind, "metadata": metadata, "spec": spec}


def failed(name, *, taints=True, status="Unknown"):
    made = node(name, taints=[{"key": FAILED, "effect": "NoExecute"}] if taints else [])
    made["status"]["conditions"] = [{"type": "Ready", "status": status}]
    return made


def replica(name, on="n1", owner="Deployment/web", **more):
    return pod(name, on=on, labels=LABELS, owner=owner, **more)


def planned(*objects, **options):
    made = desired(inventory_of(objects), **options)
    return [one for one in made.pods.values() if one.planned]


def names(*objects, **options):
    return [one.name for one in planned(*objects, **options)]


def test_a_workload_without_pods_gets_all_of_them():
    made = planned(*NODES, workload(3))
    assert [(one.key, one.node, one.finished) for one in made] == [
        ("default/web-0", "", False),
        ("default/web-1", "", False),
        ("default/web-2", "", False),
    ]
    assert (made[0].owner.kind, made[0].owner.name) == ("Deployment", "web")


def test_replicas_share_one_template():
    assert len({id(one.template) for one in planned(*NODES, workload(3))}) == 1


def test_two_replicas_with_one_on_a_failed_node_give_exactly_one_pending_pod():
    objects = (node("n1"), failed("n2"), workload(2), replica("a", "n1"), replica("b", "n2"))
    made = desired(inventory_of(objects)).pods
    assert [one.name for one in made.values() if not one.node] == ["web-0"]
    assert made["default/b"].deleting
    assert not made["default/a"].deleting


def test_raising_two_to_three_adds_one_and_leaves_the_others():
    objects = (*NODES, workload(3), replica("a"), replica("b", "n2"))
    before = inventory_of(objects)
    after = desired(before)
    assert [one.name for one in after.pods.values() if one.planned] == ["web-0"]
    assert after.pods["default/a"] is before.pods["default/a"]
    assert after.pods["default/b"] is before.pods["default/b"]


def test_nothing_is_scaled_down():
    objects = (*NODES, workload(1), replica("a"), replica("b"))
    assert list(desired(inventory_of(objects)).pods) == ["default/a", "default/b"]


def test_a_pod_that_waits_for_a_node_counts():
    assert names(*NODES, workload(2), replica("a", on="")) == ["web-0"]


@pytest.mark.parametrize("change", [{"status": {"phase": "Failed"}}, {"status": {"phase": "Succeeded"}}])
def test_a_finished_pod_is_replaced(change):
    assert names(*NODES, workload(1), replica("a") | change) == ["web-0"]


def test_a_pod_that_is_being_deleted_is_replaced():
    leaving = replica("a")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert names(*NODES, workload(1), leaving) == ["web-0"]


def test_names_are_never_those_of_pods_that_exist():
    assert names(*NODES, workload(3), replica("web-1"), pod("web-0")) == ["web-2", "web-3"]


def test_names_are_never_those_a_stateful_set_will_need():
    deployment = workload(2, name="db", selector={"matchLabels": {"x": "y"}})
    stateful = workload(2, kind="StatefulSet", name="db")
    assert names(*NODES, deployment, stateful) == ["db-2", "db-3", "db-0", "db-1"]


class TestFailedNode:
    def lost(self, *nodes, **more):
        return names(*nodes, workload(1), replica("a", "n2", **more)) == ["web-0"]

    def test_loses_its_pods_by_taint_or_by_condition(self):
        assert self.lost(node("n1"), failed("n2"))
        assert self.lost(node("n1"), failed("n2", taints=False))
        assert self.lost(node("n1"), failed("n2", taints=False, status="False"))
        assert not self.lost(node("n1"), node("n2"))

    def test_loses_pods_that_tolerate_it_for_a_while(self):
        tolerations = [{"key": FAILED, "operator": "Exists", "tolerationSeconds": 300}]
        assert self.lost(node("n1"), failed("n2"), tolerations=tolerations)

    def test_keeps_pods_that_tolerate_it_for_ever(self):
        assert not self.lost(node("n1"), failed("n2"), tolerations=[{"operator": "Exists"}])

    def test_is_closed_to_new_pods(self):
        made = desired(inventory_of([node("n1"), failed("n2"), failed("n3", taints=False)])).nodes
        effects = {name: [(one.key, one.effect.value) for one in one.taints] for name, one in made.items()}
        assert effects["n1"] == []
        assert (FAILED, "NoSchedule") in effects["n2"]
        assert ("node.kubernetes.io/not-ready", "NoSchedule") in effects["n3"]

    def test_that_has_vanished_loses_its_pods_too(self):
        assert self.lost(node("n1"))

    def test_loses_pods_without_a_workload_for_good(self):
        made = desired(inventory_of([failed("n2"), pod("alone", on="n2")])).pods
        assert list(made) == ["default/alone"]
        assert made["default/alone"].deleting


class TestOwnership:
    def replica_set(self, replicas, pod_hash="abc"):
        labels = LABELS | {"pod-template-hash": pod_hash}
        template = TEMPLATE | {"metadata": {"labels": labels}}
        return workload(replicas, kind="ReplicaSet", name=f"web-{pod_hash}", template=template, owner="web")

    def owned(self, name, pod_hash="abc"):
        labels = LABELS | {"pod-template-hash": pod_hash}
        return pod(name, on="n1", labels=labels, owner=f"ReplicaSet/web-{pod_hash}")

    def test_goes_through_replica_sets_to_the_deployment(self):
        made = planned(*NODES, workload(3), self.replica_set(3), self.owned("a"))
        assert [one.name for one in made] == ["web-0", "web-1"]
        assert (made[0].owner.kind, made[0].owner.name) == ("ReplicaSet", "web-abc")

    def test_counts_the_pods_of_all_revisions(self):
        objects = (
            self.replica_set(1, "old"),
            self.replica_set(2, "new"),
            self.owned("a", "old"),
            self.owned("b", "new"),
        )
        assert names(*NODES, workload(3), *objects) == ["web-0"]

    def test_goes_by_names_in_a_dump_without_replica_sets(self):
        assert names(*NODES, workload(3), self.owned("a"), self.owned("b", "other")) == ["web-0"]

    def test_goes_by_names_where_the_hash_label_is_missing(self):
        assert names(*NODES, workload(2), replica("a", owner="ReplicaSet/web-abc")) == ["web-0"]

    def test_adopts_pods_without_an_owner_that_the_selector_matches(self):
        assert names(*NODES, workload(2), replica("a", owner="")) == ["web-0"]

    def test_does_not_take_the_pods_of_others(self):
        other = workload(0, name="other", selector={"matchLabels": {"x": "y"}})
        assert names(*NODES, workload(1), other, replica("a", owner="Deployment/other")) == ["web-0"]
        assert names(*NODES, workload(1), replica("a", owner="Rollout/web")) == ["web-0"]

    def test_does_not_take_pods_of_another_namespace(self):
        assert names(*NODES, workload(1), replica("a", owner="", namespace="other")) == ["web-0"]

    def test_does_not_take_pods_of_an_earlier_workload_of_the_same_name(self):
        earlier = replica("a")
        earlier["metadata"]["ownerReferences"][0]["uid"] = "uid-of-the-deleted-one"
        assert names(*NODES, workload(1), earlier) == ["web-0"]

    def test_a_replica_set_stands_for_itself_where_its_deployment_was_not_read(self):
        assert names(*NODES, self.replica_set(2), self.owned("a")) == ["web-abc-0"]


def test_a_replication_controller_gets_its_replicas():
    controller = workload(2, kind="ReplicationController", selector=LABELS)
    assert names(*NODES, controller, replica("a", owner="ReplicationController/web")) == ["web-0"]


def test_planned_pods_carry_the_hash_label_that_living_ones_have():
    constraint = spread(LABELS) | {"matchLabelKeys": ["pod-template-hash"]}
    template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"topologySpreadConstraints": [constraint]}}
    living = pod("a", on="n1", labels=LABELS | {"pod-template-hash": "abc"}, owner="ReplicaSet/web-abc")
    (made,) = planned(*NODES, workload(2, template=template), living)
    assert made.template.labels["pod-template-hash"] == "abc"
    more = Requirement("pod-template-hash", Operator.IN, ("abc",))
    assert made.template.spread[0].selector == Selector.of(LABELS).and_also(more)


def test_is_done_once_it_is_done():
    once = desired(inventory_of([*NODES, workload(3), replica("a")]))
    assert list(desired(once).pods) == list(once.pods)


def test_leaves_what_it_was_given_unchanged():
    given = inventory_of([failed("n1"), workload(2), replica("a")])
    desired(given)
    assert list(given.pods) == ["default/a"]
    assert not given.pods["default/a"].deleting
    assert len(given.nodes["n1"].taints) == 1


def test_an_ephemeral_volume_gets_a_claim_of_each_pod():
    spec = TEMPLATE["spec"] | {
        "volumes": [
            {
                "name": "scratch",
                "ephemeral": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}},
            }
        ]
    }
    made = desired(inventory_of([*NODES, workload(2, template=TEMPLATE | {"spec": spec})]))
    assert {name: one.request for (_, name), one in made.claims.items()} == {
        "web-0-scratch": 2**30,
        "web-1-scratch": 2**30,
    }
    (volume,) = made.pods["default/web-1"].template.volumes
    assert (volume.claim, volume.ephemeral) == ("web-1-scratch", True)
