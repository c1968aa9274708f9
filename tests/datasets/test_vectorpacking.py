from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import vectorpacking
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.vectorpacking_evaluator import evaluate
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.published import published

TEXT = "2\n10 8\n3\n6 1 2\n1 6 1\n6 1 1\n"


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.vbp").write_text(TEXT)
    return vectorpacking.read(tmp_path / "small.vbp")


def test_reads_capacity_types_and_demands(small):
    assert small.capacity.tolist() == [10, 8]
    assert small.sizes.tolist() == [[6, 1], [1, 6], [6, 1]]
    assert small.demand.tolist() == [2, 1, 1]
    assert small.type_of.tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT[:-2], "item types: expected 9 integers"),
        (TEXT + "3\n", "1 integers are left over"),
        (TEXT.replace("1 6 1\n", "1 9 1\n"), "item type 2 does not fit"),
        (TEXT.replace("1 6 1\n", "1 6 -1\n"), "item type 2 does not fit into a bin, or there are fewer than none"),
    ],
)
def test_refuses_what_is_no_instance(tmp_path, text, message):
    (tmp_path / "wrong.vbp").write_text(text)

    with pytest.raises(FormatError, match=message):
        vectorpacking.read(tmp_path / "wrong.vbp")


def test_types_of_equal_sizes_share_a_class(small):
    problem = vectorpacking.problem(small)

    validate(problem)
    assert problem.demand.tolist() == [[1, 6], [6, 1]]
    assert problem.class_of.tolist() == [1, 1, 0, 1]
    assert problem.capacity.tolist() == [[10, 8]] * 6


def test_evaluator_and_problem_agree(small):
    problem = vectorpacking.problem(small)
    verdicts = set()
    for bins in ([0, 1, 0, 2], [0, 1, 2, 0], [0, 0, 1, 2], [2, 1, 1, 0]):
        solution = Solution(np.array(bins, dtype=np.int32), np.arange(4, dtype=np.int32))
        found = evaluate(small, bins)
        assert (violations(problem, solution) == []) == found.feasible
        assert cost_of(problem, solution) == (0, found.cost)
        verdicts.add(found.feasible)
    assert verdicts == {True, False}


def test_an_item_of_negative_size_makes_its_bin_larger(tmp_path):
    (tmp_path / "odd.vbp").write_text("2\n10 8\n3\n5 1 2\n1 -2 1\n4 8 1\n")
    instance = vectorpacking.read(tmp_path / "odd.vbp")
    problem = vectorpacking.problem(instance)
    wide = int(problem.pinned_to[problem.class_of[2]])
    together = np.array([wide, wide + 1, wide, wide], dtype=np.int32)

    validate(problem)
    assert problem.capacity[wide].tolist() == [10, 10]
    assert violations(problem, Solution(together, np.arange(4, dtype=np.int32))) == []
    assert evaluate(instance, together.tolist()).feasible
    assert not evaluate(instance, [0, 1, 1, 0]).feasible


def test_names_the_dimension_that_is_too_full(small):
    assert evaluate(small, [0, 0, 1, 2]).violations == ("capacity: bin 0 holds 12 of dimension 0, of 10",)


def test_writes_solutions_as_the_solver_of_the_format_prints_them(small, tmp_path):
    vectorpacking.write_solution(tmp_path / "solution.txt", np.array([5, 1, 1, 5]), small)

    assert (tmp_path / "solution.txt").read_text() == "Objective: 2\nSolution:\n1 x [i=1, i=2]\n1 x [i=1, i=3]\n"


@published
def test_every_published_instance_is_read_and_no_bound_denies_what_is_known():
    names = vectorpacking.names()

    assert len(set(names)) == len(names) == 87
    for name in names[::8]:
        instance = vectorpacking.load(name)
        total = (instance.sizes * instance.demand[:, None]).sum(axis=0)
        best = vectorpacking.best_known(name)
        assert (-(-total // instance.capacity)).max() <= best <= vectorpacking.problem(instance).num_bins


@published
def test_names_no_instance_that_is_not_there():
    with pytest.raises(UnknownInstanceError, match="no instance 'new-class7'"):
        vectorpacking.load("new-class7")
