"""Dot product: bins are filled one after the other with what matches their free room best.

Of all classes that may enter, the one with the greatest sum over resources of weight x demand x free is put in, until
none may; the weight of a resource is what all items ask of it in shares of the mean bin. Bin-centric vector
heuristic: Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for Vector Bin Packing" (2011), section 2.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.fitting import fit
from benchmarks.peers.orders import cheapest_room, mean_bin
from benchmarks.peers.rules import (
    Placed,
    Rules,
    compiled,
    enter,
    floors_of,
    may_enter,
    may_start,
    most_spreads,
    rules_of,
)
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import Int32, Int64, Problem
from placement_solvers.solution import Solution


def fill(problem: Problem, seed: int) -> Solution:
    """Fill bin after bin; the important classes first, then the rest beside them.

    Raises
    ------
    UnsupportedProblemError
        If there are gangs, which no bin alone can tell.
    """
    if len(problem.gangs):
        raise UnsupportedProblemError("dot product knows no gangs")
    rules, placed = rules_of(problem), Placed(problem)
    mean = mean_bin(problem)
    floors = np.zeros(most_spreads(rules), dtype=np.int64)
    bins = cheapest_room(problem)
    for priority in np.unique(problem.class_priority)[::-1]:
        changed = True
        while changed:
            waiting = placed.waiting()
            waiting = waiting[problem.class_priority[problem.class_of[waiting]] == priority]
            waiting = waiting[np.argsort(problem.class_of[waiting], kind="stable")]
            count = np.bincount(problem.class_of[waiting], minlength=problem.num_classes).astype(np.int64)
            weight = (problem.demand * problem.class_count[:, None]).sum(axis=0) / mean
            first = np.cumsum(count) - count
            items, into = np.zeros(len(waiting), dtype=np.int32), np.zeros(len(waiting), dtype=np.int32)
            number = fill_bins(rules, bins, count, weight / mean / mean, floors, first, items, into)
            placed.add(waiting[items[:number]], into[:number])
            changed = number > 0 and bool(len(problem.attractions) + len(problem.spreads)) and bool(count.sum())
    fit(problem, rules, placed, best=False)
    return Solution(placed.bin_of, placed.sequence[: placed.count].copy())


@compiled
def fill_bins(
    rules: Rules,
    bins: Int32,
    count: Int64,
    weight: NDArray[np.float64],
    floors: Int64,
    first: Int64,
    items: Int32,
    into: Int32,
) -> int:
    """Fill the bins in order; `count` of each class wait, the next of a class has place ``first[class]``.

    Returns
    -------
    int
        How many were placed: their places and bins are in `items` and `into`.
    """
    number = 0
    for place in range(len(bins)):
        bin_ = int(bins[place])
        if not count.any():
            break
        while True:
            chosen, best = -1, -1.0
            for class_ in range(len(count)):
                if count[class_] == 0:
                    continue
                match = 0.0
                for resource in range(rules.demand.shape[1]):
                    match += weight[resource] * rules.demand[class_, resource] * rules.free[bin_, resource]
                if match <= best:
                    continue
                floors_of(rules, class_, floors)
                if may_enter(rules, class_, bin_, floors, may_start(rules, class_)):
                    chosen, best = class_, match
            if chosen < 0:
                break
            enter(rules, chosen, bin_, 1)
            items[number] = first[chosen]
            into[number] = bin_
            number += 1
            first[chosen] += 1
            count[chosen] -= 1
    return number
