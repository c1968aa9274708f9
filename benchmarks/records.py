"""Lines of results: one JSON object a run, with all that is needed to run it again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.errors import RecordError
from benchmarks.machine import Provenance

Point = tuple[float, tuple[int, ...], tuple[int, ...] | None]
"""Seconds since the command began, cost, lower bound."""


class Record(Provenance, frozen=True, kw_only=True, omit_defaults=True):
    """What a run was and what came of it.

    Attributes
    ----------
    clock : str
        What `time_limit` is of: ``"command"`` or ``"search"``.
    status : str
        A status of the solver floor, or ``"failed"``: it crashed, was killed, or its solution is refused.
    error : str
        Why it failed, in one line.
    tiers : tuple of str
        What the numbers of `cost` and `lower_bound` count.
    cost : tuple of int or None
        Added up anew from the solution by the judge.
    unplaced : int
        Items without a bin.
    bins_opened : int
        Bins that hold items and were not in use before.
    best_known : int or None
        The least cost published for the last tier.
    best_is_optimal : bool
        Whether that is proven.
    score : float or None
        What the public set ranks by, where that is no tier of the cost.
    seconds, cpu_seconds : float
        Of the whole command: start, reading or generating, search, writing the solution.
    read_seconds, search_seconds : float
        Of those, until the problem stood, and the search.
    peak_memory : int
        Bytes, of the whole command.
    trace : tuple of points
        Incumbents: seconds since the command began, cost, lower bound.
    """

    suite: str
    instance: str
    solver: str
    seed: int
    time_limit: float
    clock: str
    status: str
    error: str = ""
    stopped_by: str = ""
    tiers: tuple[str, ...] = ()
    cost: tuple[int, ...] | None = None
    lower_bound: tuple[int, ...] | None = None
    gap: float | None = None
    items: int = 0
    bins: int = 0
    classes: int = 0
    unplaced: int = 0
    bins_opened: int = 0
    best_known: int | None = None
    best_is_optimal: bool = False
    score: float | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    read_seconds: float = 0.0
    search_seconds: float = 0.0
    peak_memory: int = 0
    iterations: int = 0
    trace: tuple[Point, ...] = ()
    statistics: dict[str, int | float | str] = msgspec.field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, int, float]:
        """What makes two runs the same run."""
        return self.suite, self.instance, self.solver, self.seed, self.time_limit

    @property
    def valid(self) -> bool:
        """Whether there is a solution that was not refused."""
        return self.status != "failed" and self.cost is not None


def prepare(path: Path) -> None:
    """Make sure that a file can be added to, before hours go into what it shall hold.

    Raises
    ------
    RecordError
        If it is no file, or may not be written.
    """
    if path.exists() and not path.is_file():
        raise RecordError(f"{path}: expected a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from None


def append(path: Path, record: Record) -> None:
    """Add a line to a file; half a line that an interrupted run left at its end goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.write(msgspec.json.encode(record) + b"\n")


def read(paths: Iterable[Path]) -> list[Record]:
    """The records of files; of several of one run the last.

    Raises
    ------
    RecordError
        If a line is no record, or a file is not there. The last line of an interrupted write is passed over.
    """
    found: dict[tuple[str, str, str, int, float], Record] = {}
    for path in paths:
        try:
            body = path.read_bytes()
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}") from None
        lines = body.split(b"\n")
        for number, line in enumerate(lines[:-1], start=1):
            try:
                record = msgspec.json.decode(line, type=Record)
            except msgspec.DecodeError as error:
                raise RecordError(f"{path}:{number}: {error}") from None
            found.pop(record.key, None)
            found[record.key] = record
    return list(found.values())
