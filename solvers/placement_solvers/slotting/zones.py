"""Bins alike but for where they stand, packed as if they were the same; who must be where is settled afterwards.

Items of one size of which some must go to one zone and some to another, and bins that differ only in their zone, make
a packing problem several times as large as its sizes and shapes ask for. While nobody's zone runs short, contents can
be dealt to zones once they are known, and items of one size change places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem
from placement_solvers.solution import Solution

AMPLE = 0.9
"""How much of its share of all that is asked those may ask who are bound to a part of the bins."""

TRIES = 16
"""Contents that are looked at for each place that is wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Everywhere:
    """A packing problem in which where a bin stands does not matter.

    Attributes
    ----------
    problem : Problem
        The same items and bins, fewer classes.
    row_of : (C,) int32
        The class that each class of the original has become.
    type_of, zone_of : (B,) int32
        Bins of one type may change their contents; those of one zone are open to the same classes of each type.
    """

    problem: Problem
    row_of: Int32
    type_of: Int32
    zone_of: Int32


def everywhere(problem: Problem) -> Everywhere | None:
    """What a packing problem becomes where zones are forgotten; None where that gains nothing or one is too short.

    Only for problems as `loosened` makes them: each class has a signature of its own, and relations are limits.
    O(C B + C zones).
    """
    table = np.column_stack([problem.capacity, problem.in_use, *(t.open for t in problem.tiers if t.open is not None)])
    type_of = np.unique(table, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int32)
    columns = problem.eligible[problem.class_signature][:, problem.bin_signature]
    zone_of = _zones(columns, type_of)
    types, zones = int(type_of.max(initial=-1)) + 1, int(zone_of.max(initial=-1)) + 1
    if zones < 2:
        return None
    open_types = np.zeros((problem.num_classes, types), dtype=np.bool_)
    for type_ in range(types):
        open_types[:, type_] = columns[:, type_of == type_].any(axis=1)
    limited = np.full((problem.num_classes, 2), NOWHERE, dtype=np.int64)
    limited[problem.limits.class_] = np.column_stack([problem.limits.group, problem.limits.at_most])
    unplaced = [tier.unplaced for tier in problem.tiers if tier.unplaced is not None]
    traits = np.column_stack([problem.demand, problem.class_priority, limited, open_types, *unplaced])
    _, first, row_of = np.unique(traits, axis=0, return_index=True, return_inverse=True)
    if len(first) == problem.num_classes or not _ample(problem, columns, zone_of, zones):
        return None
    return Everywhere(
        _merged(problem, first, row_of.reshape(-1).astype(np.int32), open_types, type_of),
        row_of.reshape(-1).astype(np.int32),
        type_of,
        zone_of,
    )


def told_apart(problem: Problem, loose: Everywhere, packed: Solution) -> Solution:
    """The packing with bins of one type and items of one size changed about, so that all are where they may be.

    For whom no place is left where he may go, he is left out. O(B C zones + I log I).
    """
    wants = _wants(problem, loose)
    at = _where_contents_go(loose, packed, wants)
    columns = problem.eligible[problem.class_signature][:, problem.bin_signature]
    few_first = np.argsort(columns.sum(axis=1), kind="stable")
    order = few_first[np.argsort(loose.row_of[few_first], kind="stable")]
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    places = _by_row(loose.row_of[problem.class_of[packed.placed]], at[packed.bin_of[packed.placed]])
    by_class = np.argsort(problem.class_of, kind="stable")
    bounds = np.searchsorted(problem.class_of[by_class], np.arange(problem.num_classes + 1))
    for class_ in order.tolist():
        row = int(loose.row_of[class_])
        free = places.get(row, np.zeros(0, dtype=np.int32))
        may = np.flatnonzero(columns[class_, free])
        # Where least is wanted by those who come later.
        may = may[np.argsort(wants[row, loose.zone_of[free[may]]], kind="stable")]
        items = by_class[bounds[class_] : bounds[class_ + 1]]
        taken = may[: len(items)]
        bin_of[items[: len(taken)]] = free[taken]
        places[row] = np.delete(free, taken)
    return Solution(bin_of, np.flatnonzero(bin_of != NOWHERE).astype(np.int32))


def _zones(columns: Bool, type_of: Int32) -> Int32:
    """A number for each set of bins that the same classes may enter of those that may enter some of a type, (B,)."""
    zone_of = np.zeros(len(type_of), dtype=np.int32)
    known: dict[bytes, int] = {}
    partly = np.zeros(len(columns), dtype=np.bool_)
    for type_ in np.unique(type_of).tolist():
        inside = columns[:, type_of == type_]
        partly |= inside.any(axis=1) & ~inside.all(axis=1)
    for bin_, column in enumerate(np.packbits(columns[partly], axis=0).T):
        zone_of[bin_] = known.setdefault(column.tobytes(), len(known))
    return zone_of


def _ample(problem: Problem, columns: Bool, zone_of: Int32, zones: int) -> bool:
    """Whether each set of zones has enough room for those who may go nowhere else."""
    into = np.zeros((problem.num_classes, zones), dtype=np.bool_)
    room = np.zeros((zones, problem.num_resources))
    for zone in range(zones):
        into[:, zone] = columns[:, zone_of == zone].any(axis=1)
        room[zone] = problem.capacity[zone_of == zone].clip(min=0).sum(axis=0)
    asked = problem.demand * problem.class_count[:, None]
    total, held = asked[into.any(axis=1)].sum(axis=0), np.maximum(room.sum(axis=0), 1)
    for part in np.unique(into, axis=0):
        bound = into.any(axis=1) & ~(into & ~part).any(axis=1)
        if not part.all() and (asked[bound].sum(axis=0) > AMPLE * total * room[part].sum(axis=0) / held).any():
            return False
    return True


