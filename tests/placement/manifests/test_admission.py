"""Pods that no API server has seen go through what its admission would do."""

import pytest

from placement.errors import InputError
from placement.manifests import inventory_of
from placement.model.taint import Toleration

MIB = 2**20


def pod(name="p", *, seen=False, resources=None, **spec):
    metadata = {"name": name, "namespace": "shop"} | ({"resourceVersion": "1"} if seen else {})
    containers = [{"name": "c", "image": "i", "resources": resources or {}}]
    return {"kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}


def limit_range(namespace="shop", **limit):
    metadata = {"name": "limits", "namespace": namespace}
    return {"kind": "LimitRange", "metadata": metadata, "spec": {"limits": [{"type": "Container", **limit}]}}


def template(*objects):
    return inventory_of(objects).pods["shop/p"].template


class TestLimitRange:
    def test_gives_default_requests_to_containers_of_its_namespace(self):
        made = template(pod(), limit_range(defaultRequest={"cpu": "250m"}), limit_range("other", default={"cpu": "9"}))
        assert made.requests == {"cpu": 250}

    def test_takes_default_limits_then_maxima_for_default_requests(self):
        limits = limit_range(default={"cpu": "2"}, max={"memory": "64Mi", "cpu": "4"}, min={"cpu": "1"})
        assert template(pod(), limits).requests == {"cpu": 2000, "memory": 64 * MIB}

    def test_takes_a_minimum_where_there_is_nothing_else(self):
        assert template(pod(), limit_range(min={"cpu": "10m"})).requests == {"cpu": 10}

    def test_leaves_what_a_container_asks_and_its_limit_for_a_request(self):
        written = pod(resources={"requests": {"cpu": "1"}, "limits": {"memory": "32Mi"}})
        limits = limit_range(defaultRequest={"cpu": "250m", "memory": "1Gi"})
        assert template(written, limits).requests == {"cpu": 1000, "memory": 32 * MIB}

    def test_does_not_change_a_pod_that_was_admitted_already(self):
        assert template(pod(seen=True), limit_range(defaultRequest={"cpu": "250m"})).requests == {}

    def test_may_come_after_the_pod_or_before(self):
        limits = limit_range(defaultRequest={"cpu": "250m"})
        assert template(limits, pod()).requests == template(pod(), limits).requests

    def test_of_another_type_gives_nothing(self):
        assert template(pod(), limit_range(type="Pod", max={"cpu": "2"})).requests == {}

    def test_is_blamed_for_its_own_amounts(self):
        with pytest.raises(InputError) as caught:
            template(pod(), limit_range(default={"cpu": "lots"}))
        assert caught.value.object == "LimitRange shop/limits"
        assert caught.value.field == "spec.limits.default.cpu"


def priority_class(name, value, **more):
    return {"kind": "PriorityClass", "metadata": {"name": name}, "value": value, **more}


class TestPriority:
    def test_comes_from_the_class(self):
        made = template(pod(priorityClassName="high"), priority_class("high", 100, preemptionPolicy="Never"))
        assert (made.priority, made.preempts) == (100, False)

    def test_comes_from_the_global_default_without_a_class(self):
        assert template(pod(), priority_class("usual", 7, globalDefault=True)).priority == 7

    def test_knows_the_system_classes(self):
        assert template(pod(priorityClassName="system-node-critical")).priority == 2_000_001_000
        assert template(pod(priorityClassName="system-cluster-critical")).priority == 2_000_000_000

    def test_keeps_a_number_that_is_given(self):
        written = pod(priority=5, priorityClassName="high")
        assert template(written, priority_class("high", 100)).priority == 5

    def test_is_zero_when_nothing_says_otherwise(self):
        assert template(pod(priorityClassName="unknown")).priority == 0


def test_a_runtime_class_adds_overhead_selector_and_tolerations():
    runtime = {
        "kind": "RuntimeClass",
        "metadata": {"name": "sandbox"},
        "overhead": {"podFixed": {"cpu": "50m"}},
        "scheduling": {"nodeSelector": {"sandbox": "yes"}, "tolerations": [{"key": "sandbox", "operator": "Exists"}]},
    }
    written = pod(runtimeClassName="sandbox", nodeSelector={"disk": "ssd"}, resources={"requests": {"cpu": "1"}})
    made = template(written, runtime)
    assert made.requests == {"cpu": 1050}
    assert made.node_selector == {"disk": "ssd", "sandbox": "yes"}
    assert made.tolerations == (Toleration("sandbox", exists=True),)


def test_a_runtime_class_leaves_an_overhead_that_is_given():
    runtime = {"kind": "RuntimeClass", "metadata": {"name": "r"}, "overhead": {"podFixed": {"cpu": "50m"}}}
    assert template(pod(runtimeClassName="r", overhead={"cpu": "7m"}), runtime).requests == {"cpu": 7}
