from __future__ import annotations

import os

import numpy as np
import pytest

from placement_datasets import files, roadef2012
from placement_datasets.errors import FormatError, MissingDataError, UnknownInstanceError
from placement_datasets.roadef2012_evaluator import evaluate
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.roadef2012_instances import ASSIGNMENT, MODEL, random_instance

published = pytest.mark.skipif(files.ROOT_VARIABLE not in os.environ, reason="PLACEMENT_DATA is not set")


@pytest.fixture
def toy(tmp_path):
    return read(tmp_path, MODEL, ASSIGNMENT)


def read(folder, model, assignment):
    (folder / "model.txt").write_text(model)
    (folder / "assignment.txt").write_text(assignment)
    return roadef2012.read(folder / "model.txt", folder / "assignment.txt", name="toy")


def test_reads_every_part_of_a_model(toy):
    assert toy.transient.tolist() == [True, False]
    assert toy.load_weight.tolist() == [100, 10]
    assert toy.neighbourhood.tolist() == [0, 0, 1]
    assert toy.location.tolist() == [0, 1, 1]
    assert toy.capacity.tolist() == [[10, 8]] * 3
    assert toy.safety_capacity.tolist() == [[6, 4]] * 3
    assert toy.machine_move_cost.tolist() == [[0, 1, 2], [1, 0, 1], [3, 1, 0]]
    assert toy.spread_min.tolist() == [2, 1, 1]
    assert toy.dependencies.tolist() == [[1, 0]]
    assert toy.service.tolist() == [0, 0, 1, 2]
    assert toy.requirement.tolist() == [[5, 2], [4, 2], [2, 1], [1, 6]]
    assert toy.process_move_cost.tolist() == [7, 1, 2, 3]
    assert toy.balances.tolist() == [[0, 1, 2, 20]]
    assert toy.initial.tolist() == [0, 1, 0, 2]


def test_adds_up_the_costs_of_the_initial_assignment(toy):
    evaluation = evaluate(toy, toy.initial)

    # Used: (7, 3), (4, 2), (1, 6); free: (3, 5), (6, 6), (9, 2).
    assert evaluation.load_cost == 1 * 100 + 2 * 10
    assert evaluation.balance_cost == 20 * ((6 - 5) + (12 - 6) + (18 - 2))
    assert evaluation.cost == 120 + 460
    assert evaluation.feasible


def test_adds_up_the_costs_of_moves(toy):
    evaluation = evaluate(toy, [0, 1, 1, 0])

    assert evaluation.violations == ()
    assert evaluation.process_move_cost == 2 + 3
    assert evaluation.service_move_cost == 10 * 1
    assert evaluation.machine_move_cost == 100 * (1 + 3)


@pytest.mark.parametrize(
    ("machine_of", "rule"),
    [
        ([0, 0, 0, 2], "capacity: machine 0 uses 11 of resource 0, of 10"),
        ([0, 1, 0, 0], "capacity: machine 0 uses 9 of resource 1, of 8"),
        ([0, 0, 1, 2], "conflict: machine 0 runs two processes of service 0"),
        ([2, 1, 1, 2], "spread: service 0 runs in 1 locations, fewer than 2"),
        ([0, 1, 2, 2], "dependency: service 1 runs in neighbourhood 1 without service 0"),
    ],
)
def test_names_the_rule_that_is_broken(toy, machine_of, rule):
    assert rule in evaluate(toy, machine_of).violations


def test_counts_a_moved_process_on_both_machines_for_transient_resources(toy):
    """Both processes of service 0 fit where the other was, were it not for what they still use while they move."""
    swapped = evaluate(toy, [1, 0, 0, 2]).violations

    assert "capacity: machine 0 uses 11 of resource 0, of 10" in swapped


@pytest.mark.parametrize("machine_of", [[0, 1, 0], [0, 1, 0, 3], [0, 1, 0, -1]])
def test_refuses_to_evaluate_what_is_no_assignment(toy, machine_of):
    with pytest.raises(ValueError, match="expected"):
        evaluate(toy, machine_of)


