"""Results as a page of Markdown: goals and verdicts, tables, what is lost, profiles, machines.

The same lines give the same page. A suite gets its section as soon as there are lines of it.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import compare, goals, suite
from benchmarks.contestants import PEERS
from benchmarks.extender import report
from benchmarks.goals import Answer, Goal, Sample
from benchmarks.published import published
from benchmarks.records import Record
from benchmarks.suite import Outline
from benchmarks.tables import (
    elsewhere,
    goal_table,
    lost,
    profile_table,
    some,
    table,
    tally_table,
    verdict_table,
)
from benchmarks.tally import tallies

HEAD = """# Benchmarks

Generated from the lines in [benchmarks/results](../benchmarks/results) by `make figures`. Nothing is chosen by hand:
what is lost is here beside what is won, and goals that are not met or not run say so.

## Protocol

**Runs.** A run is one contestant on one instance with one seed, in a process of its own. Runs follow one another; each
writes down the load of the machine before it began, and each section says what that was. Every contestant has solved a
small problem before, so that no compiler runs on its time. Runs on one core were bound to it, ahead of all others; the
other core did other work meanwhile. [Machines](#machines) lists what the runs ran on.

**Clock.** Seconds, processor time and peak memory are of the whole command: start, imports, reading or generating,
search, writing the solution. The time limit is of all of that too, or of the search alone where the suite is about
items a second. `search` is the search alone. Peers that run through once have no limit, and are killed after twice the
limit and a minute.

**Judge.** Another process makes the problem anew, replays every rule item by item, adds the cost up again and refuses a
bound that is above the cost, or above the best cost published. Instances of public sets are judged by an evaluator of
the set's own rules as well, which shares no code with the solvers. What is refused is a failed run and listed.

**Seeds.** The seed draws a generated instance, and is the solver's. Figures are medians over seeds, beside the worst
gap and the slowest run; scores are means. Where fewer seeds were run than the suite asks for, a goal is at most *met so
far*.

**Gaps.** The distance from the best bound that anybody proved on the same instance and seed, in the first tier of the
cost that does not meet it, as a share of the cost; peers prove nothing and are measured with our bounds. A case is
*better* or *worse* by the whole cost, tier by tier. `over best known` is above the least cost published, in the last
tier. Best known values are for these tables only, no solver is told; nothing is tuned to an instance.

**Peers.** What others do is written anew on arrays and keeps every hard rule ([benchmarks/peers](../benchmarks/peers));
Rebalancer runs as it is published. Figures in *italics* are published ones, of whoever cannot run here: other machines,
other years. [benchmarking.md](benchmarking.md) says the rest, and how to run it all again.
"""

MANY = 24
"""Instances from which a suite is shown contestant by contestant, not instance by instance."""

GREEDY = "greedy"

SHARED = 1.5
"""Load average a core before a run from which the machine counts as shared."""


def page(records: Sequence[Record], path: Path, plots: Path | None, extender: Path | None = None) -> str:
    """All suites, with links to the plots in a folder, and the extender's lines in another."""
    parts = [HEAD]
    if records:
        parts.append(summary(records))
    for name, lines in by_suite(records).items():
        parts.append(section(name, lines, path, plots))
    if extender is not None and (told := report.section(extender)):
        parts.append(told)
    parts.append(machines(records) if records else "No results are committed.\n")
    return "\n".join(parts)


def summary(records: Sequence[Record]) -> str:
    """How the first contestant of each suite fared against the best of all others there, and its goals."""
    lines = [
        "## Summary",
        "",
        "The first contestant of each suite that is this project's, case by case against the best of all others; and of"
        " the suite's goals those met, met so far by fewer seeds than asked for, not met, and not run:",
        "",
        "| suite | contestant | cases | proven optimal | best known reached | better | equal | worse | failed |"
        " met | so far | not met | not run |",
        "| --- | --- |" + " ---: |" * 11,
    ]
    for name, of_suite in by_suite(records).items():
        known = _outline(name)
        ranked = _ranked(of_suite, known)
        champion = _champion(ranked, known)
        verdicts = [answer.verdict for answer in answers(of_suite, known)]
        counts = " | ".join(str(verdicts.count(verdict)) for verdict in goals.Verdict)
        for tally in tallies(ranked):
            if tally.solver == champion:
                reached = f"{tally.reached} of {tally.known}" if tally.known else "–"
                lines.append(
                    f"| [{name}](#{_anchor(known.title)}) | {tally.solver} | {tally.cases} | {tally.proven} |"
                    f" {reached} | {tally.better} | {tally.equal} | {tally.worse} | {tally.failed} | {counts} |"
                )
    return "\n".join([*lines, ""])


def _outline(name: str) -> Outline:
    return suite.outline(name) if name in suite.names() else Outline(name, "")


def _ranked(records: Sequence[Record], known: Outline) -> list[Record]:
    """Without contestants that are told more than the others."""
    return [record for record in records if record.solver not in known.unranked]


def _champion(records: Sequence[Record], known: Outline) -> str:
    """The first contestant of this project's in the suite, or in the results where the suite names none of them."""
    there = list(dict.fromkeys(record.solver for record in records if record.solver not in PEERS))
    asked = [solver for planned in known.planned for solver in planned.solvers]
    return next((solver for solver in asked if solver in there), there[0] if there else "")


def _anchor(title: str) -> str:
    """The anchor that a heading gets: small letters, blanks as dashes, no punctuation."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
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
    """A suite: text, goals, table, what is won and lost, profile, plots."""
    known, figures = _outline(name), published(name)
    parts = [f"## {known.title}\n"]
    if known.text:
        parts.append(known.text.strip() + "\n")
    parts.append(f"`python -m benchmarks run {name}`: {circumstances(records)}\n")
    parts.append(goal_table(answers(records, known)))
    ranked = _ranked(records, known)
    instances = list(dict.fromkeys(record.instance for record in records))
    champion, many = _champion(ranked, known), len(instances) > MANY
    parts.append(tally_table(ranked, champion) if many else table(records, figures))
    parts.append(short_of_room(records))
    parts.append(elsewhere(figures, [] if many else instances))
    if champion:
        if not many:
            parts.append(verdict_table(ranked, champion))
        parts.append(lost(ranked, champion))
        parts.append(anytime(ranked, champion))
    parts.append(profile_table(ranked))
    failures = [record for record in records if not record.valid]
    if failures:
        listed = [f"- {line.instance}, seed {line.seed}, {line.solver}: {line.error}" for line in failures]
        parts.append("\n".join([f"Failed runs, {len(failures)} of {len(records)}:", "", *some(listed), ""]))
    if path is not None and plots is not None:
        for plot in sorted(plots.glob(f"bench-{name}-*.svg")):
            parts.append(f"![{plot.stem}]({os.path.relpath(plot, path.parent)})\n")
    return "\n".join(part for part in parts if part)


def circumstances(records: Sequence[Record]) -> str:
    """How many runs there are, of how many seeds, and what else the machine was doing."""
    seeds = {record.seed for record in records}
    loads = [record.load for record in records]
    by_cores = sorted(Counter(record.cores for record in records).items(), reverse=True)
    cores = _count(by_cores[0][0], "core")
    if len(by_cores) > 1:
        cores = ", ".join(f"{_count(number, 'core')} ({runs} runs)" for number, runs in by_cores)
    shared = sum(map(_is_shared, records))
    company = f"; {shared} began on a machine shared with other work" if shared else ""
    return (
        f"{_count(len(records), 'run')}, {_count(len(seeds), 'seed')}; load before a run"
        f" {median(loads):.1f} (median), {max(loads):.1f} (most), on {cores}{company}."
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _is_shared(record: Record) -> bool:
    return record.load > SHARED * max(record.cores, 1)


def answers(records: Sequence[Record], known: Outline) -> list[Answer]:
    """What the results say of each goal of a suite."""
    champion = _champion(_ranked(records, known), known)
    return [_answer(goal, records, known, goal.contestant or champion) for goal in known.goals]


def _answer(goal: Goal, records: Sequence[Record], known: Outline, contestant: str) -> Answer:
    planned = [plan for plan in known.planned if contestant in plan.solvers]
    of_goal = [
        record
        for record in records
        if goal.speaks_of(record.instance)
        and any(plan.holds(record.instance) and plan.time_limit == record.time_limit for plan in planned)
    ]
    ours = [record for record in of_goal if record.solver == contestant]
    seeds: dict[str, set[int]] = defaultdict(set)
    for record in ours:
        seeds[record.instance].add(record.seed)
    named = {name for plan in planned for name in plan.names if "*" not in name and goal.speaks_of(name)}
    complete = all(
        set(plan.seeds) <= seeds[name] for name in named | set(seeds) for plan in planned if plan.holds(name)
    )
    return goals.answer(goal, Sample(ours, of_goal), complete)


def short_of_room(records: list[Record]) -> str:
    """Who proved that not all items can be placed."""
    short = [
        f"- {row.instance}, {row.solver}: {row.proven_short} of {row.runs}"
        for row in compare.rows(records)
        if row.proven_short and row.solver not in PEERS
    ]
    return "\n".join(["Proven that not all can be placed:", "", *some(short), ""]) if short else ""


def anytime(records: list[Record], champion: str) -> str:
    """Whether a contestant was ever behind greedy, which it begins with."""
    late, cases = compare.behind(records, champion, GREEDY)
    if champion == GREEDY or cases == 0:
        return ""
    return f"`{champion}` was behind `{GREEDY}` at some moment, by more than a second, on {late} of {cases} runs.\n"


def machines(records: Sequence[Record]) -> str:
    """What the runs ran on."""
    found: dict[str, int] = {}
    for record in records:
        changed = ", with changes not committed" if record.modified else ""
        versions = ", ".join(f"{name} {version}" for name, version in record.versions.items() if version)
        company = ", the machine shared with other work" if _is_shared(record) else ""
        key = f"{record.cpu}, {record.cores} cores{company}; commit {record.commit[:12]}{changed}; {versions}"
        found[key] = found.get(key, 0) + 1
    return "\n".join(["## Machines", "", *[f"- {number} runs: {key}" for key, number in found.items()], ""])
