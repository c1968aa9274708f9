"""Alibaba's global scheduling competition (Tianchi 2018): containers with curves of CPU and memory that interfere.

Comma separated tables without a header. *Applications*: id, CPU at 98 times of a day, memory at these times (separated
by ``|``; cores and GB, with up to six decimals), disk, P, M, PM. *Interference*: a, b, k: on a machine that holds an
instance of a run at most k of b; for a = b, at most k + 1. *Machines*: id, CPU, memory, disk, P, M, PM. *Deployment*:
instance, application, machine (empty: not placed yet). A solution names the machine of each instance.

``"prelim_b"`` is the preliminary round's set B, ``"semifinal_a"`` to ``"semifinal_e"`` are the final ones without their
batch jobs, so that only the score of set e, which has none, compares with those published. A name with ``_new`` at its
end starts from empty machines.

Competition: Alibaba Tianchi race 231663. `tianchi2018_evaluator` judges solutions; it has the true, exponential cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import EVERYWHERE, Groups, Limits, Problem

FOLDER = "tianchi2018"

TIMES = 98
"""Values of a curve, one a quarter of an hour."""

UNIT = 1_000_000
"""Amounts are in millionths of a core, GB, …: the curves have six decimals."""

NEW = "_new"

MACHINE_COST = 10**12
"""A machine in use costs 1 in the competition's score, and so much in integers."""

STEEPNESS = 10
"""What the preliminary round's score multiplies the exponential by."""

SECANT = (np.exp(0.1) - 1) / 0.1
"""Slope the exponential is replaced by: exact at a half and at 0.6 of a machine's CPU, where good solutions end."""

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the set's own words: A applications, M machines, I instances of applications.

    Amounts are in millionths of what the files say.

    Attributes
    ----------
    apps, machines, instances : tuple of str
        Ids.
    cpu, memory : (A, 98) int64
    other : (A, 4) int64
        Disk, P, M, PM.
    interference : (N, 3) int64
        Rows of two applications, and k.
    room : (M, 6) int64
        CPU, memory, disk, P, M, PM.
    app_of : (I,) int64
    deployed : (I,) int64
        Machine of each instance now, -1 for none.
    """

    name: str
    apps: tuple[str, ...]
    cpu: Int64
    memory: Int64
    other: Int64
    interference: Int64
    machines: tuple[str, ...]
    room: Int64
    instances: tuple[str, ...]
    app_of: Int64
    deployed: Int64


def names() -> list[str]:
    """The instances at hand.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    found = [name for name, (deployment, _) in _files().items() if deployment.exists()]
    return [f"{name}{end}" for name in found for end in ("", NEW)]


def load(name: str) -> Instance:
    """An instance by its name, as ``"prelim_b"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no instance of that name.
    """
    files.check_name(FOLDER, name, names())
    deployment, machines = _files()[name.removesuffix(NEW)]
    folder = files.root() / FOLDER
    instance = read(
        folder / "app_resources.csv.xz", folder / "app_interference.csv.xz", machines, deployment, name=name
    )
    if name.endswith(NEW):
        return replace(instance, deployed=np.full(len(instance.deployed), -1, dtype=np.int64))
    return instance


