"""The timed part of a run, in a process of its own: ``python -m benchmarks.worker FOLDER``.

FOLDER holds ``run.json``; the answer goes to ``answer.json`` and the solution to ``solution.npz`` beside it. Nothing is
judged here, so that time and memory are the solver's.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.records import Point
from benchmarks.suite import Clock

WRITING = 1.5
"""Seconds of a command's limit that are kept back for the last step of the search, writing and the end of Python."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told.

    Attributes
    ----------
    began : float
        `time.monotonic` when the command was started.
    """

    instance: dict[str, Any]
    solver: str
    seed: int
    time_limit: float
    clock: Clock
    began: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker found, but for the solution; see `benchmarks.records.Record`."""

    status: str
    stopped_by: str
    cost: tuple[int, ...]
    lower_bound: tuple[int, ...] | None
    tiers: tuple[str, ...]
    items: int
    bins: int
    classes: int
    read_seconds: float
    search_seconds: float
    iterations: int
    trace: tuple[Point, ...]
    statistics: dict[str, int | float | str]


def main(folder: Path) -> None:
    """Solve what the folder says."""
    order = msgspec.json.decode((folder / "run.json").read_bytes(), type=Order)
    # The imports are part of the command's time, as they are of any other command's.
    import numpy as np

    from benchmarks.contestants import contestant
    from benchmarks.instances import instance_of
    from placement_solvers.stop import MaxRuntime

    problem = instance_of(order.instance).problem(order.seed)
    solver = contestant(order.solver)
    read_seconds = time.monotonic() - order.began
    left = order.time_limit if order.clock == "search" else max(order.time_limit - WRITING - read_seconds, 0.0)
    result = solver.solve(problem, MaxRuntime(left), seed=order.seed)
    search_seconds = time.monotonic() - order.began - read_seconds
    np.savez(folder / "solution.npz", bin_of=result.solution.bin_of, sequence=result.solution.sequence)
    answer = Answer(
        status=result.status,
        stopped_by=result.stopped_by,
        cost=_plain(result.cost),
        lower_bound=None if result.lower_bound is None else _plain(result.lower_bound),
        tiers=tuple(tier.name for tier in problem.tiers),
        items=problem.num_items,
        bins=problem.num_bins,
        classes=problem.num_classes,
        read_seconds=read_seconds,
        search_seconds=search_seconds,
        iterations=result.iterations,
        trace=tuple(
            (
                round(read_seconds + point.elapsed, 3),
                _plain(point.cost),
                None if point.lower_bound is None else _plain(point.lower_bound),
            )
            for point in result.trace
        ),
        statistics={name: _scalar(value) for name, value in result.statistics.items()},
    )
    (folder / "answer.json").write_bytes(msgspec.json.encode(answer))


def _plain(cost: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(value) for value in cost)


def _scalar(value: Any) -> int | float | str:
    """A number of numpy's as one of Python's."""
    found: int | float | str = value.item() if hasattr(value, "item") else value
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
