"""``placement plan``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from placement.cli import exits
from placement.cli.options import (
    AllNamespaces,
    CronRuns,
    Data,
    Files,
    Namespace,
    NoHeaders,
    Output,
    PolicyName,
    Seed,
    SolverName,
    TimeLimit,
)

if TYPE_CHECKING:
    from rich.text import Text

    from placement.model.inventory import Inventory
    from placement.plans import Plan

PlanOutput = Annotated[
    Output | None,
    typer.Option(
        "-o",
        "--output",
        help="table: a line a workload; wide: a line a pod; name: pod and node, tab between; json, yaml: all of it. "
        "[default: table]",
        show_default=False,
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--output-file",
        metavar="FILE",
        help="Write to this file; without -o that is JSON, or YAML if it ends in .yaml, and the table is shown too.",
        show_default=False,
    ),
]
Picture = Annotated[
    bool | None,
    typer.Option(
        "--picture/--no-picture", help="Draw the nodes below the table. [default: on a terminal]", show_default=False
    ),
]


def plan(
    files: Files,
    output: PlanOutput = None,
    output_file: PlanFile = None,
    no_headers: NoHeaders = False,
    namespace: Namespace = "",
    all_namespaces: AllNamespaces = False,
    picture: Picture = None,
    cron_runs: CronRuns = 1,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Place the pending pods of a cluster and print the plan.

    Exit status: 0 all pods placed, 1 some left over, 2 the input is wrong.
    """
    from placement.cli.output import encoded, form_of, note, plain, require_writable, show, write
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, skipped, unjudged

    shown = "" if all_namespaces else namespace
    require_writable(output_file)
    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files, cron_runs=cron_runs)
    answer = make_plan(cluster, policy=chosen, solver=solver, time_limit=time_limit, seed=seed)
    inventory = cluster.inventory
    if output_file is not None and output is None:
        write(encoded(answer.to_dict(), form_of(output_file)), output_file)
    target = output_file if output is not None else None
    match output or Output.TABLE:
        case Output.JSON:
            write(encoded(answer.to_dict(), Data.JSON), target)
        case Output.YAML:
            write(encoded(answer.to_dict(), Data.YAML), target)
        case Output.NAME:
            write(_names(answer, shown), target)
        case Output.WIDE:
            write(_wide(answer, inventory, shown, no_headers=no_headers), target)
        case Output.TABLE:
            drawn = sys.stdout.isatty() if picture is None else picture
            lines = _table(answer, inventory, shown, no_headers=no_headers, picture=drawn)
            if target is None:
                show(lines)
            else:
                write(plain(lines), target)
    for notice in filter(None, (skipped(cluster), *unjudged(cluster))):
        note(notice)
    return exits.OK if answer.all_placed else exits.FOUND


def _names(answer: Plan, namespace: str) -> bytes:
    prefix = f"{namespace}/" if namespace else ""
    return "".join(f"{p.pod}\t{p.node}\n" for p in answer.placements if p.pod.startswith(prefix)).encode()


def _wide(answer: Plan, inventory: Inventory, namespace: str, *, no_headers: bool) -> bytes:
    from placement.report.proof import proof
    from placement.report.table import wide

    lines = [*wide(answer, inventory, namespace=namespace, show_headers=not no_headers), "", proof(answer).plain]
    return "".join(f"{line}\n" for line in lines).encode()


def _table(answer: Plan, inventory: Inventory, namespace: str, *, no_headers: bool, picture: bool) -> Iterator[Text]:
    from rich.text import Text

    from placement.report.picture import ASCII, UNICODE
    from placement.report.picture import picture as drawn
    from placement.report.proof import proof
    from placement.report.table import table

    if answer.placements or answer.unplaced or answer.evictions:
        yield from table(answer, inventory, namespace=namespace, show_headers=not no_headers)
        yield Text()
    if picture:
        utf = "utf" in (sys.stdout.encoding or "").lower()
        yield from drawn(answer, inventory, glyphs=UNICODE if utf else ASCII)
        yield Text()
    yield proof(answer)
