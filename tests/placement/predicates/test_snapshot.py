"""The incremental state of a cluster is the state one would build afresh."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.errors import UnknownPodError
from placement.model.affinity import NodeAffinity, NodeSelectorTerm, PodAffinity, PreferredPodTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.pod import HostPort, PodTemplate
from placement.model.topology import HOSTNAME, ZONE
from placement.model.volume import ClaimVolume, CsiNode, DiskVolume, PersistentVolume, PersistentVolumeClaim
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal, verdict
from placement.scores.total import scores
from tests.placement.objects import near, node, pod, snapshot, spread, storage, template, term

NODES = [
    node("a", zone="z0", cpu=3000, pods=4),
    node("b", zone="z0", cpu=3000),
    node("c", zone="z1", cpu=3000),
    node("d", zone="z2", labels={"disk": "ssd"}),
    node("e"),
]
DRIVER = "csi.example.com"
CLAIMS = [
    PersistentVolumeClaim(f"c{i}", "default", volume=f"v{i}", bound=True, access_modes=frozenset({mode}))
    for i, mode in enumerate(("ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"))
]
VOLUMES = [PersistentVolume(f"v{i}", driver=DRIVER, handle=f"h{i}") for i in range(3)]
MORE = storage(CLAIMS, VOLUMES) | {
    "namespaces": {"default": {"team": "one"}, "other": {"team": "two"}},
    "csi_nodes": {one.name: CsiNode(one.name, {DRIVER: 2}) for one in NODES},
}

ssd = NodeAffinity(required=(NodeSelectorTerm((Requirement("disk", Operator.IN, ("ssd",)),)),))
liked = PodAffinity(preferred=(PreferredPodTerm(5, term("api", HOSTNAME)), PreferredPodTerm(7, term("web"))))
TEMPLATES = [
    template(app="web", requests={"cpu": 500}, scored_requests={"cpu": 500, "memory": 0}),
    template(app="web", spread=(spread("web"), spread("web", HOSTNAME, skew=2))),
    template(app="web", spread=(spread("web", min_domains=4), spread("api", required=False))),
    template(app="web", spread=(spread("web", honor_affinity=True),), node_affinity=ssd),
    template(app="api", affinity=near(term("web")), host_ports=(HostPort(80),)),
    template(app="api", affinity=near(term("api", HOSTNAME))),
    template(app="api", anti_affinity=near(term("web", HOSTNAME), term("db"))),
    template(app="db", anti_affinity=near(term("db", HOSTNAME, namespaces=("default", "other")))),
    template("other", app="db", anti_affinity=near(term("web", namespaces=(), namespace_selector=Selector()))),
    template(app="db", affinity=liked, anti_affinity=PodAffinity(preferred=liked.preferred)),
    template(app="db", volumes=(ClaimVolume("c0"), ClaimVolume("c1"))),
    template(app="db", volumes=(ClaimVolume("c2"), DiskVolume("gcePersistentDisk", ("disk",)))),
]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, int, str, bool]]:
    """Steps: which pod, of which template, to which node or away ("")."""
    steps = st.tuples(
        st.integers(0, 7),
        st.integers(0, len(TEMPLATES) - 1),
        st.sampled_from(["", *(one.name for one in NODES)]),
        st.booleans(),
    )
    return draw(st.lists(steps, max_size=25))


def replayed(history: list[tuple[int, int, str, bool]], state: Snapshot) -> Snapshot:
    """The state after the history; templates are asked about on the way, so that counts exist early and late."""
    pods = {}
    for number, which, where, deleting in history:
        known = pods.pop(number, None)
        if known is not None:
            state.unbind(known)
        if where:
            pods[number] = pod(f"p{number}", of=TEMPLATES[which], deleting=deleting)
            state.bind(pods[number], where)
        verdict(pod("asking", of=TEMPLATES[(number + which) % len(TEMPLATES)]), state)
    return state


def afresh(state: Snapshot) -> Snapshot:
    """A snapshot built from the pods as they lie, of templates that nobody has seen before."""
    copies: dict[int, PodTemplate] = {}
    pods = []
    for there in state.nodes.values():
        for one in there.pods.values():
            copy = copies.setdefault(id(one.template), dataclasses.replace(one.template))
            pods.append(dataclasses.replace(one, template=copy, node=there.name))
    return snapshot(NODES, pods, **MORE)


@settings(deadline=None, max_examples=150)
@given(histories())
def test_says_what_a_fresh_snapshot_says(history: list[tuple[int, int, str, bool]]) -> None:
    state = replayed(history, snapshot(NODES, **MORE))
    fresh = afresh(state)
    for which in TEMPLATES:
        incoming = pod("incoming", of=which)
        answer = verdict(incoming, state)
        assert answer == verdict(incoming, fresh)
        assert scores(incoming, state, answer.feasible) == scores(incoming, fresh, answer.feasible)


@settings(deadline=None, max_examples=50)
@given(histories())
def test_one_node_alone_is_judged_as_among_all(history: list[tuple[int, int, str, bool]]) -> None:
    state = replayed(history, snapshot(NODES, **MORE))
    for which in TEMPLATES:
        incoming = pod("incoming", of=which)
        answer = verdict(incoming, state)
        assert {one.name: refusal(incoming, one.name, state) for one in NODES} == {
            one.name: answer.infeasible.get(one.name) for one in NODES
        }


@settings(deadline=None, max_examples=50)
@given(histories())
def test_all_counts_are_gone_with_the_last_pod(history: list[tuple[int, int, str, bool]]) -> None:
    state = replayed(history, snapshot(NODES, **MORE))
    for there in list(state.nodes.values()):
        for one in list(there.pods.values()):
            state.unbind(one)
    for there in state.nodes.values():
        assert not any(there.requested.values())
        assert not (there.pods or there.ports or there.disks or there.scored_cpu or there.scored_memory)
        assert not any(there.attached.values())
    empty = snapshot(NODES, **MORE)
    for which in TEMPLATES:
        incoming = pod("incoming", of=which)
        assert verdict(incoming, state) == verdict(incoming, empty)


def test_begins_with_the_unfinished_pods_of_known_nodes() -> None:
    pods = [pod("p", on="a"), pod("q", on="gone"), pod("r")]
    state = snapshot([node("a")], pods)
    assert list(state.nodes["a"].pods) == ["default/p"]
    assert [state.node_of(one) for one in pods] == ["a", None, None]


def test_a_pod_cannot_be_in_two_places() -> None:
    state = snapshot([node("a"), node("b")], [pod("p", on="a")])
    with pytest.raises(ValueError, match="default/p is already on a"):
        state.bind(pod("p"), "b")


def test_a_pod_that_is_nowhere_cannot_leave() -> None:
    with pytest.raises(UnknownPodError, match="default/p is on no node"):
        snapshot([node("a")]).unbind(pod("p"))


def test_a_pod_left_out_for_a_while_comes_back() -> None:
    held = pod("p", on="a", requests={"cpu": 4000})
    state = snapshot([node("a", cpu=4000)], [held])
    with state.without(held):
        assert refusal(pod("q", requests={"cpu": 4000}), "a", state) is None
    assert refusal(pod("q", requests={"cpu": 4000}), "a", state) is not None


def test_zones_are_counted_where_the_label_is() -> None:
    state = snapshot(NODES, [pod("p", on="e", app="web"), pod("q", on="a", app="web")])
    (tally,) = state.affinity_tallies((term("web"),))
    assert tally.key == ZONE
    assert tally.counts == {"z0": 1}
