"""Getting the kernels ready before they are needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from placement_solvers.greedy.greedy import Greedy
from placement_solvers.problem import NOWHERE, Attractions, Gangs, Groups, Limits, Problem, Spreads, Tier
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations

PATIENCE = 5.0
"""Seconds that loading from disk may take; what takes longer is compiled."""


def warm_up(notice: Callable[[str], None] | None = None) -> float:
    """Load the compiled kernels from disk, or compile and keep them there; the seconds it took.

    Compiling takes about a minute, once for each installation and kind of processor; loading about half a second,
    once for each process.

    Parameters
    ----------
    notice : callable, optional
        Told in one sentence, from another thread, that kernels are being compiled; not called if they only load.
    """
    began = time.perf_counter()
    timer = threading.Timer(PATIENCE, _say, (notice,))
    timer.daemon = True
    timer.start()
    try:
        Greedy().solve(_tiny(), MaxIterations(1), start=Solution.nothing_placed(2))
    finally:
        timer.cancel()
    return time.perf_counter() - began


def _say(notice: Callable[[str], None] | None) -> None:
    if notice is not None:
        notice("compiling kernels for this machine, once; this takes about a minute")


def _tiny() -> Problem:
    """Two items, one of them a gang, and a bin."""
    zero = np.zeros(1, dtype=np.int32)
    one = np.ones(1, dtype=np.int32)
    return Problem(
        class_of=np.zeros(2, dtype=np.int32),
        demand=np.ones((1, 2), dtype=np.int64),
        capacity=np.full((1, 2), 2, dtype=np.int64),
        class_signature=zero,
        bin_signature=zero,
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=np.zeros((1, 1), dtype=np.int32),
        scopes=np.ones((1, 1), dtype=np.bool_),
        groups=Groups(zero, zero, np.array([0, 1]), zero, np.array([0, 1]), zero),
        limits=Limits(zero, zero, 2 * one),
        attractions=Attractions(zero, zero, np.ones(1, dtype=np.bool_)),
        spreads=Spreads(zero, zero, 2 * one, one, one),
        tiers=(Tier("unplaced", unplaced=np.ones(1, dtype=np.int64)),),
        class_priority=zero,
        in_use=np.zeros(1, dtype=np.bool_),
        pinned_to=np.full(1, NOWHERE, dtype=np.int32),
        gangs=Gangs(np.array([NOWHERE, 0], dtype=np.int32), one, zero),
    )
