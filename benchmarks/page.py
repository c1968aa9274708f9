"""Results as a page of Markdown: goals, tables, verdicts, profiles, machines. The same lines give the same page."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks import compare, suite
from benchmarks.contestants import PEERS
from benchmarks.records import Record
from benchmarks.suite import Outline

HEAD = """# Benchmarks

Generated from the lines in [benchmarks/results](../benchmarks/results) by
`python -m benchmarks compare benchmarks/results/*.jsonl --page docs/benchmarks.md --plots docs/images`. Nothing is
chosen by hand: what is lost is here beside what is won.

**Protocol.** A run is one contestant on one instance with one seed, in a process of its own; seconds and memory are of
the whole command. Another process makes the problem anew, replays every rule item by item, adds the cost up again and
refuses a bound that is above the cost or above the best cost published; instances of public sets are judged by an
evaluator of the set's own rules as well, which shares no code with the solvers. Runs follow one another, with the load
of the machine before each written down. Best known values are for these tables only, no solver is told; nothing is
tuned to an instance. [benchmarking.md](benchmarking.md) says the rest, and how to run it all again.
"""

MANY = 24
"""Instances from which a suite is shown contestant by contestant, not instance by instance."""

MOST_LISTED = 12
"""Cases that a list names before it says how many more there are."""

GREEDY = "greedy"

SHARED = 1.5
"""Load average a core before a run from which the machine counts as shared."""

PROFILE_NOTE = "Share of cases whose cost is at most so many times the best that anybody reached:"


def page(records: Sequence[Record], path: Path, plots: Path | None) -> str:
    """All suites, with links to the plots in a folder."""
    parts = [HEAD]
    if records:
        parts.append(summary(records))
    for name, lines in by_suite(records).items():
        parts.append(section(name, lines, path, plots))
    parts.append(machines(records) if records else "No results are committed.\n")
    return "\n".join(parts)


def summary(records: Sequence[Record]) -> str:
    """How the first contestant of each suite fared against the best of all others there."""
    lines = [
        "## Summary",
        "",
        "The first contestant of each suite that is this project's, case by case against the best of all others:",
        "",
        "| suite | contestant | cases | proven optimal | best known reached | better | equal | worse | failed |",
        "| --- | --- |" + " ---: |" * 7,
    ]
    for name, of_suite in by_suite(records).items():
        champion = _champion(of_suite)
        for tally in compare.tallies(of_suite):
            if tally.solver == champion:
                reached = f"{tally.reached} of {tally.known}" if tally.known else "–"
                lines.append(
                    f"| [{name}](#{_anchor(name)}) | {tally.solver} | {tally.cases} | {tally.proven} | {reached} |"
                    f" {tally.better} | {tally.equal} | {tally.worse} | {tally.failed} |"
                )
    return "\n".join([*lines, ""])


def _champion(records: Sequence[Record]) -> str:
    return next((record.solver for record in records if record.solver not in PEERS), "")


def _title(name: str) -> str:
    return suite.outline(name).title if name in suite.names() else name


def _anchor(name: str) -> str:
    """The anchor that a heading gets: small letters, blanks as dashes, no punctuation."""
    kept = "".join(letter for letter in _title(name).lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def tables(records: Sequence[Record]) -> str:
    """All suites without a head and plots, for a terminal."""
    return "\n".join([section(name, lines, None, None) for name, lines in by_suite(records).items()])


def by_suite(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Records of each suite, suites in the order of their names."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.suite].append(record)
    return dict(sorted(found.items()))


def section(name: str, records: list[Record], path: Path | None, plots: Path | None) -> str:
    """A suite: text, table, verdicts, profile, plots."""
    known = suite.outline(name) if name in suite.names() else None
    parts = [f"## {known.title if known else name}\n"]
    if known and known.text:
        parts.append(known.text.strip() + "\n")
    parts.append(f"`python -m benchmarks run {name}`\n")
    champion, many = _champion(records), len({record.instance for record in records}) > MANY
    parts.append(tally_table(records, champion) if many else table(records))
    parts.append(notes(records, known))
    if champion:
        if not many:
            parts.append(verdict_table(records, champion))
        parts.append(lost(records, champion))
        parts.append(anytime(records, champion))
    parts.append(profile_table(records))
    failures = [record for record in records if not record.valid]
    if failures:
        parts.append("Failed runs:\n")
        parts += [f"- {line.instance}, seed {line.seed}, {line.solver}: {line.error}" for line in failures]
        parts.append("")
    if path is not None and plots is not None:
        for plot in sorted(plots.glob(f"bench-{name}-*.svg")):
            parts.append(f"![{plot.stem}]({os.path.relpath(plot, path.parent)})\n")
    return "\n".join(parts)


def table(records: list[Record]) -> str:
    """A row for each instance and contestant."""
    found = compare.rows(records)
    scored = any(row.score is not None for row in found)
    lines = [
        "| instance | contestant | runs | proven | gap, median | gap, worst | cost, median | over best known |"
        + (" score |" if scored else "")
        + " left out | seconds | slowest | search | MiB |",
        "| --- | --- |" + " ---: |" * (12 if scored else 11),
    ]
    for row in found:
        shown = [
            row.instance,
            row.solver,
            f"{row.runs}" + (f" ({row.failed} failed)" if row.failed else ""),
            "–" if row.solver in PEERS and not row.proven else f"{row.proven}",
            _percent(row.gap),
            _percent(row.worst_gap),
            _cost(row.cost),
            _percent(row.over_best_known),
            *(["–" if row.score is None else f"{row.score:,.3f}"] if scored else []),
            f"{row.left_out:,}",
            f"{row.seconds:.1f}",
            f"{row.most_seconds:.1f}",
            f"{row.search_seconds:.1f}",
            f"{row.peak_memory / 2**20:.0f}",
        ]
        lines.append("| " + " | ".join(shown) + " |")
    return "\n".join([*lines, ""])


def tally_table(records: list[Record], champion: str) -> str:
    """A row for each contestant over all instances, and what the first of this project left open."""
    lines = [
        "| contestant | cases | failed | proven optimal | best known reached | over best known, mean |"
        " better than all others | equal | worse | seconds, median |",
        "| --- |" + " ---: |" * 9,
    ]
    for tally in compare.tallies(records):
        shown = [
            tally.solver,
            f"{tally.cases}",
            f"{tally.failed}",
            f"{tally.proven}",
            f"{tally.reached} of {tally.known}" if tally.known else "–",
            _percent(tally.over_best_known),
            f"{tally.better}",
            f"{tally.equal}",
            f"{tally.worse}",
            f"{tally.seconds:.1f}",
        ]
        lines.append("| " + " | ".join(shown) + " |")
    bounds = compare.best_bounds(records)
    open_ = [
        f"- {record.instance}, seed {record.seed}: {_cost(record.cost)},"
        f" bound {_cost(bounds.get(compare.case_of(record)))}"
        + (f", best known {record.best_known:,}" if record.best_known is not None else "")
        for record in records
        if record.solver == champion and record.valid and record.cost != bounds.get(compare.case_of(record))
    ]
    if open_:
        lines += ["", f"`{champion}` reached no proof on {len(open_)} cases:", "", *_some(open_)]
    return "\n".join([*lines, ""])


def notes(records: list[Record], known: Outline | None) -> str:
    """Proofs that not all fits, goals, and what the columns mean."""
    goals = known.goals if known else {}
    lines = []
    short = [
        f"- {row.instance}, {row.solver}: {row.proven_short} of {row.runs}"
        for row in compare.rows(records)
        if row.proven_short and row.solver not in PEERS
    ]
    if short:
        lines += ["Proven that not all can be placed:", "", *_some(short), ""]
    asked = [f"- {instance}: {goal}" for instance, goal in goals.items() if goal]
    if asked:
        lines += ["Goals:", "", *asked, ""]
    lines += [
        "Gaps are to the best bound that any contestant proved; seconds and MiB are of the whole command.",
        "",
    ]
    return "\n".join(lines)


def lost(records: list[Record], champion: str) -> str:
    """The cases on which another contestant was better."""
    found = [
        f"- {loss.instance}, seed {loss.seed}: {_cost(loss.cost)}, `{loss.against}` {_cost(loss.best)}"
        for loss in compare.losses(records, champion)
    ]
    return "\n".join([f"Lost by `{champion}`:", "", *_some(found), ""]) if found else ""


def _some(lines: list[str]) -> list[str]:
    """The first lines of a list, and how many more there are."""
    more = len(lines) - MOST_LISTED
    return lines if more <= 1 else [*lines[:MOST_LISTED], f"- … and {more} more"]


def verdict_table(records: list[Record], champion: str) -> str:
    """Seeds on which one contestant was better, equal and worse than each other one, by instance."""
    found = {(verdict.instance, verdict.against): verdict for verdict in compare.verdicts(records, champion)}
    if not found:
        return ""
    others = list(dict.fromkeys(against for _, against in found))
    lines = [f"Better / equal / worse seeds of `{champion}` against:", ""]
    lines += [f"| instance | {' | '.join(others)} |", "| --- |" + " ---: |" * len(others)]
    for instance in dict.fromkeys(instance for instance, _ in found):
        cells = [
            f"{verdict.wins} / {verdict.ties} / {verdict.losses}" if (verdict := found.get((instance, other))) else "–"
            for other in others
        ]
        lines.append(f"| {instance} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def anytime(records: list[Record], champion: str) -> str:
    """Whether a contestant was ever behind greedy, which it begins with."""
    late, cases = compare.behind(records, champion, GREEDY)
    if champion == GREEDY or cases == 0:
        return ""
    return f"`{champion}` was behind `{GREEDY}` at some moment, by more than a second, on {late} of {cases} runs.\n"


def profile_table(records: list[Record]) -> str:
    """Performance profiles in numbers."""
    profiles = compare.profile(records)
    if len(profiles) < 2:
        return ""
    heads = [f"{ratio:g}" for ratio in compare.PROFILE_AT]
    lines = [PROFILE_NOTE, "", f"| contestant | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for solver, ratios in profiles.items():
        shares = [f"{100 * compare.share_within(ratios, most):.0f} %" for most in compare.PROFILE_AT]
        lines.append(f"| {solver} | {' | '.join(shares)} |")
    return "\n".join([*lines, ""])


def machines(records: Sequence[Record]) -> str:
    """What the runs ran on."""
    found: dict[str, int] = {}
    for record in records:
        changed = ", with changes not committed" if record.modified else ""
        versions = ", ".join(f"{name} {version}" for name, version in record.versions.items() if version)
        company = ", the machine shared with other work" if record.load > SHARED * max(record.cores, 1) else ""
        key = f"{record.cpu}, {record.cores} cores{company}; commit {record.commit[:12]}{changed}; {versions}"
        found[key] = found.get(key, 0) + 1
    return "\n".join(["## Machines", "", *[f"- {number} runs: {key}" for key, number in found.items()], ""])


def _cost(cost: Sequence[float] | None) -> str:
    """The last tier, or all where there are more than items left out and one cost."""
    if cost is None:
        return "–"
    return " / ".join(f"{value:,.0f}" for value in (cost if len(cost) > 2 else cost[-1:]))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"
