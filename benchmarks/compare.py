"""What results say side by side: gaps to the best bound anybody proved, verdicts, profiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.records import Record

Case = tuple[str, int]
"""An instance and a seed: what contestants are compared on."""

Cost = tuple[int, ...]

PROFILE_AT = (1.0, 1.001, 1.01, 1.05, 1.1, 1.2, 1.5, 2.0)
"""Ratios to the best cost at which profiles are tabled."""


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant on an instance, over its seeds.

    Attributes
    ----------
    cost : tuple of float or None
        Median of each tier over the valid runs.
    gap, worst_gap : float or None
        Median and largest distance to the best bound anybody proved; None if nobody did.
    proven : int
        Runs that ended with a proof of their own.
    proven_short : int
        Runs whose bound says that not all items can be placed, whoever tries.
    left_out : int
        Items left out, all runs together.
    over_best_known : float or None
        Median share by which the last tier is above the least cost published.
    seconds, peak_memory : float
        Medians of the whole command, in seconds and bytes; `most_seconds` the longest, `search_seconds` without start,
        reading and writing.
    failed : int
    score : float or None
        Mean of what the public set ranks by, where that is no tier.
    items_a_second : float
        Median of items over seconds of the search.
    """

    instance: str
    solver: str
    time_limit: float
    runs: int
    failed: int
    cost: tuple[float, ...] | None
    gap: float | None
    worst_gap: float | None
    proven: int
    proven_short: int
    left_out: int
    over_best_known: float | None
    seconds: float
    search_seconds: float
    most_seconds: float
    peak_memory: float
    score: float | None = None
    items_a_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Loss:
    """A case on which a contestant was behind another, the best one there was."""

    instance: str
    seed: int
    cost: Cost | None
    against: str
    best: Cost


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one contestant did against another on an instance, seed by seed.

    Attributes
    ----------
    cheaper : float or None
        Median share by which it is below the other in the first tier that differs, of the greater of the two; below 0
        where it is above, None if no case has two solutions.
    """

    instance: str
    against: str
    wins: int
    ties: int
    losses: int
    cheaper: float | None = None


def rows(records: Sequence[Record]) -> list[Row]:
    """A row for each instance and contestant of a suite, in the order of the results."""
    bounds = best_bounds(records)
    together: dict[tuple[str, str, float], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: _places(records)[record.instance]):
        together[record.instance, record.solver, record.time_limit].append(record)
    return [_row(*key, runs, bounds) for key, runs in together.items()]


def _places(records: Sequence[Record]) -> dict[str, int]:
    """The place of each instance: that of its first record."""
    return {name: place for place, name in enumerate(dict.fromkeys(record.instance for record in records))}


def _row(instance: str, solver: str, time_limit: float, runs: list[Record], bounds: dict[Case, Cost]) -> Row:
    valid = [record for record in runs if record.valid]
    gaps = [found for record in valid if (found := gap_to(record.cost, bounds.get(case_of(record)))) is not None]
    return Row(
        instance=instance,
        solver=solver,
        time_limit=time_limit,
        runs=len(runs),
        failed=len(runs) - len(valid),
        cost=tuple(map(median, zip(*[record.cost or () for record in valid], strict=True))) if valid else None,
        gap=median(gaps) if gaps else None,
        worst_gap=max(gaps) if gaps else None,
        proven=sum(record.status == "optimal" for record in valid),
        proven_short=sum(map(is_proven_short, valid)),
        left_out=sum(record.unplaced for record in valid),
        over_best_known=_over_best_known(valid),
        seconds=median(record.seconds for record in runs),
        search_seconds=median(record.search_seconds for record in runs),
        most_seconds=max(record.seconds for record in runs),
        peak_memory=median(record.peak_memory for record in runs),
        score=mean(scores) if (scores := [record.score for record in valid if record.score is not None]) else None,
        items_a_second=median(map(items_a_second, runs)),
    )


def is_proven_short(record: Record) -> bool:
    """Whether its bound says that not all items can be placed, whoever tries."""
    return record.valid and record.lower_bound is not None and record.lower_bound[0] > 0


def items_a_second(record: Record) -> float:
    """Items over the seconds of the search."""
    return record.items / max(record.search_seconds, 1e-3)


def _over_best_known(valid: list[Record]) -> float | None:
    shares = [record.cost[-1] / record.best_known - 1 for record in valid if record.cost and record.best_known]
    return median(shares) if shares else None


def case_of(record: Record) -> Case:
    """What a record is compared on."""
    return record.instance, record.seed


def best_bounds(records: Iterable[Record]) -> dict[Case, Cost]:
    """The highest lower bound that any valid run of a case proved."""
    found: dict[Case, Cost] = {}
    for record in records:
        if record.valid and record.lower_bound is not None:
            case = case_of(record)
            found[case] = max(found.get(case, record.lower_bound), record.lower_bound)
    return found


def best_costs(records: Iterable[Record]) -> dict[Case, Cost]:
    """The least cost that anybody reached on a case."""
    found: dict[Case, Cost] = {}
    for record in records:
        if record.valid and record.cost is not None:
            case = case_of(record)
            found[case] = min(found.get(case, record.cost), record.cost)
    return found


def gap_to(cost: Cost | None, bound: Cost | None) -> float | None:
    """How far the first tier that does not meet the bound is from it; see `placement_solvers.objective.gap`."""
    from placement_solvers import objective  # tables of what has no gaps are made without numpy

    return None if cost is None else objective.gap(cost, bound)


def verdicts(records: Sequence[Record], champion: str) -> list[Verdict]:
    """How `champion` did against each other contestant on the cases both ran; a failed run loses to any valid one."""
    ours = {case_of(record): record for record in records if record.solver == champion}
    tallies: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    cheaper: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in records:
        if record.solver != champion and case_of(record) in ours:
            key, mine = (record.instance, record.solver), ours[case_of(record)]
            tallies[key][_verdict(mine, record)] += 1
            if mine.valid and record.valid and mine.cost and record.cost:
                cheaper[key].append(_below(mine.cost, record.cost))
    return [
        Verdict(*key, tally["win"], tally["tie"], tally["loss"], median(cheaper[key]) if cheaper[key] else None)
        for key, tally in tallies.items()
    ]


def _verdict(ours: Record, theirs: Record) -> str:
    # Whoever has no solution is worse than whoever has one.
    mine, other = ((not record.valid, record.cost if record.valid else ()) for record in (ours, theirs))
    if mine == other:
        return "tie"
    return "win" if mine < other else "loss"


def _below(cost: Cost, other: Cost) -> float:
    """By how much a cost is below another in the first tier that differs, as a share of the greater."""
    for mine, theirs in zip(cost, other, strict=True):
        if mine != theirs:
            return (theirs - mine) / max(abs(mine), abs(theirs))
    return 0.0


def is_reached(record: Record) -> bool:
    """Whether everything is placed and the cost is at most the least published."""
    if record.cost is None or record.best_known is None:
        return False
    return not any(record.cost[:-1]) and record.cost[-1] <= record.best_known


def losses(records: Sequence[Record], champion: str) -> list[Loss]:
    """The cases on which another contestant was better than `champion`, with the best of the others."""
    others: dict[Case, tuple[Cost, str]] = {}
    for record in records:
        if record.solver != champion and record.valid and record.cost is not None:
            case = case_of(record)
            others[case] = min(others.get(case, (record.cost, record.solver)), (record.cost, record.solver))
    found = []
    for record in records:
        if record.solver == champion and case_of(record) in others:
            best, against = others[case_of(record)]
            mine = record.cost if record.valid else None
            if mine is None or best < mine:
                found.append(Loss(record.instance, record.seed, mine, against, best))
    return found


def behind(records: Sequence[Record], champion: str, rival: str, grace: float = 1.0) -> tuple[int, int]:
    """On how many cases `champion` was worse than `rival` at some moment, and how many cases both solved.

    What the rival had at a moment the champion has to have `grace` seconds later.
    """
    valid = [record for record in records if record.valid]
    ours = {case_of(record): record for record in valid if record.solver == champion}
    both = [(ours[case_of(record)], record) for record in valid if record.solver == rival and case_of(record) in ours]
    late = sum(
        any(_is_worse(_cost_at(mine, seconds + grace), cost) for seconds, cost, _ in theirs.trace)
        for mine, theirs in both
    )
    return late, len(both)


def _cost_at(record: Record, now: float) -> Cost | None:
    return min((cost for seconds, cost, _ in record.trace if seconds <= now), default=None)


def _is_worse(cost: Cost | None, than: Cost) -> bool:
    return cost is None or cost > than


def profile(records: Sequence[Record]) -> dict[str, list[float]]:
    """For each contestant the ratio to the best cost of each case it ran, ascending.

    The ratio is of the first tier that differs, a failed run's is infinite. Dolan, Moré, "Benchmarking optimization
    software with performance profiles" (2002), with cost for time.
    """
    best = best_costs(records)
    found: dict[str, list[float]] = defaultdict(list)
    for record in records:
        least = best.get(case_of(record))
        if least is not None:
            found[record.solver].append(_ratio(record.cost, least) if record.valid and record.cost else float("inf"))
    return {solver: sorted(ratios) for solver, ratios in found.items()}


def _ratio(cost: Cost, least: Cost) -> float:
    for value, wanted in zip(cost, least, strict=True):
        if value != wanted:
            return value / wanted if wanted > 0 else float("inf")
    return 1.0


def share_within(ratios: Sequence[float], most: float) -> float:
    """The share of cases whose ratio is at most `most`."""
    return sum(ratio <= most for ratio in ratios) / len(ratios) if ratios else 0.0
