"""Inequalities that every solution keeps: what some classes take together is at most what some bins hold.

Each row gives what an item of every class takes, what bins in use hold for free, and what the closed bins would add.
Rows are of two kinds: a resource, over the bins that one signature may enter and the classes that may enter no others;
and a group whose members limit each other, of which each domain holds only so many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.bounds.cover import exact_dot, exact_sum
from placement_solvers.bounds.floors import started_of_class
from placement_solvers.bounds.placeable import domain_room
from placement_solvers.counting import fine_topologies, in_scope, is_member
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem

MAX_SIGNATURES = 32
"""Class signatures whose bins are looked at on their own: those that ask for most."""

MAX_GROUPS = 64
"""Groups that are looked at: those that need the most domains."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """``sum of demand over placed items <= free + what the opened bins hold``.

    Attributes
    ----------
    part : int
        Part of the problem that the row speaks of (see `parts_of`): rows of different parts share no class and no bin.
    demand : (C,) int64
    free : int
        What holds items without opening a bin.
    amount, units, price_kind : (N,) int64
        What one closed bin of a kind holds, how many there are, and their row of `Prices.open`.
    """

    part: int
    demand: Int64
    free: int
    amount: Int64
    units: Int64
    price_kind: Int64


@dataclass(frozen=True, slots=True, eq=False)
class OpenPrices:
    """What opening costs in each tier, for bins that are not in use.

    Attributes
    ----------
    kind : (B,) int64
        Row of `open` for each bin, -1 for bins in use.
    open : (P, T) int64
    """

    kind: Int64
    open: Int64


def open_prices(problem: Problem) -> OpenPrices:
    """The distinct prices of closed bins over all tiers. O(B T log B)."""
    none = np.zeros(problem.num_bins, dtype=np.int64)
    columns = [none if tier.open is None else tier.open for tier in problem.tiers]
    table = np.stack([none, *columns], axis=1)
    closed = ~problem.in_use
    kinds, kind = np.unique(table[closed], axis=0, return_inverse=True)
    of_bin = np.full(problem.num_bins, -1, dtype=np.int64)
    of_bin[closed] = kind.reshape(-1)
    return OpenPrices(of_bin, kinds[:, 1:])


def rows_of(problem: Problem, prices: OpenPrices, most: Int64) -> list[Row]:
    """The rows of a problem that ask for more than what is free, given how many items of each class can be in."""
    part_of_class = parts_of(problem)
    return [
        row
        for row in [*_resource_rows(problem, prices, part_of_class), *_group_rows(problem, prices, part_of_class)]
        if exact_dot(row.demand, most) > row.free
    ]


def parts_of(problem: Problem) -> Int64:
    """Parts of a problem that share no bin that some class may enter or starts in, and no group, (C,) int64."""
    rows = np.arange(len(problem.eligible))
    signature = problem.class_signature
    together: list[Int64] = [
        np.unique(signature[classes]).astype(np.int64) for _, classes, _ in exclusive_groups(problem)
    ]
    together += _met_where_they_start(problem)
    while True:
        columns = np.where(problem.eligible, rows[:, None], len(rows)).min(axis=0, initial=len(rows))
        joined = np.where(problem.eligible, columns, len(rows)).min(axis=1, initial=len(rows))
        joined = np.minimum(rows, joined)
        for signatures in together:
            joined[signatures] = joined[signatures].min()
        if np.array_equal(joined, rows):
            return rows[signature]
        rows = joined


def _met_where_they_start(problem: Problem) -> list[Int64]:
    """Class signatures that meet in a bin which items start in that may not enter it, by bin."""
    if len(problem.start) == 0:
        return []
    started = problem.start != NOWHERE
    bins, signature = problem.start[started], problem.class_signature[problem.class_of[started]]
    stranger = ~problem.eligible[signature, problem.bin_signature[bins]]
    pairs = np.unique(np.stack([bins[stranger], signature[stranger]]), axis=1)
    here, first = np.unique(pairs[0], return_index=True)
    entering = [np.flatnonzero(problem.eligible[:, kind]) for kind in problem.bin_signature[here]]
    strangers = np.split(pairs[1], first)[1:]
    return [np.union1d(some, others).astype(np.int64) for some, others in zip(strangers, entering, strict=True)]


def exclusive_groups(problem: Problem) -> list[tuple[int, Int64, int]]:
    """Groups whose members limit each other: the group, those classes, and the most that any of them allows."""
    limits = problem.limits
    found: dict[int, tuple[list[int], int]] = {}
    for class_, group, at_most in zip(
        limits.class_.tolist(), limits.group.tolist(), limits.at_most.tolist(), strict=True
    ):
        if is_member(problem, class_, group):
            classes, most = found.get(group, ([], 0))
            found[group] = [*classes, class_], max(most, at_most)
    return [(group, np.array(classes, dtype=np.int64), most) for group, (classes, most) in found.items()]


def _resource_rows(problem: Problem, prices: OpenPrices, part_of_class: Int64) -> list[Row]:
    """For each resource and signature, the classes that may enter no bins but those that the signature may."""
    count = problem.class_count
    eligible = problem.eligible[problem.class_signature]
    load = _start_load(problem)
    demand_by_resource = np.ascontiguousarray(problem.demand.T)  # a column of many is slow to gather
    rows = []
    # A class that may enter no bin belongs to no part; its items stay where they start or are left out anyway.
    asked = (count > 0) & eligible.any(axis=1)
    for allowed in _patterns(problem, asked, part_of_class):
        classes = asked & ~(eligible & ~allowed).any(axis=1)
        bins = allowed[problem.bin_signature]
        part = int(part_of_class[np.flatnonzero(classes)[0]])
        outside = _outside(problem, classes, bins)
        for resource in range(problem.num_resources):
            demand = np.where(classes, demand_by_resource[resource], 0)
            if not demand.any():
                continue
            grain = int(np.gcd.reduce(demand[demand > 0]))
            holds = np.maximum(np.maximum(problem.capacity[bins, resource], load[bins, resource]), 0)
            holds -= holds % grain
            kind = prices.kind[bins]
            free = exact_sum(holds[kind < 0]) + int(outside[resource])
            rows.append(_row(part, demand, free, holds[kind >= 0], kind[kind >= 0]))
    return rows


def _patterns(problem: Problem, asked: Bool, part_of_class: Int64) -> list[Bool]:
    """Sets of bin signatures: all that a part of the problem may enter, then those of single class signatures."""
    unions: list[Bool] = [
        np.asarray(problem.eligible[np.unique(problem.class_signature[asked & (part_of_class == part)])].any(axis=0))
        for part in np.unique(part_of_class[asked])
    ]
    size = problem.class_count * problem.demand.astype(np.float64).sum(axis=1)
    asked_of = np.bincount(problem.class_signature[asked], weights=size[asked], minlength=len(problem.eligible))
    most_asked = np.argsort(-asked_of, kind="stable")[:MAX_SIGNATURES]
    found = [*unions, *(problem.eligible[signature] for signature in most_asked if asked_of[signature] > 0)]
    return list({pattern.tobytes(): pattern for pattern in found}.values())


def _start_load(problem: Problem) -> Int64:
    """What items with a start take where they lie, (B, R) int64."""
    load = np.zeros_like(problem.capacity)
    if len(problem.start):
        started = problem.start != NOWHERE
        np.add.at(load, problem.start[started], problem.demand[problem.class_of[started]])
    return load


def _outside(problem: Problem, classes: Bool, bins: Bool) -> Int64:
    """What items of some classes take that start outside of some bins, where they may stay, (R,) int64."""
    if len(problem.start) == 0:
        return np.zeros(problem.num_resources, dtype=np.int64)
    stays = (problem.start != NOWHERE) & classes[problem.class_of] & ~np.append(bins, True)[problem.start]
    return np.asarray(problem.demand[problem.class_of[stays]].sum(axis=0))


def _group_rows(problem: Problem, prices: OpenPrices, part_of_class: Int64) -> list[Row]:
    """For each group whose members limit each other, one for each member against what its domains hold."""
    found = exclusive_groups(problem)
    count, started = problem.class_count, started_of_class(problem)
    found.sort(key=lambda group: -int(count[group[1]].sum()) / group[2])
    fine = fine_topologies(problem)
    rows = []
    for group, classes, at_most in found[:MAX_GROUPS]:
        members = int(count[classes].sum())
        if members == 0:
            continue
        signatures = np.asarray(problem.eligible[problem.class_signature[classes]].any(axis=0))
        eligible = signatures[problem.bin_signature]
        demand = np.zeros(problem.num_classes, dtype=np.int64)
        demand[classes] = 1
        part = int(part_of_class[classes[0]])
        stays = int(started[classes].sum())
        if not fine[problem.groups.topology[group]]:
            room = stays + domain_room(problem, group, at_most, eligible, members)
            none = np.zeros(0, dtype=np.int64)
            rows.append(Row(part, demand, room, none, none, none))
            continue
        holds = np.where(in_scope(problem, group), _room_of_bins(problem, group, at_most), members)
        holds = np.minimum(np.where(eligible, holds, 0) + _started_in_bins(problem, classes), members)
        kind = prices.kind
        rows.append(_row(part, demand, int(holds[kind < 0].sum()), holds[kind >= 0], kind[kind >= 0]))
    return rows


def _room_of_bins(problem: Problem, group: int, at_most: int) -> Int64:
    groups = problem.groups
    initial = groups.initial[groups.start[group] : groups.start[group + 1]].astype(np.int64)
    domain = problem.domain_of[groups.topology[group]]
    return np.asarray(np.maximum(at_most - np.append(initial, 0)[domain], 0))


def _started_in_bins(problem: Problem, classes: Int64) -> Int64:
    """Items of some classes that start in each bin, (B,) int64."""
    if len(problem.start) == 0:
        return np.zeros(problem.num_bins, dtype=np.int64)
    started = problem.start[(problem.start != NOWHERE) & np.isin(problem.class_of, classes)]
    return np.bincount(started, minlength=problem.num_bins).astype(np.int64)


def _row(part: int, demand: Int64, free: int, holds: Int64, kind: Int64) -> Row:
    """A row whose closed bins are added up by price and by what they hold."""
    amounts, amount = np.unique(holds, return_inverse=True)
    pairs, units = np.unique(kind * len(amounts) + amount, return_counts=True)
    kinds, amount = np.divmod(pairs, max(len(amounts), 1))
    useful = amounts[amount] > 0
    return Row(
        part,
        demand,
        free,
        amount=amounts[amount][useful],
        units=units[useful].astype(np.int64),
        price_kind=kinds[useful],
    )
