"""Types of machines that clouds sell, with their prices, and pods placed on the cheapest mix of them.

Catalogues are ``"aws"`` (EC2, us-east-1, what Kubernetes may use of a machine), ``"azure"`` (nominal sizes, a region's
price), ``"gcp"`` (Compute Engine, us-central1, nominal) and ``"kwok"`` (Karpenter's synthetic types). Prices are list
prices without discounts, for comparisons and not for bills. A shape without a price or a size is left out.

Sources: github aws/karpenter-provider-aws, Azure/karpenter-provider-azure, kubernetes/autoscaler and
kubernetes-sigs/karpenter, all Apache-2.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from placement_datasets import files
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.plain import problem_of_classes
from placement_solvers.problem import Problem

FOLDER = "instance_catalogues"

MICRO = 1_000_000
"""Prices are in millionths of a dollar an hour."""

MOST_PODS = 110
"""Pods of a node where the catalogue does not say: the kubelet's default."""

CPU_REQUESTS = (100, 250, 500, 1000, 2000, 4000)
"""Millicores that classes of pods are drawn from."""

MEMORY_A_CORE = (1024, 2048, 4096, 8192)
"""MiB a core."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of machine.

    Attributes
    ----------
    cpu : int
        Millicores.
    memory : int
        MiB.
    pods, gpus : int
    arch : str
        ``"amd64"`` or ``"arm64"``, "" where the catalogue does not say.
    price : int
        Millionths of a dollar an hour, on demand.
    """

    name: str
    family: str
    arch: str
    cpu: int
    memory: int
    pods: int
    gpus: int
    price: int


def names() -> list[str]:
    """The catalogues at hand.

    Raises
    ------
    MissingDataError
        If they are not on this machine.
    """
    return [name for name, (file, _) in _CATALOGUES.items() if (files.root() / FOLDER / file).exists()]


def shapes(name: str) -> tuple[Shape, ...]:
    """The shapes of a catalogue that have a price, in its order.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the catalogues are not on this machine, or there is none of that name.
    """
    if name not in _CATALOGUES:
        raise UnknownInstanceError(f"{FOLDER}: no catalogue {name!r}; expected one of {', '.join(_CATALOGUES)}")
    file, _ = _CATALOGUES[name]
    return read(files.root() / FOLDER / file, name)


def read(path: Path, catalogue: str) -> tuple[Shape, ...]:
    """The shapes of a file in the format of a catalogue.

    Raises
    ------
    FormatError
        If a column is missing or holds what is no number.
    """
    _, reader = _CATALOGUES[catalogue]
    try:
        found = reader(path)
    except (KeyError, ValueError, TypeError) as error:
        raise FormatError(f"{path}: {error} is missing or no number") from None
    return tuple(shape for shape in found if shape.price > 0 and shape.cpu > 0 and shape.memory > 0)


def pods_on_catalogue(
    catalogue: str, num_items: int, num_classes: int, seed: int, *, families: int = 12, largest: int = 64_000
) -> Problem:
    """Pods to place on the cheapest mix of a catalogue's shapes; equal arguments give equal problems.

    Of the catalogue's families of x86 without accelerators so many are drawn, with their shapes of up to `largest`
    millicores; of each shape there are machines for all pods. Classes draw CPU from `CPU_REQUESTS` and memory a core
    from `MEMORY_A_CORE`; their counts are multinomial with log-normal weights (sigma 1).

    Raises
    ------
    ValueError
        If there are fewer items than classes, or no class.
    """
    if not num_items >= num_classes >= 1:
        raise ValueError(f"{num_items} items do not fill {num_classes} classes")
    rng = np.random.default_rng(seed)
    plain = [s for s in shapes(catalogue) if s.gpus == 0 and s.arch != "arm64" and 2000 <= s.cpu <= largest]
    known = sorted({shape.family for shape in plain})
    chosen = set(rng.choice(known, min(families, len(known)), replace=False).tolist())
    offered = [shape for shape in plain if shape.family in chosen]
    cpu = rng.choice(CPU_REQUESTS, num_classes)
    memory = cpu * rng.choice(MEMORY_A_CORE, num_classes) // 1000
    demand = np.column_stack([cpu, memory, np.ones(num_classes, dtype=np.int64)]).astype(np.int64)
    weight = rng.lognormal(0.0, 1.0, num_classes)
    count = 1 + rng.multinomial(num_items - num_classes, weight / weight.sum())
    shape = np.array([(s.cpu, s.memory, s.pods) for s in offered], dtype=np.int64)
    total = (demand * count[:, None]).sum(axis=0)
    # All pods on one shape waste a little; classes that do not fit a shape need none of it.
    number = np.ceil(1.2 * (total / shape).max(axis=1)).astype(np.int64) + 2
    price = np.repeat(np.array([s.price for s in offered], dtype=np.int64), number)
    class_of = rng.permutation(np.repeat(np.arange(num_classes, dtype=np.int32), count))
    return problem_of_classes(class_of, demand, np.repeat(shape, number, axis=0), price, "price")


