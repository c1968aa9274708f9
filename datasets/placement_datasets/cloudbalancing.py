"""OptaPlanner's cloud balancing: the cheapest set of unlike computers that runs all processes.

A file is JSON: ``computerList`` with ``id``, ``cpuPower``, ``memory``, ``networkBandwidth`` and ``cost``, paid once a
computer runs anything; ``processList`` with ``id``, the three requirements and ``computer``, null as long as it has
none. A solution is the same file with the computer's id there and the ``score``.

Set: OptaPlanner's examples, ``optaplanner-examples/data/cloudbalancing``. `cloudbalancing_evaluator` judges solutions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.plain import plain_problem
from placement_solvers.problem import Problem

FOLDER = "cloudbalancing"

POWERS = ("cpuPower", "memory", "networkBandwidth")
REQUIREMENTS = ("requiredCpuPower", "requiredMemory", "requiredNetworkBandwidth")


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the set's own words: M computers, P processes.

    Attributes
    ----------
    computers, processes : (M,), (P,) int64
        Their ids.
    power : (M, 3) int64
        CPU power, memory, network bandwidth.
    cost : (M,) int64
    requirement : (P, 3) int64
    """

    name: str
    computers: NDArray[np.int64]
    power: NDArray[np.int64]
    cost: NDArray[np.int64]
    processes: NDArray[np.int64]
    requirement: NDArray[np.int64]


def names() -> list[str]:
    """The instances at hand, small ones first.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    found = [path.name.removesuffix(".json.xz") for path in (files.root() / FOLDER).glob("*.json.xz")]
    return sorted(found, key=lambda name: (int(name.partition("computers")[0]), name))


def load(name: str) -> Instance:
    """An instance by its name, as ``"100computers-300processes"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no instance of that name.
    """
    files.check_name(FOLDER, name, names())
    return read(files.root() / FOLDER / f"{name}.json.xz", name=name)


def read(path: Path, *, name: str = "") -> Instance:
    """The instance of a file.

    Raises
    ------
    FormatError
        If it is no JSON, lacks a field, or has one that is no number from 0.
    """
    try:
        body = json.loads(files.text(path))
        computers = _table(body["computerList"], ("id", *POWERS, "cost"), path)
        processes = _table(body["processList"], ("id", *REQUIREMENTS), path)
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}: {error}") from None
    except (KeyError, TypeError) as error:
        raise FormatError(f"{path}: {error} is missing or of another kind") from None
    return Instance(
        name=name or path.name,
        computers=computers[:, 0],
        power=computers[:, 1:4],
        cost=computers[:, 4],
        processes=processes[:, 0],
        requirement=processes[:, 1:],
    )


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...], where: Path) -> NDArray[np.int64]:
    for row in rows:
        for column in columns:
            if not isinstance(row[column], int) or row[column] < 0:
                raise FormatError(f"{where}: {column}: expected a whole number from 0, found {row[column]!r}")
    return np.array([[row[column] for column in columns] for row in rows], dtype=np.int64).reshape(-1, len(columns))


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: computers are bins at their cost, processes that differ in nothing a class."""
    return plain_problem(instance.requirement, instance.power, instance.cost, "cost")


def write_solution(path: Path, bins: NDArray[np.integer], instance: Instance) -> None:
    """Write a solution as the set has it: the instance, each process with the id of its computer, and the score."""
    chosen = bins.tolist()
    computers = np.column_stack([instance.computers, instance.power, instance.cost]).tolist()
    processes = np.column_stack([instance.processes, instance.requirement]).tolist()
    ids = instance.computers.tolist()
    cost = int(instance.cost[sorted(set(chosen))].sum())
    body = {
        "id": 0,
        "computerList": [dict(zip(("id", *POWERS, "cost"), row, strict=True)) for row in computers],
        "processList": [
            {**dict(zip(("id", *REQUIREMENTS), row, strict=True)), "computer": ids[bin_]}
            for row, bin_ in zip(processes, chosen, strict=True)
        ],
        "score": f"0hard/-{cost}soft",
    }
    path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")


def read_solution(path: Path, instance: Instance) -> NDArray[np.int64]:
    """The computer of each process, (P,) int64, as rows of the instance.

    Raises
    ------
    FormatError
        If a process has no computer, or one that is not there.
    """
    row_of = {id_: row for row, id_ in enumerate(instance.computers.tolist())}
    chosen = {row["id"]: row["computer"] for row in json.loads(files.text(path))["processList"]}
    try:
        return np.array([row_of[chosen[id_]] for id_ in instance.processes.tolist()], dtype=np.int64)
    except KeyError as error:
        raise FormatError(f"{path}: {error}: no such process or computer") from None
