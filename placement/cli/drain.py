"""``placement drain``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.question import Question, asking

Nodes = Annotated[
    list[str],
    typer.Option("--node", metavar="NODE", help="A node to drain; may be given again.", show_default=False),
]


@asking
def drain(question: Question, node: Nodes) -> int:
    """Say whether nodes can be drained together, where their pods go and what stands in the way.

    Exit status: 0 they can, 1 they cannot, 2 the input is wrong.
    """
    from placement.cli.output import give
    from placement.draining import drain
    from placement.report.drain import drained

    cluster, make_plan = question.asked_of()
    found = drain(cluster, node, make_plan)
    leaving = set(found.pods)
    give(
        question.output,
        question.output_file,
        body=found.to_dict,
        names=lambda: (f"{each.pod}\t{each.node}" for each in found.plan.placements if each.pod in leaving),
        lines=lambda: drained(found, cluster.inventory, show_headers=not question.no_headers),
    )
    return exits.OK if found.possible else exits.FOUND
