"""Items laid into bins class by class, towards what a programme wants of each kind of bin, then wherever they fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from placement_solvers.device_assignment import assign
from placement_solvers.devices import kernels
from placement_solvers.devices.contents import Content
from placement_solvers.devices.fleet import Fleet
from placement_solvers.devices.state import Bins, Float64, bins_of, classes_of, room_for, scores_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.solution import Solution

ROUNDING = 1e-6
"""How far below a whole number one still counts as it."""


def pack(problem: Problem, fleet: Fleet, wanted: Float64, filled: Sequence[tuple[int, Content]] = ()) -> Solution:
    """A solution near `wanted` (C, K): items with many or large shares first, each where the bin loses least.

    O(items x bins) with a small factor; problems have no relations between items.

    Parameters
    ----------
    filled : sequence of (kind, content)
        What some bins hold beforehand.
    """
    bins, scores, room = bins_of(problem), scores_of(problem), room_for(problem)
    classes = classes_of(problem, wanted.sum(axis=1), bins.unit)
    waiting: dict[int, list[int]] = defaultdict(list)
    for item, class_ in enumerate(problem.class_of.tolist()):
        waiting[class_].append(item)
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    sequence: list[int] = []
    bins_of_kind = [np.flatnonzero(fleet.kind_of == kind).tolist() for kind in range(fleet.num_kinds)]
    for kind, content in filled:
        bin_ = bins_of_kind[kind].pop()
        _fill(problem, bins, bin_, content)
        for class_, number in content:
            for _ in range(number):
                item = waiting[class_].pop()
                bin_of[item] = bin_
                sequence.append(item)
    kernels.value_all(bins, classes, room)
    quota = np.floor(wanted + ROUNDING).astype(np.int64)
    devices = problem.devices
    order = np.lexsort((-problem.demand[:, 0], -devices.share[:, 0], -devices.count)).tolist()
    for towards in (True, False):
        for class_ in order:
            eligible = problem.eligible_bins(class_)
            allowed = eligible & (quota[class_] > 0)[fleet.kind_of] if towards else eligible
            while waiting[class_]:
                bin_ = kernels.choose(bins, classes, scores, room, class_, allowed)
                if bin_ == NOWHERE:
                    break
                kernels.enter(bins, classes, scores, room, class_, bin_)
                item = waiting[class_].pop()
                bin_of[item] = bin_
                sequence.append(item)
                kind = fleet.kind_of[bin_]
                quota[class_, kind] -= 1
                if towards and quota[class_, kind] == 0:
                    allowed = eligible & (quota[class_] > 0)[fleet.kind_of]
    return Solution(bin_of, np.array(sequence, dtype=np.int32))


def _fill(problem: Problem, bins: Bins, bin_: int, content: Content) -> None:
    """Take what a bin holds off its resources and devices."""
    devices = problem.devices
    asked, classes = [], []
    for class_, number in content:
        bins.free[bin_] -= number * problem.demand[class_]
        request = int(devices.count[class_]), tuple(devices.share[class_].tolist())
        asked += [request] * number
        classes += [class_] * number
    free = bins.device_free[devices.start[bin_] : devices.start[bin_ + 1]]
    for class_, chosen in zip(classes, assign(free.copy(), asked) or (), strict=True):
        free[list(chosen)] -= devices.share[class_]
