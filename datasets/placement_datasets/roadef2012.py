"""ROADEF/EURO challenge 2012: Google's machine reassignment.

Processes already run on machines; a new assignment is sought that keeps the rules and costs less: load above a safety
capacity, free amounts out of balance, and the moves themselves. Two files of integers make an instance, in this order:

*Model*: resources (transient, weight of load cost); machines (neighbourhood, location, capacity and safety capacity
by resource, move cost to each machine); services (spreadMin, number of dependencies, their services); processes
(service, requirement by resource, move cost); balance objectives (two resources, target, weight); the weights of
process, service and machine move costs. Each list is headed by its length. *Assignment*, also the form of solutions:
the machine of each process.

Set and statement: H. M. Afsar, C. Artigues, E. Bourreau, S. Kedad-Sidhoum, "Machine reassignment problem: the
ROADEF/EURO challenge 2012", Annals of Operations Research 242 (2016). `roadef2012_evaluator` judges solutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_solvers.problem import (
    EVERYWHERE,
    Attractions,
    Balances,
    Breadths,
    Dependencies,
    Groups,
    Limits,
    MostMoved,
    Problem,
    Spreads,
    Tier,
)

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

FOLDER = "roadef2012"

MACHINE, LOCATION, NEIGHBOURHOOD = 0, 1, 2
"""Rows of `Problem.domain_of`."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the challenge's own words: M machines, R resources, S services, P processes.

    Attributes
    ----------
    name : str
    transient : (R,) bool
        Whether a moved process uses the resource on both machines.
    load_weight : (R,) int64
    neighbourhood, location : (M,) int64
    capacity, safety_capacity : (M, R) int64
    machine_move_cost : (M, M) int64
        From the row's machine to the column's.
    spread_min : (S,) int64
    dependencies : (D, 2) int64
        A process of the first service runs in a neighbourhood of some process of the second.
    service, process_move_cost : (P,) int64
    requirement : (P, R) int64
    balances : (B, 4) int64
        Two resources, target, weight.
    process_move_weight, service_move_weight, machine_move_weight : int
    initial : (P,) int64
        Machine each process runs on.
    """

    name: str
    transient: NDArray[np.bool_]
    load_weight: Int64
    neighbourhood: Int64
    location: Int64
    capacity: Int64
    safety_capacity: Int64
    machine_move_cost: Int64
    spread_min: Int64
    dependencies: Int64
    service: Int64
    requirement: Int64
    process_move_cost: Int64
    balances: Int64
    process_move_weight: int
    service_move_weight: int
    machine_move_weight: int
    initial: Int64

    @property
    def num_processes(self) -> int:
        return len(self.service)


def names() -> list[str]:
    """The instances at hand, in the order of the sets; the statement's toy comes last.

    Raises
    ------
    MissingDataError
        If the sets are not on this machine.
    """
    models = (files.root() / FOLDER / "instances").glob("model_*.txt.xz")
    found = [path.name.removeprefix("model_").removesuffix(".txt.xz") for path in models]
    return sorted(found, key=lambda name: (name == "toy", name))


def load(name: str) -> Instance:
    """An instance of the set by its name, as ``"a1_4"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no model of that name.
    """
    files.check_name(FOLDER, name, names())
    folder = files.root() / FOLDER / "instances"
    return read(folder / f"model_{name}.txt.xz", folder / f"assignment_{name}.txt.xz", name=name)


def best_known(name: str) -> int | None:
    """The least cost published for an instance, None if none is.

    For reports only: no solver is told.
    """
    for row in files.rows(files.root() / FOLDER / "reference_values.csv"):
        if row["instance"] == name:
            return int(row["best_known"])
    return None


def score(name: str, cost: int) -> float | None:
    """The challenge's score: what a cost is above the best known, in percent of the cost at the start; None if unknown.

    The challenge measured from the best of all teams, which is no better than what is known today.
    """
    for row in files.reference(files.root() / FOLDER / "reference_values.csv"):
        if row["instance"] == name:
            return 100 * (cost - int(row["best_known"])) / int(row["initial_cost"])
    return None


def read(model: Path, assignment: Path, *, name: str = "") -> Instance:
    """The instance of a model file and its initial assignment.

    Raises
    ------
    FormatError
        If a file is cut short, goes on too long, or names a service, machine or resource that is not there.
    """
    numbers = files.Integers(files.integers(files.text(model), model), model)
    resources = numbers.table("resources", numbers.one("number of resources"), 2)
    num_resources = len(resources)
    num_machines = numbers.one("number of machines")
    machines = numbers.table("machines", num_machines, 2 + 2 * num_resources + num_machines)
    spread_min, dependencies = _services(numbers)
    processes = numbers.table("processes", numbers.one("number of processes"), num_resources + 2)
    num_balances = numbers.one("number of balance objectives")
    balances = numbers.table("balance objectives", num_balances, 4)
    weights = numbers.many("weights of move costs", 3)
    numbers.finish()
    initial = files.integers(files.text(assignment), assignment)
    if len(initial) != len(processes):
        raise FormatError(f"{assignment}: expected {len(processes)} machines, one a process, found {len(initial)}")
    for what, values, bound, where in (
        ("machine", initial, num_machines, assignment),
        ("service", processes[:, 0], len(spread_min), model),
        ("service", dependencies, len(spread_min), model),
        ("resource", balances[:, :2], num_resources, model),
    ):
        if values.size and not 0 <= values.min() <= values.max() < bound:
            raise FormatError(
                f"{where}: expected every {what} from 0 to {bound - 1}, found {values.min()} to {values.max()}"
            )
    return Instance(
        name=name or model.name,
        transient=resources[:, 0] == 1,
        load_weight=resources[:, 1],
        neighbourhood=machines[:, 0],
        location=machines[:, 1],
        capacity=machines[:, 2 : 2 + num_resources],
        safety_capacity=machines[:, 2 + num_resources : 2 + 2 * num_resources],
        machine_move_cost=machines[:, 2 + 2 * num_resources :],
        spread_min=spread_min,
        dependencies=dependencies,
        service=processes[:, 0],
        requirement=processes[:, 1:-1],
        process_move_cost=processes[:, -1],
        balances=balances,
        process_move_weight=int(weights[0]),
        service_move_weight=int(weights[1]),
        machine_move_weight=int(weights[2]),
        initial=initial,
    )


def _services(numbers: files.Integers) -> tuple[Int64, Int64]:
    spread_min, dependencies = [], []
    for service in range(numbers.one("number of services")):
        spread_min.append(numbers.one("spreadMin"))
        for other in numbers.many("dependencies", numbers.one("number of dependencies")):
            dependencies.append((service, int(other)))
    return np.array(spread_min, dtype=np.int64), np.array(dependencies, dtype=np.int64).reshape(-1, 2)


def read_solution(path: Path) -> Int64:
    """The machine of each process, (P,) int64."""
    return files.integers(files.text(path), path)


def write_solution(path: Path, machine_of: NDArray[np.integer]) -> None:
    """Write an assignment in the challenge's format: one line of machines."""
    path.write_text(" ".join(map(str, machine_of.tolist())) + "\n", encoding="utf-8")


