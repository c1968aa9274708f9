"""Where results go: stdout or a file, with colour only where a person looks."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.cli.options import Data, Output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDE_ENOUGH = 10_000
"""Columns of a terminal nobody has: lines in a file or a pipe are never broken."""


def console(*, stderr: bool = False) -> Console:
    """A terminal to print to. Colour follows NO_COLOR, FORCE_COLOR and TERM; markup in names is left alone."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDE_ENOUGH
    )


def show(lines: Iterable[Text]) -> None:
    """Print lines to stdout; long ones are not broken."""
    terminal = console()
    for line in lines:
        terminal.print(line, soft_wrap=True)


def note(text: str) -> None:
    """Say something on stderr that is not a result."""
    print(f"placement: {text}", file=sys.stderr, flush=True)


def plain(lines: Iterable[Text]) -> bytes:
    """Lines as they go into a file: without colour."""
    return "".join(f"{line.plain}\n" for line in lines).encode()


def write(content: bytes | memoryview, path: Path | None) -> None:
    """Write bytes to stdout, or to a file that is replaced only when all is written.

    Raises
    ------
    OSError
        If the file cannot be written; a file that was there stays as it was.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        _write(content, path)
    except OSError as error:
        # It may speak of the temporary file, or of none.
        raise OSError(error.errno, error.strerror, str(path)) from None


def require_writable(path: Path | None) -> None:
    """Make sure, before anything takes long, that a file can be written.

    Raises
    ------
    OSError
        If its folder is not there or may not be written to, or it is a folder itself.
    """
    if path is None:
        return
    missing = None
    if path.is_dir():
        missing = errno.EISDIR
    elif not path.parent.is_dir():
        missing = errno.ENOENT
    elif not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        missing = errno.EACCES
    if missing is not None:
        raise OSError(missing, os.strerror(missing), str(path))


def _write(content: bytes | memoryview, path: Path) -> None:
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to replace
        path.write_bytes(content)
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def give(
    output: Output,
    path: Path | None,
    *,
    body: Callable[[], Mapping[str, Any]],
    names: Callable[[], Iterable[str]],
    lines: Callable[[], Iterable[Text]],
) -> None:
    """Write an answer in the form that was asked for: all of it as data, a line a name, or lines for people.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    match output:
        case Output.JSON | Output.YAML:
            write(encoded(body(), Data(output.value)), path)
        case Output.NAME:
            write("".join(f"{name}\n" for name in names()).encode(), path)
        case Output.TABLE | Output.WIDE if path is None:
            show(lines())
        case Output.TABLE | Output.WIDE:
            write(plain(lines()), path)


def encoded(body: Mapping[str, Any], form: Data) -> bytes:
    """A document as JSON or YAML; the same document gives the same bytes."""
    if form is Data.JSON:
        import msgspec

        return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
    import yaml

    text: str = yaml.dump(
        dict(body), Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=4096
    )
    return text.encode()


def form_of(path: Path) -> Data:
    """YAML for a file that ends in .yaml or .yml, else JSON."""
    return Data.YAML if path.suffix in (".yaml", ".yml") else Data.JSON
