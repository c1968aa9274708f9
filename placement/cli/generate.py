"""``placement generate``."""

from __future__ import annotations

from typing import Annotated

import typer

from placement.cli import exits
from placement.cli.options import Data, OutputFile, Seed


def generate(
    nodes: Annotated[int, typer.Option(min=0, help="Nodes.")] = 100,
    pods: Annotated[int, typer.Option(min=0, help="Pods, running and pending together.")] = 1000,
    seed: Seed = 0,
    pending: Annotated[
        int | None,
        typer.Option(min=0, help="How many of the pods are pending. [default: a tenth]", show_default=False),
    ] = None,
    workloads: Annotated[
        int | None,
        typer.Option(min=1, help="Workloads of the running pods. [default: one for 200]", show_default=False),
    ] = None,
    pending_workloads: Annotated[
        int | None,
        typer.Option(min=1, help="Workloads of the pending pods. [default: one for 50]", show_default=False),
    ] = None,
    load: Annotated[float, typer.Option(min=0.0, help="Share of cpu and memory that all pods request.")] = 0.6,
    output: Annotated[Data, typer.Option("-o", "--output", help="Form of the objects.")] = Data.JSON,
    output_file: OutputFile = None,
) -> int:
    """Make up a cluster: Kubernetes objects, the same for the same numbers.

    Exit status: 0 it is written, 2 the numbers contradict each other.
    """
    from io import BytesIO

    from placement.cli.output import write
    from placement.generate import generate
    from placement.generate import write as write_list

    try:
        objects = generate(
            nodes, pods, seed, pending=pending, workloads=workloads, pending_workloads=pending_workloads, load=load
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if output is Data.JSON:
        stream = BytesIO()
        write_list(objects, stream)
        write(stream.getbuffer(), output_file)
    else:
        import yaml

        text: str = yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False, width=4096)
        write(text.encode(), output_file)
    return exits.OK
