"""The few figures that the README shows, between two marks, written from the lines of results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean, median

from benchmarks import compare
from benchmarks.errors import BenchmarkError
from benchmarks.published import published
from benchmarks.records import Record
from benchmarks.tables import percent

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

SUITE = "packing"

CAPTION = "\n\nOn public problems, beside others; *italics* are published figures, of other machines:\n\n"

CASES: Mapping[str, str] = {
    "identical-10k": "10,000 pods, identical nodes",
    "priced-10k": "10,000 pods, nine shapes of nodes by price",
    "zones-10k": "10,000 pods, each workload spread over three zones",
    "raw-10k": "10,000 pods, four resources",
}
"""Instances of the suite and what they are."""

CONTESTANTS: Mapping[str, str] = {
    "portfolio": "kube-placement",
    "best_fit_decreasing": "best fit decreasing",
    "first_fit_by_price": "first fit by price",
    "kube_scheduler_most_allocated": "kube-scheduler, MostAllocated",
    "kube_scheduler": "kube-scheduler, default",
}
"""Contestants and what readers call them; the first is this project's."""


def table(records: Sequence[Record]) -> str:
    """What each contestant could have saved at most, a row for each case; with time and proofs of the first."""
    rows = {
        (row.instance, row.solver): row for row in compare.rows([record for record in records if record.suite == SUITE])
    }
    lines = ["| | " + " | ".join(CONTESTANTS.values()) + " |", "| --- |" + " ---: |" * len(CONTESTANTS)]
    for instance, words in CASES.items():
        cells = []
        for solver in CONTESTANTS:
            row = rows.get((instance, solver))
            if row is None:
                cells.append("–")
            elif solver == "portfolio":
                proven = f", {row.proven} of {row.runs} proven" if row.proven else ""
                cells.append(f"**{percent(row.gap)}**{proven}, {row.seconds:.0f} s")
            else:
                cells.append(percent(row.gap))
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def public_sets(records: Sequence[Record]) -> str:
    """What this project's first contestant reached on public sets, beside others; only what was run has a row."""
    by_suite: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_suite[record.suite].append(record)
    rows = [
        *_reassignment(by_suite["roadef2012"]),
        *_optima(by_suite["binpacking1d"], "One-dimensional bin packing, BPPLIB: proven optimal", proven=True),
        *_optima(by_suite["vectorpacking"], "Vector packing in 3 to 10 dimensions: known optima reached", proven=False),
        *_allocation(by_suite["openb"]),
        *_rebalancing(by_suite["rebalancer"]),
    ]
    return "\n".join(["| public problem | kube-placement | others |", "| --- | ---: | --- |", *rows]) if rows else ""


def _reassignment(records: Sequence[Record]) -> list[str]:
    """The mean distance from the best known cost, of both sets of the challenge, and of teams on the same instances."""
    rows = []
    for letter in "ab":
        ours: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            # One instance has a best known cost of next to nothing, so that shares of it say nothing.
            near_nothing = record.trace and (record.best_known or 0) < record.trace[0][1][-1] / 1000
            if record.instance.startswith(letter) and record.cost and record.best_known and not near_nothing:
                ours[record.instance].append(record)
        if not ours:
            continue
        best = {instance: runs[0].best_known or 1 for instance, runs in ours.items()}
        reached = mean(median(run.cost[-1] for run in runs if run.cost) / best[name] - 1 for name, runs in ours.items())
        teams: dict[str, dict[str, float]] = defaultdict(dict)
        for figure in published("roadef2012"):
            if figure.instance in best and figure.cost is not None:
                teams[figure.who][figure.instance] = figure.cost / best[figure.instance] - 1
        told = [
            f"{who.partition(',')[0]} *{percent(mean(found.values()))}*"
            for who, found in teams.items()
            if len(found) == len(best)
        ]
        words = (
            f"Machine reassignment, ROADEF/EURO challenge 2012, {len(best)} of set {letter.upper()}: above best known"
        )
        rows.append(f"| {words} | **{percent(reached)}** | {', '.join(told) or '–'} |")
    return rows


def _optima(records: Sequence[Record], words: str, *, proven: bool) -> list[str]:
    """How many optima each contestant proved, of all instances, or reached, of those whose optimum is known."""
    known = [record for record in records if record.valid and (proven or record.best_is_optimal)]
    counts: dict[str, int] = defaultdict(int)
    for record in known:
        counts[record.solver] += record.status == "optimal" if proven else compare.is_reached(record)
    if "portfolio" not in counts:
        return []
    cases = len({record.instance for record in known})
    seconds = max(record.time_limit for record in known if record.solver == "portfolio")
    others = [f"{solver.replace('_', ' ')} {count}" for solver, count in counts.items() if solver != "portfolio"]
    told = [f"{figure.who}: {figure.note}" for figure in published(known[0].suite)]
    return [f"| {words} in {seconds:g} s | **{counts['portfolio']} of {cases}** | {', '.join(others + told) or '–'} |"]


def _allocation(records: Sequence[Record]) -> list[str]:
    """The mean share of GPUs allocated over the lists of pods that others publish a figure for."""
    theirs = {figure.instance: figure.score for figure in published("openb") if figure.who == "FGD" and figure.score}
    scores: dict[str, list[float]] = defaultdict(list)
    for record in records:
        if record.solver == "devices_online" and record.instance in theirs and record.score is not None:
            scores[record.instance].append(record.score)
    if not scores:
        return []
    ours = mean(mean(found) for found in scores.values())
    others = mean(theirs[instance] for instance in scores)
    words = f"GPUs shared online, Alibaba's cluster openb, {len(scores)} lists of pods: GPUs allocated"
    return [f"| {words} | **{ours:.2f} %** | FGD *{others:.2f} %* |"]


def _rebalancing(records: Sequence[Record]) -> list[str]:
    """By how much the cost is below Rebalancer's, size by size."""
    verdicts = [each for each in compare.verdicts(records, "portfolio") if each.against == "rebalancer"]
    told = [f"{percent(each.cheaper)} ({each.instance})" for each in verdicts if each.cheaper is not None]
    words = "Shards rebalanced in equal time: cost below Meta's Rebalancer"
    return [f"| {words} | **{', '.join(told)}** | 0 % |"] if told else []


def written(text: str, records: Sequence[Record]) -> str:
    """A README with the tables of these results between its marks.

    Raises
    ------
    BenchmarkError
        If the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchmarkError(f"no {BEGIN} and {END} in the file")
    tables = [table(records), public_sets(records)]
    return f"{before}{BEGIN}\n\n{CAPTION.join(filter(None, tables))}\n\n{END}{after}"
