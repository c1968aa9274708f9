"""Bins exchanged for cheaper ones that hold the same: what greedy opened with more to come in view is often too large.

Whole contents move. Between two bins of the same domains and scopes, neither of which held anything that counts, no
relation can tell them apart, as long as every topology that does has a domain for each bin alone.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import fine_topologies
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem
from placement_solvers.solution import Solution


def in_cheaper_bins(problem: Problem, solution: Solution) -> Solution:
    """The solution with contents in the cheapest bins that could stand in for theirs, dear ones first.

    As feasible as it was, and no dearer by what bins cost that are opened. Terms that look at load or at single bins
    are not looked at: whoever calls compares. O(B log B + opened x types).
    """
    prices = np.array([tier.open for tier in problem.tiers if tier.open is not None], dtype=np.int64)
    if len(prices) == 0 or problem.num_bins == 0 or len(problem.start):
        return solution
    placed = np.flatnonzero(solution.placed)
    bins = solution.bin_of[placed]
    load = np.zeros_like(problem.capacity)
    np.add.at(load, bins, problem.demand[problem.class_of[placed]])
    held = np.bincount(bins, minlength=problem.num_bins)
    may = ~problem.in_use & ~_known_apart(problem)
    may[np.unique(problem.pinned_to[problem.pinned_to != NOWHERE])] = False
    place = _places(problem)
    table = np.column_stack([*prices, place, problem.bin_signature, problem.capacity])
    # Ascending by price: the first type that will do is the cheapest.
    types, type_of = np.unique(table, axis=0, return_inverse=True)
    type_of = type_of.reshape(-1)
    tiers = len(prices)
    free: list[list[int]] = [[] for _ in types]
    for bin_ in np.flatnonzero(may & (held == 0))[::-1].tolist():
        free[type_of[bin_]].append(bin_)
    left = np.array([len(one) for one in free])
    admits = _admits(problem, solution)
    instead = np.arange(problem.num_bins, dtype=np.int32)
    for bin_ in sorted(np.flatnonzero(may & (held > 0)).tolist(), key=lambda bin_: -int(type_of[bin_])):
        cheaper = slice(0, int(type_of[bin_]))
        will_do = (left[cheaper] > 0) & (types[cheaper, tiers] == place[bin_])
        will_do &= admits[bin_][types[cheaper, tiers + 1]] & (types[cheaper, tiers + 2 :] >= load[bin_]).all(axis=1)
        found = int(np.argmax(will_do)) if will_do.any() else -1
        if found < 0 or (types[found, :tiers] == types[type_of[bin_], :tiers]).all():
            continue
        instead[bin_] = free[found].pop()
        free[type_of[bin_]].append(bin_)
        left[found] -= 1
        left[type_of[bin_]] += 1
    bin_of = solution.bin_of.copy()
    bin_of[placed] = instead[bins]
    return Solution(bin_of, solution.sequence)


def _places(problem: Problem) -> Int64:
    """A number for each bin that those share which lie in the same domains and scopes, (B,) int64."""
    fine = fine_topologies(problem)
    rows = [problem.domain_of[~fine], problem.domain_of[fine] == NOWHERE, problem.scopes]
    table = np.concatenate([row.reshape(-1, problem.num_bins).astype(np.int64) for row in rows])
    if len(table) == 0:
        return np.zeros(problem.num_bins, dtype=np.int64)
    return np.unique(table, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _known_apart(problem: Problem) -> Bool:
    """Bins that hold members of a group in a domain of their own before anything is placed, (B,) bool."""
    groups, known = problem.groups, np.zeros(problem.num_bins, dtype=np.bool_)
    fine = fine_topologies(problem)
    for group in range(len(groups)):
        topology = int(groups.topology[group])
        initial = groups.initial[groups.start[group] : groups.start[group + 1]]
        if fine[topology] and initial.any():
            domain = problem.domain_of[topology]
            known |= (domain != NOWHERE) & (np.append(initial, 0)[domain] > 0)
    return known


def _admits(problem: Problem, solution: Solution) -> Bool:
    """Signatures of bins that are eligible for all that a bin holds, (B, K) bool."""
    admits = np.ones((problem.num_bins, problem.eligible.shape[1]), dtype=np.bool_)
    placed = np.flatnonzero(solution.placed)
    signature = problem.class_signature[problem.class_of[placed]]
    for one in np.unique(signature).tolist():
        admits[np.unique(solution.bin_of[placed[signature == one]])] &= problem.eligible[one]
    return admits
