"""``placement check``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from placement.cli import exits
from placement.cli.options import Data, Files, NoHeaders, Output, OutputFile, OutputFormat

PlanOption = Annotated[
    str, typer.Option("--plan", metavar="PLAN", help="The plan, JSON or YAML; - is stdin.", show_default=False)
]


def check(
    files: Files,
    plan: PlanOption,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
) -> int:
    """Judge a plan for a cluster by the scheduler's rules.

    Exit status: 0 the plan holds, 1 it fails, 2 the input is wrong.
    """
    from placement.cli.output import encoded, plain, show, write
    from placement.cli.reading import read_cluster, read_plan
    from placement.referee import check
    from placement.report.violations import violations

    answer = read_plan(plan)
    report = check(read_cluster(files), answer)
    match output:
        case Output.JSON | Output.YAML:
            body: dict[str, Any] = {
                "apiVersion": "placement.dev/v1alpha1",
                "kind": "Report",
                "ok": report.ok,
                "placements": report.placements,
                "violations": [
                    {"pod": each.pod, "node": each.node, "plugin": each.plugin, "message": each.message}
                    for each in report.violations
                ],
            }
            write(encoded(body, Data(output.value)), output_file)
        case Output.NAME:
            pods = dict.fromkeys(each.pod for each in report.violations if each.pod)
            write("".join(f"{pod}\n" for pod in pods).encode(), output_file)
        case Output.TABLE | Output.WIDE:
            lines = violations(report, show_headers=not no_headers)
            if output_file is None:
                show(lines)
            else:
                write(plain(lines), output_file)
    return exits.OK if report.ok else exits.FOUND
