"""``python -m benchmarks``, run as it is typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import records

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


def test_a_solver_that_crashes_is_a_failed_run_and_status_1(tmp_path):
    out = tmp_path / "smoke.jsonl"

    done = benchmarks("run", "smoke", "--only", "gang-deadlock", "--solvers", "dot_product", "--cold", "--out", out)

    assert done.returncode == 1
    (record,) = records.read([out])
    assert (record.status, record.cost) == ("failed", None)
    assert "knows no gangs" in record.error
