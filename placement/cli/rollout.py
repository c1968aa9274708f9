"""``placement rollout``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.question import Question, asking

Deployments = Annotated[
    list[str] | None,
    typer.Option(
        "--deployment", metavar="NS/NAME", help="Only this one; may be given again. [default: each by itself]"
    ),
]


@asking
def rollout(question: Question, deployment: Deployments = None) -> int:
    """Say whether the surge of each Deployment's rollout has room, or the rollout would be stuck.

    Exit status: 0 all can go on, 1 some are stuck, 2 the input is wrong.
    """
    from placement.cli.output import give
    from placement.report.surging import surging
    from placement.surging import surges

    cluster, make_plan = question.asked_of()
    names = [name if "/" in name else f"default/{name}" for name in deployment or ()]
    found = surges(cluster, make_plan, names=names)
    give(
        question.output,
        question.output_file,
        body=found.to_dict,
        names=lambda: (f"{each.workload}\t{each.at_once}" for each in found.surges),
        lines=lambda: surging(found, show_headers=not question.no_headers),
    )
    return exits.FOUND if found.stuck or found.not_asked else exits.OK