def problem(instance: Instance) -> Problem:
    """The instance for the solvers. Processes that differ in nothing share a class; a service is a group.

    The cost has two tiers: processes left without a machine, which the challenge forbids, and the challenge's cost.
    """
    rows = np.column_stack([instance.service, instance.process_move_cost, instance.requirement])
    classes, class_of = np.unique(rows, axis=0, return_inverse=True)
    service_of = classes[:, 0]
    machines = np.arange(len(instance.capacity))
    domain_of = np.stack([_numbered(column) for column in (machines, instance.location, instance.neighbourhood)])
    group_of, groups = _groups(instance, service_of, domain_of)
    limited = np.flatnonzero(group_of[MACHINE][service_of] >= 0).astype(np.int32)
    wide = np.flatnonzero(group_of[LOCATION] >= 0)
    base, wanted, ratio, weight = instance.balances.T
    cost = Tier(
        "cost",
        over_target=np.ascontiguousarray(instance.load_weight),
        moved=classes[:, 1] * instance.process_move_weight,
        moved_between=np.ascontiguousarray(instance.machine_move_cost * instance.machine_move_weight),
        balances=Balances(base.astype(np.int32), wanted.astype(np.int32), ratio.copy(), weight.copy()),
        most_moved=MostMoved(service_of.astype(np.int32), instance.service_move_weight),
    )
    return Problem(
        class_of=class_of.reshape(-1).astype(np.int32),
        demand=np.ascontiguousarray(classes[:, 2:]),
        capacity=np.ascontiguousarray(instance.capacity),
        class_signature=np.zeros(len(classes), dtype=np.int32),
        bin_signature=np.zeros(len(machines), dtype=np.int32),
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=domain_of,
        scopes=np.zeros((0, len(machines)), dtype=np.bool_),
        groups=groups,
        limits=Limits(limited, group_of[MACHINE][service_of[limited]], np.ones(len(limited), dtype=np.int32)),
        attractions=Attractions(),
        spreads=Spreads(),
        tiers=(Tier("unplaced", unplaced=np.ones(len(classes), dtype=np.int64)), cost),
        class_priority=np.zeros(len(classes), dtype=np.int32),
        in_use=np.zeros(len(machines), dtype=np.bool_),
        pinned_to=np.full(len(classes), -1, dtype=np.int32),
        start=instance.initial.astype(np.int32),
        breadths=Breadths(group_of[LOCATION][wide], instance.spread_min[wide].astype(np.int32)),
        dependencies=Dependencies(*(group_of[NEIGHBOURHOOD][column] for column in instance.dependencies.T)),
        transient=instance.transient,
        target=np.ascontiguousarray(instance.safety_capacity),
    )


def _groups(instance: Instance, service_of: Int64, domain_of: Int32) -> tuple[Int32, Groups]:
    """The group of each service in each topology, (3, S) int32 with -1 for none, and the groups.

    Only services of which something is asked are counted: conflict asks those with two processes or more,
    spread those with a spreadMin of two or more, dependency both ends.
    """
    num_services = len(instance.spread_min)
    asked = np.zeros((3, num_services), dtype=np.bool_)
    asked[MACHINE] = np.bincount(instance.service, minlength=num_services) > 1
    asked[LOCATION] = instance.spread_min > 1
    asked[NEIGHBOURHOOD, instance.dependencies] = True
    group_of = np.full((3, num_services), -1, dtype=np.int32)
    group_of[asked] = np.arange(asked.sum(), dtype=np.int32)
    topology = np.repeat(np.arange(3, dtype=np.int32), asked.sum(axis=1))
    start = np.concatenate([[0], np.cumsum((domain_of.max(axis=1) + 1)[topology], dtype=np.int64)])
    of_class = group_of[:, service_of].T  # ascending, for the groups are numbered topology by topology
    member = of_class >= 0
    return group_of, Groups(
        topology=topology,
        scope=np.full(len(topology), EVERYWHERE, dtype=np.int32),
        start=start.astype(np.int64),
        initial=np.zeros(int(start[-1]), dtype=np.int32),
        class_start=np.concatenate([[0], np.cumsum(member.sum(axis=1))]).astype(np.int64),
        of_class=of_class[member],
    )


def _numbered(labels: Int64) -> Int32:
    return np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int32)
