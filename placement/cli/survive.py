"""``placement survive``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.options import (
    CronRuns,
    Files,
    NoHeaders,
    Output,
    OutputFile,
    OutputFormat,
    PolicyName,
    Seed,
    SolverName,
    TimeLimit,
)

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


def survive(
    files: Files,
    by: By = ZONE,
    lose: Lost = None,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
    cron_runs: CronRuns = 1,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Say which pods run again after losing a zone, each in turn; --time-limit is for each.

    Exit status: 0 all run again whichever is lost, 1 some do not, 2 the input is wrong.
    """
    from functools import partial

    from placement.cli.output import give, note
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, unjudged
    from placement.report.survival import survival
    from placement.survival import survive

    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    planner = partial(make_plan, policy=chosen, solver=solver, time_limit=time_limit, seed=seed)
    found = survive(cluster, planner, topology_key=by, domains=lose or ())
    give(
        output,
        output_file,
        body=found.to_dict,
        names=lambda: (f"{loss.domain}\t{each.pod}" for loss in found.losses for each in loss.left_out),
        lines=lambda: survival(found, show_headers=not no_headers),
    )
    return exits.OK if found.survived else exits.FOUND
