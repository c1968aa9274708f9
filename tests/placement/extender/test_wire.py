"""Bodies recorded from a kube-scheduler, and the form of the answers it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from placement.extender.preemption import Preemption
from placement.extender.protocol import binding_arguments
from placement.extender.verbs import Verbs
from placement.manifests import inventory_of
from placement.store.state import State
from tests.objects import node, pod
from tests.placement.extender.objects import Clock

WIRE = Path(__file__).parents[2] / "data" / "wire"


def recorded(verb: str, cached: bool) -> tuple[bytes, Any]:
    found = json.loads((WIRE / f"{verb}-nodecache-{str(cached).lower()}.json").read_text())
    return json.dumps(found["request"], separators=(",", ":")).encode(), found["response"]


def extender() -> Verbs:
    """A cluster like the recorded one: the third node has no room."""
    nodes = [node(f"node-{number}") for number in range(3)]
    return Verbs(State(inventory_of([*nodes, pod("full", cpu="4", on="node-2")])), clock=Clock())


@pytest.mark.parametrize("cached", [True, False])
def test_filter_answers_in_the_form_in_which_it_was_asked(cached: bool) -> None:
    body, _ = recorded("filter", cached)
    answer = json.loads(extender().filter(body))
    kept = answer["NodeNames"] if cached else [one["metadata"]["name"] for one in answer["Nodes"]["items"]]
    assert kept == ["node-0", "node-1"]
    assert answer["Nodes" if cached else "NodeNames"] is None
    assert answer["FailedNodes"] == {"node-2": "Insufficient cpu"}
    if not cached:
        assert answer["Nodes"]["items"] == json.loads(body)["Nodes"]["items"][:2]


def test_filter_answers_byte_for_byte_the_same() -> None:
    body, _ = recorded("filter", True)
    assert extender().filter(body) == (
        b'{"Nodes":null,"NodeNames":["node-0","node-1"],"FailedNodes":{"node-2":"Insufficient cpu"},'
        b'"FailedAndUnresolvableNodes":{},"Error":""}'
    )


@pytest.mark.parametrize("offered", [{"items": []}, {"items": None}, {"metadata": {}}])
def test_filter_answers_an_empty_list_where_no_node_was_offered(offered: Any) -> None:
    body = {"Pod": json.loads(recorded("filter", False)[0])["Pod"], "Nodes": offered, "NodeNames": None}
    answer = json.loads(extender().filter(json.dumps(body).encode()))
    assert (answer["Nodes"], answer["NodeNames"], answer["Error"]) == ({"metadata": {}, "items": []}, None, "")
    body |= {"Nodes": None, "NodeNames": []}
    answer = json.loads(extender().filter(json.dumps(body).encode()))
    assert (answer["Nodes"], answer["NodeNames"], answer["Error"]) == (None, [], "")


def test_filter_names_each_offered_node_once_and_no_other() -> None:
    body = json.loads(recorded("filter", True)[0])
    body["NodeNames"] = ["node-2", "unheard-of", "node-1", "node-2"]
    answer = json.loads(extender().filter(json.dumps(body).encode()))
    named = [*answer["NodeNames"], *answer["FailedNodes"], *answer["FailedAndUnresolvableNodes"]]
    assert sorted(named) == ["node-1", "node-2", "unheard-of"]


@pytest.mark.parametrize("cached", [True, False])
def test_prioritize_answers_a_bare_list_of_hosts_and_small_scores(cached: bool) -> None:
    body, response = recorded("prioritize", cached)
    answer = json.loads(extender().prioritize(body))
    assert [sorted(one) for one in answer] == [sorted(one) for one in response]
    assert sorted(one["Host"] for one in answer) == sorted(one["Host"] for one in response)
    assert all(isinstance(one["Score"], int) and 0 <= one["Score"] <= 10 for one in answer)


@pytest.mark.parametrize("cached", [True, False])
def test_preempt_always_answers_with_uids(cached: bool) -> None:
    body, response = recorded("preempt", cached)
    asked = json.loads(body)
    # Nodes nobody has heard of stay as the scheduler chose them.
    answer = json.loads(Preemption(Verbs(State(), clock=Clock())).preempt(body))
    assert list(answer) == list(response) == ["NodeNameToMetaVictims"]
    offered = asked["NodeNameToMetaVictims"] if cached else asked["NodeNameToVictims"]
    assert set(answer["NodeNameToMetaVictims"]) == set(offered)
    for name, victims in answer["NodeNameToMetaVictims"].items():
        uids = [one["UID"] if cached else one["metadata"]["uid"] for one in offered[name]["Pods"]]
        assert victims == {"Pods": [{"UID": uid} for uid in uids], "NumPDBViolations": 0}


@pytest.mark.parametrize("cached", [True, False])
def test_bind_reads_pod_and_node(cached: bool) -> None:
    body, _ = recorded("bind", cached)
    arguments = binding_arguments(body)
    assert (arguments.PodNamespace, arguments.PodName, arguments.Node) == ("default", "web-1", "node-1")


@pytest.mark.parametrize("fold", [str.lower, str.upper])
def test_reads_every_envelope_in_any_case(fold: Any) -> None:
    def folded(body: bytes) -> bytes:
        return json.dumps({fold(key): value for key, value in json.loads(body).items()}).encode()

    filtered, _ = recorded("filter", True)
    assert json.loads(extender().filter(folded(filtered)))["NodeNames"] == ["node-0", "node-1"]
    bound, _ = recorded("bind", True)
    assert binding_arguments(folded(bound)) == binding_arguments(bound)
