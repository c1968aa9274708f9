"""Which bins the program needs to see so that its optimum is still that of the whole problem."""

from __future__ import annotations

import numpy as np

from placement_solvers.bin_groups import bin_groups, useful_capacity
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.objective import Cost
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

LARGEST_FRONT = 4_000
"""Bins of one group among which dominance is looked for; beyond them bins are only kept, never wrongly dropped."""


def candidate_bins(problem: Problem, kinds: Kinds, cost: Cost, proven: Cost) -> Bool:
    """Bins that some optimal solution makes do with, (B,) bool.

    Take bins that differ in nothing but capacity. Of n items that may lie there no more than n bins are used at a
    time; so a bin with n others at least as large and no dearer is never needed: its contents can always move to one
    of those that is free, without a loss in any tier. What remains are the first n layers of the Pareto front.

    Parameters
    ----------
    cost : Cost
        Of a feasible solution.
    proven : Cost
        A lower bound: where they agree up to the tier that prices open bins, no better solution opens more bins of a
        price than the known cost pays for.
    """
    needed = np.zeros(problem.num_bins, dtype=np.bool_)
    needed[kinds.start_bin] = True
    like = bin_groups(problem, with_capacity=False)
    capacity = useful_capacity(problem)
    price = _first_open_price(problem, cost, proven)
    order = np.argsort(like, kind="stable")
    bounds = np.searchsorted(like[order], np.arange(int(like.max(initial=-1)) + 2))
    for number in range(len(bounds) - 1):
        bins = order[bounds[number] : bounds[number + 1]]
        most = _most_used(problem, kinds, int(bins[0]))
        if price is not None and price[0][bins[0]] > 0:
            most = min(most, price[1] // int(price[0][bins[0]]))
        if len(bins) <= most:
            needed[bins] = True
        elif most > 0:
            needed[bins[_front(capacity[bins], most)]] = True
    return needed


def _most_used(problem: Problem, kinds: Kinds, bin_: int) -> int:
    """How many items may enter a bin like this one at all."""
    signature = problem.bin_signature[bin_]
    may = problem.eligible[problem.class_signature[kinds.class_], signature]
    pinned = problem.pinned_to[kinds.class_]
    may &= (pinned == NOWHERE) | (pinned == bin_)
    stays = int(kinds.start_count[kinds.start_bin == bin_].sum())
    return int(kinds.count[may].sum()) + stays


def _first_open_price(problem: Problem, cost: Cost, proven: Cost) -> tuple[Int64, int] | None:
    """Price of each bin in the first tier that is not proven, and what the known solution pays, if that tier is price.

    None where the tier counts something else too, or a bin brings money in.
    """
    for tier, value, bound in zip(problem.tiers, cost, proven, strict=True):
        if tier.open is not None:
            others = (tier.unplaced, tier.moved, tier.placed, tier.over_target, tier.moved_between)
            soft = (
                len(tier.pairs) + len(tier.ranges) + len(tier.skews) + len(tier.balances) + len(tier.most_moved.set_of)
            )
            if any(other is not None for other in others) or soft or np.any(tier.open < 0):
                return None
            return np.where(problem.in_use, 0, tier.open), value
        if value != bound:
            return None
    return None


def _front(capacity: Int64, most: int) -> Int64:
    """Positions of the bins that fewer than `most` others dominate, equal ones counting by their order."""
    order = np.lexsort([np.arange(len(capacity)), *(-capacity.T[::-1]), -capacity.sum(axis=1)])
    kept: list[int] = []
    rows = np.empty((min(len(capacity), LARGEST_FRONT), capacity.shape[1]), dtype=np.int64)
    for position in order.tolist():
        if len(kept) >= LARGEST_FRONT:
            kept.append(position)
            continue
        if len(kept) >= most:
            dominating = np.all(rows[: len(kept)] >= capacity[position], axis=1)
            if np.count_nonzero(dominating) >= most:
                continue
        rows[len(kept)] = capacity[position]
        kept.append(position)
    return np.array(sorted(kept), dtype=np.int64)


def onto_candidates(problem: Problem, bin_of: Int32, needed: Bool) -> Int32 | None:
    """The same placement on the largest candidates: contents move to free bins that are like theirs but larger.

    None where greedy moving leaves something outside the candidates, which costs a hint but no proof. O(used bins x B).
    """
    used = np.zeros(problem.num_bins, dtype=np.bool_)
    used[bin_of[bin_of != NOWHERE]] = True
    like, capacity = bin_groups(problem, with_capacity=False), useful_capacity(problem)
    size = capacity.astype(np.float64) / np.maximum(capacity.max(axis=0, initial=1), 1)
    target = np.arange(problem.num_bins, dtype=np.int32)
    free = needed & ~used
    alike = np.bincount(like)
    movable = np.flatnonzero(used & (alike[like] > 1))
    for bin_ in movable[np.argsort(-size[movable].sum(axis=1), kind="stable")].tolist():
        same = np.flatnonzero(free & (like == like[bin_]))
        larger = same[np.all(capacity[same] >= capacity[bin_], axis=1)]
        if needed[bin_]:
            larger = larger[np.any(capacity[larger] > capacity[bin_], axis=1)]
        if len(larger) == 0:
            if not needed[bin_]:
                return None
            continue
        best = int(larger[np.argmax(size[larger].sum(axis=1))])
        target[bin_] = best
        free[best] = False
        free[bin_] = needed[bin_]
    return np.where(bin_of == NOWHERE, bin_of, target[bin_of]).astype(np.int32)
