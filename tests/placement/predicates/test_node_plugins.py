"""NodeUnschedulable, NodeName, TaintToleration, NodeAffinity, NodePorts and scheduling gates."""

import pytest

from placement.model.affinity import NodeAffinity, NodeSelectorTerm
from placement.model.labels import Operator, Requirement
from placement.model.pod import HostPort
from placement.model.taint import Effect, Taint, Toleration
from placement.predicates.verdict import refusal, verdict
from tests.placement.objects import judged, node, only_refusal, pod, refused, snapshot


def on_node(*names, labels=()):
    field = Requirement("metadata.name", Operator.IN, names)
    return NodeSelectorTerm(labels=labels, fields=(field,))


def affine(*terms):
    return NodeAffinity(required=terms)


def test_refuses_a_cordoned_node():
    state = snapshot([node("a", unschedulable=True), node("b")])
    answer = judged("NodeUnschedulable", pod("p"), state)
    assert answer.feasible == ["b"]
    assert only_refusal(answer).reasons == ("node(s) were unschedulable",)
    assert not only_refusal(answer).resolvable


def test_admits_a_pod_that_tolerates_the_cordon():
    tolerations = (Toleration("node.kubernetes.io/unschedulable", exists=True, effect=Effect.NO_SCHEDULE),)
    state = snapshot([node("a", unschedulable=True)])
    assert judged("NodeUnschedulable", pod("p", tolerations=tolerations), state).feasible == ["a"]


def test_a_pod_that_names_its_node_goes_nowhere_else():
    state = snapshot([node("a"), node("b")])
    assert refused("NodeName", pod("p", on="b"), state) == {"a": ("node(s) didn't match the requested node name",)}


@pytest.mark.parametrize("effect", [Effect.NO_SCHEDULE, Effect.NO_EXECUTE])
def test_refuses_a_node_whose_taint_is_not_tolerated(effect):
    state = snapshot([node("a", taints=(Taint("gpu", "yes", effect),)), node("b")])
    tolerations = (Toleration("gpu", value="no"),)
    assert refused("TaintToleration", pod("p", tolerations=tolerations), state) == {
        "a": ("node(s) had untolerated taint(s)",)
    }


def test_a_taint_that_only_asks_refuses_nobody():
    state = snapshot([node("a", taints=(Taint("spot", effect=Effect.PREFER_NO_SCHEDULE),))])
    assert judged("TaintToleration", pod("p"), state).feasible == ["a"]


def test_needs_the_selector_and_one_of_the_affinity_terms():
    wanted = (NodeSelectorTerm((Requirement("disk", Operator.IN, ("ssd",)),)),)
    nodes = [
        node("both", labels={"disk": "ssd", "gen": "2"}),
        node("selector", labels={"gen": "2"}),
        node("term", labels={"disk": "ssd"}),
    ]
    incoming = pod("p", node_selector={"gen": "2"}, node_affinity=affine(*wanted))
    assert judged("NodeAffinity", incoming, snapshot(nodes)).feasible == ["both"]


def test_an_empty_affinity_matches_no_node():
    answer = judged("NodeAffinity", pod("p", node_affinity=affine()), snapshot([node("a")]))
    assert only_refusal(answer).reasons == ("node(s) didn't match Pod's node affinity/selector",)


def test_nodes_left_out_by_name_are_not_even_asked():
    state = snapshot([node("a", unschedulable=True), node("b")])
    answer = verdict(pod("p", node_affinity=affine(on_node("b"))), state)
    assert answer.infeasible["a"].plugin == "NodeAffinity"
    assert answer.infeasible["a"].reasons == ("node(s) didn't satisfy plugin(s) [NodeAffinity]",)
    assert answer.feasible == ["b"]


def test_a_named_node_must_still_bear_the_labels():
    labels = (Requirement("disk", Operator.EXISTS),)
    answer = verdict(pod("p", node_affinity=affine(on_node("a", labels=labels))), snapshot([node("a")]))
    assert answer.infeasible["a"].reasons == ("node(s) didn't match Pod's node affinity/selector",)


def test_terms_that_name_no_common_node_refuse_all_nodes_at_once():
    conflicting = NodeSelectorTerm(fields=on_node("a").fields + on_node("b").fields)
    answer = verdict(pod("p", node_affinity=affine(conflicting)), snapshot([node("a"), node("b")]))
    assert only_refusal(answer).reasons == ("pod affinity terms conflict",)


def test_one_term_without_a_name_leaves_all_nodes_in_question():
    free = NodeSelectorTerm((Requirement("disk", Operator.EXISTS),))
    answer = verdict(pod("p", node_affinity=affine(on_node("a"), free)), snapshot([node("b")]))
    assert answer.infeasible["b"].reasons == ("node(s) didn't match Pod's node affinity/selector",)


@pytest.mark.parametrize(
    ("wanted", "free"),
    [
        (HostPort(80), False),
        (HostPort(80, ip="10.0.0.1"), False),
        (HostPort(80, protocol="UDP"), True),
        (HostPort(81), True),
    ],
)
def test_a_port_on_all_addresses_is_taken_on_each(wanted, free):
    state = snapshot([node("a")], [pod("q", on="a", host_ports=(HostPort(80),))])
    answer = judged("NodePorts", pod("p", host_ports=(wanted,)), state)
    assert answer.feasible == (["a"] if free else [])


def test_one_address_leaves_the_port_free_on_another():
    state = snapshot([node("a")], [pod("q", on="a", host_ports=(HostPort(80, ip="10.0.0.1"),))])
    assert judged("NodePorts", pod("p", host_ports=(HostPort(80, ip="10.0.0.2"),)), state).feasible == ["a"]
    answer = judged("NodePorts", pod("p", host_ports=(HostPort(80),)), state)
    assert only_refusal(answer).reasons == ("node(s) didn't have free ports for the requested pod ports",)
    assert only_refusal(answer).resolvable


def test_a_gated_pod_is_refused_everywhere():
    state = snapshot([node("a")])
    gated = pod("p", scheduling_gates=("example.com/quota", "example.com/budget"))
    found = refusal(gated, "a", state)
    assert found is not None
    assert found.plugin == "SchedulingGates"
    assert found.reasons == ("waiting for scheduling gates: [example.com/quota example.com/budget]",)
    assert verdict(gated, state).feasible == []
