"""How many members a group has in each domain, counted anew from a solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Int32, Int64, Problem

ALL_BINS = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class Occupancy:
    """The items of a solution added up by class and bin: what remains when names are forgotten.

    Attributes
    ----------
    class_, bin : (P,) int32
        The pairs that occur, ascending by class, then bin.
    items : (P,) int64
        How many items of the class the bin holds; at least 1.
    """

    class_: Int32
    bin: Int32
    items: Int64


def occupancy(problem: Problem, bin_of: Int32) -> Occupancy:
    """The placed items added up by class and bin. O(I log I)."""
    placed = bin_of != NOWHERE
    key = problem.class_of[placed].astype(np.int64) * problem.num_bins + bin_of[placed]
    pairs, items = np.unique(key, return_counts=True)
    if problem.num_bins == 0:
        return Occupancy(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
    class_, bin_ = np.divmod(pairs, problem.num_bins)
    return Occupancy(class_.astype(np.int32), bin_.astype(np.int32), items.astype(np.int64))


def fine_topologies(problem: Problem) -> Bool:
    """Topologies whose domains are single bins, (T,) bool: what counts there changes only with the bin itself."""
    in_domain = (problem.domain_of != NOWHERE).sum(axis=1)
    fine: Bool = problem.num_domains == in_domain
    return fine


def small_topologies(problem: Problem) -> Bool:
    """Topologies whose domains are about as small as bins, (T,) bool: at least half as many as there are bins."""
    small: Bool = 2 * problem.num_domains >= problem.num_bins
    return small


def is_member(problem: Problem, class_: int, group: int) -> bool:
    """Whether an item of the class counts in the group. O(log of its groups)."""
    groups = problem.groups
    of_class = groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]]
    at = int(np.searchsorted(of_class, group))
    return at < len(of_class) and int(of_class[at]) == group


def in_scope(problem: Problem, group: int, bins: Int32 | slice = ALL_BINS) -> Bool:
    """Whether a group counts members on bins, those of its scope that lie in a domain: (B,) bool or one a bin asked."""
    groups = problem.groups
    inside: Bool = problem.domain_of[groups.topology[group], bins] != NOWHERE
    if groups.scope[group] != EVERYWHERE:
        inside = inside & problem.scopes[groups.scope[group], bins]
    return inside


def eligible_domains(problem: Problem, group: int) -> Bool:
    """Domains of a group's topology that hold a bin of its scope, (D,) bool."""
    topology = int(problem.groups.topology[group])
    eligible = np.zeros(int(problem.num_domains[topology]), dtype=np.bool_)
    eligible[problem.domain_of[topology][in_scope(problem, group)]] = True
    return eligible


def views_of_groups(problem: Problem) -> tuple[Int64, Int64]:
    """The pairs of topology and scope in which groups count, far fewer than groups.

    Returns
    -------
    one : (V,) int64
        A group of each pair.
    view_of : (G,) int64
        The pair of each group: `in_scope` and `eligible_domains` are the same for all groups of one.
    """
    pairs = np.stack([problem.groups.topology, problem.groups.scope])
    _, one, view_of = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
    return one, view_of.reshape(-1)


def group_counts(problem: Problem, occupied: Occupancy) -> Int64:
    """Members of every group in each domain, laid out as ``groups.initial``, those already there included.

    Returns
    -------
    (sum of domains,) int64
        Counts of group g are ``[groups.start[g]:groups.start[g + 1]]``. O(pairs x memberships).
    """
    groups = problem.groups
    counts = groups.initial.astype(np.int64)
    if len(groups.of_class) == 0:
        return counts
    memberships = np.diff(groups.class_start)[occupied.class_]
    pair = np.repeat(np.arange(len(occupied.class_)), memberships)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(memberships) - memberships, memberships)
    group = groups.of_class[groups.class_start[occupied.class_[pair]] + within]
    bin_ = occupied.bin[pair]
    domain = problem.domain_of[groups.topology[group], bin_]
    scope = groups.scope[group]
    counted = (domain != NOWHERE) & (scope == EVERYWHERE)
    if len(problem.scopes):
        counted |= (domain != NOWHERE) & (scope != EVERYWHERE) & problem.scopes[scope, bin_]
    np.add.at(counts, (groups.start[group] + domain)[counted], occupied.items[pair][counted])
    return counts
