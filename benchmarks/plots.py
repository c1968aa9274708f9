"""Plots of results, as SVG: performance profiles of suites, and gaps over time of instances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import compare
from benchmarks.errors import BenchmarkError
from benchmarks.page import MANY, by_suite
from benchmarks.records import Record

SMALLEST_GAP = 1e-5
"""Where a gap of zero is drawn on a logarithmic axis."""

WIDEST_RATIO = 2.0


def draw(records: Sequence[Record], folder: Path) -> list[Path]:
    """Draw all plots of all suites; the files, each ``bench-SUITE-….svg``.

    Raises
    ------
    BenchmarkError
        If matplotlib is not there.
    """
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise BenchmarkError("plots need matplotlib: pip install 'kube-placement[dev]'") from None
    matplotlib.use("svg")
    # The same results give the same file: no random ids and no date.
    matplotlib.rcParams.update({"svg.hashsalt": "kube-placement", "svg.fonttype": "none", "font.size": 9})
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, lines in by_suite(records).items():
        if len(compare.profile(lines)) > 1:
            drawn.append(_save(folder / f"bench-{name}-profile.svg", _profile, lines))
        if len({record.instance for record in lines}) > MANY:
            drawn.append(_save(folder / f"bench-{name}-time.svg", _over_time, lines))
        elif any(len(record.trace) > 1 for record in lines):
            drawn.append(_save(folder / f"bench-{name}-gaps.svg", _gaps, lines))
    return drawn


def _save(path: Path, plot: Any, lines: list[Record]) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    plot(figure.subplots(), lines)
    figure.savefig(path, format="svg", metadata={"Date": None})
    return path


def _profile(axes: Any, lines: list[Record]) -> None:
    """Share of cases over the ratio to the best cost."""
    for solver, ratios in compare.profile(lines).items():
        inside = [ratio for ratio in ratios if ratio <= WIDEST_RATIO]
        shares = [(number + 1) / len(ratios) for number in range(len(inside))]
        ends = [shares[-1] if shares else 0.0]
        axes.step([1.0, *inside, WIDEST_RATIO], [0.0, *shares, *ends], where="post", label=solver)
    axes.set_xlabel("cost, as a multiple of the best")
    axes.set_ylabel("share of cases")
    axes.set_xlim(1.0, WIDEST_RATIO)
    axes.set_ylim(0.0, 1.02)
    axes.legend(fontsize=7)


def _over_time(axes: Any, lines: list[Record]) -> None:
    """Share of cases at the best cost that anybody reached, over seconds of the whole command."""
    best = compare.best_costs(lines)
    for solver in dict.fromkeys(record.solver for record in lines):
        runs = [record for record in lines if record.solver == solver]
        times = sorted(
            min(seconds for seconds, cost, _ in record.trace if cost == best[compare.case_of(record)])
            for record in runs
            if record.valid and record.trace and record.cost == best[compare.case_of(record)]
        )
        shares = [(number + 1) / len(runs) for number in range(len(times))]
        axes.step(times, shares, where="post", label=solver)
    axes.set_xscale("log")
    axes.set_xlabel("seconds of the whole command")
    axes.set_ylabel("share of cases at the best cost reached")
    axes.set_ylim(0.0, 1.02)
    axes.legend(fontsize=7)


def _gaps(axes: Any, lines: list[Record]) -> None:
    """Median gap to the best bound over seconds of the whole command, a line an instance of the first contestant."""
    bounds = compare.best_bounds(lines)
    champion = next(record.solver for record in lines if len(record.trace) > 1)
    instances = dict.fromkeys(record.instance for record in lines if record.solver == champion)
    for instance in instances:
        runs = [line for line in lines if (line.solver, line.instance, line.valid) == (champion, instance, True)]
        times = sorted({seconds for record in runs for seconds, _, _ in record.trace})
        points = []
        for now in times:
            gaps = [_gap_at(record, now, bounds.get(compare.case_of(record))) for record in runs]
            known = [found for found in gaps if found is not None]
            if known and len(known) == len(runs):
                points.append((now, max(median(known), SMALLEST_GAP)))
        if points:
            axes.step([now for now, _ in points], [found for _, found in points], where="post", label=instance)
    axes.set_yscale("log")
    axes.set_xscale("log")
    axes.set_xlabel("seconds of the whole command")
    axes.set_ylabel(f"gap of {champion}, median (0 drawn at {SMALLEST_GAP:g})")
    axes.legend(fontsize=7)


def _gap_at(record: Record, now: float, bound: tuple[int, ...] | None) -> float | None:
    costs = [cost for seconds, cost, _ in record.trace if seconds <= now]
    return compare.gap_to(min(costs), bound) if costs else None
