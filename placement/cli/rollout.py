"""``placement rollout``."""

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

Deployments = Annotated[
    list[str] | None,
    typer.Option(
        "--deployment", metavar="NS/NAME", help="Only this one; may be given again. [default: each by itself]"
    ),
]


def rollout(
    files: Files,
    deployment: Deployments = None,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
    cron_runs: CronRuns = 1,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Say whether the surge of each Deployment's rollout has room, or the rollout would be stuck.

    Exit status: 0 all can go on, 1 some are stuck, 2 the input is wrong.
    """
    from functools import partial

    from placement.cli.output import give, note
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, unjudged
    from placement.report.surging import surging
    from placement.surging import surges

    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    names = [name if "/" in name else f"default/{name}" for name in deployment or ()]
    planner = partial(make_plan, policy=chosen, solver=solver, time_limit=time_limit, seed=seed)
    found = surges(cluster, planner, names=names)
    give(
        output,
        output_file,
        body=found.to_dict,
        names=lambda: (f"{each.workload}\t{each.at_once}" for each in found.surges),
        lines=lambda: surging(found, show_headers=not no_headers),
    )
    return exits.FOUND if found.stuck or found.not_asked else exits.OK
