"""``python -m benchmarks``, run as it is typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import records
from placement_datasets import roadef2012
from placement_datasets.roadef2012_evaluator import evaluate

ROOT = Path(__file__).parents[2]


def benchmarks(*arguments, data=None):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in (".", "solvers", "datasets")),
    }
    environment.pop("PLACEMENT_DATA", None)
    if data:
        environment["PLACEMENT_DATA"] = data
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "nothing"], "no suite 'nothing'; expected one of "),
        (["run", "smoke", "--only", "nothing"], "no instance of smoke 'nothing'; expected one of "),
        (["run", "smoke", "--solvers", "oracle"], "no solver 'oracle'; expected one of "),
        (["run", "smoke", "--seeds", "x"], "seeds: expected numbers as in '1,2' or '1-20', found 'x'"),
        (["run", "smoke", "--time-limit", "0"], "argument --time-limit: expected seconds above 0, found '0'"),
        (["run", "roadef2012"], "PLACEMENT_DATA is not set"),
        (["compare", "nothing.jsonl"], "nothing.jsonl: No such file"),
        (["compare", "/"], "/: Is a directory"),
        (["compare", "/dev/null", "--readme", "nothing.md"], "nothing.md: No such file"),
        (["compare", "/dev/null", "--page", "/dev/null", "--extender", "nothing"], "nothing: no such folder"),
    ],
)
def test_what_is_not_there_gives_one_line_and_status_2(arguments, expected):
    done = benchmarks(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"benchmarks: {expected}")


def test_a_run_is_judged_written_down_and_not_repeated(tmp_path):
    out = tmp_path / "smoke.jsonl"
    only = ["run", "smoke", "--only", "identical-100", "--solvers", "first_fit_decreasing", "--cold", "--out", out]

    first = benchmarks(*only, "--seeds", "1", "--solutions", tmp_path)

    assert (first.returncode, first.stderr) == (0, "")
    (record,) = records.read([out])
    assert (record.status, record.solver, record.items, record.unplaced) == ("feasible", "first_fit_decreasing", 100, 0)
    assert record.cost == (0, record.bins_opened)
    assert record.seconds > record.search_seconds > 0
    assert record.cpu_seconds > 0
    assert record.peak_memory > 20 * 2**20
    assert record.trace[-1][1] == record.cost
    assert record.versions["python"]
    assert len((tmp_path / "identical-100_1.txt").read_text().split()) == 100

    second = benchmarks(*only, "--seeds", "1")

    assert "1 of 1 runs are in" in second.stdout
    assert records.read([out]) == [record]


@pytest.mark.skipif("PLACEMENT_DATA" not in os.environ, reason="PLACEMENT_DATA does not name the public sets")
def test_a_public_instance_is_judged_by_its_own_evaluator_and_written_in_its_format(tmp_path):
    arguments = ["--only", "a1_1", "--solvers", "greedy", "--seeds", "1", "--time-limit", "20", "--cold"]
    places = ["--solutions", tmp_path, "--out", tmp_path / "r.jsonl"]

    done = benchmarks("run", "roadef2012", *arguments, *places, data=os.environ["PLACEMENT_DATA"])

    assert (done.returncode, done.stderr) == (0, "")
    (record,) = records.read([tmp_path / "r.jsonl"])
    instance = roadef2012.load("a1_1")
    evaluation = evaluate(instance, roadef2012.read_solution(tmp_path / "a1_1.txt").tolist())
    assert evaluation.feasible
    assert record.best_known == 44_306_501
    assert evaluation.cost == record.cost[-1] > record.best_known


def test_an_interrupted_suite_goes_on_where_it_stopped(tmp_path):
    out = tmp_path / "smoke.jsonl"
    arguments = ["run", "smoke", "--only", "few-pods", "--solvers", "as_it_stands", "--cold", "--out", out]
    first = benchmarks(*arguments, "--seeds", "1")
    out.write_bytes(out.read_bytes() + b'{"suite":"smoke","instance":"few-p')

    second = benchmarks(*arguments, "--seeds", "1-2")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "1 of 2 runs are in" in second.stdout
    assert [record.seed for record in records.read([out])] == [1, 2]


def test_a_solver_that_crashes_is_a_failed_run_and_status_1(tmp_path):
    out = tmp_path / "smoke.jsonl"

    done = benchmarks("run", "smoke", "--only", "gang-deadlock", "--solvers", "dot_product", "--cold", "--out", out)

    assert done.returncode == 1
    (record,) = records.read([out])
    assert (record.status, record.cost) == ("failed", None)
    assert "knows no gangs" in record.error
