"""The verb filter: what it says of nodes, and what it says when it cannot say anything."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from placement.cluster import Cluster
from placement.extender.favour import Favours
from placement.extender.guidance import Guidance
from placement.extender.protocol import MalformedError
from placement.extender.verbs import Verbs
from placement.manifests import inventory_of
from placement.model.pod import Pod, PodTemplate
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import Verdict, verdict
from placement.store.reservations import Reservation
from placement.store.state import State
from tests.objects import Object, anti_affinity, node, pod
from tests.placement.extender.objects import Clock, call, verbs

CORPUS = Path(__file__).parents[2] / "data" / "random-cases.jsonl.gz"


def answered(body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(body)
    assert list(answer) == ["Nodes", "NodeNames", "FailedNodes", "FailedAndUnresolvableNodes", "Error"]
    return answer


def cases(every: int) -> Iterator[tuple[dict[str, Any], list[Object]]]:
    """Cases of the random corpus, and the objects of each."""
    with gzip.open(CORPUS, "rt") as lines:
        for number, line in enumerate(lines):
            if number % every == 0:
                case = json.loads(line)
                yield case, [*case["nodes"], *case["namespaces"], *case["pods"], *case["incoming"]]


def told(extender: Verbs, incoming: Object) -> tuple[list[str], dict[str, tuple[str, bool]]]:
    """Nodes that are left by a filter call of all nodes, and why the others are not."""
    answer = answered(extender.filter(call(incoming, list(extender.state.objects.nodes))))
    refused = {name: (reason, True) for name, reason in answer["FailedNodes"].items()}
    refused |= {name: (reason, False) for name, reason in answer["FailedAndUnresolvableNodes"].items()}
    return sorted(answer["NodeNames"]), refused


def expected(verdict: Verdict) -> tuple[list[str], dict[str, tuple[str, bool]]]:
    """The same from the predicates on objects."""
    refused = {name: (", ".join(one.reasons), one.resolvable) for name, one in verdict.infeasible.items()}
    return sorted(verdict.feasible), refused


def incoming_of(case: dict[str, Any]) -> dict[str, Object]:
    return {f"{one['metadata'].get('namespace', 'default')}/{one['metadata']['name']}": one for one in case["incoming"]}


def test_says_what_the_filters_say_of_the_whole_random_corpus() -> None:
    wrong, judged = [], 0
    for case, objects in cases(every=1):
        cluster, incoming = Cluster.from_objects(objects), incoming_of(case)
        extender = Verbs(State(inventory_of(objects)), clock=Clock())
        for key in case["expect"]:
            judged += 1
            if told(extender, incoming[key]) != expected(cluster.verdict(key)):
                wrong.append(f"case {case['seed']}: {key}")
            extender.state.drop(key)
    assert wrong == []
    assert judged > 1000


def test_says_what_the_filters_say_with_reserved_room_taken_and_assumed_pods_in_place() -> None:
    wrong, kept = [], 0
    for case, objects in cases(every=5):
        rng, incoming = random.Random(case["seed"]), incoming_of(case)
        extender = Verbs(State(inventory_of(objects)), clock=Clock())
        state, names = extender.state, list(extender.state.objects.nodes)
        waiting = [state.objects.pods[key] for key in incoming]
        subject, *others = rng.sample(waiting, len(waiting))
        assumed = {one.key: rng.choice(names) for one in others[::2] if not one.template.volumes}
        reserved = {one.key: Reservation(rng.choice(names), one.template, float("inf")) for one in others[1::2]}
        for key, name in assumed.items():
            assert state.assume(state.objects.pods[key], name, float("inf"))
        state.reservations.replace(reserved.items())

        # Reserved room is like that of pods which nothing but their requests is known of.
        pods = {key: replace(one, node=assumed.get(key, one.node)) for key, one in state.objects.pods.items()}
        for number, one in enumerate(reserved.values()):
            if one.template.priority >= subject.template.priority:
                kept += 1
                pods[f"nowhere/{number}"] = Pod(
                    str(number), PodTemplate("nowhere", requests=one.template.requests), node=one.node
                )
        fresh = Snapshot(replace(state.objects.inventory(), pods=pods))
        if told(extender, incoming[subject.key]) != expected(verdict(subject, fresh)):
            wrong.append(f"case {case['seed']}: {subject.key}")
    assert wrong == []
    assert kept > 50


def test_tells_what_eviction_could_cure_from_what_it_could_not() -> None:
    tainted = node("c", taints=[{"key": "gpu", "effect": "NoSchedule"}])
    extender = verbs([node("a"), node("b", cpu="1"), pod("big", cpu="900m", on="b"), tainted])

    answer = answered(extender.filter(call(pod("new", cpu="500m"), ["a", "b", "c"])))

    assert answer["NodeNames"] == ["a"]
    assert answer["FailedNodes"] == {"b": "Insufficient cpu"}
    assert answer["FailedAndUnresolvableNodes"] == {"c": "node(s) had untolerated taint(s)"}
    assert answer["Nodes"] is None
    assert answer["Error"] == ""


def test_judges_only_the_nodes_that_are_offered() -> None:
    extender = verbs([node("a"), node("b"), node("c", cpu="1")])
    answer = answered(extender.filter(call(pod("new", cpu="2"), ["c", "b"])))
    assert (answer["NodeNames"], answer["FailedNodes"]) == (["b"], {})
    assert answer["FailedAndUnresolvableNodes"] == {"c": "Insufficient cpu"}


def test_lets_nodes_pass_that_it_has_not_heard_of() -> None:
    extender = verbs([node("a"), node("b")])
    answer = answered(extender.filter(call(pod("new"), ["new-node", "a"])))
    assert sorted(answer["NodeNames"]) == ["a", "new-node"]
    assert extender.metrics.unknown_nodes._value.get() == 1


def test_answers_whole_nodes_where_whole_nodes_were_offered() -> None:
    nodes = [node("a"), node("b", cpu="1")]
    extender = verbs(nodes)
    body = json.dumps({"Pod": pod("new", cpu="2"), "Nodes": {"metadata": {}, "items": nodes}, "NodeNames": None})

    answer = answered(extender.filter(body.encode()))

    assert answer["Nodes"] == {"metadata": {}, "items": [nodes[0]]}
    assert answer["NodeNames"] is None
    assert answer["FailedAndUnresolvableNodes"] == {"b": "Insufficient cpu"}


def test_reads_keys_in_any_case() -> None:
    extender = verbs([node("a")])
    body = json.dumps({"pod": pod("new"), "NODENAMES": ["a"]}).encode()
    assert answered(extender.filter(body))["NodeNames"] == ["a"]


def test_answers_lists_and_never_null_where_no_node_is_left() -> None:
    extender = verbs([node("a", cpu="1")])
    answer = answered(extender.filter(call(pod("new", cpu="2"), ["a"])))
    assert answer["NodeNames"] == []


def test_counts_a_pod_on_the_only_node_it_was_left() -> None:
    extender = verbs([node("a", cpu="1"), node("b", cpu="500m"), pod("one", cpu="800m"), pod("two", cpu="800m")])

    first = answered(extender.filter(call(pod("one", cpu="800m"), ["a", "b"])))
    second = answered(extender.filter(call(pod("two", cpu="800m"), ["a", "b"])))

    assert first["NodeNames"] == ["a"]
    assert second["NodeNames"] == []
    assert second["FailedNodes"] == {"a": "Insufficient cpu"}


def test_no_longer_counts_a_pod_where_it_was_sent_once_the_scheduler_asks_again() -> None:
    extender = verbs([node("a", cpu="1"), pod("one", cpu="800m")])
    body = call(pod("one", cpu="800m"), ["a"])
    assert answered(extender.filter(body))["NodeNames"] == ["a"]
    assert answered(extender.filter(body))["NodeNames"] == ["a"]


def test_no_longer_counts_a_pod_where_it_was_sent_when_nobody_saw_it_there_in_time() -> None:
    extender = verbs([node("a", cpu="1"), pod("one", cpu="800m"), pod("two", cpu="800m")], assume_for=30.0)
    extender.filter(call(pod("one", cpu="800m"), ["a"]))
    extender.state.expire(extender.clock() + 29)
    assert answered(extender.filter(call(pod("two", cpu="800m"), ["a"])))["NodeNames"] == []
    extender.state.expire(extender.clock() + 31)
    assert answered(extender.filter(call(pod("two", cpu="800m"), ["a"])))["NodeNames"] == ["a"]


def test_keeps_reserved_room_from_others_of_the_same_and_lower_priority() -> None:
    extender = verbs([node("a", cpu="1"), pod("mine", cpu="800m", priority=5)])
    state = extender.state
    mine = state.objects.pods["default/mine"]
    state.reservations.replace([("default/mine", Reservation("a", mine.template, until=float("inf")))])

    same = answered(extender.filter(call(pod("same", cpu="800m", priority=5), ["a"])))
    higher = answered(extender.filter(call(pod("higher", cpu="800m", priority=6), ["a"])))
    state.drop("default/higher")
    own = answered(extender.filter(call(pod("mine", cpu="800m", priority=5), ["a"])))

    assert same["FailedNodes"] == {"a": "Insufficient cpu"}
    assert higher["NodeNames"] == ["a"]
    assert own["NodeNames"] == ["a"]


def test_leaves_a_planned_pod_its_planned_node_alone() -> None:
    extender = verbs([node("a"), node("b")])
    extender.guidance = Guidance({"default/new": "b"})
    answer = answered(extender.filter(call(pod("new"), ["a", "b"])))
    assert answer["NodeNames"] == ["b"]
    assert answer["FailedAndUnresolvableNodes"] == {"a": "node(s) were not chosen by the placement plan"}


def test_takes_the_plan_for_advice_only_where_told_so() -> None:
    extender = verbs([node("a"), node("b")], steering="advisory")
    extender.guidance = Guidance({"default/new": "b"})
    assert answered(extender.filter(call(pod("new"), ["a", "b"])))["NodeNames"] == ["a", "b"]


def test_goes_on_without_the_plan_where_the_planned_node_is_not_offered() -> None:
    extender = verbs([node("a"), node("b")])
    extender.guidance = Guidance({"default/new": "b"})
    assert answered(extender.filter(call(pod("new"), ["a"])))["NodeNames"] == ["a"]
    assert extender.metrics.not_offered._value.get() == 1


def test_goes_on_without_the_plan_where_the_planned_node_is_full_by_now() -> None:
    extender = verbs([node("a"), node("b", cpu="1"), pod("there", cpu="900m", on="b")])
    extender.guidance = Guidance({"default/new": "b"})
    assert answered(extender.filter(call(pod("new", cpu="200m"), ["a", "b"])))["NodeNames"] == ["a"]


def test_holds_members_of_a_gang_back_until_the_plan_has_room_for_it() -> None:
    member = pod("worker-0", labels={"scheduling.x-k8s.io/pod-group": "training"})
    extender = verbs([node("a")])
    extender.guidance = Guidance({}, gangs=True)
    held = answered(extender.filter(call(member, ["a"])))
    extender.guidance = Guidance({"default/worker-0": "a"}, gangs=True)
    let = answered(extender.filter(call(member, ["a"])))
    assert held["FailedAndUnresolvableNodes"] == {"a": "waiting until the whole pod group has room"}
    assert let["NodeNames"] == ["a"]


def test_lets_everything_pass_while_the_cluster_is_not_read_yet() -> None:
    extender = verbs([node("a", cpu="1")])
    extender.ready = False
    answer = answered(extender.filter(call(pod("new", cpu="2"), ["a", "b"])))
    assert (sorted(answer["NodeNames"]), answer["FailedNodes"]) == (["a", "b"], {})
    assert extender.metrics.fail_open.labels("filter", "not-ready")._value.get() == 1


def test_lets_everything_pass_when_time_is_up() -> None:
    extender = verbs([node("a", cpu="1")], deadline=0.5)
    assert isinstance(extender.clock, Clock)
    extender.clock.step = 0.6
    answer = answered(extender.filter(call(pod("new", cpu="2"), ["a"])))
    assert (answer["NodeNames"], answer["FailedAndUnresolvableNodes"]) == (["a"], {})
    assert extender.metrics.fail_open.labels("filter", "deadline")._value.get() == 1


def test_says_in_the_answer_and_in_the_log_what_is_wrong_with_a_pod(caplog: pytest.LogCaptureFixture) -> None:
    extender = verbs([node("a")])
    asked = call(pod("new", cpu="1.5GiB"), ["a"])
    answer = answered(extender.filter(asked))
    assert answer["NodeNames"] is None
    wrong = "Pod default/new: spec.containers[0].resources.requests.cpu: '1.5GiB'"
    assert answer["Error"].startswith(wrong)
    assert [each["Score"] for each in json.loads(extender.prioritize(asked))] == [0]
    for verb, said in zip(("filter", "prioritize"), caplog.messages, strict=True):
        assert said.startswith(f"{verb}: a pod cannot be read: {wrong}")
        assert extender.metrics.fail_open.labels(verb, "unreadable")._value.get() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"\xff"',
        b"{}",
        b'{"Pod": null}',
        b'{"Pod": {"metadata": {"name": "p"}, "spec": {}}, "NodeNames": {}}',
        b'{"Pod": {"metadata": {"name": "p"}, "spec": {}}, "NodeNames": [1]}',
        b'{"Pod": {"metadata": {"name": "p"}, "spec": {}}, "Nodes": {"items": [{}]}}',
    ],
)
def test_refuses_a_body_that_is_no_call_in_one_line(body: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        verbs([node("a")]).filter(body)
    assert "\n" not in str(caught.value)


def test_anti_affinity_of_pods_that_run_counts() -> None:
    guard = pod("guard", on="a", labels={"app": "x"}, affinity=anti_affinity({"app": "x"}))
    extender = verbs([node("a"), node("b"), guard])
    answer = answered(extender.filter(call(pod("new", labels={"app": "x"}), ["a", "b"])))
    assert answer["FailedNodes"] == {"a": "node(s) didn't satisfy existing pods anti-affinity rules"}


def test_takes_requests_that_no_integer_holds() -> None:
    extender = verbs([node("a"), pod("there", cpu="1", on="a")])
    body = call(pod("new", cpu="9223372036854775807Ei"), ["a"])
    assert json.loads(extender.prioritize(body)) == [{"Host": "a", "Score": 0}]
    assert answered(extender.filter(body))["FailedAndUnresolvableNodes"] == {"a": "Insufficient cpu"}
    assert extender.metrics.fail_open.labels("prioritize", "error")._value.get() == 0


def test_prefers_nothing_where_something_is_wrong_with_us(monkeypatch: pytest.MonkeyPatch) -> None:
    extender = verbs([node("a")])

    def broken(*_: Any) -> Any:
        raise AttributeError("broken")

    monkeypatch.setattr(Favours, "scores", broken)
    assert json.loads(extender.prioritize(call(pod("new"), ["a"]))) == [{"Host": "a", "Score": 0}]
    monkeypatch.setattr(State, "outcome", broken)
    assert answered(extender.filter(call(pod("new"), ["a"])))["NodeNames"] == ["a"]
    for verb in ("filter", "prioritize"):
        assert extender.metrics.fail_open.labels(verb, "error")._value.get() == 1
