"""``placement scheduler-config``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from placement.cli import exits
from placement.cli.options import OutputFile


def scheduler_config(
    url: Annotated[str, typer.Option(metavar="URL", help="Where the extender listens, as the scheduler sees it.")] = (
        "http://kube-placement.kube-placement.svc:8888"
    ),
    scheduler_name: Annotated[str, typer.Option(metavar="NAME", help="Profile of the pods concerned.")] = (
        "default-scheduler"
    ),
    timeout: Annotated[str, typer.Option(metavar="DURATION", help="When the scheduler gives a call up.")] = "1s",
    weight: Annotated[int, typer.Option(min=1, help="Weight of prioritize; 20 outweighs all other scores.")] = 20,
    ignorable: Annotated[bool, typer.Option(help="Whether scheduling goes on while the extender is away.")] = True,
    preempt: Annotated[bool, typer.Option(help="Whether it chooses victims.")] = True,
    bind: Annotated[bool, typer.Option("--bind", help="Whether it binds.")] = False,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate authority of the extender.", show_default=False)
    ] = None,
    cert_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate the scheduler shows.", show_default=False)
    ] = None,
    key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Its key.", show_default=False)] = None,
    output_file: OutputFile = None,
) -> int:
    """Write the configuration that makes kube-scheduler ask this extender.

    Exit status: 0 it is written, 2 the options contradict each other.
    """
    import yaml

    from placement.cli.output import write

    secure = url.startswith("https://")
    if not secure and not url.startswith("http://"):
        raise typer.BadParameter("expected a URL that begins with http:// or https://", param_hint="--url")
    if secure and ca_file is None:
        raise typer.BadParameter("with https a --ca-file is needed: without, the scheduler verifies nothing")
    if (cert_file is None) != (key_file is None):
        raise typer.BadParameter("--cert-file and --key-file go together")
    tls = {"caFile": ca_file, "certFile": cert_file, "keyFile": key_file}
    extender: dict[str, Any] = {
        "urlPrefix": url.rstrip("/"),
        "filterVerb": "filter",
        "prioritizeVerb": "prioritize",
        **({"preemptVerb": "preempt"} if preempt else {}),
        **({"bindVerb": "bind"} if bind else {}),
        "weight": weight,
        "enableHTTPS": secure,
        **({"tlsConfig": {key: str(file) for key, file in tls.items() if file is not None}} if secure else {}),
        "httpTimeout": timeout,
        "nodeCacheCapable": True,
        "ignorable": ignorable,
    }
    body = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        # A sample of the nodes may not hold the planned one.
        "percentageOfNodesToScore": 100,
        "profiles": [{"schedulerName": scheduler_name}],
        "extenders": [extender],
    }
    text: str = yaml.safe_dump(body, sort_keys=False)
    write(text.encode(), output_file)
    return exits.OK
