"""What would make a pod fit, and whom it is in conflict with, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from placement.remedies.conflict import Conflict
from placement.remedies.remedy import Remedy
from placement.report.columns import columns
from placement.report.printable import printable

NAMED = 6
"""How many pods are named before they are only counted."""


def remedies(found: Sequence[Remedy]) -> Iterator[Text]:
    """The remedies, the cheapest first; says so if there is none."""
    if not found:
        yield Text("No single change that was tried would make it fit.", style="yellow")
        return
    rows = []
    for remedy in found:
        unproven = "" if remedy.verified else " (not planned anew for want of time)"
        rows.append([remedy.kind.value, remedy.description + unproven])
    yield from columns(["ANY OF THESE HELPS", "CHANGE"], rows)


def conflict(found: Conflict, subject: str) -> Iterator[Text]:
    """Whom a pod cannot be placed together with, and by which rules; nothing if it cannot be placed even alone."""
    others = [pod for pod in found.pods if pod != subject]
    if not others:
        return
    least = "" if found.minimal else ", perhaps not all of them needed"
    yield Text(f"It is proven that it cannot be placed together with {_named(others)}{least}:")
    yield from columns(["RULE", "OF"], [[demand.what, _named(demand.pods)] for demand in found.demands])


def _named(pods: Sequence[str]) -> str:
    shown = ", ".join(printable(pod) for pod in pods[:NAMED])
    return shown if len(pods) <= NAMED else f"{shown} and {len(pods) - NAMED:,} more"
