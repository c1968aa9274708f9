"""``placement check``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.options import CronRuns, Files, NoHeaders, Output, OutputFile, OutputFormat

PlanOption = Annotated[
    str, typer.Option("--plan", metavar="PLAN", help="The plan, JSON or YAML; - is stdin.", show_default=False)
]

BoundOption = Annotated[
    bool, typer.Option("--bound", help="Confirm the plan's lower bound too, without the solver that claims it.")
]
CheckPolicy = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME|FILE",
        help="With --bound: what the plan was made by, if no preset.",
        show_default=False,
    ),
]


def check(
    files: Files,
    plan: PlanOption,
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    no_headers: NoHeaders = False,
    cron_runs: CronRuns = 1,
    bound: BoundOption = False,
    policy: CheckPolicy = "",
) -> int:
    """Judge a plan for a cluster by the scheduler's rules.

    Exit status: 0 the plan holds, 1 it fails or its bound is not confirmed, 2 the input is wrong.
    """
    from placement.cli.output import give, note
    from placement.cli.reading import read_cluster, read_plan, unjudged
    from placement.referee import check
    from placement.report.certificate import confirmation
    from placement.report.violations import violations

    answer = read_plan(plan)
    cluster = read_cluster(files, cron_runs=cron_runs)
    for notice in unjudged(cluster):
        note(notice)
    report = check(cluster, answer)
    certificate = None
    if bound:
        from placement.certificate import verify_bound
        from placement.policy import read_policy

        certificate = verify_bound(cluster, answer, read_policy(policy or answer.policy or "default"))
    give(
        output,
        output_file,
        body=lambda: report.to_dict() | ({} if certificate is None else {"bound": certificate.to_dict()}),
        names=lambda: dict.fromkeys(each.pod for each in report.violations if each.pod),
        lines=lambda: (
            *violations(report, show_headers=not no_headers),
            *(() if certificate is None else (confirmation(certificate),)),
        ),
    )
    confirmed = certificate is None or certificate.verified
    return exits.OK if report.ok and confirmed else exits.FOUND
