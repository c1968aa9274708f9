"""``placement explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from placement.cli import exits
from placement.cli.options import (
    CronRuns,
    Files,
    Namespace,
    Output,
    OutputFile,
    OutputFormat,
    PolicyName,
    Seed,
    SolverName,
    TimeLimit,
)

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.plans import Plan
    from placement.policy import Policy

PodOption = Annotated[
    str,
    typer.Option(
        "--pod",
        metavar="NS/NAME",
        help="The pod; without NS, that of -n or default. Without --pod the whole plan is explained.",
        show_default=False,
    ),
]
PlanOption = Annotated[
    str,
    typer.Option("--plan", metavar="PLAN", help="A plan made before. Without one, a plan is made.", show_default=False),
]

RemediesOption = Annotated[
    bool, typer.Option("--remedies/--no-remedies", help="Look for what would make a pod fit that finds no node.")
]
AddOption = Annotated[
    list[str] | None,
    typer.Option(
        "--add", metavar="FILE", help="Nodes that could be added besides more of those there are.", show_default=False
    ),
]


def explain(
    files: Files,
    pod: PodOption = "",
    plan: PlanOption = "",
    remedies: RemediesOption = True,
    add: AddOption = None,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    namespace: Namespace = "default",
    cron_runs: CronRuns = 1,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Say why a pod gets the node it gets, or none and what would help; without --pod, what a whole plan costs and why.

    Exit status: 0 explained, 2 the input is wrong.
    """
    from placement.cli.output import give, note, require_writable
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, read_nodes, read_plan, unjudged
    from placement.explanation import explain
    from placement.report.explanation import explanation

    require_writable(output_file)
    answer = read_plan(plan) if plan else None
    chosen = chosen_policy(policy, solver)
    catalogue = read_nodes(add) if add else ()
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    inventory = cluster.inventory
    key = pod if "/" in pod or not pod else f"{namespace}/{pod}"
    if answer is None and (key in inventory.pods or not key):
        answer = make_plan(cluster, policy=chosen, solver=solver, time_limit=time_limit, seed=seed)
    if not key:
        assert answer is not None  # read or made
        return _whole(cluster, answer, chosen, output, output_file)
    explained = explain(cluster, key, answer, remedies=remedies, policy=chosen, catalogue=catalogue)
    names = ([explained.node] if explained.node else []) + [each.node for each in explained.alternatives]
    give(
        output,
        output_file,
        body=explained.to_dict,
        names=lambda: names,
        lines=lambda: explanation(explained, inventory.pods[key], inventory, answer, wide=output is Output.WIDE),
    )
    return exits.OK


def _whole(cluster: Cluster, answer: Plan, policy: Policy, output: Output, output_file: Path | None) -> int:
    from placement.cli.output import give
    from placement.explanation.plan import explain_plan
    from placement.report.costs import costs

    explained = explain_plan(cluster, answer, policy)
    give(
        output,
        output_file,
        body=explained.to_dict,
        names=lambda: (f"{tier.tier}\t{tier.value}" for tier in explained.tiers),
        lines=lambda: costs(explained, wide=output is Output.WIDE),
    )
    return exits.OK
