"""Synthetic clusters are legal, reproducible and of the size asked for."""

import io
import json
from collections import Counter
from itertools import pairwise

import pytest

from placement.desired import desired
from placement.generate import generate, write
from placement.manifests import inventory_of, read_inventory
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal


@pytest.fixture(scope="module")
def objects():
    return generate(60, 1200, seed=3, pending=150, pending_workloads=12)


@pytest.fixture(scope="module")
def inventory(objects):
    return inventory_of(objects)


def written(objects):
    stream = io.BytesIO()
    write(objects, stream)
    return stream.getvalue()


def test_has_the_nodes_and_pods_that_were_asked_for(inventory):
    assert len(inventory.nodes) == 60
    assert len(inventory.pods) == 1200
    assert sum(not pod.node for pod in inventory.pods.values()) == 150


def test_same_seed_same_bytes():
    assert written(generate(20, 200, seed=5)) == written(generate(20, 200, seed=5))
    assert written(generate(20, 200, seed=5)) != written(generate(20, 200, seed=6))


def test_reads_back_from_a_file(objects, inventory, tmp_path):
    path = tmp_path / "dump.json"
    path.write_bytes(written(objects))
    read = read_inventory([path])
    assert list(read.pods) == list(inventory.pods)
    assert not read.skipped


def test_bound_pods_are_where_the_filters_would_let_them_be(inventory):
    snapshot = Snapshot(inventory)
    refused = Counter()
    for pod in inventory.pods.values():
        if pod.node:
            snapshot.unbind(pod)
            verdict = refusal(pod, pod.node, snapshot)
            # Spreading may look broken afterwards: each pod is asked again as if it were the last to come.
            if verdict is not None and verdict.plugin != "PodTopologySpread":
                refused[verdict.plugin] += 1
            snapshot.bind(pod, pod.node)
    assert not refused


def test_workloads_miss_nothing(inventory):
    assert not [pod for pod in desired(inventory).pods.values() if pod.planned]


def test_a_replica_more_is_like_those_that_run(objects):
    grown = json.loads(json.dumps(objects))
    for one in grown:
        if one["kind"] == "Deployment":
            one["spec"]["replicas"] += 1
    made = desired(inventory_of(grown))
    running = {id(pod.template) for pod in made.pods.values() if not pod.planned}
    planned = [pod for pod in made.pods.values() if pod.planned]
    assert planned
    assert all(id(pod.template) in running for pod in planned)


def test_pending_pods_arrive_mixed(inventory):
    waiting = [pod.owner.name for pod in inventory.pods.values() if not pod.node]
    changes = sum(one != other for one, other in pairwise(waiting))
    assert changes > 3 * len(set(waiting))


def test_has_every_kind_of_relation(objects):
    specs = [
        one["spec"]["template"]["spec"] for one in generate(200, 4000, workloads=300) if one["kind"] == "Deployment"
    ]
    found = Counter(key for spec in specs for key in spec)
    for key in ("affinity", "topologySpreadConstraints", "tolerations", "nodeSelector", "initContainers"):
        assert found[key] > 5


def test_pods_weigh_what_real_ones_weigh(objects):
    pods = [one for one in objects if one["kind"] == "Pod" and "nodeName" in one["spec"]]
    assert len(json.dumps(pods)) > 3000 * len(pods)


def test_asks_for_the_load_it_was_told(inventory):
    ordinary = [one for one in inventory.nodes.values() if one.labels["placement.dev/pool"] in ("general", "spot")]
    asked = sum(pod.template.requests["cpu"] for pod in inventory.pods.values())
    assert 0.4 < asked / sum(one.allocatable["cpu"] for one in ordinary) < 0.9


@pytest.mark.parametrize(("nodes", "pods"), [(1, 0), (1, 5), (3, 600), (0, 0), (300, 30)])
def test_works_at_any_size(nodes, pods):
    made = inventory_of(generate(nodes, pods))
    assert (len(made.nodes), len(made.pods)) == (nodes, pods)


@pytest.mark.parametrize("arguments", [(-1, 0), (1, -1), (0, 1)])
def test_refuses_impossible_sizes(arguments):
    with pytest.raises(ValueError, match="cannot place"):
        generate(*arguments)


def test_refuses_more_pending_pods_than_pods():
    with pytest.raises(ValueError, match="cannot place"):
        generate(1, 1, pending=2)
