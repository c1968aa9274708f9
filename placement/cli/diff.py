"""``placement diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from placement.cli import exits
from placement.cli.options import NoHeaders, Output, OutputFile, OutputFormat

if TYPE_CHECKING:
    from placement.difference import Difference

Before = Annotated[str, typer.Argument(metavar="PLAN", help="The earlier plan, JSON or YAML.", show_default=False)]
After = Annotated[str, typer.Argument(metavar="PLAN", help="The later plan; - is stdin.", show_default=False)]


def diff(
    before: Before,
    after: After,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
) -> int:
    """Show what two plans do differently.

    Exit status: 0 they place alike, 1 they differ, 2 the input is wrong.
    """
    from placement.cli.output import give
    from placement.cli.reading import read_plan
    from placement.difference import diff
    from placement.report.difference import difference

    found = diff(read_plan(before), read_plan(after))
    give(
        output,
        output_file,
        body=lambda: body(found),
        names=lambda: found.pods,
        lines=lambda: difference(found, show_headers=not no_headers),
    )
    return exits.OK if found.empty else exits.FOUND


def body(found: Difference) -> dict[str, Any]:
    """A difference as JSON-ready values."""
    return {
        "apiVersion": "placement.dev/v1alpha1",
        "kind": "Difference",
        "moved": [{"pod": each.pod, "before": each.before, "after": each.after} for each in found.moved],
        "placed": [{"pod": each.pod, "node": each.node} for each in found.placed],
        "lost": [{"pod": each.pod, "node": each.node} for each in found.lost],
        "evicted": [{"pod": each.pod, "node": each.node} for each in found.evicted],
        "spared": [{"pod": each.pod, "node": each.node} for each in found.spared],
        "cost": [{"tier": each.tier, "before": each.before, "after": each.after} for each in found.cost],
        "nodesUsed": {"before": found.nodes_used[0], "after": found.nodes_used[1]},
        "status": {"before": found.status[0], "after": found.status[1]},
    }
