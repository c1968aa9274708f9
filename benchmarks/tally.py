"""Contestants over all cases of a suite: how often they proved, reached what is published, and were better or worse."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks import compare
from benchmarks.records import Record


@dataclass(frozen=True, slots=True)
class Tally:
    """A contestant over all cases of a suite.

    Attributes
    ----------
    reached, known : int
        Cases on which it reached the least cost published, and cases of which one is published.
    optimal, optima : int
        The same of costs published as proven optima.
    over_best_known : float or None
        Mean share by which it is above those, over its valid runs.
    better, equal, worse : int
        Cases on which it was better than all others, equal to the best of them, and worse.
    seconds : float
        Median of the whole command.
    """

    solver: str
    cases: int
    failed: int
    proven: int
    reached: int
    known: int
    optimal: int
    optima: int
    over_best_known: float | None
    better: int
    equal: int
    worse: int
    seconds: float


def tallies(records: Sequence[Record]) -> list[Tally]:
    """A tally for each contestant, in the order of the results."""
    by_solver: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_solver[record.solver].append(record)
    return [_tally(solver, runs, records) for solver, runs in by_solver.items()]


def _tally(solver: str, runs: list[Record], records: Sequence[Record]) -> Tally:
    valid = [record for record in runs if record.valid and record.cost is not None]
    rivals = compare.best_costs(record for record in records if record.solver != solver)
    standing: Counter[str] = Counter()
    for record in runs:
        rival = rivals.get(compare.case_of(record))
        if record.valid and record.cost is not None and (rival is None or record.cost < rival):
            standing["better"] += rival is not None
        elif rival is not None:
            standing["equal" if record.valid and record.cost == rival else "worse"] += 1
    known = [record for record in runs if record.best_known is not None]
    over = [record.cost[-1] / record.best_known - 1 for record in valid if record.cost and record.best_known]
    return Tally(
        solver=solver,
        cases=len(runs),
        failed=len(runs) - len(valid),
        proven=sum(record.status == "optimal" for record in valid),
        reached=sum(record.valid and compare.is_reached(record) for record in known),
        known=len(known),
        optimal=sum(record.valid and record.best_is_optimal and compare.is_reached(record) for record in known),
        optima=sum(record.best_is_optimal for record in known),
        over_best_known=mean(over) if over else None,
        better=standing["better"],
        equal=standing["equal"],
        worse=standing["worse"],
        seconds=median(record.seconds for record in runs),
    )
