"""What two plans do differently, as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.difference import Difference
from placement.report.columns import columns
from placement.report.cost import cost


def difference(found: Difference, *, show_headers: bool = True) -> Iterator[Text]:
    """A line for each pod that goes elsewhere, then what changes in the cost."""
    rows: list[list[str | Text]] = []
    rows += [[Text("moved", style="yellow"), move.pod, move.before, move.after] for move in found.moved]
    rows += [[Text("placed", style="green"), each.pod, "–", each.node] for each in found.placed]
    rows += [[Text("lost", style="red"), each.pod, each.node, "–"] for each in found.lost]
    rows += [[Text("evicted", style="red"), each.pod, each.node, "–"] for each in found.evicted]
    rows += [[Text("spared", style="green"), each.pod, "–", each.node] for each in found.spared]
    if rows:
        yield from columns(["CHANGE", "POD", "BEFORE", "AFTER"], rows, show_headers=show_headers)
        yield Text()
    yield summary(found)


def summary(found: Difference) -> Text:
    """The changes counted in one line."""
    counts = {
        "moved": len(found.moved),
        "placed": len(found.placed),
        "lost": len(found.lost),
        "evicted": len(found.evicted),
        "spared": len(found.spared),
    }
    parts = [f"{count:,} {name}" for name, count in counts.items() if count] or ["no pod goes elsewhere"]
    before, after = found.nodes_used
    parts.append(f"nodes {before:,} → {after:,}" if before != after else f"nodes {after:,}")
    parts += [
        f"{change.tier} {_shown(change.tier, change.before)} → {_shown(change.tier, change.after)}"
        for change in found.cost
        if change.tier != "nodes"
    ]
    if found.status[0] != found.status[1]:
        parts.append(f"{found.status[0]} → {found.status[1]}")
    return Text(" · ".join(parts), style="bold")


def _shown(tier: str, value: int | None) -> str:
    return "–" if value is None else cost(tier, value)
