"""``python -m benchmarks run SUITE`` and ``python -m benchmarks compare FILE…``.

Exit status: 0 all went well, 1 a run failed, 2 the command line is wrong or something it names is not there, 130
interrupted, 141 nobody reads what it says any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from benchmarks.errors import BenchmarkError

USUAL_OUT = Path("build") / "benchmarks"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"benchmarks: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status."""
    from placement_datasets.errors import DatasetError

    asked = _parser().parse_args(arguments)
    try:
        return _run(asked) if asked.command == "run" else _compare(asked)
    except (BenchmarkError, DatasetError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # nobody reads the tables, or what runs, any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        print(f"benchmarks: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("benchmarks: interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _run(asked: argparse.Namespace) -> int:
    from benchmarks import suite
    from benchmarks.running import Results, run_all

    chosen = suite.load(asked.suite)
    runs = chosen.runs(asked.only, asked.solvers, suite.numbers(asked.seeds) if asked.seeds else (), asked.time_limit)
    results = Results(asked.out or USUAL_OUT / f"{chosen.name}.jsonl", asked.solutions)
    found = run_all(runs, results, lambda line: print(line, flush=True), warm_up=not asked.cold)
    return 0 if all(record.valid for record in found) else 1


def _compare(asked: argparse.Namespace) -> int:
    from benchmarks import page, records

    found = records.read(asked.files)
    if asked.plots is not None:
        from benchmarks.plots import draw

        draw(found, asked.plots)
    if asked.readme is not None:
        from benchmarks import readme

        asked.readme.write_text(readme.written(asked.readme.read_text(encoding="utf-8"), found), encoding="utf-8")
    if asked.page is not None:
        asked.page.write_text(page.page(found, asked.page, asked.plots, asked.extender), encoding="utf-8")
    elif asked.readme is None:
        print(page.tables(found))
    return 0


def _parser() -> _Parser:
    parser = _Parser(prog="python -m benchmarks", description="Run suites of benchmarks, and compare results.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="run|compare")
    run = commands.add_parser("run", help="run a suite; what is in the results already is passed over")
    run.add_argument("suite", help="the name of a file in benchmarks/suites, without .toml")
    run.add_argument("--only", type=_names, default=(), metavar="A,B", help="these instances")
    run.add_argument("--solvers", type=_names, default=(), metavar="A,B", help="these solvers, in the suite or not")
    run.add_argument("--seeds", default="", metavar="1,2", help="these seeds; 1-20 is a range")
    run.add_argument("--time-limit", type=_seconds, metavar="S", help="seconds a run, instead of the suite's")
    run.add_argument("--solutions", type=Path, metavar="DIR", help="keep the best solution of each instance there")
    run.add_argument("--out", type=Path, metavar="FILE", help=f"JSONL to add to [{USUAL_OUT}/SUITE.jsonl]")
    run.add_argument("--cold", action="store_true", help="no warm-up: the first run of each solver compiles kernels")
    compare = commands.add_parser("compare", help="print tables, verdicts and profiles of results")
    compare.add_argument("files", type=Path, nargs="+", metavar="FILE", help="JSONL of runs")
    compare.add_argument("--page", type=Path, metavar="FILE", help="write the tables there as a page instead")
    compare.add_argument("--extender", type=Path, metavar="DIR", help="the extender's lines, for the page")
    compare.add_argument("--readme", type=Path, metavar="FILE", help="write a few figures there, between its marks")
    compare.add_argument("--plots", type=Path, metavar="DIR", help="draw plots there, as SVG (needs matplotlib)")
    return parser


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, found {text!r}")
    return found


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was begun is ended and cleared away
    sys.exit(main())
