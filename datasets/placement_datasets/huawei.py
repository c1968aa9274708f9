"""Huawei Cloud: virtual machines that come one after the other onto servers with two NUMA nodes, in racks.

Tables of comma separated values. *Servers*: ``CPU1``, ``RAM1``, ``CPU2``, ``RAM2``, free cores and GB of each NUMA
node. *Topology*: ``host_id``, ``rack_id``; row i of the servers is host i. *Requests*, in order of arrival:
``flavor_vcpus``, ``flavor_ram``, ``numa`` (1: within one node; 2: half on each), ``strategy``, ``group``, ``domain``:

- *affinity*: machines of a group in one rack (the groups are too large for one server);
- *anti-affinity*: machines of a group on different servers;
- *fault_domain*: machines of a group with different domains not in one rack.

The set says little of what the strategies mean; this is how its README at the origin can be read.

An instance is a sequence, ``"C1"`` to ``"C5"``, or two of them one after the other, ``"C1+C2"``: one alone leaves half
the cores free, two ask for more memory than there is. `huawei_evaluator` judges solutions.

Set: github mdl1104/Dataset-for-topology-aware-VM-placement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import EVERYWHERE, Attractions, Devices, Groups, Limits, Problem, Tier

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

FOLDER = "huawei_topology"

SEQUENCES = ("C1", "C2", "C3", "C4", "C5")

STRATEGIES = ("", "affinity", "anti-affinity", "fault_domain")

SERVER, RACK = 0, 1
"""Rows of `Problem.domain_of`."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Servers and requests in the set's own words: S servers, V machines in order of arrival.

    Attributes
    ----------
    name : str
    free : (S, 2, 2) int64
        Cores and GB (last) of each NUMA node (second).
    rack : (S,) int64
    flavour : (V, 3) int64
        vCPUs, GB, NUMA nodes.
    strategy : (V,) int64
        Index into `STRATEGIES`.
    group : (V,) int64
        Numbered across strategies and sequences, -1 for none.
    domain : (V,) int64
        -1 where there is none.
    """

    name: str
    free: Int64
    rack: Int64
    flavour: Int64
    strategy: Int64
    group: Int64
    domain: Int64


def names() -> list[str]:
    """The sequences, and all pairs of them.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    files.rows(_folder() / "pm_resources.csv.xz")
    return [*SEQUENCES, *("+".join(pair) for pair in combinations(SEQUENCES, 2))]


def load(name: str) -> Instance:
    """An instance of the set by its name, as ``"C1"`` or ``"C1+C2"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no such sequences.
    """
    files.check_name(FOLDER, name, names())
    requests = [_folder() / f"vm_requests_{sequence}.csv.xz" for sequence in name.split("+")]
    return read(_folder() / "pm_resources.csv.xz", _folder() / "topology.csv.xz", *requests, name=name)


def read(servers: Path, topology: Path, *requests: Path, name: str = "") -> Instance:
    """The instance of a table of servers, a topology, and sequences of requests that come one after the other.

    Raises
    ------
    FormatError
        If a column is missing, a number is none, or a strategy is unknown.
    """
    machines = files.rows(servers)
    free = np.stack([_column(machines, column, servers) for column in ("CPU1", "RAM1", "CPU2", "RAM2")], axis=1)
    racks = files.rows(topology)[: len(machines)]
    if [row.get("host_id") for row in racks] != [f"host-{number}" for number in range(len(machines))]:
        raise FormatError(f"{topology}: expected host-0 to host-{len(machines) - 1} in the first rows")
    parts = [_requests(path) for path in requests]
    number = 0
    for _, _, group, _ in parts:  # groups of another sequence are other groups
        known = group >= 0
        group[known] = np.unique(group[known], return_inverse=True)[1] + number
        number = int(group.max(initial=number - 1)) + 1
    flavour, strategy, group, domain = (np.concatenate([part[at] for part in parts]) for at in range(4))
    return Instance(
        name=name or servers.name,
        free=free.reshape(-1, 2, 2),
        rack=_column(racks, "rack_id", topology),
        flavour=flavour,
        strategy=strategy,
        group=group,
        domain=domain,
    )


def _requests(path: Path) -> tuple[Int64, Int64, Int64, Int64]:
    rows = files.rows(path)
    flavour = np.stack([_column(rows, column, path) for column in ("flavor_vcpus", "flavor_ram", "numa")], axis=1)
    unknown = {row.get("strategy") for row in rows} - set(STRATEGIES)
    if unknown:
        raise FormatError(f"{path}: strategy: expected one of {STRATEGIES}, found {sorted(map(str, unknown))}")
    if not np.isin(flavour[:, 2], (1, 2)).all() or np.any(flavour[flavour[:, 2] == 2, :2] % 2):
        raise FormatError(f"{path}: numa: expected 1, or 2 for what can be halved")
    strategy = np.array([STRATEGIES.index(row["strategy"]) for row in rows], dtype=np.int64)
    in_strategy = _column(rows, "group", path, empty=-1)
    group = np.where(strategy > 0, in_strategy * len(STRATEGIES) + strategy, -1)
    return flavour, strategy, group, _column(rows, "domain", path, empty=-1)


