"""Alibaba's GPU cluster "openb": 1,213 machines with 6,212 GPUs, and pods that ask for a share of one, one, or several.

Tables of comma separated values. *Nodes*: ``sn``, ``cpu_milli``, ``memory_mib``, ``gpu`` (how many, each of 1,000
milli-GPU), ``model``. *Pods*: ``name``, ``cpu_milli``, ``memory_mib``, ``num_gpu``, ``gpu_milli`` asked of each of
these, ``gpu_spec`` (models allowed, separated by ``|``; any if empty; some lists lack the column).

An instance is named after its pod list: ``"default"`` is the list as it stands, a snapshot of all pods at once;
``"default-42"`` is the published experiment with seed 42: the pods in random order, then random pods of the list again
until 130 % of all GPUs are asked for. The published runs drew with another generator, so that a seed here is none of
theirs; only means over seeds compare.

Trace and experiment: Q. Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation
Gradient Descent", USENIX ATC 2023, section 6. `openb_evaluator` judges solutions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import Devices, Problem, Tier

FOLDER = "alibaba_gpu_openb"

NODES = "openb_node_list_gpu_node.csv.xz"
PODS = "openb_pod_list_{}.csv.xz"

SEEDS = range(42, 52)
"""Those the published runs are numbered by."""

WHOLE = 1000
"""Milli-GPU of a GPU."""

ARRIVING = 1.3
"""What the pods of an experiment ask for, as a multiple of all GPUs."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Machines and pods in the trace's own words, pods in order of arrival: N machines, P pods.

    Attributes
    ----------
    name : str
    nodes : tuple of str
    node_room : (N, 2) int64
        Milli-cores and MiB.
    gpus : (N,) int64
    model : tuple of str
        Of each machine.
    pods : tuple of str
        Names; a pod that was drawn again bears its name again.
    request : (P, 2) int64
        Milli-cores and MiB.
    num_gpu, gpu_milli : (P,) int64
        GPUs, and milli-GPU of each of them.
    allowed : tuple of str
        Models a pod may run on, separated by ``|``; "" is any.
    """

    name: str
    nodes: tuple[str, ...]
    node_room: NDArray[np.int64]
    gpus: NDArray[np.int64]
    model: tuple[str, ...]
    pods: tuple[str, ...]
    request: NDArray[np.int64]
    num_gpu: NDArray[np.int64]
    gpu_milli: NDArray[np.int64]
    allowed: tuple[str, ...]

    @property
    def total_gpu_milli(self) -> int:
        """Milli-GPU of all machines."""
        return int(self.gpus.sum()) * WHOLE


def names() -> list[str]:
    """The pod lists at hand, and each with the seeds of the experiment.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    prefix, suffix = PODS.split("{}")
    found = sorted(path.name.removeprefix(prefix).removesuffix(suffix) for path in _folder().glob(PODS.format("*")))
    return [*found, *(f"{name}-{seed}" for name in found for seed in SEEDS)]


def load(name: str) -> Instance:
    """An instance of the set by its name, as ``"default"`` or ``"default-42"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no pod list of that name.
    """
    parsed = re.fullmatch(r"(\w+?)(?:-(\d+))?", name)
    path = _folder() / PODS.format(parsed.group(1) if parsed else name)
    if parsed is None or not path.exists():
        raise UnknownInstanceError(f"{FOLDER}: no pod list {name!r}; expected a list, or a list and a seed: default-42")
    instance = read(_folder() / NODES, path, name=name)
    return instance if parsed.group(2) is None else arriving(instance, int(parsed.group(2)))


def read(nodes: Path, pods: Path, *, name: str = "") -> Instance:
    """The instance of a node list and a pod list, pods in the order of the list.

    Raises
    ------
    FormatError
        If a column is missing or a number is none.
    """
    machines = files.rows(nodes)
    rows = files.rows(pods)
    num_gpu = _column(rows, "num_gpu", pods)
    gpu_milli = np.where(num_gpu > 0, _column(rows, "gpu_milli", pods), 0)
    if np.any(gpu_milli > WHOLE) or np.any((num_gpu > 1) & (gpu_milli < WHOLE)):
        raise FormatError(f"{pods}: expected a share of one GPU, or whole ones")
    return Instance(
        name=name or pods.name,
        nodes=tuple(row["sn"] for row in machines),
        node_room=np.column_stack([_column(machines, column, nodes) for column in ("cpu_milli", "memory_mib")]),
        gpus=_column(machines, "gpu", nodes),
        model=tuple(row["model"] for row in machines),
        pods=tuple(row["name"] for row in rows),
        request=np.column_stack([_column(rows, column, pods) for column in ("cpu_milli", "memory_mib")]),
        num_gpu=num_gpu,
        gpu_milli=gpu_milli,
        allowed=tuple(row.get("gpu_spec", "") if asked else "" for row, asked in zip(rows, num_gpu, strict=True)),
    )


