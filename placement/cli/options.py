"""Options and arguments that several commands share."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Output(StrEnum):
    """Forms of output, by kubectl's names."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


class Data(StrEnum):
    """Forms in which objects are written."""

    JSON = "json"
    YAML = "yaml"


def _seconds(value: float) -> float:
    if math.isnan(value) or value < 0:
        raise typer.BadParameter(f"expected 0 seconds or more, not {value}")
    return value


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILES",
        help="Kubernetes objects: YAML or JSON files, .gz too, directories, or - for stdin.",
        show_default=False,
    ),
]
OutputFormat = Annotated[Output, typer.Option("-o", "--output", help="Form of the output.")]
OutputFile = Annotated[
    Path | None, typer.Option("--output-file", metavar="FILE", help="Write to this file.", show_default=False)
]
NoHeaders = Annotated[bool, typer.Option("--no-headers", help="Leave out the headers of tables.")]
Namespace = Annotated[
    str,
    typer.Option(
        "-n", "--namespace", metavar="NS", help="Show only pods of this namespace. All are planned.", show_default=False
    ),
]
AllNamespaces = Annotated[
    bool, typer.Option("-A", "--all-namespaces", help="Show all namespaces, which is the default.")
]
CronRuns = Annotated[
    int,
    typer.Option(
        "--cron-runs", metavar="N", min=0, help="Runs of each CronJob to make room for, those there are included."
    ),
]
TimeLimit = Annotated[float, typer.Option(metavar="SECONDS", help="Seconds of search.", callback=_seconds)]
Seed = Annotated[int, typer.Option(min=0, help="The same input and seed give the same plan.")]
SolverName = Annotated[
    str,
    typer.Option(
        "--solver",
        metavar="NAME",
        help="auto, greedy, cp-sat, lns, local-search, column-generation or kube-scheduler.",
    ),
]
PolicyName = Annotated[
    str,
    typer.Option("--policy", metavar="NAME|FILE", help="default, pack, spread, stable, or a TOML, YAML or JSON file."),
]
