"""The few figures that the README shows, between two marks, written from the lines of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import compare
from benchmarks.errors import BenchmarkError
from benchmarks.records import Record
from benchmarks.tables import percent

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

SUITE = "packing"

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


def written(text: str, records: Sequence[Record]) -> str:
    """A README with the table of these results between its marks.

    Raises
    ------
    BenchmarkError
        If the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchmarkError(f"no {BEGIN} and {END} in the file")
    return f"{before}{BEGIN}\n\n{table(records)}\n\n{END}{after}"
