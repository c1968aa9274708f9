"""How many items a second the greedy kernels place, and whether they answer as a look at every bin does."""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.micro.instance import Size, instance
from placement_solvers.greedy import Greedy, GreedyParameters, GreedyState, Order, Score, warm_up
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the kernels differ from the plain scan, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro.greedy", description=__doc__)
    parser.add_argument("--bins", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=500)
    parser.add_argument("--order", choices=["mixed", "class"], default="mixed", help="how the items arrive")
    parser.add_argument("--sort", type=Order, choices=list(Order), default=Order.ARRIVAL, help="how they are asked")
    parser.add_argument("--score", type=Score, choices=list(Score), default=Score.PACK)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare-scan", action="store_true", help="hold the answers against a look at every bin")
    chosen = parser.parse_args(arguments)
    warm_up(lambda text: print(text, file=sys.stderr))
    size = Size(chosen.bins, chosen.items, chosen.classes, chosen.order)
    parameters = GreedyParameters(order=chosen.sort, score=chosen.score)
    figures = measure(size, parameters, chosen.seed, chosen.repeat, compare_scan=chosen.compare_scan)
    print(table(size, figures))
    return 0 if figures.scan is None or figures.scan.differences == 0 else 1


def table(size: Size, figures: Figures) -> str:
    """The figures in a few lines for people."""
    lines = [
        f"{size.bins} bins, {size.items} items of {size.classes} classes, arriving {size.order}",
        f"items placed       {figures.placed} of {size.items} in {figures.bins_used} bins (at least {figures.bound})",
        f"in kernels         {figures.items_per_second:,.0f} items/s of processor time, "
        f"{figures.items_per_second_wall:,.0f} by the clock (medians)",
        f"whole solve        {figures.seconds:.2f} s of processor time",
        f"scores an item     {figures.evaluations_per_item:.1f}",
        f"peak memory        {figures.peak_mib:,.0f} MiB",
    ]
    if figures.scan is not None:
        scan = figures.scan
        lines.append(f"plain scan         {scan.items_per_second:,.0f} items/s of processor time")
        lines.append(f"compared           {scan.compared} items, {scan.differences} differences")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
