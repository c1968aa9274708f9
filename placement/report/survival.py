"""What survives a loss, as text: a line for each domain, then who is left out and why."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.report.columns import columns
from placement.report.printable import printable
from placement.report.table import left_over
from placement.survival import Loss, Survival

NAMED = 3
"""Claims that are named."""


def survival(found: Survival, *, show_headers: bool = True) -> Iterator[Text]:
    """The answer for every domain, the verdict last."""
    rows = [_row(loss) for loss in found.losses]
    headers = ["LOST", "NODES", "PODS", "RUN AGAIN", "LEFT OUT"]
    yield from columns(headers, rows, show_headers=show_headers, right=frozenset({1, 2, 3}))
    for loss in found.losses:
        if loss.survived:
            continue
        yield Text()
        yield Text(f"without {printable(loss.domain)}:", style="bold")
        lines = left_over(loss.left_out, len(loss.cluster.inventory.nodes))
        yield from list(lines)[1:]
        if loss.gone:
            yield Text(f"made anew by no controller: {printable(', '.join(loss.gone))}")
    yield Text()
    if found.free_claims:
        number = len(found.free_claims)
        some = ", ".join(found.free_claims[:NAMED]) + (f" and {number - NAMED:,} more" if number > NAMED else "")
        yield Text(
            f"taken to be reached from anywhere, as no CSINode says from where: {printable(some)}", style="yellow"
        )
    yield _verdict(found)


def _row(loss: Loss) -> list[str | Text]:
    out = len(loss.left_out) + len(loss.gone)
    again = len(loss.pods) - sum(each.pod in loss.pods for each in loss.left_out)
    words = f"{out:,}{' (no plan leaves fewer)' if loss.left_out and loss.plan.places_most else ''}" if out else "0"
    shown = Text(words, style="bold red" if out else "green")
    return [loss.domain, f"{len(loss.nodes):,}", f"{len(loss.pods) + len(loss.gone):,}", f"{again:,}", shown]


def _verdict(found: Survival) -> Text:
    failed = [loss.domain for loss in found.losses if not loss.survived]
    if failed:
        said = Text(f"does not survive losing {printable(', '.join(failed))}", style="bold red")
    elif found.losses:
        number = len(found.losses)
        of = f"any one of {number:,}" if number > 1 else printable(found.losses[0].domain)
        said = Text(f"survives losing {of}", style="bold green")
    else:
        said = Text("nothing was asked", style="bold yellow")
    said.append(f" · {printable(found.topology_key)}", style="dim")
    if found.not_asked:
        said.append(f" · interrupted, not asked: {printable(', '.join(found.not_asked))}", style="yellow")
    return said
