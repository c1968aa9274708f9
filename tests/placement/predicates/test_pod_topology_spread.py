import pytest

from placement.model.affinity import NodeAffinity, NodeSelectorTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.taint import Taint
from placement.model.topology import HOSTNAME, ZONE, SpreadConstraint
from tests.placement.objects import judged, node, only_refusal, pod, refused, snapshot, spread

NAME = "PodTopologySpread"
REASON = "node(s) didn't match pod topology spread constraints"


def zones(*counts, **more):
    """Zones z0, z1, … with one node each and as many web pods as said."""
    nodes = [node(f"n{i}", zone=f"z{i}") for i in range(len(counts))]
    pods = [pod(f"w{i}-{k}", on=f"n{i}", app="web") for i, count in enumerate(counts) for k in range(count)]
    return snapshot([*nodes, *more.pop("nodes", ())], [*pods, *more.pop("pods", ())], **more)


def web(*constraints, **more):
    return pod("p", app="web", spread=constraints, **more)


@pytest.mark.parametrize(("skew", "feasible"), [(1, ["n2"]), (2, ["n1", "n2"]), (3, ["n0", "n1", "n2"])])
def test_allows_no_zone_more_than_the_skew_above_the_least(skew, feasible):
    assert judged(NAME, web(spread("web", skew=skew)), zones(2, 1, 0)).feasible == feasible


def test_a_pod_that_does_not_match_itself_does_not_add_to_the_skew():
    other = pod("p", app="other", spread=(spread("web", skew=1),))
    assert judged(NAME, other, zones(2, 1, 0)).feasible == ["n1", "n2"]


def test_a_node_without_the_label_is_refused_for_good():
    answer = judged(NAME, web(spread("web")), zones(0, nodes=[node("bare")]))
    assert answer.infeasible["bare"].reasons == (f"{REASON} (missing required label)",)
    assert not answer.infeasible["bare"].resolvable


def test_with_too_few_domains_the_least_is_zero():
    assert judged(NAME, web(spread("web", min_domains=3)), zones(1, 1)).feasible == []
    assert judged(NAME, web(spread("web", min_domains=2)), zones(1, 1)).feasible == ["n0", "n1"]


def test_pods_of_other_namespaces_and_pods_being_deleted_do_not_count():
    pods = [pod("x", on="n0", app="web", namespace="other"), pod("y", on="n0", app="web", deleting=True)]
    assert judged(NAME, web(spread("web")), zones(0, 0, pods=pods)).feasible == ["n0", "n1"]


def test_an_empty_selector_counts_no_pod_but_the_incoming_one():
    everything = SpreadConstraint(ZONE, 1, Selector())
    assert judged(NAME, web(everything), zones(5, 0)).feasible == ["n0", "n1"]


def test_zones_that_the_pods_affinity_excludes_are_not_looked_at():
    in_first = NodeAffinity(required=(NodeSelectorTerm((Requirement(ZONE, Operator.IN, ("z0", "z1")),)),))
    state = zones(1, 1, 0)
    honoring, ignoring = spread("web"), spread("web", honor_affinity=False)
    assert "n0" in judged(NAME, web(honoring, node_affinity=in_first), state).feasible
    assert "n0" not in judged(NAME, web(ignoring, node_affinity=in_first), state).feasible


def test_tainted_zones_are_looked_at_unless_asked_otherwise():
    tainted = [node("t", zone="z9", taints=(Taint("k"),))]
    assert judged(NAME, web(spread("web")), zones(1, 1, nodes=tainted)).feasible == ["t"]
    assert judged(NAME, web(spread("web", honor_taints=True)), zones(1, 1, nodes=tainted)).feasible == ["n0", "n1", "t"]


def test_only_nodes_with_all_the_labels_are_looked_at():
    # The bare node's zone holds no pod, but without a rack it is no domain of the zone constraint either.
    racked = [node(f"r{i}", zone=f"z{i}", labels={"rack": "r"}) for i in range(2)]
    pods = [pod(f"q{i}", on=f"r{i}", app="web") for i in range(2)]
    state = snapshot([*racked, node("bare", zone="z2")], pods)
    assert judged(NAME, web(spread("web"), spread("web", "rack", skew=9)), state).feasible == ["r0", "r1"]


def test_every_constraint_must_hold():
    state = snapshot(
        [node("a", zone="z0"), node("b", zone="z0"), node("c", zone="z1")],
        [pod("q0", on="a", app="web"), pod("q1", on="c", app="web")],
    )
    assert judged(NAME, web(spread("web"), spread("web", HOSTNAME)), state).feasible == ["b"]


def test_follows_the_pods_that_come_and_go():
    state = zones(1, 0)
    incoming = web(spread("web"))
    assert judged(NAME, incoming, state).feasible == ["n1"]
    newcomer = pod("new", app="web")
    state.bind(newcomer, "n1")
    assert judged(NAME, incoming, state).feasible == ["n0", "n1"]
    state.unbind(newcomer)
    assert judged(NAME, incoming, state).feasible == ["n1"]
    assert refused(NAME, incoming, state) == {"n0": (REASON,)}
    assert only_refusal(judged(NAME, incoming, state)).resolvable
