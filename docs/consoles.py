"""Runs the ``console`` blocks of the documentation, so that what is shown is what is printed.

In a block, ``$`` begins a command and the lines below it are its output. ``python -m docs.consoles`` runs every block
of the README and of docs/ and writes the output back; tests/test_docs.py compares instead. Blocks of one page share a
folder with a copy of the examples. Seconds differ from run to run, so any two are equal.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "plan.svg"
COLUMNS = 150

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d\d s\b")


@dataclass(frozen=True, slots=True)
class Console:
    """A command and what it printed."""

    command: str
    output: str

    @property
    def comparable(self) -> str:
        """The output without what differs from run to run."""
        return _SECONDS.sub("0.00 s", self.output)


def pages() -> list[Path]:
    """The pages whose blocks are kept true."""
    return [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def consoles(text: str) -> list[Console]:
    """The commands of a page's blocks and the output shown below each."""
    found = []
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append(Console(command, output.rstrip("\n")))
    return found


class Session:
    """A folder with the examples, in which the commands of one page run one after the other."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        shutil.copytree(ROOT / "examples", Path(self._folder.name) / "examples")

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()

    def run(self, command: str, *, colour: bool = False) -> tuple[int, str]:
        """Exit status and output, stdout and stderr together, of a command line."""
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": str(COLUMNS),
            "TERM": "xterm-256color",
        }
        for name in ("NO_COLOR", "FORCE_COLOR"):
            environment.pop(name, None)
        environment["FORCE_COLOR" if colour else "NO_COLOR"] = "1"
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self._folder.name,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.rstrip("\n")


def refreshed(text: str, run: Callable[[str], tuple[int, str]]) -> str:
    """The page with the output of every command as `run` gives it."""

    def block(match: re.Match[str]) -> str:
        lines = []
        for console in consoles(match.group(0)):
            lines += [f"$ {console.command}", *([output] if (output := run(console.command)[1]) else [])]
        return "```console\n" + "\n".join(lines) + "\n```"

    return _BLOCK.sub(block, text)


def picture(run: Callable[[str], tuple[int, str]]) -> str:
    """A picture of a terminal, as SVG, in which the examples are planned."""
    from rich.console import Console as Terminal
    from rich.text import Text

    command = "placement plan examples --policy pack --picture"
    shown = _SECONDS.sub("0.03 s", run(command)[1])
    terminal = Terminal(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    terminal.print(Text(f"$ {command}", style="bold"))
    terminal.print(Text.from_ansi(shown), soft_wrap=True)
    drawn = terminal.export_svg(title="kube-placement", unique_id="placement")
    return _REMOTE_FONT.sub("", drawn)  # any monospaced font will do; a picture should not call home


def main() -> None:
    """Write the output of every command into the pages, and the picture."""
    for page in pages():
        with Session() as session:
            page.write_text(refreshed(page.read_text(), session.run))
    with Session() as session:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture(lambda command: session.run(command, colour=True)))


if __name__ == "__main__":
    main()
