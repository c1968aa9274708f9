"""A state fed by events says what one built afresh from the same objects says."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest

from placement.model.affinity import NodeAffinity, NodeSelectorTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.pod import HostPort, Phase, Pod, PodTemplate
from placement.model.taint import Effect, Taint
from placement.model.topology import HOSTNAME, ZONE
from placement.model.volume import (
    ClaimVolume,
    CsiNode,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageCapacity,
    StorageClass,
)
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import verdict
from placement.scores.total import scores
from placement.store.state import State
from tests.placement.objects import near, node, pod, spread, template, term

DRIVER = "csi.example.com"
SSD = NodeAffinity(required=(NodeSelectorTerm((Requirement("disk", Operator.IN, ("ssd",)),)),))
PINNED = NodeAffinity(required=(NodeSelectorTerm(fields=(Requirement("metadata.name", Operator.IN, ("n1", "n7")),)),))
TEMPLATES = [
    template(app="web", requests={"cpu": 500}),
    template(app="web", requests={"cpu": 900}, spread=(spread("web"), spread("web", HOSTNAME, skew=2))),
    template(app="web", spread=(spread("web", min_domains=3),)),
    template(app="web", spread=(spread("web", honor_taints=True),), node_affinity=SSD),
    template(app="api", affinity=near(term("web")), host_ports=(HostPort(80),)),
    template(app="api", affinity=near(term("api", HOSTNAME))),
    template(app="api", anti_affinity=near(term("web", HOSTNAME), term("db"))),
    template(
        "other", app="db", anti_affinity=near(term("web", namespaces=(), namespace_selector=Selector.of({"team": "x"})))
    ),
    template(app="db", volumes=(ClaimVolume("c0"), ClaimVolume("c1"))),
    template(app="db", volumes=(ClaimVolume("c2"),)),
    template(app="db", volumes=(ClaimVolume("c3"),)),
    template(app="agent", node_affinity=PINNED, host_ports=(HostPort(80, ip="10.0.0.1"),)),
]
NODES = [f"n{number}" for number in range(9)]


def random_node(rng: random.Random, name: str) -> Any:
    labels = {"disk": "ssd"} if rng.random() < 0.5 else {}
    taints = (Taint("gpu", "", Effect.NO_SCHEDULE),) if rng.random() < 0.2 else ()
    zone = rng.choice(["z0", "z1", "z2", ""])
    cpu = rng.choice([1000, 2000, 4000])
    return node(name, zone=zone, labels=labels, taints=taints, cpu=cpu, pods=6, unschedulable=rng.random() < 0.1)


def random_claim(rng: random.Random, number: int) -> PersistentVolumeClaim:
    bound = rng.random() < 0.5
    return PersistentVolumeClaim(
        f"c{number}",
        "default",
        volume=f"v{number}" if bound else "",
        bound=bound,
        storage_class=rng.choice(["slow", "local", None]),
        request=rng.choice([1, 5]),
    )


def random_volume(rng: random.Random, number: int) -> PersistentVolume:
    zoned = (NodeSelectorTerm((Requirement(ZONE, Operator.IN, (rng.choice(["z0", "z1"]),)),)),)
    return PersistentVolume(
        f"v{number}",
        affinity=rng.choice([None, zoned]),
        driver=DRIVER,
        handle=f"h{number}",
        storage_class=rng.choice(["slow", "local"]),
        capacity=rng.choice([2, 8]),
        phase="Available",
    )


def random_room(rng: random.Random, state: State) -> None:
    """What drivers say they have left, and whether anybody listens."""
    key = rng.choice([("", DRIVER), ("default", "z0"), ("default", "z1")])
    kind = "CSIStorageCapacity" if key[0] else "CSIDriver"
    if rng.random() < 0.2:
        state.delete(kind, key)
    elif kind == "CSIDriver":
        state.apply(kind, key, rng.random() < 0.8)
    else:
        state.apply(kind, key, StorageCapacity("slow", Selector.of({ZONE: key[1]}), rng.choice([None, 0, 2, 8])))


def random_event(rng: random.Random, state: State) -> None:
    """One event, legal or odd: deletes of what is not there and pods on nodes nobody knows included."""
    number = rng.randrange(6)
    match rng.choices(
        ["pod", "unpod", "node", "unnode", "namespace", "claim", "volume", "class", "csi", "room", "assume", "drop"],
        [40, 15, 8, 4, 2, 3, 3, 2, 2, 4, 8, 4],
    )[0]:
        case "pod":
            where = rng.choice(["", *NODES])
            phase = Phase.SUCCEEDED if rng.random() < 0.05 else Phase.RUNNING
            of = rng.choice(TEMPLATES)
            made = pod(f"p{rng.randrange(30)}", where, of=of, deleting=rng.random() < 0.1, phase=phase)
            state.apply("Pod", (made.namespace, made.name), made)
        case "unpod":
            state.delete("Pod", (rng.choice(["default", "other"]), f"p{rng.randrange(30)}"))
        case "node":
            name = rng.choice(NODES)
            state.apply("Node", ("", name), random_node(rng, name))
        case "unnode":
            state.delete("Node", ("", rng.choice(NODES)))
        case "namespace":
            state.apply("Namespace", ("", "default"), {"team": rng.choice(["x", "y"])})
        case "claim":
            if rng.random() < 0.2:
                state.delete("PersistentVolumeClaim", ("default", f"c{number}"))
            else:
                state.apply("PersistentVolumeClaim", ("default", f"c{number}"), random_claim(rng, number))
        case "volume":
            if rng.random() < 0.2:
                state.delete("PersistentVolume", ("", f"v{number}"))
            else:
                state.apply("PersistentVolume", ("", f"v{number}"), random_volume(rng, number))
        case "class":
            name, provisioner = rng.choice([("local", "kubernetes.io/no-provisioner"), ("slow", DRIVER)])
            made_class = StorageClass(name, provisioner, wait_for_consumer=rng.random() < 0.8)
            state.apply("StorageClass", ("", name), made_class)
        case "csi":
            name = rng.choice(NODES)
            if rng.random() < 0.3:
                state.delete("CSINode", ("", name))
            else:
                state.apply("CSINode", ("", name), CsiNode(name, {DRIVER: rng.choice([1, 2])}))
        case "room":
            random_room(rng, state)
        case "assume":
            key = rng.choice(list(state.objects.pods) or ["default/none"])
            known = state.objects.pods.get(key)
            if known is not None:
                state.assume(known, rng.choice(NODES), until=1.0)
        case "drop":
            state.drop(rng.choice(list(state.objects.pods) or ["default/none"]))


def afresh(state: State) -> Snapshot:
    """What one would build from the objects now, of templates that nobody has seen."""
    inventory = state.objects.inventory()
    copies: dict[int, PodTemplate] = {}
    pods: dict[str, Pod] = {}
    for key, one in inventory.pods.items():
        copy = copies.setdefault(id(one.template), dataclasses.replace(one.template))
        pods[key] = dataclasses.replace(one, template=copy, node=state.assumed_node(key) or one.node)
    return Snapshot(dataclasses.replace(inventory, pods=pods))


def differences(state: State) -> Iterator[str]:
    fresh = afresh(state)
    table = state.snapshot.table
    assert set(table.row_of) == set(fresh.nodes)
    waiting = [one for one in fresh.inventory.pods.values() if not (one.node or one.finished)]
    assert state.num_pending == len(waiting)
    for number, which in enumerate(TEMPLATES):
        incoming = pod("incoming", of=which)
        outcome, expected = state.outcome(incoming), verdict(incoming, fresh)
        for name, row in table.row_of.items():
            if outcome.refusal(row) != expected.infeasible.get(name):
                yield f"template {number} on {name}: {outcome.refusal(row)}, expected {expected.infeasible.get(name)}"
        if verdict(incoming, state.snapshot).infeasible != expected.infeasible:
            yield f"template {number}: the snapshot itself differs"
        if scores(incoming, state.snapshot, expected.feasible) != scores(incoming, fresh, expected.feasible):
            yield f"template {number}: scores differ"


@pytest.mark.parametrize("seed", range(30))
def test_says_what_a_fresh_state_says_after_any_events(seed: int) -> None:
    rng = random.Random(seed)
    state = State()
    for step in range(240):
        random_event(rng, state)
        if step % 20 == 19:
            assert list(differences(state)) == []


def test_what_drivers_have_left_counts_from_when_they_say_so() -> None:
    state, waiting = State(), pod("incoming", of=TEMPLATES[10])
    for name, zone in (("a", "z0"), ("b", "z1")):
        state.apply("Node", ("", name), node(name, zone=zone))
    state.apply("StorageClass", ("", "slow"), StorageClass("slow", DRIVER, wait_for_consumer=True))
    claim = PersistentVolumeClaim("c3", "default", storage_class="slow", request=5)
    state.apply("PersistentVolumeClaim", ("default", "c3"), claim)

    def refused() -> set[str]:
        assert list(differences(state)) == []
        outcome = state.outcome(waiting)
        return {name for name, row in state.snapshot.table.row_of.items() if outcome.refusal(row)}

    room, in_z0 = ("default", "room"), Selector.of({ZONE: "z0"})
    assert refused() == set()
    state.apply("CSIDriver", ("", DRIVER), True)
    assert refused() == {"a", "b"}
    state.apply("CSIStorageCapacity", room, StorageCapacity("slow", in_z0, 8))
    assert refused() == {"b"}
    assert (state.keys("CSIDriver"), state.keys("CSIStorageCapacity")) == ([("", DRIVER)], [room])
    state.apply("CSIStorageCapacity", room, StorageCapacity("slow", in_z0, 2))
    assert refused() == {"a", "b"}
    state.delete("CSIStorageCapacity", room)
    state.delete("CSIDriver", ("", DRIVER))
    assert refused() == set()
    again = State(dataclasses.replace(state.inventory(), capacity_drivers={DRIVER}))
    assert again.keys("CSIDriver") == [("", DRIVER)]
