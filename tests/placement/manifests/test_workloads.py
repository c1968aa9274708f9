"""Workloads as they are read, and the templates of the pods they would make."""

import pytest

from placement.errors import InputError
from placement.manifests import inventory_of
from placement.model.labels import Operator, Requirement, Selector
from placement.model.taint import Effect
from placement.model.volume import ClaimVolume

TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "c", "image": "web", "resources": {"limits": {"cpu": "1"}}}]},
}
SELECTOR = {"matchLabels": {"app": "web"}}
HASH = "pod-template-hash"


def written(kind="Deployment", name="web", *, metadata=None, status=None, template=TEMPLATE, **spec):
    meta = {"name": name, "uid": f"uid-{name}", **(metadata or {})}
    return {"kind": kind, "metadata": meta, "spec": {"template": template, **spec}, "status": status or {}}


def read(*objects):
    return inventory_of(objects).workloads[0]


def test_wants_one_replica_unless_it_says_so():
    assert read(written(selector=SELECTOR)).replicas == 1
    assert read(written(selector=SELECTOR, replicas=0)).replicas == 0


def test_gives_its_pods_the_defaults_and_the_tolerations_of_admission():
    made = read(written(selector=SELECTOR)).template
    assert made.requests == {"cpu": 1000}
    assert [(one.key, one.seconds) for one in made.tolerations] == [
        ("node.kubernetes.io/not-ready", 300),
        ("node.kubernetes.io/unreachable", 300),
    ]


def test_selects_by_the_labels_of_its_template_where_it_has_no_selector():
    assert read(written()).selector == Selector.of({"app": "web"})
    assert read(written("ReplicationController")).selector == Selector.of({"app": "web"})


def test_a_replication_controller_has_a_plain_selector():
    assert read(written("ReplicationController", selector={"a": "b"})).selector == Selector.of({"a": "b"})


def test_a_stateful_set_has_claims_for_each_pod_in_place_of_volumes_of_their_name():
    volumes = [
        {"name": "data", "emptyDir": {"medium": "Memory"}, "persistentVolumeClaim": {"claimName": "gone"}},
        {"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}},
    ]
    template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"volumes": volumes}}
    claims = [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}]
    made = read(written("StatefulSet", template=template, volumeClaimTemplates=claims, ordinals={"start": 3}))
    assert made.template.volumes == (ClaimVolume("shared"),)
    assert [(one.name, one.request) for one in made.claim_templates] == [("data", 2**30)]
    assert made.ordinals_start == 3


def test_daemons_tolerate_what_the_controller_adds():
    template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"hostNetwork": True}}
    made = read(written("DaemonSet", template=template)).template
    tolerated = {(one.key.rpartition("/")[2], one.effect, one.seconds) for one in made.tolerations}
    assert tolerated == {
        ("not-ready", Effect.NO_EXECUTE, None),
        ("unreachable", Effect.NO_EXECUTE, None),
        ("disk-pressure", Effect.NO_SCHEDULE, None),
        ("memory-pressure", Effect.NO_SCHEDULE, None),
        ("pid-pressure", Effect.NO_SCHEDULE, None),
        ("unschedulable", Effect.NO_SCHEDULE, None),
        ("network-unavailable", Effect.NO_SCHEDULE, None),
    }


class TestJob:
    def test_runs_one_pod_by_default(self):
        made = read(written("Job"))
        assert (made.replicas, made.completions) == (1, 1)

    def test_runs_no_more_pods_than_completions_are_left(self):
        made = read(written("Job", parallelism=5, completions=7, status={"succeeded": 4}))
        assert (made.replicas, made.succeeded) == (3, 4)

    def test_without_completions_is_a_work_queue(self):
        made = read(written("Job", parallelism=5))
        assert (made.replicas, made.completions) == (5, None)

    @pytest.mark.parametrize("condition", ["Complete", "Failed"])
    def test_wants_nothing_once_it_has_finished(self, condition):
        status = {"conditions": [{"type": condition, "status": "True"}]}
        assert read(written("Job", parallelism=5, completions=7, status=status)).replicas == 0

    def test_is_left_alone_where_another_controller_manages_it(self):
        assert read(written("Job", managedBy="kueue.x-k8s.io/multikueue")).suspended
        assert not read(written("Job", managedBy="kubernetes.io/job-controller")).suspended

    def test_waits_for_the_end_of_its_pods_where_that_is_the_policy_or_its_default(self):
        def waits(**spec):
            return read(written("Job", **spec)).waits_for_the_end

        rules = {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]}
        assert waits(podReplacementPolicy="Failed")
        assert waits(podFailurePolicy=rules)
        assert not waits()
        assert not waits(podReplacementPolicy="TerminatingOrFailed")

    def test_labels_its_pods(self):
        made = read(written("Job", "sum"))
        assert made.template.labels == {"app": "web", "job-name": "sum", "batch.kubernetes.io/job-name": "sum"}

    def test_knows_the_indexes_that_are_done(self):
        made = read(written("Job", completionMode="Indexed", completions=9, status={"completedIndexes": "1,3-5"}))
        assert made.indexed
        assert made.settled_indexes == {1, 3, 4, 5}

    def test_a_broken_list_of_indexes_is_wrong_input(self):
        with pytest.raises(InputError, match=r"status\.completedIndexes"):
            read(written("Job", status={"completedIndexes": "1-x"}))