@pytest.mark.parametrize(
    ("model", "assignment", "message"),
    [
        (MODEL[:-10], ASSIGNMENT, "weights of move costs: expected 3 integers"),
        (MODEL + " 1", ASSIGNMENT, "1 integers are left over"),
        (MODEL.replace("10 8", "10 x"), ASSIGNMENT, "invalid literal"),
        (MODEL, "0 1 0\n", "expected 4 machines"),
        (MODEL, "0 1 0 3\n", "expected every machine from 0 to 2"),
        (MODEL.replace("2 1 6 3", "3 1 6 3"), ASSIGNMENT, "expected every service from 0 to 2"),
        (MODEL.replace("1 1 0\n", "1 1 9\n"), ASSIGNMENT, "expected every service from 0 to 2"),
        (MODEL.replace("0 1 2\n20", "0 2 2\n20"), ASSIGNMENT, "expected every resource from 0 to 1"),
    ],
)
def test_says_which_file_is_wrong_and_how(tmp_path, model, assignment, message):
    with pytest.raises(FormatError, match=message) as error:
        read(tmp_path, model, assignment)

    assert str(tmp_path) in str(error.value)


def test_writes_solutions_as_the_challenge_reads_them(toy, tmp_path):
    roadef2012.write_solution(tmp_path / "new.txt", np.array([0, 1, 1, 0], dtype=np.int32))

    assert (tmp_path / "new.txt").read_text() == "0 1 1 0\n"
    assert roadef2012.read_solution(tmp_path / "new.txt").tolist() == [0, 1, 1, 0]


def test_shares_a_class_among_processes_that_differ_in_nothing(tmp_path):
    twins = MODEL.replace("0 4 2 1", "0 5 2 7")
    problem = roadef2012.problem(read(tmp_path, twins, ASSIGNMENT))

    assert problem.num_classes == 3
    assert problem.class_of[0] == problem.class_of[1]


@pytest.mark.parametrize("seed", range(25))
def test_problem_and_evaluator_agree_on_cost_and_rules(seed):
    instance = random_instance(seed)
    problem = roadef2012.problem(instance)
    validate(problem)
    rng = np.random.default_rng(seed)
    verdicts = set()

    for moves in (0, 1, 1, 1, 2, 2, 3, 5, 8, 13):
        machine_of = instance.initial.copy()
        machine_of[rng.integers(0, len(machine_of), moves)] = rng.integers(0, len(instance.capacity), moves)
        solution = Solution(machine_of.astype(np.int32), np.arange(len(machine_of), dtype=np.int32))
        evaluation = evaluate(instance, machine_of)
        assert cost_of(problem, solution) == (0, evaluation.cost)
        assert (violations(problem, solution) == []) == evaluation.feasible, evaluation.violations
        verdicts.add(evaluation.feasible)

    assert verdicts == {True, False}


def test_says_that_the_set_is_not_there(monkeypatch):
    monkeypatch.delenv(files.ROOT_VARIABLE, raising=False)

    with pytest.raises(MissingDataError, match="PLACEMENT_DATA is not set"):
        roadef2012.load("a1_1")


@published
def test_says_which_instances_there_are():
    with pytest.raises(UnknownInstanceError, match=r"no instance 'a9_9'.*a1_1, a1_2"):
        roadef2012.load("a9_9")


@published
@pytest.mark.parametrize(
    "name", ["a1_1", "a1_2", "a1_3", "a1_4", "a1_5", "a2_1", "a2_2", "a2_3", "a2_4", "a2_5", "b_2"]
)
def test_initial_assignments_cost_what_was_published(name):
    instance = roadef2012.load(name)
    reference = {row["instance"]: row for row in files.rows(files.root() / "roadef2012" / "reference_values.csv")}
    evaluation = evaluate(instance, instance.initial)

    assert evaluation.feasible
    assert evaluation.cost == int(reference[name]["initial_cost"])
    assert roadef2012.best_known(name) <= evaluation.cost


@published
def test_published_solutions_cost_what_their_names_say():
    found = sorted((files.root() / "roadef2012" / "solutions").glob("*.txt.xz"))
    assert found
    for path in found:
        name, cost = path.name.split(".")[:2]
        evaluation = evaluate(roadef2012.load(name), roadef2012.read_solution(path))
        assert (evaluation.cost, evaluation.violations) == (int(cost), ())
