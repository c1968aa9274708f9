"""A few bins packed anew by CP-SAT, with what they hold and what waits to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from placement_solvers.problem import Int64, Problem

Held = dict[tuple[int, int], int]
"""How many items of a class (first) a bin (second) holds, where that is any."""


def repack(
    problem: Problem, bins: Sequence[int], held: Held, spare: Int64, worth: Int64, seconds: float, seed: int
) -> Held | None:
    """What the bins hold when they hold most, or None if nothing better is found in time.

    How many items of a class lie in a bin, and how many shares of a size on each of its devices; items on several
    devices put at most one share each on any of them, which is enough to deal the shares out to the items.

    Parameters
    ----------
    bins : sequence of int
        Without items that are not in `held`.
    held : dict
    spare : (C,) int64
        Items that wait.
    worth : (C,) int64
        Of an item that is placed.
    seconds : float
    seed : int
    """
    available = spare.copy()
    for (class_, _), number in held.items():
        available[class_] += number
    model = cp_model.CpModel()
    items = {
        (class_, bin_): model.new_int_var(0, int(available[class_]), "")
        for class_ in np.flatnonzero(available).tolist()
        for bin_ in bins
        if problem.eligible_bins(class_)[bin_]
    }
    for class_ in np.flatnonzero(available).tolist():
        model.add(sum(items[class_, bin_] for bin_ in bins if (class_, bin_) in items) <= int(available[class_]))
    for bin_ in bins:
        hold(model, problem, bin_, {class_: x for (class_, b), x in items.items() if b == bin_})
    before = sum(int(worth[class_]) * number for (class_, _), number in held.items())
    gain = sum(int(worth[class_]) * x for (class_, _), x in items.items())
    model.add(gain >= before + 1)
    model.maximize(gain)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return {key: int(solver.value(x)) for key, x in items.items() if solver.value(x)}


def hold(model: cp_model.CpModel, problem: Problem, bin_: int, items: dict[int, cp_model.IntVar]) -> None:
    """The rules of one bin, for the number of items of each class in it."""
    for resource in range(problem.num_resources):
        demand = [(x, int(problem.demand[class_, resource])) for class_, x in items.items()]
        if any(amount for _, amount in demand):
            room = max(int(problem.capacity[bin_, resource]), 0)
            model.add(sum(amount * x for x, amount in demand if amount) <= room)
    devices = problem.devices
    capacity = devices.of_bin(bin_)[:, 0].clip(min=0).tolist()
    load: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in capacity]
    by_size: dict[int, list[cp_model.IntVar]] = {}
    for class_, x in items.items():
        count, share = int(devices.count[class_]), int(devices.share[class_, 0])
        if count == 0:
            continue
        if count > 1:
            parts = [model.new_int_var(0, c // share if share else problem.num_items, "") for c in capacity]
            for device, part in enumerate(parts):
                model.add(part <= x)
                load[device].append((share, part))
            model.add(sum(parts) == count * x)
        elif share:
            by_size.setdefault(share, []).append(x)
        elif not capacity:
            model.add(x == 0)
    for share, of_size in by_size.items():
        parts = [model.new_int_var(0, c // share, "") for c in capacity]
        for device, part in enumerate(parts):
            load[device].append((share, part))
        model.add(sum(parts) == sum(of_size))
    for most, on_device in zip(capacity, load, strict=True):
        model.add(sum(share * part for share, part in on_device) <= most)
