"""Every suite in the folder, end to end on miniatures of what it is about: solved, judged, written and shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from benchmarks import judging, page, suite, worker
from benchmarks.contestants import PEERS
from benchmarks.instances import GeneratedInstance, described
from benchmarks.records import Record
from benchmarks.suite import Run
from tests.datasets.miniatures import write_all

SMALL = {
    "num_items": 40,
    "num_classes": 6,
    "num_bins": 10,
    "num_shapes": 12,
    "num_existing": 4,
    "num_gangs": 3,
    "items_a_bin": 4,
    "rounds": 2,
    "large": 2,
}
"""The most of each argument of a generator."""

LEAST = {"shards:unbalanced_shards": {"num_items": 800}}
"""What a generator does not go below."""

ELSEWHERE = {"rebalancer"}
"""Contestants that need what is not installed with this project."""


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sets")
    write_all(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMENT_DATA", str(folder))
        yield folder


def small(run: Run) -> Run:
    """The run on a smaller instance of the same kind."""
    if not isinstance(run.instance, GeneratedInstance):
        return run
    most = {**SMALL, **LEAST.get(run.instance.generator, {})}
    arguments = {name: min(value, most.get(name, value)) for name, value in run.instance.arguments.items()}
    return replace(run, instance=replace(run.instance, arguments=arguments))


def chosen(runs: list[Run]) -> list[Run]:
    """The first and the last instance, each with the first contestant of this project's and the first peer."""
    found: dict[tuple[str, bool], Run] = {}
    names = list(dict.fromkeys(run.instance.name for run in runs))
    for run in runs:
        if run.instance.name in (names[0], names[-1]) and run.solver not in ELSEWHERE:
            found.setdefault((run.instance.name, run.solver in PEERS), run)
    return list(found.values())


def solved(run: Run, folder: Path) -> Record:
    """The record of a run in this process; the limit is that of the search, and short."""
    folder.mkdir()
    order = worker.Order(
        instance=described(run.instance), solver=run.solver, seed=run.seed, time_limit=0.3, clock="search", began=0.0
    )
    (folder / "run.json").write_bytes(msgspec.json.encode(order))
    worker.main(folder)
    judging.main(folder, folder / "solution.txt")
    answer = msgspec.json.decode((folder / "answer.json").read_bytes(), type=worker.Answer)
    verdict = msgspec.json.decode((folder / "verdict.json").read_bytes(), type=judging.Verdict)
    assert verdict.error == ""
    assert (folder / "solution.txt").exists()
    return Record(
        suite=run.suite,
        instance=run.instance.name,
        solver=run.solver,
        seed=run.seed,
        time_limit=run.time_limit,
        clock=run.clock,
        status=answer.status,
        cost=verdict.cost,
        lower_bound=answer.lower_bound,
        best_known=verdict.best_known,
        score=verdict.score,
        trace=answer.trace,
    )


@pytest.mark.parametrize("name", suite.names())
def test_a_suite_runs_from_its_file_to_the_page(name: str, sets: Path, tmp_path: Path) -> None:
    runs = chosen(suite.load(name).runs())

    records = [solved(small(run), tmp_path / str(number)) for number, run in enumerate(runs)]

    text = page.page(records, tmp_path / "page.md", None)
    outline = suite.outline(name)
    assert f"\n## {outline.title}\n" in text
    assert all(f"| {goal.text} |" in text for goal in outline.goals)
    assert all(run.solver in text for run in runs)
