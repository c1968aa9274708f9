from __future__ import annotations

import json

import numpy as np
import pytest

from placement_datasets import cloudbalancing, files
from placement_datasets.cloudbalancing_evaluator import evaluate
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.published import published


def computer(id_, cpu, memory, network, cost):
    return {"id": id_, "cpuPower": cpu, "memory": memory, "networkBandwidth": network, "cost": cost}


def process(id_, cpu, memory, network):
    needs = {"requiredCpuPower": cpu, "requiredMemory": memory, "requiredNetworkBandwidth": network}
    return {"id": id_, **needs, "computer": None}


BODY = {
    "id": 0,
    "computerList": [computer(7, 8, 4, 4, 900), computer(3, 4, 4, 4, 500)],
    "processList": [process(5, 4, 1, 1), process(6, 4, 1, 1), process(9, 1, 2, 3)],
    "score": None,
}


@pytest.fixture
def small(tmp_path):
    return read(tmp_path, json.dumps(BODY))


def read(folder, text):
    (folder / "small.json").write_text(text)
    return cloudbalancing.read(folder / "small.json")


def test_reads_computers_and_processes(small):
    assert small.computers.tolist() == [7, 3]
    assert small.power.tolist() == [[8, 4, 4], [4, 4, 4]]
    assert small.cost.tolist() == [900, 500]
    assert small.processes.tolist() == [5, 6, 9]
    assert small.requirement.tolist() == [[4, 1, 1], [4, 1, 1], [1, 2, 3]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(BODY)[:-5], "small.json"),
        (json.dumps({**BODY, "processList": None}), "missing or of another kind"),
        (json.dumps({**BODY, "computerList": [{"id": 1}]}), "'cpuPower' is missing"),
        (json.dumps({**BODY, "computerList": [computer(0, 1, 1, -1, 1)]}), "networkBandwidth: expected a whole number"),
    ],
)
def test_refuses_what_is_no_instance(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read(tmp_path, text)


def test_computers_are_bins_at_their_cost_and_equal_processes_a_class(small):
    problem = cloudbalancing.problem(small)

    validate(problem)
    assert problem.class_count.tolist() == [1, 2]
    assert problem.capacity.tolist() == [[8, 4, 4], [4, 4, 4]]
    assert problem.tiers[-1].open.tolist() == [900, 500]


def test_evaluator_and_problem_agree(small):
    problem = cloudbalancing.problem(small)
    verdicts = set()
    for bins in ([0, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 0], [1, 0, 0]):
        solution = Solution(np.array(bins, dtype=np.int32), np.arange(3, dtype=np.int32))
        found = evaluate(small, bins)
        assert (violations(problem, solution) == []) == found.feasible
        assert cost_of(problem, solution) == (0, found.cost)
        verdicts.add((found.feasible, found.cost))
    assert verdicts == {(True, 1400), (False, 900), (False, 1400)}


def test_names_the_computer_that_runs_too_much(small):
    assert evaluate(small, [1, 1, 0]).violations == ("cpuPower: computer 1 runs 8, of 4",)


@pytest.mark.parametrize("bins", [[0, 0], [0, 0, 2], [0, -1, 1]])
def test_refuses_to_evaluate_what_names_no_computer(small, bins):
    with pytest.raises(ValueError, match="expected"):
        evaluate(small, bins)


def test_solutions_are_the_instance_with_computers_and_score(small, tmp_path):
    path = tmp_path / "solution.json"

    cloudbalancing.write_solution(path, np.array([0, 0, 1]), small)

    written = json.loads(path.read_text())
    assert [row["computer"] for row in written["processList"]] == [7, 7, 3]
    assert written["score"] == "0hard/-1400soft"
    assert cloudbalancing.read(path).requirement.tolist() == small.requirement.tolist()
    assert cloudbalancing.read_solution(path, small).tolist() == [0, 0, 1]


def test_refuses_a_solution_with_a_computer_that_is_not_there(small, tmp_path):
    path = tmp_path / "solution.json"
    path.write_text(json.dumps({"processList": [{**row, "computer": 4} for row in BODY["processList"]]}))

    with pytest.raises(FormatError, match="4: no such process or computer"):
        cloudbalancing.read_solution(path, small)


@published
def test_every_published_instance_is_read():
    reference = {row["file"]: row for row in files.rows(files.root() / "cloudbalancing" / "reference.csv")}

    assert len(cloudbalancing.names()) == len(reference)
    for name in cloudbalancing.names():
        instance = cloudbalancing.load(name)
        row = reference[f"{name}.json"]
        assert len(instance.computers) == int(row["computers"])
        assert len(instance.processes) == int(row["processes"])
        assert int(instance.cost.sum()) == int(row["cost_of_all"])


@published
def test_says_which_instances_there_are():
    with pytest.raises(UnknownInstanceError, match="expected one of 2computers-6processes"):
        cloudbalancing.load("5computers")
