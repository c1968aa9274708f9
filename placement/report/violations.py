"""The referee's report as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.referee import Report
from placement.report.columns import columns


def violations(report: Report, *, show_headers: bool = True) -> Iterator[Text]:
    """A line for each violation, then the verdict."""
    if report.violations:
        rows = [[each.pod or "–", each.node or "–", each.plugin, each.message] for each in report.violations]
        yield from columns(["POD", "NODE", "RULE", "WHAT IS WRONG"], rows, show_headers=show_headers)
        yield Text()
    checked = f"{report.placements:,} placements checked"
    if report.ok:
        yield Text.assemble(("the plan holds", "bold green"), f" · {checked}")
    else:
        yield Text.assemble(("the plan fails", "bold red"), f" · {checked} · {len(report.violations):,} violations")
