from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import files, temporal_binpacking
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.temporal_binpacking import Instance
from placement_datasets.temporal_binpacking_evaluator import evaluate
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.published import published

TEXT = "5\t10\t0\t0\n0\t0\t4\t6\n1\t1\t3\t3\n2\t2\t6\t5\n3\t4\t8\t6\n4\t8\t9\t10\n"


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.txt").write_text(TEXT)
    return temporal_binpacking.read(tmp_path / "small.txt")


def test_reads_jobs(small):
    assert small.capacity == 10
    assert small.index.tolist() == [0, 1, 2, 3, 4]
    assert small.start.tolist() == [0, 1, 2, 4, 8]
    assert small.end.tolist() == [4, 3, 6, 8, 9]
    assert small.size.tolist() == [6, 3, 5, 6, 10]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT[:-4], "jobs: expected 20 integers"),
        (TEXT + "3\n", "1 integers are left over"),
        (TEXT.replace("1\t1\t3\t3", "1\t3\t3\t3"), "job 1 ends before it starts"),
        (TEXT.replace("9\t10\n", "9\t11\n"), "job 4 ends before it starts, or does not fit"),
    ],
)
def test_refuses_what_is_no_instance(tmp_path, text, message):
    (tmp_path / "wrong.txt").write_text(text)

    with pytest.raises(FormatError, match=message):
        temporal_binpacking.read(tmp_path / "wrong.txt")


def test_only_times_at_which_a_maximal_set_of_jobs_runs_are_resources(small):
    problem = temporal_binpacking.problem(small)

    validate(problem)
    assert temporal_binpacking.maximal_times(small).tolist() == [2, 4, 8]
    assert sorted(problem.demand.tolist()) == [[0, 0, 10], [0, 6, 0], [3, 0, 0], [5, 5, 0], [6, 0, 0]]


def test_a_job_may_start_in_the_minute_another_ends(small):
    assert evaluate(small, [0, 0, 1, 0, 1]) == evaluate(small, [5, 5, 6, 5, 6])
    assert evaluate(small, [0, 0, 1, 0, 1]).cost == 2
    assert evaluate(small, [0, 0, 1, 0, 1]).feasible


def test_names_the_bin_and_the_time_at_which_it_holds_too_much(small):
    assert evaluate(small, [0, 1, 0, 1, 1]).violations == ("capacity: bin 0 holds 11 at 2, of 10",)


def random_instance(seed):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 15, 12)
    return Instance("random", 10, np.arange(12), start, start + rng.integers(1, 8, 12), rng.integers(1, 7, 12))


@pytest.mark.parametrize("seed", range(20))
def test_evaluator_and_problem_agree(seed):
    instance = random_instance(seed)
    problem = temporal_binpacking.problem(instance)
    rng = np.random.default_rng(seed)
    for _ in range(10):
        bins = rng.integers(0, problem.num_bins, 12).astype(np.int32)
        found = evaluate(instance, bins.tolist())
        solution = Solution(bins, np.arange(12, dtype=np.int32))
        assert (violations(problem, solution) == []) == found.feasible
        assert cost_of(problem, solution) == (0, found.cost)


def test_first_fit_puts_jobs_where_others_have_left(small):
    assert temporal_binpacking.first_fit(small) == 2


def test_solutions_survive_writing_and_reading(small, tmp_path):
    path = tmp_path / "solution.txt"

    temporal_binpacking.write_solution(path, np.array([0, 0, 1, 0, 1]), small)

    assert path.read_text().splitlines()[2] == "2\t1"
    assert temporal_binpacking.read_solution(path, small).tolist() == [0, 0, 1, 0, 1]


def test_refuses_a_solution_that_leaves_a_job_out(small, tmp_path):
    (tmp_path / "solution.txt").write_text("0\t0\n1\t0\n")

    with pytest.raises(FormatError, match="a line for each of 5 jobs"):
        temporal_binpacking.read_solution(tmp_path / "solution.txt", small)


@published
def test_first_fit_needs_as_many_bins_as_the_reference_says():
    reference = {row["file"]: row for row in files.rows(files.root() / "temporal_binpacking" / "reference.csv")}
    names = temporal_binpacking.names()

    assert len(set(names)) == len(names) == len(reference)
    for name, row in list(zip(names, reference.values(), strict=True))[::4]:
        instance = temporal_binpacking.load(name)
        assert len(instance.size) == int(row["jobs"])
        assert temporal_binpacking.first_fit(instance) == temporal_binpacking.best_known(name)


@published
def test_names_no_instance_that_is_not_there():
    with pytest.raises(UnknownInstanceError, match="no instance 'd3-1'"):
        temporal_binpacking.load("d3-1")