def read_solution(path: Path) -> Int64:
    """The server of each machine, (V,) int64, -1 for none."""
    return files.integers(files.text(path), path)


def write_solution(path: Path, server_of: NDArray[np.integer]) -> None:
    """Write one line with the server of each machine; the set has no format for placements."""
    path.write_text(" ".join(map(str, server_of.tolist())) + "\n", encoding="utf-8")


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: servers are bins, NUMA nodes their devices, racks a topology.

    The cost has two tiers: the vCPUs of machines left out, and the machines left out.
    """
    table = np.column_stack([instance.flavour, instance.strategy, instance.group, instance.domain])
    classes, class_of = np.unique(table, axis=0, return_inverse=True)
    num_servers = len(instance.free)
    plain = problem_of_classes(
        class_of.reshape(-1).astype(np.int32),
        classes[:, :2],
        instance.free.sum(axis=1),
        np.zeros(num_servers, dtype=np.int64),
        "price",
    )
    racks = np.unique(instance.rack, return_inverse=True)[1].reshape(-1)
    domain_of = np.stack([np.arange(num_servers), racks]).astype(np.int32)
    groups, limits, attractions = _relations(classes, domain_of)
    return replace(
        plain,
        domain_of=domain_of,
        groups=groups,
        limits=limits,
        attractions=attractions,
        devices=Devices(
            start=np.arange(0, 2 * num_servers + 1, 2, dtype=np.int64),
            capacity=np.ascontiguousarray(instance.free.reshape(-1, 2)),
            count=classes[:, 2].astype(np.int32),
            share=np.ascontiguousarray(classes[:, :2] // classes[:, 2:3]),
        ),
        tiers=(
            Tier("vCPUs left out", unplaced=classes[:, 0].copy()),
            Tier("machines left out", unplaced=np.ones(len(classes), dtype=np.int64)),
        ),
    )


def _relations(classes: Int64, domain_of: Int32) -> tuple[Groups, Limits, Attractions]:
    """Groups of the set as counted groups, one for each fault domain, and what their classes may and must meet."""
    strategy, group, domain = classes[:, 3:].T
    keys = [(int(s), int(g), int(d)) for s, g, d in zip(strategy, group, domain, strict=True)]
    counted = sorted({key for key in keys if key[0] > 0})
    number = {key: index for index, key in enumerate(counted)}
    topology = np.array([SERVER if STRATEGIES[s] == "anti-affinity" else RACK for s, _, _ in counted], dtype=np.int32)
    limits, attractions = [], []
    for class_, key in enumerate(keys):
        name = STRATEGIES[key[0]]
        if name == "anti-affinity":
            limits.append((class_, number[key], 1))
        elif name == "affinity":
            attractions.append((class_, number[key]))
        elif name == "fault_domain":
            others = (other for other in counted if other[:2] == key[:2] and other != key)
            limits += [(class_, number[other], 1) for other in others]
    start = np.concatenate([[0], np.cumsum((domain_of.max(axis=1) + 1)[topology])]).astype(np.int64)
    members = [[number[key]] if key in number else [] for key in keys]
    groups = Groups(
        topology=topology,
        scope=np.full(len(counted), EVERYWHERE, dtype=np.int32),
        start=start,
        initial=np.zeros(int(start[-1]), dtype=np.int32),
        class_start=np.cumsum([0, *map(len, members)], dtype=np.int64),
        of_class=np.array([g for own in members for g in own], dtype=np.int32),
    )
    limited = np.array(limits, dtype=np.int32).reshape(-1, 3).T
    attracted = np.array(attractions, dtype=np.int32).reshape(-1, 2).T
    starting = np.array([STRATEGIES[key[0]] == "affinity" for key in keys], dtype=np.bool_)
    return (
        groups,
        Limits(*(np.ascontiguousarray(column) for column in limited)),
        Attractions(np.ascontiguousarray(attracted[0]), np.ascontiguousarray(attracted[1]), starting),
    )


def _folder() -> Path:
    return files.root() / FOLDER


def _column(rows: list[dict[str, str]], column: str, where: Path, *, empty: int | None = None) -> Int64:
    try:
        return np.array(
            [empty if empty is not None and row[column] == "" else int(row[column]) for row in rows], dtype=np.int64
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: {column}: expected a whole number in each row ({error!r})") from None
