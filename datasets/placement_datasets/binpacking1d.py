"""One-dimensional bin packing: the classic families of BPPLIB.

A file holds one integer a line: the number of items, the capacity of a bin, then the size of each item. The fewest
bins are sought. A solution is written as one line a bin: the numbers of its items, from 0 in the order of the file.

Set: M. Delorme, M. Iori, S. Martello, "BPPLIB: a library for bin packing and cutting stock problems", Optimization
Letters 12 (2018). `binpacking1d_evaluator` judges solutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.evaluation import contents
from placement_datasets.plain import enough_bins, plain_problem
from placement_solvers.problem import Problem

FOLDER = "binpacking1d"


def _name(member: str) -> str:
    return PurePosixPath(member).stem


_ARCHIVE = files.Archive(FOLDER, _name)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the set's own words.

    Attributes
    ----------
    sizes : (n,) int64
    """

    name: str
    capacity: int
    sizes: NDArray[np.int64]


def names() -> list[str]:
    """The instances at hand, family by family as the set lists them.

    Raises
    ------
    MissingDataError
        If the set is not on this machine.
    """
    return _ARCHIVE.names()


def load(name: str) -> Instance:
    """An instance of the set by the name of its file, as ``"Falkenauer_t501_00"``.

    Raises
    ------
    MissingDataError, UnknownInstanceError
        If the set is not on this machine, or has no instance of that name.
    """
    return parse(_ARCHIVE.text(name), name)


def best_known(name: str) -> int | None:
    """The proven optimum, None if the instance has none. For reports only: no solver is told."""
    for row in files.reference(files.root() / FOLDER / "optima.csv"):
        if row["file"] == f"{name}.txt":
            return int(row["optimum"])
    return None


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
    num_items, capacity = numbers.one("number of items"), numbers.one("capacity")
    sizes = numbers.many("sizes", num_items)
    numbers.finish()
    if len(sizes) and not 0 < sizes.min() <= sizes.max() <= capacity:
        raise FormatError(f"{name}: expected sizes from 1 to {capacity}, found {sizes.min()} to {sizes.max()}")
    return Instance(name, capacity, sizes)


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: items of one size are one class, bins enough for any heuristic."""
    sizes, capacity = instance.sizes[:, None], np.array([instance.capacity], dtype=np.int64)
    num_bins = enough_bins(sizes, capacity)
    return plain_problem(sizes, np.tile(capacity, (num_bins, 1)), np.ones(num_bins, dtype=np.int64), "bins")


def write_solution(path: Path, bins: NDArray[np.integer]) -> None:
    """Write which items share a bin, one line a bin."""
    lines = [" ".join(map(str, items)) for items in contents(bins.tolist(), len(bins)).values()]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_solution(path: Path) -> NDArray[np.int32]:
    """The bin of each item, bins numbered by line.

    Raises
    ------
    FormatError
        If an item is in no bin or in two.
    """
    lines = [files.integers(line, path).tolist() for line in files.text(path).splitlines()]
    return bins_of(lines, path)


def bins_of(items_of: list[list[int]], where: object) -> NDArray[np.int32]:
    """The bin of each item of bins that list their items.

    Raises
    ------
    FormatError
        If an item is in no bin or in two.
    """
    listed = sorted(item for items in items_of for item in items)
    if listed != list(range(len(listed))):
        raise FormatError(f"{where}: expected each item from 0 to {len(listed) - 1} once")
    bin_of = np.empty(len(listed), dtype=np.int32)
    for bin_, items in enumerate(items_of):
        bin_of[items] = bin_
    return bin_of
