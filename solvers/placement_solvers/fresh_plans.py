"""Starts forgotten, and remembered again: the best plan from nothing, laid over where items lie now.

Whoever searches from a full plan sees few ways to make room. The tiers before the first that counts moves do not ask
where an item comes from, so that without starts there is a plain packing problem: like bins and items in wait of one
are alike, and the solvers that know patterns say at once what can be in at all. Its bound holds for those tiers; its
plans are dealt to bins so that as much as can be stays where it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.bin_groups import bin_groups
from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.cp_sat.order import admission_order
from placement_solvers.objective import Cost
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem, Tier

MOST_BINS = 1_000
"""Like bins beyond which no plan is laid over another: all pairs of them are compared."""


def indifferent_tiers(problem: Problem) -> int:
    """How many tiers, from the first, cost the same wherever an item comes from."""
    asking = (number for number, tier in enumerate(problem.tiers) if _counts_moves(tier))
    return next(asking, len(problem.tiers))


def _counts_moves(tier: Tier) -> bool:
    moves = tier.moved is not None and bool(tier.moved.any())
    return moves or tier.moved_between is not None or len(tier.most_moved.set_of) > 0


def without_starts(problem: Problem) -> Problem | None:
    """The same problem in which every item waits, with the tiers that do not ask for moves.

    None where nothing lies anywhere, where no tier is left, where moves hold resources or a rule is about the plan as
    a whole, where members of gangs may have to stay, and where the bins are too many.
    """
    tiers = problem.tiers[: indifferent_tiers(problem)]
    whole_plan = len(problem.breadths) or len(problem.dependencies) or problem.transient.any()
    held = len(problem.gangs) > 0 and not problem.class_movable.all()
    if not np.any(problem.start != NOWHERE) or not tiers or whole_plan or held or problem.num_bins > MOST_BINS:
        return None
    return replace(problem, start=np.zeros(0, dtype=np.int32), class_movable=np.zeros(0, dtype=np.bool_), tiers=tiers)


def relaxes(problem: Problem, fresh: Problem) -> bool:
    """Whether every solution of a problem is one of that without starts, so that its bound holds.

    What stays is asked for nothing, and would be if it came anew. It could come if what starts could have come in some
    order, and if no rule but capacity and limits is in play: fewer items make those only easier to keep.
    """
    if len(problem.attractions) + len(problem.spreads) + len(problem.gangs):
        return False
    started = problem.start != NOWHERE
    class_, bin_ = problem.class_of[started], problem.start[started]
    load = np.zeros_like(problem.capacity)
    np.add.at(load, bin_, problem.demand[class_])
    pinned = problem.pinned_to[class_]
    eligible = problem.eligible[problem.class_signature[class_], problem.bin_signature[bin_]]
    could_come = eligible & ((pinned == NOWHERE) | (pinned == bin_))
    has_room = (load <= problem.capacity) | (load == 0)
    return bool(could_come.all() and has_room.all()) and admission_order(fresh, problem.start).complete


def bound_of(problem: Problem, fresh: Cost) -> Cost:
    """The bound of the tiers without starts, and what each other one cannot get below whatever is placed."""
    return (*fresh, *(floor_of_terms(problem, tier) for tier in problem.tiers[len(fresh) :]))


def laid_over(problem: Problem, fresh: Problem, bin_of: Int32) -> Int32:
    """The same plan with like bins swapped so that items stay where they start as far as may be, (I,) int32.

    Items that may not go where the plan has them are left out. An assignment problem for each group of like bins; what
    staying is worth is what the first tier that counts moves asks for one. O(B^2 C) time at worst.
    """
    weight = _worth_of_staying(problem)
    inside, before = (_counts(problem, bins) for bins in (bin_of, problem.start))
    before[weight == 0] = 0
    goes_to = np.arange(problem.num_bins)
    group_of = bin_groups(fresh)
    for group in range(int(group_of.max(initial=-1)) + 1):
        bins = np.flatnonzero(group_of == group)
        if len(bins) > 1 and before[:, bins].any():
            goes_to[bins] = bins[_assigned(inside[:, bins], before[:, bins], weight)]
    swapped = np.where(bin_of == NOWHERE, np.int32(NOWHERE), goes_to[bin_of].astype(np.int32))
    found = _with_stayers(problem, swapped)
    if len(problem.class_movable):
        held = (problem.start != NOWHERE) & ~problem.class_movable[problem.class_of]
        found[held & (found != problem.start)] = NOWHERE
    return found


def _worth_of_staying(problem: Problem) -> Int64:
    for tier in problem.tiers:
        if tier.moved is not None and tier.moved.any():
            return np.maximum(tier.moved, 0)
    return np.ones(problem.num_classes, dtype=np.int64)


def _counts(problem: Problem, bin_of: Int32) -> Int64:
    """Items of each class in each bin, (C, B) int64."""
    counts = np.zeros((problem.num_classes, problem.num_bins), dtype=np.int64)
    placed = bin_of != NOWHERE
    np.add.at(counts, (problem.class_of[placed], bin_of[placed]), 1)
    return counts


def _assigned(inside: Int64, before: Int64, weight: Int64) -> Int64:
    """For each content the bin in which most of it lies already, each bin once, (n,) int64."""
    # Loaded only here: most problems have no starts.
    from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

    number = inside.shape[1]
    stays = np.zeros((number, number), dtype=np.int64)
    for class_ in np.flatnonzero((inside.any(axis=1)) & before.any(axis=1)).tolist():
        new, old = np.flatnonzero(inside[class_]), np.flatnonzero(before[class_])
        stays[np.ix_(new, old)] += weight[class_] * np.minimum.outer(inside[class_, new], before[class_, old])
    contents, bins = (each.ravel() for each in np.indices(stays.shape))
    assignment = SimpleLinearSumAssignment()
    assignment.add_arcs_with_cost(contents, bins, (stays.max() - stays).ravel())
    status = assignment.solve()
    assert status == assignment.OPTIMAL, status  # every content may go to every bin
    return np.array([assignment.right_mate(content) for content in range(number)], dtype=np.int64)


def _with_stayers(problem: Problem, bin_of: Int32) -> Int32:
    """The same numbers of items in each bin, by items that start there wherever there are any."""
    kinds = Kinds.of(problem)
    width = max(problem.num_bins, 1)
    placed = bin_of != NOWHERE
    key, items = np.unique(kinds.kind_of[placed] * width + bin_of[placed], return_counts=True)
    started = dict(
        zip((kinds.start_kind.astype(np.int64) * width + kinds.start_bin).tolist(), kinds.start_count, strict=True)
    )
    kept = np.minimum(items, np.array([started.get(each, 0) for each in key.tolist()], dtype=np.int64))
    kind, bin_ = (key // width).astype(np.int32), (key % width).astype(np.int32)
    stays: Bool = np.repeat([True, False], len(key))
    pairs = Pairs(np.tile(kind, 2), np.tile(bin_, 2), stays, np.concatenate([kept, items - kept]).astype(np.int64))
    every = np.ones(len(kinds), dtype=np.bool_)
    return kinds.bins_of_items(problem, pairs.select(pairs.items > 0), every, bin_of)