def _merged(problem: Problem, first: Int64, row_of: Int32, open_types: Bool, type_of: Int32) -> Problem:
    groups, limits = problem.groups, problem.limits
    sizes = np.diff(groups.class_start)[first]
    rows = np.full(problem.num_classes, NOWHERE, dtype=np.int64)
    rows[first] = np.arange(len(first))
    kept = rows[limits.class_] != NOWHERE
    order = np.argsort(rows[limits.class_[kept]], kind="stable")
    held = [groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]] for class_ in first.tolist()]
    return replace(
        problem,
        class_of=row_of[problem.class_of],
        demand=problem.demand[first],
        class_signature=np.arange(len(first), dtype=np.int32),
        bin_signature=type_of,
        eligible=np.ascontiguousarray(open_types[first]),
        groups=replace(
            groups,
            class_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            of_class=np.concatenate([*held, np.zeros(0, dtype=np.int32)]).astype(np.int32),
        ),
        limits=replace(
            limits,
            class_=rows[limits.class_[kept]][order].astype(np.int32),
            group=limits.group[kept][order],
            at_most=limits.at_most[kept][order],
        ),
        tiers=tuple(
            replace(tier, unplaced=None if tier.unplaced is None else tier.unplaced[first]) for tier in problem.tiers
        ),
        class_priority=problem.class_priority[first],
        pinned_to=problem.pinned_to[first],
    )


def _wants(problem: Problem, loose: Everywhere) -> Int64:
    """Items of each row of the loose problem that may go to some zones only, by zone, (C', zones) int64."""
    columns = problem.eligible[problem.class_signature][:, problem.bin_signature]
    zones = int(loose.zone_of.max(initial=-1)) + 1
    into = np.stack([columns[:, loose.zone_of == zone].any(axis=1) for zone in range(zones)], axis=1)
    partly = into.any(axis=1) & ~into.all(axis=1)
    wants = np.zeros((loose.problem.num_classes, zones), dtype=np.int64)
    share = -(-problem.class_count[partly][:, None] // into[partly].sum(axis=1)[:, None])
    np.add.at(wants, loose.row_of[partly], np.where(into[partly], share, 0))
    return wants


def _where_contents_go(loose: Everywhere, packed: Solution, wants: Int64) -> Int32:
    """The bin of its own type into which the content of each bin goes, each bin once, (B,) int32.

    One content after the other, to the zone where most of what it has places for is wanted and not yet there; then
    contents change places as long as that gives more of those a place who want one.
    """
    num_bins, (rows, zones) = len(loose.type_of), wants.shape
    inside = np.zeros((num_bins, rows), dtype=np.int64)
    np.add.at(inside, (packed.bin_of[packed.placed], loose.problem.class_of[packed.placed]), 1)
    free: dict[tuple[int, int], list[int]] = {}
    for bin_ in range(num_bins - 1, -1, -1):
        free.setdefault((int(loose.type_of[bin_]), int(loose.zone_of[bin_])), []).append(bin_)
    left = wants.copy()
    total = np.maximum(inside.sum(axis=0), 1)
    at = np.arange(num_bins, dtype=np.int32)
    opened = inside.any(axis=1)
    for bin_ in [*np.flatnonzero(opened).tolist(), *np.flatnonzero(~opened).tolist()]:
        type_, content = int(loose.type_of[bin_]), inside[bin_]
        open_to = [zone for zone in range(zones) if free.get((type_, zone))]
        worth = (content / total) @ left.clip(min=0)
        best = max(open_to, key=lambda zone: (worth[zone], len(free[type_, zone])))
        at[bin_] = free[type_, best].pop()
        left[:, best] -= content
    _exchange(loose, inside, at, left)
    return at


def _exchange(loose: Everywhere, inside: Int64, at: Int32, left: Int64) -> None:
    """Swap contents of bins of one type between zones while fewer wants stay open; changes `at` and `left`.

    O(swaps x `TRIES` x B C'); each swap closes a want at least.
    """
    hopeless = np.zeros(left.shape, dtype=np.bool_)
    while True:
        lacks = np.where(hopeless, 0, left)
        row, zone = divmod(int(lacks.argmax()), lacks.shape[1])
        if lacks[row, zone] <= 0:
            return
        zone_at = loose.zone_of[at]
        givers = np.flatnonzero((inside[:, row] > 0) & (left[row, zone_at] < 0) & (zone_at != zone))
        best, swap = 0, None
        for giver in givers[np.argsort(-inside[givers, row], kind="stable")][:TRIES].tolist():
            other = int(zone_at[giver])
            takers = np.flatnonzero((zone_at == zone) & (loose.type_of == loose.type_of[giver]))
            moved = inside[giver] - inside[takers]
            after = (left[:, zone] - moved).clip(min=0) + (left[:, other] + moved).clip(min=0)
            before = left[:, zone].clip(min=0).sum() + left[:, other].clip(min=0).sum()
            gain = before - after.sum(axis=1)
            if len(gain) and gain.max() > best:
                best, swap = int(gain.max()), (giver, int(takers[gain.argmax()]), other)
        if swap is None:
            hopeless[row, zone] = True
            continue
        giver, taker, other = swap
        moved = inside[giver] - inside[taker]
        left[:, zone] -= moved
        left[:, other] += moved
        at[giver], at[taker] = at[taker], at[giver]


def _by_row(row: Int32, bins: Int32) -> dict[int, Int32]:
    order = np.argsort(row, kind="stable")
    rows, first = np.unique(row[order], return_index=True)
    return dict(zip(rows.tolist(), np.split(bins[order], first[1:]), strict=True))
