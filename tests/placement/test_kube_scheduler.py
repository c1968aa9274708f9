"""The simulated default scheduler decides as the predicates and scores on objects do."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placement.kube_scheduler import simulate
from placement.kube_scheduler.columns import Columns, walking_order
from placement.kube_scheduler.outlook import Outlook
from placement.manifests import inventory_of
from placement.model.pod import HostPort, Pod
from placement.model.volume import ClaimVolume, PersistentVolumeClaim, StorageClass
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import verdict
from placement.scores.node_resources_fit import LeastAllocated
from placement.scores.total import scores, total
from tests.placement.objects import near, node, pod, snapshot, spread, storage, template, term

CORPUS = Path(__file__).parents[1] / "data" / "random-cases.jsonl.gz"


def cases(every: int) -> Iterator[tuple[Snapshot, list[Pod]]]:
    with gzip.open(CORPUS, "rt") as lines:
        for number, line in enumerate(lines):
            if number % every:
                continue
            case: dict[str, Any] = json.loads(line)
            inventory = inventory_of([*case["nodes"], *case["namespaces"], *case["pods"], *case["incoming"]])
            yield Snapshot(inventory), [inventory.pods[key] for key in case["expect"]]


def seen(incoming: Pod, columns: Columns, outlook: Outlook) -> dict[str, int]:
    """Feasible nodes with their totals, by columns."""
    rows = np.flatnonzero(outlook.feasible(incoming))
    if not len(rows):
        return {}
    totals = outlook.totals(incoming, rows)
    return {columns.states[row].name: int(sum_) for row, sum_ in zip(rows, totals, strict=True)}


def judged(incoming: Pod, state: Snapshot) -> dict[str, int]:
    """Feasible nodes with their totals, by objects."""
    feasible = verdict(incoming, state).feasible
    return {name: total(row) for name, row in scores(incoming, state, feasible).items()}


def test_sees_the_feasible_nodes_and_totals_that_the_objects_give() -> None:
    for state, incoming in cases(every=4):
        columns = Columns(state)
        for one in incoming:
            assert seen(one, columns, Outlook(one, columns, LeastAllocated())) == judged(one, state)


def test_sees_them_still_after_pods_have_come() -> None:
    draw = random.Random(1)
    for state, incoming in cases(every=20):
        columns = Columns(state)
        outlooks = [Outlook(one, columns, LeastAllocated()) for one in incoming]
        for one in incoming:
            for other, outlook in zip(incoming, outlooks, strict=True):
                if state.node_of(other) is None:
                    assert seen(other, columns, outlook) == judged(other, state)
            row = draw.randrange(len(columns.states))
            state.bind(one, columns.states[row].name)
            columns.refresh(row, state.kind(one.template, one.deleting).tallies)


def test_binds_each_pod_to_a_node_with_the_best_total() -> None:
    for state, incoming in cases(every=20):
        replay = Snapshot(state.inventory)
        for one, name in simulate(state, incoming, percentage_of_nodes=100):
            totals = judged(one, replay)
            if name is None:
                assert totals == {}
            else:
                assert totals[name] == max(totals.values())
                replay.bind(one, name)


def test_spreads_pods_over_empty_nodes_or_fills_one_as_the_strategy_says() -> None:
    web = template(app="web", requests={"cpu": 1000}, scored_requests={"cpu": 1000, "memory": 0})
    pods = [pod(f"w{i}", of=web) for i in range(4)]
    nodes = [node(name) for name in "abcd"]
    spread_out = simulate(snapshot(nodes), pods)
    assert sorted(name or "" for _, name in spread_out) == ["a", "b", "c", "d"]
    filled = simulate(snapshot(nodes), pods, strategy="MostAllocated")
    assert len({name for _, name in filled}) == 1


def test_the_more_important_pod_goes_first() -> None:
    low = pod("low", requests={"cpu": 4000})
    high = pod("high", requests={"cpu": 4000}, priority=10)
    assert simulate(snapshot([node("a")]), [low, high]) == [(high, "a"), (low, None)]


def test_a_pod_that_waits_for_its_neighbour_is_tried_again() -> None:
    follower = pod("web", app="web", affinity=near(term("db")))
    leader = pod("db", app="db")
    state = snapshot([node("a", zone="z0")])
    assert simulate(state, [follower, leader]) == [(leader, "a"), (follower, "a")]


def test_hard_spread_stops_where_no_other_zone_has_room() -> None:
    web = template(app="web", requests={"cpu": 1000}, spread=(spread("web"),))
    nodes = [node("a", zone="z0", cpu=4000), node("b", zone="z1", cpu=1000)]
    placed = simulate(snapshot(nodes), [pod(f"w{i}", of=web) for i in range(5)])
    assert sorted(name for _, name in placed if name) == ["a", "a", "b"]


def test_host_ports_and_waiting_claims_are_taken_once() -> None:
    port = template(host_ports=(HostPort(80),))
    ports = simulate(snapshot([node("a"), node("b")]), [pod(f"p{i}", of=port) for i in range(3)])
    assert sorted(name or "" for _, name in ports) == ["", "a", "b"]
    later = StorageClass("later", "csi.example.com", wait_for_consumer=True)
    shared = PersistentVolumeClaim("c", "default", storage_class="later")
    using = template(volumes=(ClaimVolume("c"),))
    state = snapshot([node("a"), node("b")], **storage([shared], classes=[later]))
    both = simulate(state, [pod("p", of=using), pod("q", of=using)])
    assert len({name for _, name in both}) == 1


def test_a_gated_pod_is_left_alone() -> None:
    gated = pod("p", scheduling_gates=("wait",))
    assert simulate(snapshot([node("a")]), [gated]) == [(gated, None)]


def test_looks_at_part_of_a_large_cluster_and_goes_on_from_there() -> None:
    # Of 200 nodes 49 % are fewer than 100, so the first pods see the first half, the next the second.
    nodes = [node(f"n{i:03}") for i in range(200)]
    placed = simulate(snapshot(nodes), [pod(f"p{i}") for i in range(2)])
    first, second = (int((name or "")[1:]) for _, name in placed)
    assert first < 100 <= second


def test_draws_the_same_from_the_same_seed() -> None:
    def names(seed: int) -> list[str | None]:
        nodes = [node(f"n{i}") for i in range(50)]
        return [name for _, name in simulate(snapshot(nodes), [pod(f"p{i}") for i in range(10)], seed=seed)]

    assert names(1) == names(1)
    assert names(1) != names(2)


def test_stops_when_told_and_leaves_the_rest_without_a_node() -> None:
    pods = [pod(f"p{i}") for i in range(3)]
    placed = simulate(snapshot([node("a")]), pods, stop=lambda progress: progress.iterations > 1)
    assert placed == [(pods[0], "a"), (pods[1], None), (pods[2], None)]


def test_walks_the_zones_by_turns() -> None:
    nodes = [node("a", zone="z0"), node("b", zone="z0"), node("c", zone="z1"), node("d")]
    states = list(snapshot(nodes).nodes.values())
    assert [state.name for state in walking_order(states)] == ["a", "c", "d", "b"]


def test_an_unknown_strategy_is_an_error() -> None:
    with pytest.raises(KeyError):
        simulate(snapshot([node("a")]), [], strategy="Guess")
