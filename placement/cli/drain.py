"""``placement drain``."""

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

Nodes = Annotated[
    list[str],
    typer.Option("--node", metavar="NODE", help="A node to drain; may be given again.", show_default=False),
]


def drain(
    files: Files,
    node: Nodes,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
    cron_runs: CronRuns = 1,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Say whether nodes can be drained together, where their pods go and what stands in the way.

    Exit status: 0 they can, 1 they cannot, 2 the input is wrong.
    """
    from functools import partial

    from placement.cli.output import give, note
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, unjudged
    from placement.draining import drain
    from placement.report.drain import drained

    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    found = drain(cluster, node, partial(make_plan, policy=chosen, solver=solver, time_limit=time_limit, seed=seed))
    leaving = set(found.pods)
    give(
        output,
        output_file,
        body=found.to_dict,
        names=lambda: (f"{each.pod}\t{each.node}" for each in found.plan.placements if each.pod in leaving),
        lines=lambda: drained(found, cluster.inventory, show_headers=not no_headers),
    )
    return exits.OK if found.possible else exits.FOUND
