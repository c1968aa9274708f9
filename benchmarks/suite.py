"""Suites: TOML files that say who solves what, how often and for how long.

A file holds ``title``, ``text``, ``solvers`` (names of `benchmarks.contestants`), ``seeds`` (as ``"1-20"``), optionally
``clock`` and ``time_limit``, and a table ``[[instances]]`` each for

- a generated instance: ``name``, ``generator`` (``module:function`` of the data floor), ``arguments``; the seed of the
  run is the seed of the instance and of the solver;
- instances of a public set: ``set`` (a reader of the data floor), ``names`` (a list, or ``"all"``); the seed is the
  solver's alone, unless ``drawn`` says that the set names a drawn instance for each: ``name-seed``.

Both may have a ``time_limit``, ``seeds`` and ``solvers`` of their own, and a ``goal``: a sentence for the report, with
``checks`` that tell whether it is met (see `benchmarks.goals`). What is asked of several instances together, or of
another contestant than the first, stands in a table ``[[goals]]`` each: ``text``, ``of`` (a list of patterns of names),
``checks`` and, if need be, ``contestant``. ``unranked`` names contestants that are told more than the others: they are
shown, and no wins or losses are counted against them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal, cast

from benchmarks.contestants import check_name
from benchmarks.errors import SuiteError, UnknownNameError
from benchmarks.goals import Goal, parse
from benchmarks.instances import GeneratedInstance, Instance, SetInstance, names_of_set

FOLDER = Path(__file__).parent / "suites"

Clock = Literal["command", "search"]
"""What the time limit is of: the whole command, or the search alone."""

_KEYS = {"title", "text", "solvers", "seeds", "clock", "time_limit", "instances", "goals", "unranked"}
_ENTRY_KEYS = {
    *("name", "generator", "arguments", "set", "names", "drawn"),
    *("time_limit", "seeds", "solvers", "goal", "checks"),
}
_GOAL_KEYS = {"text", "of", "checks", "contestant"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An instance and how it is to be run."""

    instance: Instance
    solvers: tuple[str, ...]
    seeds: tuple[int, ...]
    time_limit: float


@dataclass(frozen=True, slots=True)
class Run:
    """One contestant on one instance with one seed.

    Attributes
    ----------
    time_limit : float
        Seconds.
    """

    suite: str
    instance: Instance
    solver: str
    seed: int
    time_limit: float
    clock: Clock = "command"

    @property
    def key(self) -> tuple[str, str, str, int, float]:
        """What makes two runs the same run."""
        return self.suite, self.instance.name, self.solver, self.seed, self.time_limit