def read(apps: Path, interference: Path, machines: Path, deployment: Path, *, name: str = "") -> Instance:
    """The instance of the four tables.

    Raises
    ------
    FormatError
        If a row has too few or too many values, or names an application or machine that is not there.
    """
    app_rows = _rows(apps, 7)
    machine_rows, deployed_rows = _rows(machines, 7), _rows(deployment, 3)
    app_of = {row[0]: number for number, row in enumerate(app_rows)}
    machine_of = {row[0]: number for number, row in enumerate(machine_rows)} | {"": -1}
    try:
        rules = [(app_of[a], app_of[b], int(k)) for a, b, k in _rows(interference, 3)]
        runs = [(app_of[app], machine_of[machine]) for _, app, machine in deployed_rows]
    except KeyError as error:
        raise FormatError(f"{deployment}: no application or machine {error}") from None
    return Instance(
        name=name or deployment.name,
        apps=tuple(app_of),
        cpu=_curves((row[1] for row in app_rows), apps),
        memory=_curves((row[2] for row in app_rows), apps),
        other=_amounts((row[3:] for row in app_rows), apps),
        interference=np.array(rules, dtype=np.int64).reshape(-1, 3),
        machines=tuple(row[0] for row in machine_rows),
        room=_amounts((row[1:] for row in machine_rows), machines),
        instances=tuple(row[0] for row in deployed_rows),
        app_of=np.array([app for app, _ in runs], dtype=np.int64),
        deployed=np.array([machine for _, machine in runs], dtype=np.int64),
    )


def problem(instance: Instance) -> Problem:
    """The instance for the solvers.

    *CPU* is a resource for each of the 98 times and each size of machine, unlimited on machines of other sizes, so that
    load above a half has a price that falls with the size. The *cost* has two tiers: instances left out; machines in
    use and CPU above a half, the exponential replaced by its secant. The evaluator knows the true one.

    *Interference*: k = 0 keeps two applications apart. "At most k of b beside a", k from 1, is kept everywhere and not
    only beside a, for a limit has no condition: stricter than the competition, never looser.
    """
    sizes = np.unique(instance.room[:, 0])
    demand = np.column_stack([np.tile(instance.cpu, (1, len(sizes))), instance.memory, instance.other])
    capacity, target = _room(instance, sizes)
    at_most, apart = _rules(instance)
    limits, groups = _limits(instance, at_most, apart)
    price = np.zeros(demand.shape[1], dtype=np.int64)
    price[: TIMES * len(sizes)] = np.rint(
        MACHINE_COST * SECANT / TIMES * np.repeat(_steepness(instance, sizes) / sizes, TIMES)
    )
    plain = problem_of_classes(
        instance.app_of.astype(np.int32),
        demand,
        capacity,
        np.full(len(capacity), MACHINE_COST, dtype=np.int64),
        "cost",
        groups=groups,
        limits=limits,
        start=instance.deployed.astype(np.int32) if (instance.deployed >= 0).any() else None,
    )
    left_out, machines = plain.tiers
    return replace(plain, tiers=(left_out, replace(machines, over_target=price)), target=target)


def _steepness(instance: Instance, sizes: Int64) -> NDArray[np.float64]:
    """What the score multiplies the exponential by on a machine of each size, (sizes,) float64.

    In the final round that is 1 plus the instances on the machine, about as many as its share of all CPU.
    """
    if not instance.name.startswith("semifinal"):
        return np.full(len(sizes), float(STEEPNESS))
    return np.asarray(1.0 + len(instance.app_of) * sizes / instance.room[:, 0].sum())


