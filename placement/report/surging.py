"""Whether rollouts have room, as text: a line for each Deployment, then what is in the way."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.report.columns import columns
from placement.report.printable import printable
from placement.report.table import left_over
from placement.surging import Surge, Surges


def surging(found: Surges, *, show_headers: bool = True) -> Iterator[Text]:
    """The answer for every Deployment, the verdict last."""
    rows: list[list[str | Text]] = [
        [each.workload, f"{each.replicas:,}", f"{each.surge:,}", f"{each.unavailable:,}", _room(each)]
        for each in found.surges
    ]
    headers = ["DEPLOYMENT", "REPLICAS", "SURGE", "UNAVAILABLE", "ROOM"]
    yield from columns(headers, rows, show_headers=show_headers, right=frozenset({1, 2, 3}))
    for each in found.surges:
        if each.left_out:
            yield Text()
            yield Text(f"{printable(each.workload)}:", style="bold")
            yield from list(left_over(each.left_out, each.nodes))[1:]
    yield Text()
    stuck = found.stuck
    if stuck:
        said = Text(f"stuck: {printable(', '.join(stuck))}", style="bold red")
    elif found.surges:
        said = Text("every rollout can go on", style="bold green")
    else:
        said = Text("nothing was asked", style="bold yellow")
    if found.not_asked:
        said.append(f" · interrupted, not asked: {printable(', '.join(found.not_asked))}", style="yellow")
    yield said


def _room(each: Surge) -> Text:
    if each.replicas == 0:
        return Text("nothing to roll", style="dim")
    most = " (no plan places more)" if each.left_out and each.plan.places_most else ""
    if each.at_once <= 0:
        return Text(f"stuck: no room for a new pod{most}", style="bold red")
    once = f", {each.missing:,} old gone first" if each.missing else ""
    if each.fits:
        return Text(f"for all {each.at_once:,} at once{once}", style="green")
    return Text(f"for {each.at_once:,} at once{once}{most}", style="yellow")
