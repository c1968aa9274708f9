"""``python -m placement_datasets list|verify|fetch``: the public sets, their licences, and their files.

Exit status: 0 all is well, 1 a file is missing or another one than published, 2 the command line is wrong, or something
it names is not there, 130 interrupted, 141 nobody reads what it says any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from placement_datasets import files, sets
from placement_datasets.errors import DatasetError
from placement_datasets.sets import DataSet

MOST_SHOWN = 5
"""Files that `verify` names of each kind, unless all are asked for."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"placement_datasets: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        chosen = [sets.named(name) for name in asked.sets] or list(sets.SETS)
        status: int = asked.run(chosen, asked)
        sys.stdout.flush()
        return status
    except DatasetError as error:
        print(f"placement_datasets: {error}", file=sys.stderr)
    except BrokenPipeError:  # whoever reads has seen enough, as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's own flush is quiet
        return 141
    except KeyboardInterrupt:
        print("placement_datasets: interrupted; what is there already is whole and stays", file=sys.stderr)
        return 130
    except OSError as error:  # a folder that cannot be written
        print(f"placement_datasets: {error.filename}: {error.strerror}", file=sys.stderr)
    return 2


def _list(chosen: list[DataSet], asked: argparse.Namespace) -> int:
    for data_set in chosen:
        known = sets.files_of(data_set)
        print(f"{data_set.name}: {data_set.title}")
        print(f"  licence   {data_set.licence}")
        print(f"  origin    {data_set.origin}")
        print(f"  to fetch  {sum(bool(file.source) for file in known)} of {len(known)} files")
        if data_set.by_hand:
            print(f"  by hand   {data_set.by_hand}")
        print(f"  at hand   {data_set.at_hand()} instances")
    return 0


def _verify(chosen: list[DataSet], asked: argparse.Namespace) -> int:
    from placement_datasets.verifying import verify

    well = True
    for data_set in chosen:
        verdict = verify(data_set, files.root())
        print(
            f"{data_set.name}: {verdict.good} right, {len(verdict.missing)} missing, {len(verdict.changed)} changed",
            flush=True,
        )
        for what, paths in (("missing", verdict.missing), ("changed", verdict.changed)):
            for path in paths[: None if asked.all else MOST_SHOWN]:
                print(f"  {what}  {path}")
            if len(paths) > MOST_SHOWN and not asked.all:
                print(f"  … {len(paths) - MOST_SHOWN} more {what} (--all)")
        well = well and not verdict.missing and not verdict.changed
    return 0 if well else 1


def _fetch(chosen: list[DataSet], asked: argparse.Namespace) -> int:
    from placement_datasets.fetching import fetch

    root = asked.to or Path(os.environ.get(files.ROOT_VARIABLE) or "")
    if root == Path():
        _parser().error(f"fetch: say --to DIR, or set {files.ROOT_VARIABLE}")
    if asked.origin and len(chosen) > 1:
        _parser().error("fetch: --origin is the mirror of one set")
    for data_set in chosen:
        print(f"{data_set.name}: {data_set.title}\n  licence   {data_set.licence}\n  origin    {data_set.origin}")
        if data_set.by_hand:
            print(f"  by hand   {data_set.by_hand}")
        fetched = fetch(data_set, root, lambda line: print(f"  {line}", flush=True), origin=asked.origin)
        print(f"  {fetched} files fetched", flush=True)
    return 0


def _parser() -> _Parser:
    parser = _Parser(prog="python -m placement_datasets", description="Public sets of instances.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="list|verify|fetch")
    listing = commands.add_parser("list", help="the sets: licence, origin, what is at hand")
    listing.set_defaults(run=_list)
    verifying = commands.add_parser("verify", help=f"compare what lies in {files.ROOT_VARIABLE} with checksums")
    verifying.set_defaults(run=_verify)
    verifying.add_argument("--all", action="store_true", help="name every file that is missing or changed")
    fetching = commands.add_parser("fetch", help="download sets from their origins; checksums are compared")
    fetching.set_defaults(run=_fetch)
    fetching.add_argument("--to", type=Path, metavar="DIR", help=f"folder of all sets [{files.ROOT_VARIABLE}]")
    fetching.add_argument("--origin", default="", metavar="URL", help="a mirror instead of the set's own origin")
    for command in (listing, verifying):
        command.add_argument("sets", nargs="*", metavar="SET", help="these sets only")
    fetching.add_argument("sets", nargs="+", metavar="SET", help="sets to fetch")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was begun is cleared away
    sys.exit(main())
