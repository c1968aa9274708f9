"""How many items a second the greedy kernels place, and whether they answer as a look at every bin does."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.micro.instance import Size, instance
from placement_solvers.greedy import Greedy, GreedyParameters, GreedyState
from placement_solvers.greedy.order import order_of
from placement_solvers.problem import Problem
from placement_solvers.stop import MaxIterations

WHOLE = 200_000_000
"""Bins times items up to which every item is compared; beyond, as many as fit, spread evenly over the run."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the comparison with a plain scan found."""

    compared: int  # items
    differences: int
    items_per_second: float  # of processor time


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; rates are medians over repetitions."""

    placed: int
    bins_used: int
    bound: int
    items_per_second: float  # in kernels, by processor time
    items_per_second_wall: float  # in kernels, by the clock
    seconds: float  # processor time of a whole solve
    evaluations_per_item: float
    peak_mib: float
    scan: Scan | None


def measure(
    size: Size, parameters: GreedyParameters, seed: int = 0, repeat: int = 3, *, compare_scan: bool = False
) -> Figures:
    """Solve an instance a few times. Kernels must be compiled already (`placement_solvers.greedy.warm_up`)."""
    problem = instance(size, seed)
    runs = []
    for _ in range(repeat):
        began = time.process_time()
        result = Greedy(parameters).solve(problem, MaxIterations(sys.maxsize))
        runs.append((time.process_time() - began, result))
    result = runs[0][1]
    bound = result.lower_bound
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(
        placed=int(result.statistics["placed"]),
        bins_used=result.cost[1],
        bound=bound[1] if bound is not None else 0,
        items_per_second=statistics.median(size.items / float(run.statistics["kernel_cpu_seconds"]) for _, run in runs),
        items_per_second_wall=statistics.median(
            size.items / float(run.statistics["kernel_seconds"]) for _, run in runs
        ),
        seconds=statistics.median(seconds for seconds, _ in runs),
        evaluations_per_item=float(result.statistics["evaluations"]) / max(size.items, 1),
        peak_mib=peak,
        scan=_compare(problem, parameters) if compare_scan else None,
    )


def _compare(problem: Problem, parameters: GreedyParameters) -> Scan:
    """Place all items one by one and hold the answers against a look at every bin."""
    state = GreedyState(problem, parameters)
    waiting = problem.class_of[order_of(problem, np.arange(problem.num_items, dtype=np.int32), parameters.order)[0]]
    every = -(-problem.num_bins * problem.num_items // WHOLE) if problem.num_bins else 1
    compared = differences = 0
    seconds = 0.0
    for number, class_ in enumerate(waiting.tolist()):
        if number % every == 0:
            began = time.process_time()
            expected = state.best_bin_by_scan(class_)
            seconds += time.process_time() - began
            compared += 1
            differences += state.best_bin(class_) != expected
        state.place(class_)
    return Scan(compared, differences, compared / max(seconds, 1e-9))
