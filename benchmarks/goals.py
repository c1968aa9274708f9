"""What a suite asks for, and whether the results show it.

A goal is a sentence for people and checks for the report. A check is ``MEASURE [than|against NAME] OP NUMBER``, as in
``"proven >= 0.9"`` or ``"better than as_it_stands >= 0.6"``; `MEASURES` lists what can be measured. Only runs with the
time limit that the suite gives count, and only those of the contestant the goal is about. ``peers`` is the best of all
peers on each case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch
from statistics import mean, median

import msgspec

from benchmarks import compare
from benchmarks.contestants import PEERS
from benchmarks.errors import SuiteError
from benchmarks.published import published
from benchmarks.records import Record

Measured = float | None


class Unit(StrEnum):
    """How a figure is written."""

    SHARE = "share"
    SECONDS = "s"
    GIB = "GiB"
    NUMBER = ""


class Verdict(StrEnum):
    """What the results say of a goal."""

    MET = "met"
    MET_SO_FAR = "met so far"  # by all runs there are, which are fewer than the suite asks for
    NOT_MET = "not met"
    NOT_RUN = "not run"  # in part or at all


@dataclass(frozen=True, slots=True)
class Sample:
    """Runs that a figure is taken of.

    Attributes
    ----------
    ours : list of Record
        Those of the contestant the goal is about.
    others : list of Record
        All runs of the same instances and time limits, of everybody.
    """

    ours: list[Record]
    others: list[Record]

    @property
    def valid(self) -> list[Record]:
        return [record for record in self.ours if record.valid]


Measure = Callable[[Sample, str], Measured]


@dataclass(frozen=True, slots=True)
class Check:
    """A figure and what it has to be.

    Attributes
    ----------
    against : str
        The other contestant, "" if there is none.
    """

    measure: str
    against: str
    at_least: bool
    number: float

    def holds(self, found: float) -> bool:
        return found >= self.number if self.at_least else found <= self.number

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {_written(self.number, MEASURES[self.measure][1])}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of some instances of a suite.

    Attributes
    ----------
    of : tuple of str
        Patterns of names of instances.
    contestant : str
        Who is to reach it; "" is the first of the suite.
    """

    text: str
    of: tuple[str, ...]
    checks: tuple[Check, ...]
    contestant: str = ""

    def speaks_of(self, instance: str) -> bool:
        return any(fnmatch(instance, name) for name in self.of)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was measured for a goal.

    Attributes
    ----------
    figures : str
        In words.
    """

    goal: Goal
    verdict: Verdict
    figures: str


def parse(text: str) -> Check:
    """A check as a suite writes it.

    Raises
    ------
    SuiteError
        If it is none, or its measure is unknown.
    """
    found = re.fullmatch(r"([a-z ]+?)(?: (?:than|against) (\w+))? (<=|>=) ([0-9.]+)", text)
    if found is None or found[1] not in MEASURES:
        raise SuiteError(f"check {text!r}: expected MEASURE [than NAME] >= NUMBER, a measure of {', '.join(MEASURES)}")
    return Check(found[1], found[2] or "", found[3] == ">=", float(found[4]))


def answer(goal: Goal, sample: Sample, complete: bool) -> Answer:
    """Whether runs show what is asked; `complete` says whether they are all that the suite asks for."""
    if not sample.ours:
        return Answer(goal, Verdict.NOT_RUN, "–")
    held, said = list[bool | None](), list[str]()
    for check in goal.checks:
        measure, unit = MEASURES[check.measure]
        found = measure(sample, check.against)
        holds = None if found is None else check.holds(found)
        if check.measure == RUNS:
            complete = complete and bool(holds)
        else:
            held.append(holds)
        against = f" {WORDS.get(check.measure, 'than')} {check.against}" if check.against else ""
        shown = "nothing" if found is None else _written(found, unit)
        said.append(f"{check.measure}{against} {shown} ({check})")
    if False in held:
        verdict = Verdict.NOT_MET
    elif None in held:
        verdict = Verdict.NOT_RUN
    else:
        verdict = Verdict.MET if complete else Verdict.MET_SO_FAR
    return Answer(goal, verdict, "; ".join(said))


def _written(number: float, unit: Unit) -> str:
    match unit:
        case Unit.SHARE:
            return f"{100 * number:.2f}".rstrip("0").rstrip(".") + " %"
        case Unit.NUMBER:
            return f"{number:,.3f}".rstrip("0").rstrip(".")
        case _:
            return f"{number:.1f} {unit}"


def _share(records: Sequence[Record], test: Callable[[Record], bool]) -> Measured:
    return sum(map(test, records)) / len(records) if records else None


def _worst_gap(sample: Sample, _: str) -> Measured:
    gaps = _gaps(sample)
    return None if gaps is None else max(gaps)


def _median_gap(sample: Sample, _: str) -> Measured:
    gaps = _gaps(sample)
    return None if gaps is None else median(gaps)


def _gaps(sample: Sample) -> list[float] | None:
    """The gap of each run; None if one has no solution or no bound."""
    bounds = compare.best_bounds(sample.others)
    found = [compare.gap_to(record.cost, bounds.get(compare.case_of(record))) for record in sample.valid]
    known = [gap for gap in found if gap is not None]
    return known if known and len(known) == len(sample.ours) else None


def _above_best_known(sample: Sample, _: str) -> Measured:
    """By how many units of the last tier the worst run is above the least cost published."""
    return _most(
        record.cost[-1] - record.best_known for record in sample.valid if record.cost and record.best_known is not None
    )


def _mean_above(sample: Sample, _: str) -> Measured:
    """The mean over instances of the median share above the least cost published."""
    by_instance = defaultdict(list)
    for record in sample.valid:
        if record.cost and record.best_known:
            by_instance[record.instance].append(record.cost[-1] / record.best_known - 1)
    return mean(map(median, by_instance.values())) if by_instance else None


def _reached(sample: Sample, _: str) -> Measured:
    return float(sum(compare.is_reached(record) for record in sample.valid))


def _optimum_reached(sample: Sample, _: str) -> Measured:
    return float(sum(record.best_is_optimal and compare.is_reached(record) for record in sample.valid))


def _above_published(sample: Sample, _: str) -> Measured:
    """By which share the worst run is above the least cost that others publish of its instance."""
    shares = []
    for record in sample.valid:
        costs = [
            figure.cost
            for figure in published(record.suite)
            if figure.instance == record.instance and figure.cost is not None
        ]
        if costs and record.cost:
            shares.append(record.cost[-1] / min(costs) - 1)
    return _most(shares)


def _sum_of_scores(sample: Sample, _: str) -> Measured:
    by_instance = _scores(sample.valid)
    return sum(map(median, by_instance.values())) if by_instance else None


def _score(sample: Sample, against: str) -> Measured:
    """The mean score; against another, the difference of the means over the cases that both ran."""
    rivals = {compare.case_of(record): record for record in sample.others if record.solver == against and record.valid}
    both = [record for record in sample.valid if not against or compare.case_of(record) in rivals]
    scores = [record.score for record in both if record.score is not None]
    if not scores:
        return None
    theirs = [rivals[compare.case_of(record)].score or 0.0 for record in both] if against else [0.0]
    return mean(scores) - mean(theirs)


def _scores(records: Sequence[Record]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for record in records:
        if record.score is not None:
            found[record.instance].append(record.score)
    return found


def _items_a_second(sample: Sample, _: str) -> Measured:
    return min((compare.items_a_second(record) for record in sample.valid), default=None)


def _better(sample: Sample, against: str) -> Measured:
    tally = _tally(sample, against)
    return tally[0] / sum(tally) if any(tally) else None


def _not_worse(sample: Sample, against: str) -> Measured:
    tally = _tally(sample, against)
    return (tally[0] + tally[1]) / sum(tally) if any(tally) else None


def _tally(sample: Sample, against: str) -> tuple[int, int, int]:
    """Cases on which ours was better, equal and worse."""
    if against == "peers":
        rivals = _best([record for record in sample.others if record.solver in PEERS])
    else:
        rivals = [record for record in sample.others if record.solver == against]
    found = compare.verdicts([*sample.ours, *rivals], sample.ours[0].solver)
    return sum(v.wins for v in found), sum(v.ties for v in found), sum(v.losses for v in found)


def _best(records: Sequence[Record]) -> list[Record]:
    """The best record of each case, as if of one contestant."""
    found: dict[compare.Case, Record] = {}
    for record in records:
        best = found.get(compare.case_of(record))
        if record.valid and record.cost is not None and (best is None or record.cost < (best.cost or ())):
            found[compare.case_of(record)] = record
    return [msgspec.structs.replace(record, solver="peers") for record in found.values()]


def _behind(sample: Sample, against: str) -> Measured:
    late, both = compare.behind([*sample.ours, *sample.others], sample.ours[0].solver, against)
    return float(late) if both else None


def _most(values: Iterable[float]) -> Measured:
    return max(map(float, values), default=None)


RUNS = "runs"
"""Too few of them make a goal met so far at most, but not missed."""

MEASURES: dict[str, tuple[Measure, Unit]] = {
    RUNS: (lambda sample, _: float(len(sample.ours)), Unit.NUMBER),
    "failed": (lambda sample, _: float(len(sample.ours) - len(sample.valid)), Unit.NUMBER),
    "proven": (lambda sample, _: _share(sample.ours, lambda record: record.status == "optimal"), Unit.SHARE),
    "proven optimal": (lambda sample, _: float(sum(r.status == "optimal" for r in sample.valid)), Unit.NUMBER),
    "proven not to fit": (lambda sample, _: _share(sample.ours, compare.is_proven_short), Unit.SHARE),
    "bounded": (lambda sample, _: _share(sample.ours, lambda record: record.lower_bound is not None), Unit.SHARE),
    "left out": (lambda sample, _: float(sum(record.unplaced for record in sample.valid)), Unit.NUMBER),
    "worst gap": (_worst_gap, Unit.SHARE),
    "median gap": (_median_gap, Unit.SHARE),
    "slowest": (lambda sample, _: _most(record.seconds for record in sample.ours), Unit.SECONDS),
    "slowest search": (lambda sample, _: _most(record.search_seconds for record in sample.ours), Unit.SECONDS),
    "most memory": (lambda sample, _: _most(record.peak_memory / 2**30 for record in sample.ours), Unit.GIB),
    "best known reached": (_reached, Unit.NUMBER),
    "known optimum reached": (_optimum_reached, Unit.NUMBER),
    "most above published": (_above_published, Unit.SHARE),
    "most above best known": (_above_best_known, Unit.NUMBER),
    "mean above best known": (_mean_above, Unit.SHARE),
    "sum of scores": (_sum_of_scores, Unit.NUMBER),
    "mean score": (_score, Unit.NUMBER),
    "least items a second": (_items_a_second, Unit.NUMBER),
    "better": (_better, Unit.SHARE),
    "not worse": (_not_worse, Unit.SHARE),
    "at some moment behind": (_behind, Unit.NUMBER),
}
"""What a check may ask for, and its unit."""

WORDS = {"mean score": "against", "at some moment behind": "against"}
"""How another contestant is named after a measure, where that is not "than"."""
