"""The openb trace: what its tables say, the published experiment, and an evaluator that shares nothing with solvers."""

from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import openb
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.openb_evaluator import allocation_curve, evaluate
from placement_solvers.devices import OnlineDevices
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.stop import MaxRuntime
from placement_solvers.validation import validate
from tests.builders import solution
from tests.datasets.published import published

NODES = """\
sn,cpu_milli,memory_mib,gpu,model
node-0,8000,1000,2,T4
node-1,4000,1000,1,P100
node-2,9000,2000,0,
"""

PODS = """\
name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos
share,1000,100,1,600,,LS
typed,1000,100,1,500,P100|A10,LS
whole,1000,100,1,1000,,BE
pair,2000,100,2,1000,T4,BE
plain,3000,900,0,1000,T4,LS
"""


def read(folder, nodes=NODES, pods=PODS):
    (folder / "nodes.csv").write_text(nodes)
    (folder / "pods.csv").write_text(pods)
    return openb.read(folder / "nodes.csv", folder / "pods.csv", name="small")


@pytest.fixture
def small(tmp_path):
    return read(tmp_path)


def test_reads_machines_and_pods(small):
    assert small.node_room.tolist() == [[8000, 1000], [4000, 1000], [9000, 2000]]
    assert small.gpus.tolist() == [2, 1, 0]
    assert small.total_gpu_milli == 3000
    assert small.num_gpu.tolist() == [1, 1, 1, 2, 0]
    assert small.gpu_milli.tolist() == [600, 500, 1000, 1000, 0]
    assert small.allowed == ("", "P100|A10", "", "T4", "")


def test_reads_lists_without_models(tmp_path):
    pods = "name,cpu_milli,memory_mib,num_gpu,gpu_milli\nshare,1000,100,1,600\n"

    assert read(tmp_path, pods=pods).allowed == ("",)


@pytest.mark.parametrize(
    ("pods", "message"),
    [
        (PODS.replace("1000,100,1,600", "1000,100,2,600"), "a share of one GPU, or whole ones"),
        (PODS.replace("1,1000,,BE", "1,1001,,BE"), "a share of one GPU, or whole ones"),
        (PODS.replace("3000,900", "x,900"), "cpu_milli: expected a whole number"),
        (PODS.replace("num_gpu", "gpus"), "num_gpu: expected a whole number"),
    ],
)
def test_refuses_what_is_no_pod_list(tmp_path, pods, message):
    with pytest.raises(FormatError, match=message):
        read(tmp_path, pods=pods)


def test_machines_are_bins_with_devices(small):
    problem = openb.problem(small)

    validate(problem)
    assert problem.devices.start.tolist() == [0, 2, 3, 3]
    assert problem.num_classes == 5
    typed, plain = problem.class_of[1], problem.class_of[4]
    assert problem.eligible_bins(int(typed)).tolist() == [False, True, False]
    assert problem.eligible_bins(int(plain)).all()
    assert problem.devices.share[problem.class_of, 0].tolist() == [600, 500, 1000, 1000, 0]


@pytest.mark.parametrize(
    ("node_of", "rule"),
    [
        ([0, 0, -1, -1, -1], "model: node-0 is T4, pod 1 asks for P100|A10"),
        ([1, 1, -1, -1, -1], "GPUs: the 2 shares on node-1 do not fit onto 1 GPUs"),
        ([0, 1, 0, 0, -1], "GPUs: node-0 has 2, its pods take 3"),
        ([0, -1, -1, 0, -1], "GPUs: the 1 shares on node-0 do not fit onto 0 GPUs"),
        ([0, 1, -1, -1, 0], None),
        ([0, -1, 0, -1, 2], None),
        ([0, -1, 0, -1, 1], None),
    ],
)
def test_judges_as_the_solvers_rules_do(small, node_of, rule):
    evaluation = evaluate(small, node_of)

    assert (rule in evaluation.violations) if rule else evaluation.feasible
    assert evaluation.feasible == (violations(openb.problem(small), solution(node_of)) == [])
    assert evaluation.cost == cost_of(openb.problem(small), solution(node_of))


