"""Lines of results."""

from pathlib import Path

import pytest

from benchmarks import records
from benchmarks.errors import RecordError
from benchmarks.records import Record


def record(seed=1, **changes):
    return Record(
        **{
            "suite": "s",
            "instance": "i",
            "solver": "greedy",
            "seed": seed,
            "time_limit": 1.0,
            "clock": "command",
            "status": "optimal",
            "cost": (0, 3),
            **changes,
        }
    )


def test_what_is_written_is_read_again(tmp_path):
    lines = [record(1, trace=((0.5, (0, 3), None),)), record(2, statistics={"nodes": 3})]
    for line in lines:
        records.append(tmp_path / "a" / "r.jsonl", line)

    assert records.read([tmp_path / "a" / "r.jsonl"]) == lines


def test_of_two_lines_of_one_run_the_last_counts(tmp_path):
    for cost in ((0, 4), (0, 3)):
        records.append(tmp_path / "r.jsonl", record(cost=cost))

    assert [line.cost for line in records.read([tmp_path / "r.jsonl"])] == [(0, 3)]


def test_half_a_line_of_an_interrupted_run_is_passed_over_and_goes_with_the_next(tmp_path):
    path = tmp_path / "r.jsonl"
    records.append(path, record(1))
    path.write_bytes(path.read_bytes() + b'{"suite":"s","inst')

    assert records.read([path]) == [record(1)]

    records.append(path, record(2))

    assert records.read([path]) == [record(1), record(2)]


def test_a_line_that_is_no_record_is_named(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"suite": 3}\n')

    with pytest.raises(RecordError, match=r"r\.jsonl:1: "):
        records.read([path])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"none\.jsonl: No such file"):
        records.read([tmp_path / "none.jsonl"])


@pytest.mark.parametrize(("path", "wrong"), [("/dev/full", "expected a file"), ("/dev/null/r.jsonl", "File exists")])
def test_what_cannot_hold_results_is_refused_before_anything_runs(path, wrong):
    with pytest.raises(RecordError, match=wrong):
        records.prepare(Path(path))


def test_a_file_of_results_is_left_as_it_is_when_it_is_made_sure_of(tmp_path):
    path = tmp_path / "a" / "r.jsonl"
    records.prepare(path)
    assert records.read([path]) == []
    records.append(path, record())
    records.prepare(path)
    assert records.read([path]) == [record()]
