"""First fit and best fit decreasing.

Bins are offered as `orders.cheapest_room` has them. First fit takes the first that lets the item in; best fit the bin
in use that has least left afterwards, summed over shares of the mean bin, and opens another only if none in use lets
the item in. Item-centric vector heuristics: Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for Vector Bin Packing"
(2011), section 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.orders import cheapest_room, decreasing, mean_bin, units
from benchmarks.peers.rules import (
    Placed,
    Rules,
    compiled,
    enter,
    floors_of,
    is_monotone,
    may_enter,
    may_start,
    most_spreads,
    rules_of,
)
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution


def first_fit(problem: Problem, seed: int) -> Solution:
    """Each item in turn into the first bin that takes it."""
    return _place(problem, best=False)


def best_fit(problem: Problem, seed: int) -> Solution:
    """Each item in turn into the bin in use that it leaves fullest."""
    return _place(problem, best=True)


def _place(problem: Problem, *, best: bool) -> Solution:
    rules, placed = rules_of(problem), Placed(problem)
    fit(problem, rules, placed, best=best)
    return Solution(placed.bin_of, placed.sequence[: placed.count].copy())


def fit(problem: Problem, rules: Rules, placed: Placed, *, best: bool) -> None:
    """Place what waits; what another item may have helped is asked again until nothing changes."""
    bins = cheapest_room(problem)
    opened = problem.in_use.copy()
    opened[placed.bin_of[placed.bin_of != NOWHERE]] = True
    scale = 1.0 / mean_bin(problem)
    floors = np.zeros(most_spreads(rules), dtype=np.int64)
    while len(waiting := placed.waiting()):
        before = placed.count
        for unit in units(problem, decreasing(problem, waiting)):
            found = np.full(len(unit), NOWHERE, dtype=np.int32)
            fit_items(rules, problem.class_of[unit], bins, opened, scale, floors, best, found)
            settle(problem, rules, placed, unit, found)
        if placed.count == before:
            return


def settle(problem: Problem, rules: Rules, placed: Placed, unit: Int32, found: Int32) -> None:
    """Keep what a unit found, or take all of it back if it is a gang with too few members in."""
    inside = found != NOWHERE
    gangs = problem.gangs
    if len(gangs) and gangs.of_item[unit[0]] != NOWHERE:
        gang = gangs.of_item[unit[0]]
        already = int(((gangs.of_item == gang) & (placed.bin_of != NOWHERE)).sum())
        bins = np.concatenate([found[inside], placed.bin_of[(gangs.of_item == gang) & (placed.bin_of != NOWHERE)]])
        topology = gangs.topology[gang]
        apart = topology != NOWHERE and len(np.unique(problem.domain_of[topology, bins])) > 1
        if already + int(inside.sum()) < gangs.at_least[gang] or apart:
            for item, bin_ in zip(unit[inside], found[inside], strict=True):
                enter(rules, int(problem.class_of[item]), int(bin_), -1)
            return
    placed.add(unit[inside], found[inside])


@compiled
def fit_items(
    rules: Rules,
    classes: Int32,
    bins: Int32,
    opened: NDArray[np.bool_],
    scale: NDArray[np.float64],
    floors: Int64,
    best: bool,
    found: Int32,
) -> None:
    """Place items of the classes one after the other; `found` gets their bins."""
    num_bins, num_resources = rules.free.shape
    least = np.full(num_resources, np.iinfo(np.int64).max)
    for at in range(len(classes)):
        for resource in range(num_resources):
            least[resource] = min(least[resource], rules.demand[classes[at], resource])
    # Bins in use that the smallest item still fits, and from where on first fit looks for each class.
    in_use = np.zeros(num_bins, dtype=np.int32)
    num_in_use = 0
    for bin_ in range(num_bins):
        if opened[bin_]:
            in_use[num_in_use] = bin_
            num_in_use += 1
    looks_from = np.zeros(len(rules.demand), dtype=np.int64)
    for at in range(len(classes)):
        class_ = classes[at]
        floors_of(rules, class_, floors)
        starts = may_start(rules, class_)
        chosen, kept, least_left = NOWHERE, 0, np.inf
        if best:
            for place in range(num_in_use):
                bin_ = in_use[place]
                has_room = True
                for resource in range(num_resources):
                    if rules.free[bin_, resource] < least[resource]:
                        has_room = False
                if not has_room:
                    continue
                in_use[kept] = bin_
                kept += 1
                if may_enter(rules, class_, bin_, floors, starts):
                    left = 0.0
                    for resource in range(num_resources):
                        left += (rules.free[bin_, resource] - rules.demand[class_, resource]) * scale[resource]
                    if left < least_left:
                        chosen, least_left = bin_, left
            num_in_use = kept
        if chosen == NOWHERE:
            first = looks_from[class_] if is_monotone(rules, class_) else 0
            for place in range(first, num_bins):
                bin_ = bins[place]
                if may_enter(rules, class_, bin_, floors, starts):
                    chosen = bin_
                    looks_from[class_] = place
                    break
            else:
                looks_from[class_] = num_bins
        if chosen == NOWHERE:
            continue
        enter(rules, class_, chosen, 1)
        found[at] = chosen
        if not opened[chosen]:
            opened[chosen] = True
            in_use[num_in_use] = chosen
            num_in_use += 1
