"""Where the sets lie on this machine, and their text and numbers, compressed or not."""

from __future__ import annotations

import csv
import gzip
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from placement_datasets.errors import FormatError, MissingDataError, UnknownInstanceError

ROOT_VARIABLE = "PLACEMENT_DATA"
"""Environment variable that names the folder with one sub-folder a set."""


def root() -> Path:
    """The folder all sets lie in.

    Raises
    ------
    MissingDataError
        If the environment does not name one, or there is none of that name.
    """
    name = os.environ.get(ROOT_VARIABLE)
    if not name:
        raise MissingDataError(f"{ROOT_VARIABLE} is not set; expected the folder that holds the data sets")
    if not Path(name).is_dir():
        raise MissingDataError(f"{ROOT_VARIABLE}: {name} is no folder")
    return Path(name)


def text(path: Path) -> str:
    """What a file says; ``.xz`` and ``.gz`` are unpacked.

    Raises
    ------
    MissingDataError
        If there is no such file.
    FormatError
        If it is not compressed text of the kind its name says.
    """
    try:
        match path.suffix:
            case ".xz":
                return lzma.decompress(path.read_bytes()).decode()
            case ".gz":
                return gzip.decompress(path.read_bytes()).decode()
            case _:
                return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except (lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from None


def members(path: Path) -> dict[str, str]:
    """The text of each file of an archive, by name.

    Raises
    ------
    MissingDataError
        If there is no such archive.
    FormatError
        If it is none, or holds what is no text.
    """
    try:
        with tarfile.open(path) as archive:
            return {
                member.name: body.read().decode()
                for member in archive
                if (body := archive.extractfile(member)) is not None
            }
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except (tarfile.TarError, lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True)
class Archive:
    """A set whose instances lie in one archive, a file each.

    Attributes
    ----------
    folder : str
        Of the set, below the root of all sets.
    name_of : callable
        The name an instance goes by, from that of its file.
    """

    folder: str
    name_of: Callable[[str], str]

    def names(self) -> list[str]:
        """The instances in the order of the archive.

        Raises
        ------
        MissingDataError
            If the set is not on this machine.
        """
        return [self.name_of(member) for member in self._members()]

    def text(self, name: str) -> str:
        """What the file of an instance says.

        Raises
        ------
        MissingDataError, UnknownInstanceError
            If the set is not on this machine, or has no instance of that name.
        """
        for member, body in self._members().items():
            if self.name_of(member) == name:
                return body
        raise UnknownInstanceError(f"{self.folder}: no instance {name!r}; `names` lists them")

    def _members(self) -> dict[str, str]:
        return members(root() / self.folder / "instances.tar.xz")


def check_name(folder: str, name: str, there: Collection[str]) -> None:
    """Refuse a name that no instance of a set goes by.

    Raises
    ------
    UnknownInstanceError
    """
    if name not in there:
        raise UnknownInstanceError(f"{folder}: no instance {name!r}; expected one of {', '.join(there)}")


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a table with a header line, by column name."""
    return list(csv.DictReader(text(path).splitlines(), delimiter=delimiter))


def reference(path: Path) -> list[dict[str, str]]:
    """The rows of a table of best known values; none if it is not on this machine, as what is fetched lacks it."""
    return rows(path) if path.exists() else []


def integers(body: str, where: object) -> NDArray[np.int64]:
    """All whitespace separated integers of a text.

    Raises
    ------
    FormatError
        If a word is no integer.
    """
    words = body.split()
    try:
        return np.array([int(word) for word in words], dtype=np.int64)
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from None


class Integers:
    """The integers of a file, taken from the front a few at a time.

    Raises
    ------
    FormatError
        When more are taken than there are, or `finish` finds some left over.
    """

    def __init__(self, values: NDArray[np.int64], where: object) -> None:
        self._values, self._where, self._next = values, where, 0

    def one(self, name: str) -> int:
        """The next integer; `name` says what is expected, for the error."""
        return int(self.many(name, 1)[0])

    def many(self, name: str, count: int) -> NDArray[np.int64]:
        """The next `count` integers."""
        first, self._next = self._next, self._next + count
        if count < 0 or self._next > len(self._values):
            left = len(self._values) - first
            raise FormatError(f"{self._where}: {name}: expected {count} integers after number {first}, found {left}")
        return self._values[first : self._next]

    def table(self, name: str, count: int, columns: int) -> NDArray[np.int64]:
        """The next integers as `count` rows."""
        return self.many(name, count * columns).reshape(count, columns)

    def finish(self) -> None:
        """Check that all are taken."""
        if self._next != len(self._values):
            raise FormatError(f"{self._where}: {len(self._values) - self._next} integers are left over")