def test_a_cron_job_asks_for_nothing_where_its_jobs_would_not():
    spec = {"jobTemplate": {"spec": {"template": TEMPLATE, "suspend": True}}}
    assert read({"kind": "CronJob", "metadata": {"name": "c"}, "spec": spec}).suspended


def test_a_cron_job_has_the_pods_of_one_run():
    spec = {"jobTemplate": {"spec": {"template": TEMPLATE, "parallelism": 2, "completions": 4}}}
    made = read({"kind": "CronJob", "metadata": {"name": "c"}, "spec": spec | {"concurrencyPolicy": "Forbid"}})
    assert (made.replicas, made.concurrent, made.suspended) == (2, False, False)


class TestPodTemplateHash:
    def replica_set(self, pod_hash, *, revision="1", template=TEMPLATE):
        labels = {"app": "web", HASH: pod_hash}
        metadata = {
            "labels": labels,
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-web", "controller": True}],
        }
        hashed = template | {"metadata": {"labels": labels}}
        return written("ReplicaSet", f"web-{pod_hash}", metadata=metadata, template=hashed, selector=SELECTOR)

    def pod(self, pod_hash, creation="", owner="ReplicaSet"):
        metadata = {
            "name": f"web-{pod_hash}-x",
            "labels": {"app": "web", HASH: pod_hash},
            "creationTimestamp": creation,
            "ownerReferences": [{"kind": owner, "name": f"web-{pod_hash}", "controller": True}],
        }
        return {"kind": "Pod", "metadata": metadata, "spec": TEMPLATE["spec"]}

    def hash_of(self, *objects, **spec):
        return read(written(selector=SELECTOR, **spec), *objects).template.labels[HASH]

    def test_is_that_of_the_replica_set_of_the_same_template(self):
        other = TEMPLATE | {"spec": {"containers": [{"name": "c", "image": "web:2"}]}}
        sets = [self.replica_set("old", revision="1"), self.replica_set("new", revision="2", template=other)]
        assert self.hash_of(*sets) == "old"
        assert self.hash_of(*sets, template=other) == "new"

    def test_makes_the_template_one_with_the_replica_sets(self):
        inventory = inventory_of([written(selector=SELECTOR), self.replica_set("abc")])
        deployment, replica_set = inventory.workloads
        assert deployment.template is replica_set.template

    def test_is_that_of_the_newest_pod_in_a_dump_without_replica_sets(self):
        pods = [self.pod("old", "2026-01-01T00:00:00Z"), self.pod("new", "2026-02-01T00:00:00Z")]
        assert self.hash_of(*pods) == "new"

    def test_is_computed_from_the_template_where_nothing_is_known(self):
        one, again = self.hash_of(), self.hash_of()
        other = self.hash_of(template=TEMPLATE | {"spec": {"containers": []}})
        assert one == again != other

    def test_is_merged_by_match_label_keys(self):
        constraint = {
            "topologyKey": "zone",
            "maxSkew": 1,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {},
            "matchLabelKeys": [HASH],
        }
        template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"topologySpreadConstraints": [constraint]}}
        made = read(written(selector=SELECTOR, template=template)).template
        assert made.spread[0].selector == Selector((Requirement(HASH, Operator.IN, (made.labels[HASH],)),))


@pytest.mark.parametrize(
    ("made", "field"),
    [
        ({"kind": "Deployment", "metadata": {"name": "w"}, "spec": {}}, "spec.template.spec"),
        (written("CronJob") | {"spec": {}}, "spec.jobTemplate.spec.template.spec"),
        (written(replicas=-1), "spec.replicas"),
        (
            written(template={"spec": {"containers": [{"resources": {"limits": {"cpu": "x"}}}]}}),
            "spec.template.spec.containers[0].resources.limits.cpu",
        ),
        (
            written(selector={"matchExpressions": [{"key": "a", "operator": "Near"}]}),
            "spec.selector.matchExpressions[0].operator",
        ),
    ],
)
def test_names_the_field_that_is_wrong(made, field):
    with pytest.raises(InputError) as caught:
        inventory_of([made])
    assert caught.value.field == field
