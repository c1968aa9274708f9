"""``placement drain``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.options import (
    CronRuns,
    Data,
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

    from placement.cli.output import encoded, note, plain, show, write
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, unjudged
    from placement.draining import drain
    from placement.report.drain import drained

    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    found = drain(cluster, node, partial(make_plan, policy=chosen, solver=solver, time_limit=time_limit, seed=seed))
    match output:
        case Output.JSON | Output.YAML:
            write(encoded(found.to_dict(), Data(output.value)), output_file)
        case Output.NAME:
            moved = ((each.pod, each.node) for each in found.plan.placements if each.pod in set(found.pods))
            write("".join(f"{pod}\t{where}\n" for pod, where in moved).encode(), output_file)
        case Output.TABLE | Output.WIDE:
            lines = drained(found, cluster.inventory, show_headers=not no_headers)
            if output_file is None:
                show(lines)
            else:
                write(plain(lines), output_file)
    return exits.OK if found.possible else exits.FOUND
