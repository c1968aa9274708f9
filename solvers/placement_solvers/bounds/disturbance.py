"""What must give way at least so that those get in who must: bins with too little free have to lose somebody.

Of a set of items that wait, a bin in which everybody stays takes no more than fit into what it has free, and one in
which somebody gives way no more than fit into it empty. So many bins are disturbed, each by the cheapest item in it at
least: a fractional knapsack over bins. Where items go that give way is not asked.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.cover import least_cost
from placement_solvers.bounds.floors import floor_of_terms, started_of_class
from placement_solvers.objective import Cost
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem

MOST_SETS = 16
"""Sets of waiting items that are tried for each resource, the largest items of it."""

NEVER = np.iinfo(np.int64).max
"""What it costs that somebody gives way who cannot."""


def least_disturbed(problem: Problem, number: int, earlier: Cost) -> int:
    """A lower bound on a tier for moves and items left out, given what those before cost. 0 where it says nothing.

    O(R x `MOST_SETS` x B R).
    """
    tier = problem.tiers[number]
    if len(problem.start) == 0 or number == 0 or (tier.moved is None and tier.unplaced is None):
        return 0
    charged, spare = _charged(problem, earlier)
    waiting = problem.class_count - started_of_class(problem)
    seeks: Bool = (charged >= 0) & (waiting > 0)
    if not seeks.any() or floor_of_terms(problem, tier) < 0:
        return 0
    gives_way = _gives_way(problem, number, spare == 0)
    load = np.zeros_like(problem.capacity)
    started = np.flatnonzero(problem.start != NOWHERE)
    np.add.at(load, problem.start[started], problem.demand[problem.class_of[started]])
    best = 0
    for classes in _sets(problem.demand, seeks):
        least = problem.demand[classes].min(axis=0)
        if not least.any():
            continue
        # As many as the cheapest of them to leave out, tier by tier.
        out = sum(int(spare[classes][charged[classes] == by].max()) for by in np.unique(charged[classes]).tolist())
        rows = problem.eligible[np.unique(problem.class_signature[classes])]
        open_to: Bool = np.logical_or.reduce(rows)[problem.bin_signature]
        now = np.where(open_to, _fit(problem.capacity - load, least), 0)
        more = np.where(open_to, _fit(problem.capacity, least), 0) - now
        needed = int(waiting[classes].sum()) - out - int(now.sum()) - int(more[(gives_way == 0) & (more > 0)].sum())
        may = (gives_way > 0) & (gives_way < NEVER) & (more > 0)
        best = max(best, least_cost(needed, gives_way[may], more[may], np.ones(int(may.sum()), dtype=np.int64)))
    return best


def _charged(problem: Problem, earlier: Cost) -> tuple[Int64, Int64]:
    """The first tier that charges for each class left out, -1 for none, and how many it may pay for; (C,) each."""
    charged = np.full(problem.num_classes, -1, dtype=np.int64)
    spare = np.full(problem.num_classes, NEVER, dtype=np.int64)
    for number, paid in enumerate(earlier):
        weight = problem.tiers[number].unplaced
        if weight is None or floor_of_terms(problem, problem.tiers[number]) < 0:
            continue
        mine = (charged < 0) & (weight > 0)
        charged[mine], spare[mine] = number, paid // weight[mine]
    return charged, spare


def _gives_way(problem: Problem, number: int, must_stay: Bool) -> Int64:
    """What it costs a tier that somebody in a bin gives way, (B,) int64: the cheapest move or item left out."""
    tier = problem.tiers[number]
    nothing = np.zeros(problem.num_classes, dtype=np.int64)
    moved = nothing if tier.moved is None else np.maximum(tier.moved, 0)
    if len(problem.class_movable):
        moved = np.where(problem.class_movable, moved, NEVER)
    left_out = nothing if tier.unplaced is None else np.maximum(tier.unplaced, 0)
    cheapest = np.minimum(moved, np.where(must_stay, NEVER, left_out))
    found = np.full(problem.num_bins, NEVER, dtype=np.int64)
    started = np.flatnonzero(problem.start != NOWHERE)
    np.minimum.at(found, problem.start[started], cheapest[problem.class_of[started]])
    return found


def _sets(demand: Int64, seeks: Bool) -> list[Bool]:
    """Of those who seek a place: all, and those who ask for at least so much of a resource."""
    found = [seeks]
    for resource in range(demand.shape[1]):
        for amount in np.unique(demand[seeks, resource])[::-1][:MOST_SETS].tolist():
            found.append(seeks & (demand[:, resource] >= amount))
    return found


def _fit(room: Int64, least: Int64) -> Int64:
    """Items of at least such a demand (R,) that fit into each room (B, R), (B,) int64."""
    asked = least > 0
    fit: Int64 = (np.maximum(room[:, asked], 0) // least[asked]).min(axis=1)
    return fit