@dataclass(frozen=True, slots=True)
class Planned:
    """Runs that a file asks for; for that no set need be at hand.

    Attributes
    ----------
    names : tuple of str
        Patterns: ``*`` stands for all of a set.
    """

    names: tuple[str, ...]
    solvers: tuple[str, ...]
    seeds: tuple[int, ...]
    time_limit: float

    def holds(self, instance: str) -> bool:
        return any(fnmatch(instance, name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says for the report; for that no set need be at hand."""

    title: str
    text: str
    goals: tuple[Goal, ...] = ()
    planned: tuple[Planned, ...] = ()
    unranked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """What a file says."""

    name: str
    title: str
    text: str
    clock: Clock
    entries: tuple[Entry, ...]

    def runs(
        self,
        only: tuple[str, ...] = (),
        solvers: tuple[str, ...] = (),
        seeds: tuple[int, ...] = (),
        time_limit: float | None = None,
    ) -> list[Run]:
        """The runs, instance by instance; arguments that are given narrow or replace what the file says.

        Raises
        ------
        UnknownNameError
            If an instance or a solver that is asked for is not there.
        """
        known = [entry.instance.name for entry in self.entries]
        for name in only:
            if name not in known:
                raise UnknownNameError(f"instance of {self.name}", name, known)
        for name in solvers:
            check_name(name)
        return [
            Run(self.name, entry.instance, solver, seed, time_limit or entry.time_limit, self.clock)
            for entry in self.entries
            if not only or entry.instance.name in only
            for seed in seeds or entry.seeds
            for solver in solvers or entry.solvers
        ]


def names() -> list[str]:
    """The suites there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Suite:
    """The suite of that name.

    Raises
    ------
    UnknownNameError
        If there is none.
    SuiteError
        If its file is wrong.
    """
    if name not in names():
        raise UnknownNameError("suite", name, names())
    return read(FOLDER / f"{name}.toml")


def outline(name: str) -> Outline:
    """What the report says of the suite of that name."""
    return outline_of(FOLDER / f"{name}.toml")


def outline_of(path: Path) -> Outline:
    """What the report says of a suite.

    Raises
    ------
    SuiteError
        If the file is wrong.
    """
    body = _body(path)
    planned, goals = [], []
    for table in body["instances"]:
        merged = {**body, **table}
        names = table.get("names", [table.get("name", "")])
        names = ("*",) if names == "all" else tuple(names)
        planned.append(Planned(names, tuple(merged["solvers"]), numbers(merged["seeds"]), float(merged["time_limit"])))
        if "goal" in table:
            goals.append(_goal({"text": table["goal"], "of": names, "checks": table.get("checks", [])}, path.name))
    goals += [_goal(table, path.name) for table in body.get("goals", [])]
    return Outline(body["title"], body.get("text", ""), tuple(goals), tuple(planned), tuple(body.get("unranked", ())))


def _goal(table: dict[str, Any], where: str) -> Goal:
    _check_keys(table, _GOAL_KEYS, where)
    if not table.get("checks"):
        raise SuiteError(f"{where}: goal {table['text']!r}: expected checks that tell whether it is met")
    checks = tuple(parse(check) for check in table["checks"])
    return Goal(table["text"], tuple(table["of"]), checks, table.get("contestant", ""))


def _body(path: Path) -> dict[str, Any]:
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{path.name}: {error}") from None
    _check_keys(body, _KEYS, path.name)
    return body


def read(path: Path) -> Suite:
    """The suite a file describes.

    Raises
    ------
    SuiteError
        If the file is no TOML, lacks a key, or has one that means nothing.
    """
    body = _body(path)
    try:
        clock = body.get("clock", "command")
        if clock not in ("command", "search"):
            raise SuiteError(f"{path.name}: clock: expected 'command' or 'search', found {clock!r}")
        entries = tuple(entry for table in body["instances"] for entry in _entries(table, body, path.name))
        return Suite(path.stem, body["title"], body.get("text", ""), cast(Clock, clock), entries)
    except KeyError as error:
        if isinstance(error, UnknownNameError):
            raise
        raise SuiteError(f"{path.name}: {error} is missing") from None


def _entries(table: dict[str, Any], body: dict[str, Any], where: str) -> list[Entry]:
    _check_keys(table, _ENTRY_KEYS, where)
    instances: list[Instance]
    if "set" in table:
        there = names_of_set(table["set"])
        chosen = there if table["names"] == "all" else table["names"]
        for name in chosen:
            if name not in there:
                raise UnknownNameError(f"instance of {table['set']}", name, there)
        instances = [SetInstance(table["set"], name, table.get("drawn", False)) for name in chosen]
    else:
        instances = [GeneratedInstance(table["name"], table["generator"], table.get("arguments", {}))]
    merged = {**body, **table}
    for solver in merged["solvers"]:
        check_name(solver)
    return [
        Entry(
            instance,
            tuple(merged["solvers"]),
            numbers(merged["seeds"]),
            float(merged["time_limit"]),
        )
        for instance in instances
    ]


def numbers(text: str) -> tuple[int, ...]:
    """Numbers from 0 as people list them: ``"1,2"``, ``"1-20"``, ``"1-3,7"``.

    Raises
    ------
    SuiteError
        If it is anything else.
    """
    if re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", str(text)) is None:
        raise SuiteError(f"seeds: expected numbers as in '1,2' or '1-20', found {text!r}")
    found: list[int] = []
    for part in str(text).split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


def _check_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise SuiteError(f"{where}: {key!r} means nothing; expected one of {', '.join(sorted(known))}")
