from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import binpacking1d
from placement_datasets.binpacking1d_evaluator import evaluate
from placement_datasets.errors import FormatError, MissingDataError, UnknownInstanceError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.published import published

TEXT = "6\r\n10\r\n7\r\n5\r\n5\r\n3\r\n3\r\n3\r\n"


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.txt").write_text(TEXT)
    return binpacking1d.read(tmp_path / "small.txt")


def test_reads_capacity_and_sizes(small):
    assert small.capacity == 10
    assert small.sizes.tolist() == [7, 5, 5, 3, 3, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT[:-3], "sizes: expected 6 integers"),
        (TEXT + "3\n", "1 integers are left over"),
        (TEXT.replace("7", "11"), "expected sizes from 1 to 10, found 3 to 11"),
        (TEXT.replace("7", "x"), "invalid literal"),
    ],
)
def test_refuses_what_is_no_instance(tmp_path, text, message):
    (tmp_path / "wrong.txt").write_text(text)

    with pytest.raises(FormatError, match=message):
        binpacking1d.read(tmp_path / "wrong.txt")


def test_items_of_one_size_share_a_class_and_bins_are_more_than_first_fit_decreasing_needs(small):
    problem = binpacking1d.problem(small)

    validate(problem)
    assert problem.demand.tolist() == [[3], [5], [7]]
    assert problem.class_count.tolist() == [3, 2, 1]
    assert problem.capacity.tolist() == [[10]] * 6


def test_evaluator_and_problem_agree(small):
    problem = binpacking1d.problem(small)
    verdicts = set()
    for bins in ([0, 1, 1, 0, 2, 2], [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 2, 2], [0, 1, 1, 0, 1, 2]):
        solution = Solution(np.array(bins, dtype=np.int32), np.arange(6, dtype=np.int32))
        found = evaluate(small, bins)
        assert (violations(problem, solution) == []) == found.feasible
        assert cost_of(problem, solution) == (0, found.cost)
        verdicts.add(found.feasible)
    assert verdicts == {True, False}


def test_names_the_bin_that_holds_too_much(small):
    assert evaluate(small, [0, 4, 4, 0, 0, 4]).violations == (
        "capacity: bin 0 holds 13, of 10",
        "capacity: bin 4 holds 13, of 10",
    )


@pytest.mark.parametrize("bins", [[0, 1], [0, 1, 1, 0, 2, -1]])
def test_refuses_to_evaluate_what_leaves_an_item_out(small, bins):
    with pytest.raises(ValueError, match="expected"):
        evaluate(small, bins)


def test_solutions_survive_writing_and_reading(tmp_path):
    path = tmp_path / "solution.txt"

    binpacking1d.write_solution(path, np.array([0, 4, 4, 0, 2, 2]))

    assert path.read_text() == "0 3\n4 5\n1 2\n"
    assert binpacking1d.read_solution(path).tolist() == [0, 2, 2, 0, 1, 1]


def test_refuses_a_solution_with_an_item_in_two_bins(tmp_path):
    (tmp_path / "solution.txt").write_text("0 1\n1 2\n")

    with pytest.raises(FormatError, match="each item from 0 to 3 once"):
        binpacking1d.read_solution(tmp_path / "solution.txt")


def test_says_that_the_set_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))

    with pytest.raises(MissingDataError, match="no such file"):
        binpacking1d.names()


@published
def test_every_published_instance_is_read_and_no_bound_denies_its_optimum():
    names = binpacking1d.names()

    assert len(names) == 149
    for name in names[::10]:
        instance = binpacking1d.load(name)
        problem = binpacking1d.problem(instance)
        optimum = binpacking1d.best_known(name)
        assert -(-int(instance.sizes.sum()) // instance.capacity) <= optimum <= problem.num_bins


@published
def test_names_no_instance_that_is_not_there():
    with pytest.raises(UnknownInstanceError, match="no instance 'HARD77'"):
        binpacking1d.load("HARD77")