def _aws(path: Path) -> list[Shape]:
    return [
        Shape(
            name=row["instance_type"],
            family=row["family"],
            arch=row["arch"],
            cpu=int(row["allocatable_cpu_milli"]),
            memory=int(row["allocatable_memory_mib"]),
            pods=int(row["max_pods"]),
            gpus=int(row["accelerators"]),
            price=_micro(row["on_demand_usd_per_hour"]),
        )
        for row in files.rows(path)
    ]


def _azure(path: Path) -> list[Shape]:
    return [
        Shape(
            name=row["instance_type"],
            family=row["sku_family"],
            arch=row["arch"],
            cpu=1000 * int(row["vcpu"]),
            memory=int(row["memory_mib"]),
            pods=MOST_PODS,
            gpus=int(row["gpus"] or 0),
            price=_micro(row["usd_per_hour_eastus"]),
        )
        for row in files.rows(path)
    ]


def _gcp(path: Path) -> list[Shape]:
    return [
        Shape(
            name=row["machine_type"],
            family=row["family"],
            arch="arm64" if row["family"] in ("t2a", "c4a", "n4a") else "amd64",
            cpu=round(1000 * float(row["vcpu"] or 0)),
            memory=round(1024 * float(row["memory_gb"] or 0)),
            pods=MOST_PODS,
            gpus=int(row["gpus"] or 0),
            price=_micro(row["on_demand_usd_per_hour"]),
        )
        for row in files.rows(path)
    ]


def _kwok(path: Path) -> list[Shape]:
    found = []
    for body in json.loads(files.text(path)):
        resources = body["resources"]
        found.append(
            Shape(
                name=body["name"],
                family=body["name"].partition("-")[0],
                arch=body["architecture"],
                cpu=1000 * int(resources["cpu"]),
                memory=_mebibytes(resources["memory"]),
                pods=int(resources["pods"]),
                gpus=0,
                price=min((_micro(offer["Price"]) for offer in body["offerings"] if _on_demand(offer)), default=0),
            )
        )
    return found


def _on_demand(offer: dict[str, Any]) -> bool:
    wanted = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]}
    return bool(offer["Available"]) and wanted in offer["Requirements"]


def _mebibytes(quantity: str) -> int:
    number, unit = quantity[:-2], quantity[-2:]
    return int(number) * {"Gi": 2**10, "Ti": 2**20}[unit]


def _micro(dollars: str | float) -> int:
    return round(MICRO * float(dollars or 0))


_CATALOGUES: dict[str, tuple[str, Callable[[Path], list[Shape]]]] = {
    "aws": ("aws_us-east-1.csv.xz", _aws),
    "azure": ("azure.csv.xz", _azure),
    "gcp": ("gcp_us-central1.csv.xz", _gcp),
    "kwok": ("karpenter_kwok_instance_types.json.xz", _kwok),
}
