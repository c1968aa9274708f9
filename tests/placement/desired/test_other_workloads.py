"""StatefulSets, DaemonSets, Jobs and CronJobs get the pods their controllers would make."""

import pytest

from placement.desired import desired
from placement.manifests import inventory_of
from placement.model.affinity import NodeSelectorTerm
from placement.model.labels import Operator, Requirement
from placement.model.volume import ClaimVolume
from tests.objects import node, pod

LABELS = {"app": "x"}


def workload(kind, name="x", *, spec=None, owner="", status=None, **fields):
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "i"}], **(spec or {})}}
    metadata = {"name": name, "uid": f"uid-{name}"}
    if owner:
        metadata["ownerReferences"] = [{"kind": "CronJob", "name": owner, "controller": True}]
    selector = {} if kind == "Job" else {"selector": {"matchLabels": LABELS}}
    return {
        "kind": kind,
        "metadata": metadata,
        "spec": {"template": template, **selector, **fields},
        "status": status or {},
    }


def cron_job(name="c", *, suspend=False, policy="Allow", **job):
    template = workload("Job", **job)["spec"]
    spec = {"suspend": suspend, "concurrencyPolicy": policy, "jobTemplate": {"spec": template}}
    return {"kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def owned(name, kind, *, on="n1", phase="", owner="x", deleting=False, **more):
    made = pod(name, on=on, labels=LABELS, owner=f"{kind}/{owner}", **more)
    if phase:
        made["status"] = {"phase": phase}
    if deleting:
        made["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return made


def names(*objects, **options):
    made = desired(inventory_of([node("n1"), node("n2"), *objects]), **options)
    return [one.name for one in made.pods.values() if one.planned]


class TestStatefulSet:
    def test_gets_the_ordinals_it_lacks(self):
        assert names(workload("StatefulSet", replicas=4), owned("x-1", "StatefulSet")) == ["x-0", "x-2", "x-3"]

    def test_counts_ordinals_from_where_it_says(self):
        assert names(workload("StatefulSet", replicas=2, ordinals={"start": 5})) == ["x-5", "x-6"]

    def test_waits_for_a_pod_that_is_being_deleted(self):
        assert names(workload("StatefulSet", replicas=1), owned("x-0", "StatefulSet", deleting=True)) == []

    def test_waits_for_a_pod_on_a_failed_node(self):
        failed = node("n3", taints=[{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}])
        assert names(failed, workload("StatefulSet", replicas=1), owned("x-0", "StatefulSet", on="n3")) == []

    def test_makes_a_failed_pod_anew_under_its_name(self):
        objects = [node("n1"), workload("StatefulSet", replicas=1), owned("x-0", "StatefulSet", phase="Failed")]
        (made,) = desired(inventory_of(objects)).pods.values()
        assert (made.name, made.planned, made.node) == ("x-0", True, "")

    def test_does_not_take_the_name_of_a_stranger(self):
        assert names(workload("StatefulSet", replicas=1), pod("x-0", on="n1")) == []

    def test_adopts_only_pods_of_its_names(self):
        assert names(workload("StatefulSet", replicas=1), pod("y", on="n1", labels=LABELS)) == ["x-0"]

    def test_gives_each_pod_its_claims_and_plans_those_that_are_missing(self):
        claims = [
            {
                "metadata": {"name": "data"},
                "spec": {
                    "storageClassName": "fast",
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "1Gi"}},
                },
            }
        ]
        existing = {"kind": "PersistentVolumeClaim", "metadata": {"name": "data-x-0"}, "spec": {"volumeName": "v"}}
        stateful = workload("StatefulSet", replicas=2, volumeClaimTemplates=claims)
        made = desired(inventory_of([node("n1"), stateful, existing]))
        assert made.pods["default/x-1"].template.volumes == (ClaimVolume("data-x-1"),)
        assert made.claims["default", "data-x-0"].volume == "v"
        planned = made.claims["default", "data-x-1"]
        assert (planned.storage_class, planned.request, planned.bound) == ("fast", 2**30, False)
        assert planned.access_modes == {"ReadWriteOnce"}

    def test_shares_one_template_without_claims(self):
        made = desired(inventory_of([node("n1"), workload("StatefulSet", replicas=2)])).pods
        assert made["default/x-0"].template is made["default/x-1"].template


