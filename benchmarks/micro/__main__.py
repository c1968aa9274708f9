"""The command ``python -m benchmarks.micro``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.micro.greedy import Figures, measure
from benchmarks.micro.instance import Size
from placement_solvers.greedy import GreedyParameters, Order, Score, warm_up


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the kernels differ from the plain scan, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    greedy = commands.add_parser("greedy", help="the greedy kernels on a synthetic instance")
    greedy.add_argument("--bins", type=int, default=10_000)
    greedy.add_argument("--items", type=int, default=100_000)
    greedy.add_argument("--classes", type=int, default=500)
    greedy.add_argument("--order", choices=["mixed", "class"], default="mixed", help="how the items arrive")
    greedy.add_argument("--sort", type=Order, choices=list(Order), default=Order.ARRIVAL, help="how they are asked")
    greedy.add_argument("--score", type=Score, choices=list(Score), default=Score.PACK)
    greedy.add_argument("--repeat", type=int, default=3)
    greedy.add_argument("--seed", type=int, default=0)
    greedy.add_argument("--compare-scan", action="store_true", help="hold the answers against a look at every bin")
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
