"""The application: its commands, and how every error becomes one line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from placement import __version__
from placement.cli import exits
from placement.cli.check import check
from placement.cli.diff import diff
from placement.cli.drain import drain
from placement.cli.explain import explain
from placement.cli.generate import generate
from placement.cli.plan import plan
from placement.cli.rollout import rollout
from placement.cli.scheduler_config import scheduler_config
from placement.cli.serve import serve
from placement.cli.survive import survive
from placement.errors import PlacementError, UncheckedPlanError

app = typer.Typer(
    help="Where each pod of a Kubernetes cluster should run: a plan, a proof and an explanation.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (plan, check, explain, diff, survive, drain, rollout, generate, serve, scheduler_config):
    app.command()(command)


def _print_version(value: bool) -> None:
    if value:
        print(f"placement {__version__}")
        raise typer.Exit


@app.command()
def version() -> None:
    """Print the version."""
    print(f"placement {__version__}")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Print the help where no command is named."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit status; whatever goes wrong on purpose is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = app(sys.argv[1:] if arguments is None else list(arguments), prog_name=_name(), standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        return _complain(error.format_message(), exits.WRONG_INPUT)
    except UncheckedPlanError as error:
        return _complain(f"{error}; this is a defect of kube-placement, please report it", exits.FOUND)
    except PlacementError as error:
        return _complain(str(error), exits.WRONG_INPUT)
    except (BrokenPipeError, SystemExit):
        # Typer turns a broken pipe into an exit of status 1, which has another meaning here; it exits for nothing else.
        # Python flushes stdout once more at the end; let it write into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.BROKEN_PIPE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", exits.WRONG_INPUT)
    if status == exits.INTERRUPTED:  # Typer's word for a KeyboardInterrupt
        return _complain("interrupted", exits.INTERRUPTED)
    return status if isinstance(status, int) else exits.OK


def _complain(message: str, status: int) -> int:
    from placement.report.printable import printable

    print(f"placement: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status


def _name() -> str:
    return "kubectl placement" if Path(sys.argv[0]).name.startswith("kubectl-") else "placement"