class TestDaemonSet:
    def test_gets_a_pod_for_each_node_pinned_to_it(self):
        made = desired(inventory_of([node("n1"), node("n2"), workload("DaemonSet")])).pods
        assert list(made) == ["default/x-n1", "default/x-n2"]
        affinity = made["default/x-n2"].template.node_affinity
        assert affinity.required == (NodeSelectorTerm(fields=(Requirement("metadata.name", Operator.IN, ("n2",)),)),)

    def test_gets_none_where_one_runs(self):
        assert names(workload("DaemonSet"), owned("a", "DaemonSet", on="n1")) == ["x-n2"]

    def test_gets_none_where_one_waits_for_the_node(self):
        field = {"key": "metadata.name", "operator": "In", "values": ["n1"]}
        required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
        assert names(workload("DaemonSet"), owned("a", "DaemonSet", on="", affinity=affinity)) == ["x-n2"]

    def test_gets_one_in_place_of_a_failed_one(self):
        assert names(workload("DaemonSet"), owned("a", "DaemonSet", phase="Failed")) == ["x-n1", "x-n2"]

    def test_waits_for_one_that_is_being_deleted(self):
        assert names(workload("DaemonSet"), owned("a", "DaemonSet", deleting=True)) == ["x-n2"]

    @pytest.mark.parametrize("effect", ["NoSchedule", "NoExecute"])
    def test_passes_over_nodes_whose_taints_it_does_not_tolerate(self, effect):
        tainted = node("n3", taints=[{"key": "dedicated", "effect": effect}])
        assert names(tainted, workload("DaemonSet")) == ["x-n1", "x-n2"]
        tolerant = workload("DaemonSet", spec={"tolerations": [{"key": "dedicated", "operator": "Exists"}]})
        assert names(tainted, tolerant) == ["x-n1", "x-n2", "x-n3"]

    def test_runs_on_cordoned_nodes_and_under_pressure(self):
        taints = [
            {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
            {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"},
        ]
        cordoned = node("n3", taints=taints, unschedulable=True)
        assert names(cordoned, workload("DaemonSet")) == ["x-n1", "x-n2", "x-n3"]

    def test_passes_over_failed_nodes(self):
        failed = node("n3")
        failed["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
        assert names(failed, workload("DaemonSet")) == ["x-n1", "x-n2"]

    def test_stays_on_a_node_that_failed(self):
        failed = node("n3")
        failed["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
        tolerations = [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}]
        daemon = owned("a", "DaemonSet", on="n3", tolerations=tolerations)
        made = desired(inventory_of([failed, workload("DaemonSet"), daemon])).pods
        assert list(made) == ["default/a"]
        assert not made["default/a"].deleting

    def test_goes_where_its_selector_and_affinity_say(self):
        labelled = node("n3", labels={"disk": "ssd"})
        assert names(labelled, workload("DaemonSet", spec={"nodeSelector": {"disk": "ssd"}})) == ["x-n3"]


class TestJob:
    def test_gets_pods_up_to_its_parallelism(self):
        assert names(workload("Job", parallelism=3, completions=9), owned("a", "Job")) == ["x-0", "x-1"]

    def test_gets_no_more_than_completions_are_left(self):
        job = workload("Job", parallelism=5, completions=6, status={"succeeded": 4})
        assert names(job) == ["x-0", "x-1"]

    def test_counts_the_succeeded_pods_of_the_dump(self):
        job = workload("Job", parallelism=5, completions=3)
        assert names(job, *(owned(name, "Job", phase="Succeeded") for name in "ab")) == ["x-0"]

    def test_gets_one_in_place_of_a_failed_one(self):
        assert names(workload("Job"), owned("a", "Job", phase="Failed")) == ["x-0"]

    def test_of_a_work_queue_starts_no_more_once_one_has_succeeded(self):
        job = workload("Job", parallelism=3)
        assert names(job) == ["x-0", "x-1", "x-2"]
        assert names(job, owned("a", "Job", phase="Succeeded"), owned("b", "Job")) == []

    def test_gets_none_while_suspended_or_once_finished(self):
        assert names(workload("Job", suspend=True)) == []
        done = {"conditions": [{"type": "Failed", "status": "True"}]}
        assert names(workload("Job", status=done)) == []

    def test_gets_one_in_place_of_one_that_is_being_deleted_unless_it_waits_for_its_end(self):
        leaving = owned("a", "Job", deleting=True)
        assert names(workload("Job"), leaving) == ["x-0"]
        assert names(workload("Job", podReplacementPolicy="Failed"), leaving) == []
        assert names(workload("Job", podReplacementPolicy="Failed"), owned("a", "Job", phase="Failed")) == ["x-0"]

    def test_with_indexes_does_not_start_one_whose_pod_is_still_ending(self):
        job = workload("Job", parallelism=2, completions=3, completionMode="Indexed", podReplacementPolicy="Failed")
        assert names(job, owned("x-0-abcde", "Job", deleting=True)) == ["x-1-0"]

    def test_gets_none_where_another_controller_manages_it(self):
        assert names(workload("Job", managedBy="kueue.x-k8s.io/multikueue")) == []

    def test_with_indexes_gets_the_lowest_that_are_neither_done_nor_running(self):
        job = workload(
            "Job",
            parallelism=3,
            completions=7,
            completionMode="Indexed",
            status={"succeeded": 2, "completedIndexes": "0,2"},
        )
        labelled = owned("anything", "Job")
        labelled["metadata"]["labels"] = LABELS | {"batch.kubernetes.io/job-completion-index": "3"}
        assert names(job, labelled) == ["x-1-0", "x-4-0"]
        assert names(job, owned("x-1-abcde", "Job")) == ["x-3-0", "x-4-0"]

    def test_does_not_try_indexes_again_that_have_failed_for_good(self):
        job = workload(
            "Job",
            parallelism=5,
            completions=5,
            completionMode="Indexed",
            backoffLimitPerIndex=1,
            status={"succeeded": 2, "completedIndexes": "0,1", "failedIndexes": "2-3"},
        )
        assert names(job) == ["x-4-0"]


class TestCronJob:
    def test_gets_the_pods_of_one_run(self):
        assert names(cron_job(parallelism=2, completions=2)) == ["c-0-0", "c-0-1"]

    def test_gets_as_many_runs_as_are_asked_for(self):
        assert names(cron_job(), cron_runs=2) == ["c-0-0", "c-1-0"]
        assert names(cron_job(), cron_runs=0) == []

    def test_has_one_run_at_most_if_runs_may_not_overlap(self):
        assert names(cron_job(policy="Forbid"), cron_runs=3) == ["c-0-0"]

    def test_gets_none_while_suspended(self):
        assert names(cron_job(suspend=True)) == []

    def test_counts_jobs_that_are_running(self):
        job = workload("Job", "c-29000", owner="c")
        assert names(cron_job(), job, owned("a", "Job", owner="c-29000")) == []
        assert names(cron_job(), job, owned("a", "Job", owner="c-29000"), cron_runs=2) == ["c-0-0"]

    def test_does_not_count_jobs_that_have_finished(self):
        done = {"conditions": [{"type": "Complete", "status": "True"}]}
        assert names(cron_job(), workload("Job", "c-29000", owner="c", status=done)) == ["c-0-0"]

    def test_counts_running_pods_in_a_dump_without_jobs(self):
        assert names(cron_job(), owned("a", "Job", owner="c-29000")) == []
        assert names(cron_job(), owned("a", "Job", owner="c-29000", phase="Succeeded")) == ["c-0-0"]


def test_a_cordoned_node_is_tainted_once():
    bare = node("n3", unschedulable=True)
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    held = node("n4", unschedulable=True, taints=[taint])
    made = desired(inventory_of([node("n1"), bare, held]))
    assert [[str(each.key) for each in made.nodes[name].taints] for name in ("n1", "n3", "n4")] == [
        [],
        ["node.kubernetes.io/unschedulable"],
        ["node.kubernetes.io/unschedulable"],
    ]
