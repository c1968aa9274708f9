"""Huawei's virtual machines: what the tables say, strategies as relations, and an evaluator of its own."""

from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import huawei
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.huawei_evaluator import evaluate
from placement_solvers.devices import OnlineDevices
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.stop import MaxRuntime
from placement_solvers.validation import validate
from tests.builders import solution
from tests.datasets.published import published

SERVERS = "CPU1,RAM1,CPU2,RAM2\n8,16,8,16\n8,16,4,16\n16,64,16,64\n"
TOPOLOGY = "host_id,rack_id\nhost-0,0\nhost-1,0\nhost-2,7\nhost-3,7\n"
HEAD = "flavor_vcpus,flavor_ram,numa,strategy,group,domain\n"
REQUESTS = (
    HEAD
    + """\
8,8,1,,,
8,8,2,,,
4,4,1,affinity,0,
4,4,1,affinity,0,
2,4,1,anti-affinity,0,
2,4,1,anti-affinity,0,
2,4,1,fault_domain,0,1
2,4,1,fault_domain,0,2
"""
)


def read(folder, *requests):
    (folder / "servers.csv").write_text(SERVERS)
    (folder / "topology.csv").write_text(TOPOLOGY)
    paths = [folder / f"requests-{number}.csv" for number in range(len(requests))]
    for path, body in zip(paths, requests, strict=True):
        path.write_text(body)
    return huawei.read(folder / "servers.csv", folder / "topology.csv", *paths, name="small")


@pytest.fixture
def small(tmp_path):
    return read(tmp_path, REQUESTS)


def test_reads_servers_and_requests(small):
    assert small.free.tolist() == [[[8, 16], [8, 16]], [[8, 16], [4, 16]], [[16, 64], [16, 64]]]
    assert small.rack.tolist() == [0, 0, 7]
    assert small.flavour[1].tolist() == [8, 8, 2]
    assert [huawei.STRATEGIES[s] for s in small.strategy[[0, 2, 4, 6]]] == [
        "",
        "affinity",
        "anti-affinity",
        "fault_domain",
    ]
    assert small.group.tolist() == [-1, -1, 0, 0, 1, 1, 2, 2]
    assert small.domain.tolist() == [-1] * 6 + [1, 2]


def test_groups_of_another_sequence_are_other_groups(tmp_path):
    both = read(tmp_path, REQUESTS, REQUESTS)

    assert both.group.tolist() == [-1, -1, 0, 0, 1, 1, 2, 2, -1, -1, 3, 3, 4, 4, 5, 5]


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        (HEAD + "8,8,1,together,0,\n", "strategy: expected one of"),
        (HEAD + "8,8,3,,,\n", "numa: expected 1"),
        (HEAD + "7,8,2,,,\n", "numa: expected 1"),
        (HEAD + "x,8,1,,,\n", "flavor_vcpus: expected a whole number"),
    ],
)
def test_refuses_what_is_no_sequence(tmp_path, requests, message):
    with pytest.raises(FormatError, match=message):
        read(tmp_path, requests)


def test_numa_nodes_are_devices(small):
    problem = huawei.problem(small)

    validate(problem)
    assert problem.capacity.tolist() == [[16, 32], [12, 32], [32, 128]]
    halved = int(problem.class_of[1])
    assert problem.devices.count[halved] == 2
    assert problem.devices.share[halved].tolist() == [4, 4]


@pytest.mark.parametrize(
    ("server_of", "rule"),
    [
        ([2, 0, 2, 2, 1, 2, 1, 2], None),
        ([0, 1, -1, -1, -1, -1, -1, -1], None),
        ([1, 1, -1, -1, -1, -1, -1, -1], "NUMA: the 2 machines on server 1 do not fit onto its nodes"),
        ([0, -1, 0, 2, -1, -1, -1, -1], "affinity: group 0 lies in 2 racks"),
        ([0, -1, 0, 1, -1, -1, -1, -1], None),
        ([-1, -1, -1, -1, 2, 2, -1, -1], "anti-affinity: server 2 runs 2 machines of group 1"),
        ([-1, -1, -1, -1, 0, 1, -1, -1], None),
        ([-1, -1, -1, -1, -1, -1, 0, 1], "fault domains: rack 0 holds 2 domains of group 2"),
        ([-1, -1, -1, -1, -1, -1, -1, 1], None),
    ],
)
def test_judges_as_the_solvers_rules_do(small, server_of, rule):
    problem = huawei.problem(small)

    evaluation = evaluate(small, server_of)

    assert evaluation.violations == ((rule,) if rule else ())
    assert evaluation.feasible == (violations(problem, solution(server_of)) == [])
    assert evaluation.cost == cost_of(problem, solution(server_of))


def test_scores_the_share_of_vcpus_placed(small):
    evaluation = evaluate(small, [0, 0, 2, 2, -1, 2, 0, 2])

    assert evaluation.cost == (2, 1)
    assert evaluation.score == pytest.approx(100 * 30 / 32)


@pytest.mark.parametrize("server_of", [[0] * 7, [*[0] * 7, 3], [*[0] * 7, -2]])
def test_refuses_to_judge_what_is_no_placement(small, server_of):
    with pytest.raises(ValueError, match="expected"):
        evaluate(small, server_of)


def test_company_is_begun_where_most_of_it_fits(tmp_path):
    """Eight small machines that must share a rack come one by one: only the second rack has room for all."""
    together = read(tmp_path, HEAD + "4,4,1,affinity,0,\n" * 8)

    result = OnlineDevices().solve(huawei.problem(together), MaxRuntime(60))

    assert result.solution.bin_of.tolist() == [2] * 8


def test_reads_back_the_placement_it_wrote(tmp_path):
    server_of = np.array([0, -1, 2], dtype=np.int32)

    huawei.write_solution(tmp_path / "found.txt", server_of)

    assert huawei.read_solution(tmp_path / "found.txt").tolist() == server_of.tolist()


@published
def test_the_published_sequences_are_placed_and_judged():
    instance = huawei.load("C1")
    problem = huawei.problem(instance)
    validate(problem)

    result = OnlineDevices().solve(problem, MaxRuntime(300))

    evaluation = evaluate(instance, result.solution.bin_of.tolist())
    assert evaluation.feasible
    assert evaluation.cost == result.cost
    assert evaluation.score > 99
    assert (len(huawei.load("C1+C2").flavour), len(huawei.names())) == (9996, 15)


@published
def test_knows_which_instances_there_are():
    with pytest.raises(UnknownInstanceError, match="no instance 'C6'"):
        huawei.load("C6")
