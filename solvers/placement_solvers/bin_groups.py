"""Bins that are alike: swapping the whole contents of two of them changes neither feasibility nor cost."""

from __future__ import annotations

import numpy as np

from placement_solvers.problem import NOWHERE, Int64, Problem


def bin_groups(problem: Problem, *, with_capacity: bool = True) -> Int64:
    """Number of the group of like bins that each bin is in, (B,) int64, in order of first appearance.

    Alike are bins of one signature, cost and capacity that hold the same before anything is placed and lie in the
    same domains. A domain that is a single bin (a host) has no name of its own: two such bins are alike if their
    domains hold the same initial members. Only topologies and scopes that some relation asks about matter. Bins in
    which items start, or to which a class is pinned, are alike to none. O(B x columns x log B).

    Parameters
    ----------
    with_capacity : bool
        Whether bins of different capacity are told apart; they always are where loads have a price.
    """
    bins = problem.num_bins
    columns: list[Int64] = [problem.bin_signature.astype(np.int64), problem.in_use.astype(np.int64), _named(problem)]
    columns += [np.where(problem.in_use, 0, tier.open) for tier in problem.tiers if tier.open is not None]
    if prices_load(problem):
        columns += [*problem.capacity.T, *problem.target.T]
    elif with_capacity:
        columns += list(useful_capacity(problem).T)
    asked = asked_groups(problem)
    gang_topologies = {int(topology) for topology in problem.gangs.topology if topology != NOWHERE}
    for topology in sorted({int(problem.groups.topology[g]) for g in asked} | gang_topologies):
        columns += _domain_columns(problem, topology, asked)
    begun = {
        (int(topology), int(domain))
        for topology, domain in zip(problem.gangs.topology, problem.gangs.domain, strict=True)
    }
    for topology, domain in sorted(begun):
        if topology != NOWHERE and domain != NOWHERE:
            columns.append((problem.domain_of[topology] == domain).astype(np.int64))
    for scope in sorted({int(problem.groups.scope[g]) for g in asked} - {-1}):
        columns.append(problem.scopes[scope].astype(np.int64))
    if any(tier.moved_between is not None for tier in problem.tiers):
        columns.append(np.arange(bins))
    if bins == 0:
        return np.zeros(0, dtype=np.int64)
    table = np.stack([np.unique(column, return_inverse=True)[1].astype(np.int64) for column in columns])
    order = np.lexsort(table)
    changes = np.any(np.diff(table[:, order], axis=1) != 0, axis=0)
    number = np.zeros(bins, dtype=np.int64)
    number[order] = np.concatenate([[0], np.cumsum(changes)])
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.ravel()]


def prices_load(problem: Problem) -> bool:
    """Whether a bin's cost depends on how much of it is taken, so that a larger bin is not as good as a smaller one."""
    return any(tier.over_target is not None or len(tier.balances) > 0 for tier in problem.tiers)


def asked_groups(problem: Problem) -> Int64:
    """Groups that some relation, hard or soft, or a rule about the whole plan asks about, ascending."""
    parts = [problem.limits.group, problem.attractions.group, problem.spreads.group]
    parts += [problem.breadths.group, problem.dependencies.group, problem.dependencies.on]
    for tier in problem.tiers:
        parts += [tier.pairs.group, tier.ranges.group, tier.skews.group]
    return np.unique(np.concatenate(parts)).astype(np.int64)


def useful_capacity(problem: Problem) -> Int64:
    """Capacity cut off where all items together take no more, (B, R) int64; below 0 nothing fits, however far."""
    total = problem.class_count @ problem.demand
    return np.clip(problem.capacity, -1, total[None, :])


def _named(problem: Problem) -> Int64:
    """A number of their own for bins that items start in or are pinned to, 0 for all others."""
    named = np.zeros(problem.num_bins, dtype=np.int64)
    for bins in (problem.start, problem.pinned_to):
        here = np.unique(bins[bins != NOWHERE])
        named[here] = here + 1
    return named


def _domain_columns(problem: Problem, topology: int, asked: Int64) -> list[Int64]:
    """What tells bins apart in one topology: shared domains by number, single ones by what they hold."""
    domain = problem.domain_of[topology].astype(np.int64)
    size = np.bincount(domain[domain != NOWHERE], minlength=int(problem.num_domains[topology]))
    single = (domain != NOWHERE) & (np.append(size, 0)[domain] == 1)
    columns = [np.where(single, -2, domain)]
    groups = problem.groups
    for group in asked[groups.topology[asked] == topology].tolist():
        initial = groups.initial[groups.start[group] : groups.start[group + 1]]
        if initial.any():
            columns.append(np.where(single, np.append(initial, 0)[domain], 0).astype(np.int64))
    return columns
