"""Meta's Rebalancer, local search for assignments, in an environment of its own.

Rebalancer needs Python 3.12 or newer and is no dependency of this project. ``make rebalancer`` installs it where it is
found here; ``REBALANCER_PYTHON`` names the interpreter of another place.

It is given the same problem in its own terms (capacity, load above a target, number of moves, at most one of a group
on a host), the same wall time, and the kinds of moves that served it best on these problems: single moves chosen
greedily and in random batches first, then all single moves and swaps. Its own objective equals the cost here to the
last unit.

S. Kumar et al., "Optimizing Resource Allocation in Hyperscale Datacenters: Scalability, Usability, and Experiences",
OSDI 2024.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.machine import ROOT
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Incumbent, Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxRuntime, StoppingCriterion

PYTHON_VARIABLE = "REBALANCER_PYTHON"
USUAL_PYTHON = ROOT / "build" / "rebalancer" / "bin" / "python"
"""Where ``make rebalancer`` puts it."""

SIDE = Path(__file__).parent / "rebalancing_side.py"

GRACE = 120.0
"""Seconds beyond its limit after which it is killed."""


class Rebalancer:
    """Rebalancer under the signature of the solvers."""

    name = "rebalancer"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Run it on what lies in bins already; `start` plays no part.

        Raises
        ------
        UnsupportedProblemError
            If the problem asks for more than capacity, load above a target, moves and at most one of a group in a bin.
        BenchmarkError
            If there is no interpreter with Rebalancer, or it fails.
        """
        began = time.perf_counter()
        asked = in_its_terms(problem)
        seconds = stop.seconds if isinstance(stop, MaxRuntime) else 60.0
        with tempfile.TemporaryDirectory(prefix="rebalancer-") as name:
            folder = Path(name)
            left = max(int(seconds - (time.perf_counter() - began)), 1)
            (folder / "asked.json").write_text(json.dumps({**asked, "seconds": left, "seed": seed}), encoding="utf-8")
            _run(folder, seconds + GRACE)
            found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
        bin_of = np.array(found["host_of"], dtype=np.int32)
        solution = Solution(bin_of, np.arange(len(bin_of), dtype=np.int32))
        cost, elapsed = cost_of(problem, solution), time.perf_counter() - began
        return Result(
            status=Status.FEASIBLE,
            stopped_by=StopReason.CRITERION,
            solution=solution,
            cost=cost,
            lower_bound=None,
            elapsed=elapsed,
            trace=(Incumbent(elapsed, cost, None),),
            statistics={"its own objective": float(found["objective"])},
        )


def in_its_terms(problem: Problem) -> dict[str, object]:
    """A problem as the far side reads it.

    Raises
    ------
    UnsupportedProblemError
        If the problem asks for more than is translated.
    """
    service = _services(problem)
    tier = problem.tiers[-1]
    plain = all(getattr(tier, field) is None for field in ("unplaced", "placed", "moved_between"))
    relations = (problem.attractions, problem.spreads, problem.breadths, problem.dependencies, problem.gangs)
    soft = (tier.pairs, tier.ranges, tier.skews, tier.balances)
    if len(problem.start) == 0 or (problem.start == NOWHERE).any():
        raise UnsupportedProblemError("Rebalancer moves what lies in bins; some items do not")
    if not plain or any(len(rows) for rows in (*relations, *soft)) or not problem.eligible.all():
        raise UnsupportedProblemError("only capacity, load above a target, moves and limits of one are translated")
    if tier.open is not None and tier.open.any():
        raise UnsupportedProblemError("the cost of opening a bin is not translated")
    if tier.over_target is None or tier.moved is None or len(np.unique(tier.moved)) != 1:
        raise UnsupportedProblemError("expected a price of load above the target, and one price for all moves")
    if (problem.capacity != problem.capacity[0]).any():
        raise UnsupportedProblemError("goals count in shares of a bin, so that bins have to be alike")
    return {
        "capacity": problem.capacity.tolist(),
        "target": problem.target.tolist(),
        "demand": problem.demand[problem.class_of].tolist(),
        "start": problem.start.tolist(),
        "over_target": tier.over_target.tolist(),
        "move": int(tier.moved[0]),
        "service": service[problem.class_of].tolist(),
    }


def _services(problem: Problem) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The group that each class keeps apart from, -1 for none, (C,) int64."""
    limits, groups = problem.limits, problem.groups
    service = np.full(problem.num_classes, -1, dtype=np.int64)
    own = dict(
        zip(np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start)), groups.of_class, strict=True)
    )
    for class_, group, at_most in zip(limits.class_, limits.group, limits.at_most, strict=True):
        if at_most != 1 or own.get(class_) != group or service[class_] != -1:
            raise UnsupportedProblemError("only limits of one of an item's own group are translated")
        service[class_] = group
    return service


def _run(folder: Path, patience: float) -> None:
    python = os.environ.get(PYTHON_VARIABLE) or str(USUAL_PYTHON)
    if not Path(python).exists():
        raise BenchmarkError(f"{python}: no such interpreter; `make rebalancer` installs Rebalancer")
    try:
        # Isolated from the paths and packages of this process.
        done = subprocess.run(
            [python, "-I", str(SIDE), str(folder)], capture_output=True, text=True, timeout=patience, check=False
        )
    except OSError as error:
        raise BenchmarkError(f"{PYTHON_VARIABLE}: {python}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"rebalancer: killed after {patience:g} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if line] or ["no word"]
        raise BenchmarkError(f"rebalancer: {lines[-1]}")