def test_names_processors_and_memory_that_are_short(tmp_path):
    rows = [f"plain-{i},4000,900,0,0,,LS\n" for i in range(2)]
    crowded = read(tmp_path, pods=PODS.splitlines(keepends=True)[0] + "".join(rows))

    assert evaluate(crowded, [1, 1]).violations == (
        "capacity: node-1 runs pods of 8000 milli-cores, of 4000",
        "capacity: node-1 runs pods of 1800 MiB, of 1000",
    )


def test_scores_the_share_of_all_gpus_in_use(small):
    evaluation = evaluate(small, [0, 1, -1, -1, 2])

    assert evaluation.score == pytest.approx(100 * 1100 / 3000)
    assert evaluation.cost == (3000, 2)


def test_follows_the_allocation_while_pods_arrive(small):
    curve = allocation_curve(small, [0, 1, -1, 0, 2])

    asked = 600 + 500 + 1000 + 2000
    assert len(curve) == 1 + 100 * asked // 3000
    assert (curve[0], curve[20]) == pytest.approx((20, 20))  # the first pod alone asks for 20 percent
    assert curve[-1] == pytest.approx(100 * 3100 / 3000)


@pytest.mark.parametrize("node_of", [[0, 0, 0, 0], [0, 0, 0, 0, 3], [0, 0, 0, 0, -2]])
def test_refuses_to_judge_what_is_no_placement(small, node_of):
    with pytest.raises(ValueError, match="expected"):
        evaluate(small, node_of)


def test_pods_arrive_until_far_more_is_asked_for_than_there_is(small):
    first, again, other = (openb.arriving(small, seed) for seed in (42, 42, 43))

    asked = first.num_gpu * first.gpu_milli
    assert asked.sum() >= 1.3 * 3000
    assert sorted(first.pods[:5]) == sorted(small.pods)
    assert first.pods == again.pods != other.pods
    for pod, name in enumerate(first.pods):
        assert first.request[pod].tolist() == small.request[small.pods.index(name)].tolist()


def test_refuses_to_fill_a_cluster_with_pods_that_ask_for_no_gpu(tmp_path):
    plain = read(tmp_path, pods=PODS.splitlines(keepends=True)[0] + "plain,1,1,0,0,,LS\n")

    with pytest.raises(FormatError, match="no pod asks for a GPU"):
        openb.arriving(plain, 42)


def test_reads_back_the_placement_it_wrote(small, tmp_path):
    node_of = np.array([0, 1, -1, 0, 2], dtype=np.int32)

    openb.write_solution(tmp_path / "found.csv", node_of, small)

    assert openb.read_solution(tmp_path / "found.csv", small).tolist() == node_of.tolist()


@pytest.mark.parametrize(("old", "new"), [("node-1", "node-9"), ("typed", "other")])
def test_refuses_placements_of_other_pods_or_machines(small, tmp_path, old, new):
    openb.write_solution(tmp_path / "found.csv", np.array([0, 1, -1, 0, 2], dtype=np.int32), small)
    body = (tmp_path / "found.csv").read_text()
    (tmp_path / "found.csv").write_text(body.replace(old, new))

    with pytest.raises(FormatError, match=r"no machine|expected the 5 pods"):
        openb.read_solution(tmp_path / "found.csv", small)


@published
def test_reads_the_published_trace():
    instance = openb.load("default-42")

    assert (len(instance.nodes), int(instance.gpus.sum())) == (1213, 6212)
    assert len(openb.load("default").pods) == 8152
    assert {"default", "gpuspec33-51", "multigpu50"} <= set(openb.names())
    validate(openb.problem(instance))


@published
def test_the_published_trace_is_placed_one_by_one_better_than_the_paper_does():
    """FGD leaves 4.61 % of the GPUs idle on average of ten seeds, 4.48 % on the best."""
    instance = openb.load("default-42")
    problem = openb.problem(instance)

    result = OnlineDevices().solve(problem, MaxRuntime(300))

    evaluation = evaluate(instance, result.solution.bin_of.tolist())
    assert evaluation.feasible
    assert evaluation.cost == result.cost
    assert evaluation.score > 95.52


@published
def test_knows_which_instances_there_are():
    with pytest.raises(UnknownInstanceError, match="no pod list 'none'"):
        openb.load("none")
