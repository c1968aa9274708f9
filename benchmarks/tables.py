"""Tables of the page: contestants by instance or over all instances, wins by how much, losses, profiles, goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks import compare
from benchmarks.contestants import PEERS
from benchmarks.goals import Answer, Verdict
from benchmarks.published import Figure
from benchmarks.records import Record
from benchmarks.tally import tallies

MOST_LISTED = 12
"""Cases that a list names before it says how many more there are."""

PROFILE_NOTE = (
    "Performance profile: the share of cases whose cost is at most so many times the best that anybody reached."
)


def table(records: Sequence[Record], figures: Sequence[Figure] = ()) -> str:
    """A row for each instance and contestant, and one for each figure published of the instance."""
    found = compare.rows(records)
    instances = list(dict.fromkeys(row.instance for row in found))
    shown_figures = [figure for figure in figures if figure.instance in instances]
    scores = [row.score for row in found] + [figure.score for figure in shown_figures]
    scored = any(score is not None for score in scores)
    online = any(record.clock == "search" for record in records)
    lines = [
        *_head(
            "instance",
            "contestant",
            "runs",
            "limit",
            "proven",
            "gap, median",
            "gap, worst",
            "cost, median",
            "over best known",
            *(["score, mean"] if scored else []),
            "left out",
            "seconds",
            "slowest",
            "search",
            *(["items a second"] if online else []),
            "MiB",
            words=2,
        )
    ]
    for instance in instances:
        for row in found:
            if row.instance != instance:
                continue
            shown = [
                row.instance,
                row.solver,
                f"{row.runs}" + (f" ({row.failed} failed)" if row.failed else ""),
                f"{row.time_limit:g} s",
                "–" if row.solver in PEERS and not row.proven else f"{row.proven}",
                percent(row.gap),
                percent(row.worst_gap),
                cost(row.cost),
                percent(row.over_best_known),
                *([_number(row.score)] if scored else []),
                f"{row.left_out:,}",
                f"{row.seconds:.1f}",
                f"{row.most_seconds:.1f}",
                f"{row.search_seconds:.1f}",
                *([f"{row.items_a_second:,.0f}"] if online else []),
                f"{row.peak_memory / 2**20:.0f}",
            ]
            lines.append(_row(shown))
        for figure in shown_figures:
            if figure.instance == instance:
                shown = [
                    figure.instance,
                    f"*{figure.who}*",
                    "published",
                    *["–"] * 4,
                    "–" if figure.cost is None else f"{figure.cost:,.0f}",
                    "–",
                    *([_number(figure.score)] if scored else []),
                    "–",
                    "–" if figure.seconds is None else f"{figure.seconds:.1f}",
                    *["–"] * (3 + online),
                ]
                lines.append(_row(shown))
    return "\n".join([*lines, ""])


def tally_table(records: Sequence[Record], champion: str) -> str:
    """A row for each contestant over all instances, and what the first of this project left open."""
    found = tallies(records)
    told = any(tally.optima for tally in found)
    lines = _head(
        "contestant",
        "cases",
        "failed",
        "proven optimal",
        "best known reached",
        *(["known optimum reached"] if told else []),
        "over best known, mean",
        "better than all others",
        "equal",
        "worse",
        "seconds, median",
        words=1,
    )
    for tally in found:
        shown = [
            tally.solver,
            f"{tally.cases}",
            f"{tally.failed}",
            f"{tally.proven}",
            f"{tally.reached} of {tally.known}" if tally.known else "–",
            *([f"{tally.optimal} of {tally.optima}"] if told else []),
            percent(tally.over_best_known),
            f"{tally.better}",
            f"{tally.equal}",
            f"{tally.worse}",
            f"{tally.seconds:.1f}",
        ]
        lines.append(_row(shown))
    bounds = compare.best_bounds(records)
    open_ = [
        f"- {record.instance}, seed {record.seed}: {cost(record.cost)},"
        f" bound {cost(bounds.get(compare.case_of(record)))}"
        + (f", best known {record.best_known:,}" if record.best_known is not None else "")
        for record in records
        if record.solver == champion and record.valid and record.cost != bounds.get(compare.case_of(record))
    ]
    if open_:
        lines += ["", f"`{champion}` reached no proof on {len(open_)} cases:", "", *some(open_)]
    return "\n".join([*lines, ""])


def goal_table(answers: Iterable[Answer]) -> str:
    """What is asked, what was measured, and whether that is enough; "" if nothing is asked."""
    lines = []
    for answer in answers:
        verdict = answer.verdict if answer.verdict is not Verdict.NOT_MET else f"**{answer.verdict}**"
        lines.append(
            _row(
                [
                    ", ".join(answer.goal.of) if answer.goal.of != ("*",) else "all",
                    answer.goal.text,
                    answer.figures,
                    verdict,
                ]
            )
        )
    return "\n".join([*_head("of", "goal", "measured (asked)", "verdict", words=4), *lines, ""]) if lines else ""


def verdict_table(records: Sequence[Record], champion: str) -> str:
    """Seeds on which one contestant was better, equal and worse than each other one, by instance, and by how much."""
    found = {(verdict.instance, verdict.against): verdict for verdict in compare.verdicts(records, champion)}
    if not found:
        return ""
    others = list(dict.fromkeys(against for _, against in found))
    lines = [
        f"Better / equal / worse seeds of `{champion}`, and by how much it is below the other's cost in the first tier"
        " that differs, of the greater of the two (median; below 0 % is above):",
        "",
        *_head("instance", *others, words=1),
    ]
    for instance in dict.fromkeys(instance for instance, _ in found):
        cells = []
        for other in others:
            verdict = found.get((instance, other))
            if verdict is None:
                cells.append("–")
                continue
            much = "" if verdict.cheaper is None else f", {percent(verdict.cheaper)}"
            cells.append(f"{verdict.wins} / {verdict.ties} / {verdict.losses}{much}")
        lines.append(_row([instance, *cells]))
    return "\n".join([*lines, ""])


def lost(records: Sequence[Record], champion: str) -> str:
    """The cases on which another contestant was better, or that there is none."""
    found = [
        f"- {loss.instance}, seed {loss.seed}: {cost(loss.cost)}, `{loss.against}` {cost(loss.best)}"
        for loss in compare.losses(records, champion)
    ]
    if found:
        return "\n".join([f"Lost by `{champion}`, {len(found)} cases:", "", *some(found), ""])
    rivals = {record.solver for record in records} - {champion}
    return f"Lost by `{champion}`: no case.\n" if rivals else ""


def profile_table(records: Sequence[Record]) -> str:
    """Performance profiles in numbers; "" for one contestant."""
    profiles = compare.profile(records)
    if len(profiles) < 2:
        return ""
    lines = [PROFILE_NOTE, "", *_head("contestant", *(f"{ratio:g}" for ratio in compare.PROFILE_AT), words=1)]
    for solver, ratios in profiles.items():
        lines.append(
            _row([solver, *(f"{100 * compare.share_within(ratios, most):.0f} %" for most in compare.PROFILE_AT)])
        )
    return "\n".join([*lines, ""])


def elsewhere(figures: Sequence[Figure], instances: Iterable[str]) -> str:
    """Sources of the figures in the table, and what else is published of the question."""
    there = set(instances)
    sources: dict[str, list[str]] = {}
    for figure in figures:
        if figure.instance in there:
            sources.setdefault(figure.source, []).append(figure.who)
    lines = [f"- *{', *'.join(f'{who}*' for who in dict.fromkeys(whos))}: {source}" for source, whos in sources.items()]
    lines += [f"- *{figure.who}*: {figure.note} ({figure.source})" for figure in figures if not figure.instance]
    if not lines:
        return ""
    head = "Published by others, on other machines; what cannot be run here is not run:"
    return "\n".join([head, "", *lines, ""])


def some(lines: list[str]) -> list[str]:
    """The first lines of a list, and how many more there are."""
    more = len(lines) - MOST_LISTED
    return lines if more <= 1 else [*lines[:MOST_LISTED], f"- … and {more} more"]


def cost(found: Sequence[float] | None) -> str:
    """The last tier, or all where there are more than items left out and one cost, or items are left out."""
    if found is None:
        return "–"
    whole = len(found) > 2 or any(found[:-1])
    return " / ".join(f"{value:,.0f}" for value in (found if whole else found[-1:]))


def percent(share: float | None) -> str:
    """A share in percent, to two decimals."""
    return "–" if share is None else f"{100 * share:.2f} %"


def _number(found: float | None) -> str:
    return "–" if found is None else f"{found:,.3f}"


def _head(*names: str, words: int) -> list[str]:
    """The first two lines of a table, the first columns of which hold words and the others numbers."""
    return [_row(names), "|" + " --- |" * words + " ---: |" * (len(names) - words)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
