"""Vector bin packing: items with several sizes, equal bins.

A file is in VPSolver's format ``.vbp``: the number of dimensions; the capacity of a bin in each; the number of item
types; then a line for each type with its sizes and how many there are. The fewest bins are sought. Solutions are
written as VPSolver prints them: a line ``2 x [i=1, i=3]`` says that two bins hold an item each of types 1 and 3.

Set: C. Mommessin, T. Erlebach, N. V. Shakhlevich, "Classification and evaluation of the algorithms for vector bin
packing", Computers & Operations Research (2025). `vectorpacking_evaluator` judges solutions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.evaluation import contents
from placement_datasets.plain import enough_bins, problem_of_classes
from placement_solvers.problem import NOWHERE, Problem

FOLDER = "vectorpacking"


def _name(member: str) -> str:
    path = PurePosixPath(member)
    return f"{path.parent.name}-{path.stem}"


_ARCHIVE = files.Archive(FOLDER, _name)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the set's own words: m item types of d dimensions.

    Items are numbered type by type.

    Attributes
    ----------
    capacity : (d,) int64
    sizes : (m, d) int64
    demand : (m,) int64
        Items of each type.
    """

    name: str
    capacity: NDArray[np.int64]
    sizes: NDArray[np.int64]
    demand: NDArray[np.int64]

    @property
    def type_of(self) -> NDArray[np.int64]:
        """The type of each item."""
        return np.repeat(np.arange(len(self.demand)), self.demand)


def names() -> list[str]:
    """The instances at hand, as ``"triplet-classC_60_3_0"``: the set within the set, and the name of the file.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    return _ARCHIVE.names()


def load(name: str) -> Instance:
    """An instance by its name.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no instance of that name.
    """
    return parse(_ARCHIVE.text(name), name)


def best_known(name: str) -> int | None:
    """The optimum where it is proven, else the fewest bins of any heuristic of the paper. For reports only."""
    for row in files.reference(files.root() / FOLDER / "reference.csv"):
        if _name(f"{row['set']}/{row['file']}") == name:
            return int(row["optimum"] or row["best_heuristic"])
    return None


def is_optimal(name: str) -> bool:
    """Whether the best known is a proven optimum."""
    reference = files.reference(files.root() / FOLDER / "reference.csv")
    return any(row["optimum"] != "" and _name(f"{row['set']}/{row['file']}") == name for row in reference)


def read(path: Path) -> Instance:
    """The instance of a file.

    Raises
    ------
    FormatError
        If it is cut short, goes on too long, or has an item larger than a bin.
    """
    return parse(files.text(path), path.name)


def parse(body: str, name: str) -> Instance:
    """The instance a text describes; see `read`."""
    numbers = files.Integers(files.integers(body, name), name)
    dimensions = numbers.one("number of dimensions")
    capacity = numbers.many("capacity", dimensions)
    table = numbers.table("item types", numbers.one("number of item types"), dimensions + 1)
    numbers.finish()
    sizes, demand = table[:, :-1], table[:, -1]
    for wrong in np.flatnonzero((sizes > capacity).any(axis=1) | (demand < 0)):
        raise FormatError(f"{name}: item type {wrong + 1} does not fit into a bin, or there are fewer than none of it")
    return Instance(name, capacity, np.ascontiguousarray(sizes), np.ascontiguousarray(demand))


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: types of equal sizes are one class, bins enough for any heuristic.

    A few published triplets (after Caprara and Toth) have an item with a size of -1 or -2, which makes its bin larger
    for the others. Each of these gets a bin of its own that is larger by that much, so every solution is one of the
    instance; two of them are never in one bin, as they are not in the optimum the triplets were cut from.
    """
    sizes = instance.sizes[instance.type_of]
    widening = np.flatnonzero((sizes < 0).any(axis=1))
    plain = np.delete(sizes, widening, axis=0)
    num_bins = len(widening) + enough_bins(plain, instance.capacity)
    capacity = np.tile(instance.capacity, (num_bins, 1))
    capacity[: len(widening)] += np.maximum(-sizes[widening], 0)
    demand, class_of_plain = np.unique(plain, axis=0, return_inverse=True)
    own = len(demand) + np.arange(len(widening))
    class_of = np.empty(len(sizes), dtype=np.int32)
    class_of[np.delete(np.arange(len(sizes)), widening)] = class_of_plain.reshape(-1)
    class_of[widening] = own
    pinned_to = np.full(len(demand) + len(widening), NOWHERE, dtype=np.int32)
    pinned_to[own] = np.arange(len(widening))
    return problem_of_classes(
        class_of,
        np.concatenate([demand, np.maximum(sizes[widening], 0)]),
        capacity,
        np.ones(num_bins, dtype=np.int64),
        "bins",
        pinned_to=pinned_to,
    )


def write_solution(path: Path, bins: NDArray[np.integer], instance: Instance) -> None:
    """Write the bins as VPSolver prints them, equal ones together."""
    type_of = instance.type_of.tolist()
    items_of = contents(bins.tolist(), len(type_of)).values()
    patterns = Counter(tuple(sorted(type_of[item] + 1 for item in items)) for items in items_of)
    lines = [f"{number} x [{', '.join(f'i={type_}' for type_ in types)}]" for types, number in patterns.items()]
    body = [f"Objective: {len(items_of)}", "Solution:", *lines]
    path.write_text("".join(f"{line}\n" for line in body), encoding="utf-8")