def _room(instance: Instance, sizes: Int64) -> tuple[Int64, Int64]:
    """Capacity and target of each machine, (M, R) int64."""
    total = (instance.cpu * np.bincount(instance.app_of, minlength=len(instance.apps))[:, None]).sum(axis=0)
    unlimited = int(total.max(initial=0)) + 1
    cpu = np.where(instance.room[:, :1] == np.repeat(sizes, TIMES), instance.room[:, :1], unlimited)
    rest = np.column_stack([np.repeat(instance.room[:, 1:2], TIMES, axis=1), instance.room[:, 2:]])
    return np.column_stack([cpu, rest]), np.column_stack([np.where(cpu == unlimited, cpu, cpu // 2), rest])


def _rules(instance: Instance) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """How many of an application a machine may hold, and pairs that it does not hold both of, in both orders."""
    at_most: dict[int, int] = {}
    apart: set[tuple[int, int]] = set()
    for a, b, k in instance.interference.tolist():
        if a == b:
            at_most[b] = min(at_most.get(b, k + 1), k + 1)
        elif k == 0:
            apart |= {(a, b), (b, a)}
        else:
            at_most[b] = min(at_most.get(b, k), k)
    return at_most, apart


def _limits(instance: Instance, at_most: dict[int, int], apart: set[tuple[int, int]]) -> tuple[Limits, Groups]:
    """Limits, and a group on machines for each application that is counted."""
    count = np.bincount(instance.app_of, minlength=len(instance.apps)).tolist()
    rows = [(a, b, 1) for a, b in apart if count[a] and count[b]]
    rows += [(app, app, most) for app, most in at_most.items() if count[app] > most]
    rows.sort()
    counted = sorted({b for _, b, _ in rows})
    group_of = np.full(len(instance.apps), -1, dtype=np.int64)
    group_of[counted] = np.arange(len(counted))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    num_machines = len(instance.machines)
    return (
        Limits(table[:, 0].astype(np.int32), group_of[table[:, 1]].astype(np.int32), table[:, 2].astype(np.int32)),
        Groups(
            topology=np.zeros(len(counted), dtype=np.int32),
            scope=np.full(len(counted), EVERYWHERE, dtype=np.int32),
            start=num_machines * np.arange(len(counted) + 1, dtype=np.int64),
            initial=np.zeros(num_machines * len(counted), dtype=np.int32),
            class_start=np.concatenate([[0], np.cumsum(group_of >= 0)]).astype(np.int64),
            of_class=np.arange(len(counted), dtype=np.int32),
        ),
    )


def write_solution(path: Path, machine_of: NDArray[np.integer], instance: Instance) -> None:
    """Write the machine of each instance, as the competition names them."""
    rows = zip(instance.instances, machine_of.tolist(), strict=True)
    lines = [f"{name},{instance.machines[machine] if machine >= 0 else ''}\n" for name, machine in rows]
    path.write_text("".join(lines), encoding="utf-8")


def read_solution(path: Path, instance: Instance) -> Int64:
    """The machine of each instance, (I,) int64, -1 for none.

    Raises
    ------
    FormatError
        If an instance or a machine is not there.
    """
    machine_of = {name: number for number, name in enumerate(instance.machines)} | {"": -1}
    rows = {row[0]: row[1] for row in _rows(path, 2)}
    try:
        return np.array([machine_of[rows[name]] for name in instance.instances], dtype=np.int64)
    except KeyError as error:
        raise FormatError(f"{path}: no instance or machine {error}") from None


def _files() -> dict[str, tuple[Path, Path]]:
    """Deployment and machines of each instance."""
    folder = files.root() / FOLDER
    found = {"prelim_b": (folder / "prelim_b/instance_deploy.csv.xz", folder / "prelim_b/machine_resources.csv.xz")}
    for letter in "abcde":
        parts = [folder / f"semifinal/{table}.{letter}.csv.xz" for table in ("instance_deploy", "machine_resources")]
        found[f"semifinal_{letter}"] = (parts[0], parts[1])
    return found


def _rows(path: Path, columns: int) -> list[list[str]]:
    rows = [line.split(",") for line in files.text(path).splitlines() if line]
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise FormatError(f"{path}:{number}: expected {columns} values, found {len(row)}")
    return rows


def _curves(texts: Iterable[str], where: Path) -> Int64:
    """A curve a row, in units."""
    curves = [text.split("|") for text in texts]
    for number, curve in enumerate(curves, start=1):
        if len(curve) != TIMES:
            raise FormatError(f"{where}:{number}: expected a curve of {TIMES} values, found {len(curve)}")
    return _amounts(curves, where)


def _amounts(rows: Iterable[list[str]], where: Path) -> Int64:
    """A table of amounts in units."""
    try:
        amounts = np.array([list(map(float, row)) for row in rows])
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from None
    units: Int64 = np.rint(amounts * UNIT).astype(np.int64)
    return units
