"""What a pod requests, counted by hand."""

import pytest

from placement.errors import InputError
from placement.manifests import inventory_of

MIB = 2**20


def container(cpu="", memory="", *, name="c", limits=None, **more):
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    resources = {"requests": requests} | ({"limits": limits} if limits else {})
    return {"name": name, "image": "i", "resources": resources, **more}


def template(*containers, status=None, **spec):
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": list(containers), **spec},
        "status": status or {},
    }
    return inventory_of([pod]).pods["default/p"].template


def test_adds_up_the_containers():
    made = template(container("100m", "1Gi"), container("1.5", "512Mi", name="d"))
    assert made.requests == {"cpu": 1600, "memory": 1536 * MIB}


def test_takes_limits_for_requests_that_are_missing():
    made = template(container("100m", limits={"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}))
    assert made.requests == {"cpu": 100, "memory": 1024 * MIB, "nvidia.com/gpu": 1}


def test_adds_up_thousandths_before_it_rounds():
    made = template(container(memory="400m"), container(memory="400m", name="d"))
    assert made.requests == {"memory": 1}


def test_counts_an_init_container_only_as_far_as_it_exceeds_the_rest():
    made = template(container("1", "100Mi"), initContainers=[container("3", "50Mi"), container("2", "50Mi")])
    assert made.requests == {"cpu": 3000, "memory": 100 * MIB}


def test_counts_a_sidecar_with_the_containers_and_with_later_init_containers():
    sidecar = container("1", name="s", restartPolicy="Always")
    made = template(container("2"), initContainers=[container("4", name="a"), sidecar, container("3500m", name="b")])
    # running: 2 + 1; a alone: 4; b beside the sidecar: 3.5 + 1
    assert made.requests == {"cpu": 4500}


def test_adds_the_overhead_on_top():
    made = template(container("1"), initContainers=[container("3")], overhead={"cpu": "250m", "memory": "64Mi"})
    assert made.requests == {"cpu": 3250, "memory": 64 * MIB}


def test_takes_pod_level_requests_in_place_of_the_sum():
    made = template(container("1", "1Gi"), container("1", "1Gi", name="d"), resources={"requests": {"cpu": "5"}})
    assert made.requests == {"cpu": 5000, "memory": 2048 * MIB}


def test_takes_what_containers_ask_where_the_pod_has_only_limits():
    made = template(container("1"), resources={"limits": {"cpu": "4", "memory": "1Gi"}})
    assert made.requests == {"cpu": 1000, "memory": 1024 * MIB}


def test_does_not_take_extended_resources_at_pod_level():
    made = template(container("1"), resources={"requests": {"cpu": "2", "nvidia.com/gpu": "4"}})
    assert made.requests == {"cpu": 2000}


def test_leaves_out_zeros_pods_and_names_the_scheduler_ignores():
    resources = {"requests": {"cpu": "0", "pods": "1", "storage": "1Gi", "hugepages-2Mi": "4Mi", "a.b/c": "1500m"}}
    made = template({"name": "c", "image": "i", "resources": resources})
    assert made.requests == {"hugepages-2Mi": 4 * MIB, "a.b/c": 2}


class TestScoredRequests:
    def test_assumes_100_millicores_and_200_mebibytes_of_a_container_that_names_none(self):
        made = template(container(), container("1", "1Gi", name="d"))
        assert made.scored_requests == {"cpu": 1100, "memory": 1224 * MIB}

    def test_takes_a_zero_for_a_zero(self):
        made = template(container("0", "0"))
        assert made.scored_requests == {"cpu": 0, "memory": 0}

    def test_assumes_it_of_init_containers_too(self):
        made = template(container("50m", "50Mi"), initContainers=[container()])
        assert made.scored_requests == {"cpu": 100, "memory": 200 * MIB}

    def test_takes_pod_level_requests_where_there_are_any(self):
        made = template(container(), resources={"requests": {"cpu": "2"}})
        assert made.scored_requests == {"cpu": 2000, "memory": 200 * MIB}


class TestResize:
    def status(self, requests, allocated=None, reason=None):
        one = {"name": "c", "resources": {"requests": requests}}
        conditions = [{"type": "PodResizePending", "status": "True", "reason": reason}] if reason else []
        return {
            "phase": "Running",
            "containerStatuses": [one | ({"allocatedResources": allocated} if allocated else {})],
            "conditions": conditions,
        }

    def test_counts_the_greatest_of_wish_allocation_and_actual(self):
        made = template(container("1"), status=self.status({"cpu": "2"}, {"cpu": "3"}))
        assert made.requests == {"cpu": 3000}

    def test_counts_the_wish_while_it_is_deferred(self):
        made = template(container("4"), status=self.status({"cpu": "2"}, {"cpu": "2"}, "Deferred"))
        assert made.requests == {"cpu": 4000}

    def test_forgets_a_wish_that_was_found_infeasible(self):
        made = template(container("4"), status=self.status({"cpu": "2"}, {"cpu": "2"}, "Infeasible"))
        assert made.requests == {"cpu": 2000}

    def test_counts_a_resized_sidecar(self):
        sidecar = container("1", name="s", restartPolicy="Always")
        status = {"initContainerStatuses": [{"name": "s", "resources": {"requests": {"cpu": "2"}}}]}
        made = template(container("1"), initContainers=[sidecar], status=status)
        assert made.requests == {"cpu": 3000}

    def test_counts_pod_level_resizing(self):
        status = {"resources": {"requests": {"cpu": "6"}}, "allocatedResources": {"cpu": "5"}}
        made = template(container("1"), resources={"requests": {"cpu": "4"}}, status=status)
        assert made.requests == {"cpu": 6000}

    def test_leaves_replicas_alike_when_nothing_is_being_resized(self):
        spec = {"containers": [container("1")]}
        status = {"phase": "Running", "containerStatuses": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]}
        pods = [{"kind": "Pod", "metadata": {"name": name}, "spec": spec, "status": status} for name in ("a", "b")]
        pods[1]["status"] = {}
        made = inventory_of(pods).pods
        assert made["default/a"].template is made["default/b"].template


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"containers": [container("1x")]}, "spec.containers[0].resources.requests.cpu"),
        (
            {"containers": [container(limits={"nvidia.com/gpu": "a"})]},
            "spec.containers[0].resources.limits[nvidia.com/gpu]",
        ),
        ({"containers": [], "initContainers": [container("-1")]}, "spec.initContainers[0].resources.requests.cpu"),
        ({"containers": [], "overhead": {"cpu": "much"}}, "spec.overhead.cpu"),
        ({"containers": [], "resources": {"requests": {"memory": "1.5GiB"}}}, "spec.resources.requests.memory"),
    ],
)
def test_names_the_field_of_a_wrong_amount(spec, field):
    with pytest.raises(InputError) as caught:
        template(*spec.pop("containers"), **spec)
    assert caught.value.field == field
    assert caught.value.object == "Pod default/p"
