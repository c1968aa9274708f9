"""Runs a suite: one process a run, one line a run, what is there already is passed over."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import records
from benchmarks.command import Outcome, run_command
from benchmarks.compare import gap_to
from benchmarks.instances import GeneratedInstance, described
from benchmarks.judging import Verdict
from benchmarks.machine import provenance
from benchmarks.records import Record
from benchmarks.suite import Run
from benchmarks.worker import Answer, Order

WARM_UP = Run("", GeneratedInstance("warm-up", "packing:packing", {"num_items": 60, "num_classes": 6}), "", 0, 5.0)
"""Solved once by each contestant before the clock counts, so that no compiler runs on its time."""

GRACE = 60.0
"""Seconds on top of twice its limit after which a command is killed."""

JUDGE_PATIENCE = 3600.0


@dataclass(frozen=True, slots=True)
class Results:
    """Where results go.

    Attributes
    ----------
    out : Path
        JSONL; lines are added.
    solutions : Path or None
        Folder for the best solution of each instance, in the format of its set.
    """

    out: Path
    solutions: Path | None = None

    def solution_file(self, run: Run) -> Path | None:
        """Where the solution of a run goes, named after the instance and, if that is drawn from it, the seed."""
        if self.solutions is None:
            return None
        drawn = f"_{run.seed}" if run.instance.drawn else ""
        return self.solutions / f"{run.instance.name}{drawn}.txt"


def run_all(
    runs: Sequence[Run],
    results: Results,
    tell: Callable[[str], None],
    *,
    warm_up: bool = True,
    python: str = sys.executable,
) -> list[Record]:
    """Run what has no line in the results yet; the records of all runs, old and new.

    Where solutions are wanted, an instance without a file is run again, line or not.

    Raises
    ------
    RecordError
        If the results cannot be read or written.
    """
    records.prepare(results.out)
    known = {record.key: record for record in records.read([results.out])}
    to_do = [run for run in runs if run.key not in known or _is_wanted(results.solution_file(run))]
    best = _costs_kept(runs, results, known)
    if len(to_do) < len(runs):
        tell(f"{len(runs) - len(to_do)} of {len(runs)} runs are in {results.out} already")
    tell(f"{len(to_do)} runs, limited to {sum(run.time_limit for run in to_do) / 60:.0f} minutes in all")
    if warm_up:
        warm(sorted({run.solver for run in to_do}), tell, python)
    for number, run in enumerate(to_do, start=1):
        file = results.solution_file(run)
        record = run_one(run, python, file, best.get(file) if file else None)
        if file is not None and record.valid and record.cost is not None:
            best[file] = min(record.cost, best.get(file, record.cost))
        records.append(results.out, record)
        known[record.key] = record
        tell(f"{number}/{len(to_do)}  {summary(record)}")
    return [known[run.key] for run in runs]


def warm(solvers: Iterable[str], tell: Callable[[str], None], python: str) -> None:
    """Let every contestant solve something small once: kernels are compiled and kept on disk.

    Those of local search, which small packing problems do not need, take longest and come first.
    """
    loaded = run_command("placement_solvers.warming", [], python, JUDGE_PATIENCE)
    tell(f"warm-up  kernels: {loaded.error or f'{loaded.seconds:.1f} s'}")
    for solver in solvers:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
            outcome = _work(msgspec.structs.replace(_order(WARM_UP), solver=solver), Path(name), python)
        said = outcome.error or f"{time.monotonic() - began:.1f} s"
        tell(f"warm-up  {solver}: {said}")


def run_one(run: Run, python: str, solution_file: Path | None, to_beat: tuple[int, ...] | None) -> Record:
    """Run and judge; a solution is kept if it costs less than `to_beat`."""
    ran_on = provenance()
    answer: Answer | None = None
    verdict: Verdict | None = None
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        outcome = _work(_order(run), folder, python)
        error = outcome.error
        if not error:
            answer = msgspec.json.decode((folder / "answer.json").read_bytes(), type=Answer)
            keep = [solution_file] if solution_file and (to_beat is None or answer.cost < to_beat) else []
            judged = run_command("benchmarks.judging", [folder, *keep], python, JUDGE_PATIENCE)
            error = f"the judge: {judged.error}" if judged.error else ""
            if not error:
                verdict = msgspec.json.decode((folder / "verdict.json").read_bytes(), type=Verdict)
                error = verdict.error
    found = Record(
        suite=run.suite,
        instance=run.instance.name,
        solver=run.solver,
        seed=run.seed,
        time_limit=run.time_limit,
        clock=run.clock,
        status="failed",
        error=error,
        seconds=round(outcome.seconds, 3),
        cpu_seconds=round(outcome.cpu_seconds, 3),
        peak_memory=outcome.peak_memory,
        **ran_on,
    )
    return found if answer is None else _with_answer(found, answer, verdict)


def _with_answer(record: Record, answer: Answer, verdict: Verdict | None) -> Record:
    cost = verdict.cost if verdict is not None else None
    return msgspec.structs.replace(
        record,
        status=record.status if record.error else answer.status,
        stopped_by=answer.stopped_by,
        tiers=answer.tiers,
        cost=cost,
        lower_bound=answer.lower_bound,
        gap=None if record.error else gap_to(cost, answer.lower_bound),
        items=answer.items,
        bins=answer.bins,
        classes=answer.classes,
        unplaced=verdict.unplaced if verdict is not None else 0,
        bins_opened=verdict.bins_opened if verdict is not None else 0,
        best_known=verdict.best_known if verdict is not None else None,
        best_is_optimal=verdict is not None and verdict.best_is_optimal,
        score=verdict.score if verdict is not None else None,
        read_seconds=round(answer.read_seconds, 3),
        search_seconds=round(answer.search_seconds, 3),
        iterations=answer.iterations,
        trace=answer.trace,
        statistics=answer.statistics,
    )


def summary(record: Record) -> str:
    """A run in one line."""
    what = f"{record.instance}  seed {record.seed}  {record.solver}"
    spent = f"{record.seconds:.1f} s, {record.peak_memory / 2**20:.0f} MiB"
    if not record.valid:
        return f"{what}: failed: {record.error} ({spent})"
    share = "no bound" if record.gap is None else f"gap {100 * record.gap:.2f} %"
    return f"{what}: {record.status} {record.cost}, {share} ({spent})"


def _costs_kept(
    runs: Sequence[Run], results: Results, known: dict[tuple[str, str, str, int, float], Record]
) -> dict[Path, tuple[int, ...]]:
    """What the solutions cost that are kept already, as far as results tell."""
    kept: dict[Path, tuple[int, ...]] = {}
    for run in runs:
        file, record = results.solution_file(run), known.get(run.key)
        if file is not None and file.exists() and record is not None and record.valid and record.cost is not None:
            kept[file] = min(record.cost, kept.get(file, record.cost))
    return kept


def _is_wanted(file: Path | None) -> bool:
    return file is not None and not file.exists()


def _order(run: Run) -> Order:
    return Order(
        instance=described(run.instance),
        solver=run.solver,
        seed=run.seed,
        time_limit=run.time_limit,
        clock=run.clock,
        began=0.0,
    )


def _work(order: Order, folder: Path, python: str) -> Outcome:
    began = time.monotonic()  # one clock for all processes of a machine
    (folder / "run.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(order, began=began)))
    return run_command("benchmarks.worker", [folder], python, 2 * order.time_limit + GRACE)