def arriving(instance: Instance, seed: int) -> Instance:
    """The published experiment on a pod list: shuffled, then drawn again until 130 % of all GPUs are asked for.

    Raises
    ------
    FormatError
        If no pod of the list asks for a GPU.
    """
    asked = instance.num_gpu * instance.gpu_milli
    if not asked.any():
        raise FormatError(f"{instance.name}: no pod asks for a GPU, so that no number of them fills the cluster")
    random = np.random.default_rng(seed)
    order = [*random.permutation(len(asked)).tolist()]
    left = ARRIVING * instance.total_gpu_milli - int(asked.sum())
    while left > 0:
        order.append(int(random.integers(len(asked))))
        left -= int(asked[order[-1]])
    return replace(
        instance,
        pods=tuple(instance.pods[pod] for pod in order),
        request=instance.request[order],
        num_gpu=instance.num_gpu[order],
        gpu_milli=instance.gpu_milli[order],
        allowed=tuple(instance.allowed[pod] for pod in order),
    )


def read_solution(path: Path, instance: Instance) -> NDArray[np.int64]:
    """The machine of each pod, (P,) int64, -1 for none.

    Raises
    ------
    FormatError
        If a row is not the instance's pod, or names no machine.
    """
    number = {name: index for index, name in enumerate(instance.nodes)} | {"": -1}
    rows = files.rows(path)
    if [row.get("name") for row in rows] != list(instance.pods):
        raise FormatError(f"{path}: expected the {len(instance.pods)} pods of {instance.name} in order of arrival")
    for row in rows:
        if row.get("node") not in number:
            raise FormatError(f"{path}: pod {row['name']}: no machine {row.get('node')!r}")
    return np.array([number[row["node"]] for row in rows], dtype=np.int64)


def write_solution(path: Path, node_of: NDArray[np.integer], instance: Instance) -> None:
    """Write a table of ``name`` and ``node``, empty for pods left out; the trace has no format for placements."""
    rows = (
        f"{pod},{instance.nodes[node] if node >= 0 else ''}\n"
        for pod, node in zip(instance.pods, node_of.tolist(), strict=True)
    )
    path.write_text("name,node\n" + "".join(rows), encoding="utf-8")


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: machines are bins, GPUs their devices, models a matter of eligibility.

    The cost has two tiers: the milli-GPU that pods left out ask for, and the pods left out.
    """
    specs, spec_of = np.unique(np.array(instance.allowed, dtype=np.str_), return_inverse=True)
    models, model_of = np.unique(np.array(instance.model, dtype=np.str_), return_inverse=True)
    table = np.column_stack([instance.request, instance.num_gpu, instance.gpu_milli, spec_of.reshape(-1)])
    classes, class_of = np.unique(table, axis=0, return_inverse=True)
    plain = problem_of_classes(
        class_of.reshape(-1).astype(np.int32),
        classes[:, :2],
        instance.node_room,
        np.zeros(len(instance.nodes), dtype=np.int64),
        "price",
    )
    return replace(
        plain,
        class_signature=classes[:, 4].astype(np.int32),
        bin_signature=model_of.reshape(-1).astype(np.int32),
        eligible=np.array([[not spec or model in spec.split("|") for model in models] for spec in specs]).reshape(
            len(specs), len(models)
        ),
        devices=Devices(
            start=np.concatenate([[0], np.cumsum(instance.gpus)]).astype(np.int64),
            capacity=np.full((int(instance.gpus.sum()), 1), WHOLE, dtype=np.int64),
            count=classes[:, 2].astype(np.int32),
            share=np.ascontiguousarray(classes[:, 3:4]),
        ),
        tiers=(
            Tier("milli-GPU left out", unplaced=classes[:, 2] * classes[:, 3]),
            Tier("pods left out", unplaced=np.ones(len(classes), dtype=np.int64)),
        ),
    )


def _folder() -> Path:
    return files.root() / FOLDER


def _column(rows: list[dict[str, str]], column: str, where: Path) -> NDArray[np.int64]:
    try:
        return np.array([int(row[column]) for row in rows], dtype=np.int64)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: {column}: expected a whole number in each row ({error!r})") from None
