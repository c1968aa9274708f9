"""Temporal bin packing: jobs with a start and an end, few hosts for all of them.

A file's first line is ``n capacity 0 0``; then a line for each job: ``index start end size``. A job takes its size of
one bin in the half-open interval from start to end and never moves; at no time may a bin hold more than its capacity.
The fewest bins are sought, counted over all the time. A solution is written as one line a job: its index and its bin.

Set: github wotzlaff/tbpp-instances, with the synthetic instances of Aydın, Muter, Birbil (2020), Dell'Amico, Furini,
Iori (2020), Muir, Marshall, Toriello (2023), and virtual machines of Azure (Hadary et al., OSDI 2020).
`temporal_binpacking_evaluator` judges solutions.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from placement_datasets import files
from placement_datasets.errors import FormatError
from placement_datasets.plain import SPARE, problem_of_classes
from placement_solvers.problem import Problem

FOLDER = "temporal_binpacking"


def _name(member: str) -> str:
    return str(PurePosixPath(member).with_suffix("")).replace("/", "-")


_ARCHIVE = files.Archive(FOLDER, _name)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance in the set's own words: n jobs.

    Attributes
    ----------
    index, start, end, size : (n,) int64
        A job lasts from `start` to just before `end`.
    """

    name: str
    capacity: int
    index: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    size: NDArray[np.int64]


def names() -> list[str]:
    """The instances at hand, as ``"d1-1000_24_1"``: folders and name of the file.

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
    """The bins that first fit in order of start needs; no better ones are published. For reports only."""
    for row in files.reference(files.root() / FOLDER / "reference.csv"):
        if _name(row["file"]) == name:
            return int(row["first_fit_by_start"])
    return None


def read(path: Path) -> Instance:
    """The instance of a file.

    Raises
    ------
    FormatError
        If it is cut short, goes on too long, or has a job that ends before it starts or fits no bin.
    """
    return parse(files.text(path), path.name)


def parse(body: str, name: str) -> Instance:
    """The instance a text describes; see `read`."""
    numbers = files.Integers(files.integers(body, name), name)
    num_jobs, capacity, _, _ = numbers.many("first line", 4).tolist()
    index, start, end, size = numbers.table("jobs", num_jobs, 4).T
    numbers.finish()
    for wrong in np.flatnonzero((end <= start) | (size < 0) | (size > capacity)):
        raise FormatError(f"{name}: job {index[wrong]} ends before it starts, or does not fit into a bin")
    return Instance(name, capacity, *(np.ascontiguousarray(column) for column in (index, start, end, size)))


def problem(instance: Instance) -> Problem:
    """The instance for the solvers: each time at which the jobs that run are a maximal set is a resource.

    Jobs of one size that run at the same of those times share a class. As many bins as first fit in order of start
    needs, and a few more for simple heuristics.
    """
    times = maximal_times(instance)
    # What runs at the same of these times is told apart by the first and the last of them, without looking at each.
    start, end = np.searchsorted(times, instance.start), np.searchsorted(times, instance.end)
    kinds, class_of = np.unique(np.column_stack([start, end, instance.size]), axis=0, return_inverse=True)
    at = np.arange(len(times))
    runs = (kinds[:, :1] <= at) & (at < kinds[:, 1:2])
    enough = first_fit(instance)
    num_bins = enough + enough // 20 + SPARE
    capacity = np.full((num_bins, len(times)), instance.capacity, dtype=np.int64)
    price = np.ones(num_bins, dtype=np.int64)
    return problem_of_classes(class_of.reshape(-1).astype(np.int32), runs * kinds[:, 2:], capacity, price, "bins")


def maximal_times(instance: Instance) -> NDArray[np.int64]:
    """The starts after which a job ends before another starts, (T,) int64: what ever runs together does at one."""
    starts = np.unique(instance.start)
    first_end = np.sort(instance.end)
    after = np.append(starts[1:], np.iinfo(np.int64).max)
    # Jobs that end by the next start leave before it, for intervals are half-open.
    ends_between = np.searchsorted(first_end, after, side="right") > np.searchsorted(first_end, starts, side="right")
    return starts[ends_between]


def first_fit(instance: Instance) -> int:
    """The bins that first fit needs for jobs in order of their start, then their end, then their size.

    O(jobs · bins).
    """
    free: list[int] = []
    running: list[tuple[int, int, int]] = []
    for job in np.lexsort((instance.size, instance.end, instance.start)).tolist():
        start, size = int(instance.start[job]), int(instance.size[job])
        while running and running[0][0] <= start:
            _, bin_, released = heapq.heappop(running)
            free[bin_] += released
        chosen = next((bin_ for bin_, left in enumerate(free) if left >= size), len(free))
        if chosen == len(free):
            free.append(instance.capacity)
        free[chosen] -= size
        heapq.heappush(running, (int(instance.end[job]), chosen, size))
    return len(free)


def write_solution(path: Path, bins: NDArray[np.integer], instance: Instance) -> None:
    """Write the bin of each job, one line a job."""
    rows = zip(instance.index.tolist(), bins.tolist(), strict=True)
    path.write_text("".join(f"{index}\t{bin_}\n" for index, bin_ in rows), encoding="utf-8")


def read_solution(path: Path, instance: Instance) -> NDArray[np.int64]:
    """The bin of each job, (n,) int64.

    Raises
    ------
    FormatError
        If a job has no bin.
    """
    table = files.integers(files.text(path), path).reshape(-1, 2)
    bin_of = dict(zip(*table.T.tolist(), strict=True))
    if set(bin_of) != set(instance.index.tolist()) or len(bin_of) != len(table):
        raise FormatError(f"{path}: expected a line for each of {len(instance.index)} jobs")
    return np.array([bin_of[index] for index in instance.index.tolist()], dtype=np.int64)
