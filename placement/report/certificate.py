"""What is known of a claimed bound, in a line."""

from __future__ import annotations

from rich.text import Text

from placement.certificate import BoundReport


def confirmation(report: BoundReport) -> Text:
    """Whether the bound is confirmed, and why not if it is not."""
    if report.verified:
        claims = ", ".join(f"{tier.tier} ≥ {tier.claimed:,}" for tier in report.tiers)
        return Text.assemble(("the bound is confirmed", "bold green"), f" · {claims}")
    return Text.assemble(("the bound is not confirmed", "bold yellow"), f" · {report.problem}")
