"""``placement survive``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.question import Question, asking

ZONE = "topology.kubernetes.io/zone"

By = Annotated[
    str,
    typer.Option(
        "--by", metavar="LABEL", help="The node label whose domains are lost; kubernetes.io/hostname is each node."
    ),
]
Lost = Annotated[
    list[str] | None,
    typer.Option("--lose", metavar="VALUE", help="Lose only this domain; may be given again. [default: each in turn]"),
]


@asking
def survive(question: Question, by: By = ZONE, lose: Lost = None) -> int:
    """Say which pods run again after losing a zone, each in turn; --time-limit is for each.

    Exit status: 0 all run again whichever is lost, 1 some do not, 2 the input is wrong.
    """
    from placement.cli.output import give
    from placement.report.survival import survival
    from placement.survival import survive

    cluster, make_plan = question.asked_of()
    found = survive(cluster, make_plan, topology_key=by, domains=lose or ())
    give(
        question.output,
        question.output_file,
        body=found.to_dict,
        names=lambda: (f"{loss.domain}\t{each.pod}" for loss in found.losses for each in loss.left_out),
        lines=lambda: survival(found, show_headers=not question.no_headers),
    )
    return exits.OK if found.survived else exits.FOUND
