"""A problem with most of its relations taken away, so that patterns can pack it.

What stays is what decides how full bins get: demands, who may enter which bin at all, and limits of a class on its own
kind in a bin. Two relations over larger domains leave a trace, so that the packing can be lived in afterwards: a class
that is drawn to others may go only where those are already, and one that is to be spread gets a share of each domain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.counting import is_member, small_topologies
from placement_solvers.problem import (
    NOWHERE,
    Attractions,
    Bool,
    Devices,
    Gangs,
    Groups,
    Int32,
    Int64,
    Limits,
    Problem,
    Spreads,
    Tier,
)
from placement_solvers.slotting.sharing import FREE, shares, spread_over
from placement_solvers.solution import Solution

MORE_KINDS = 2
"""Kinds of bins beyond those that items that keep apart need; each costs at least twice as much as the one before."""

BETWEEN = 1.2
"""How much dearer a kind is than the one before, of those between the cheapest and the dearest chosen."""

ROOM = 1.1
"""How many times what is asked the bins of the chosen kinds hold, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Loosened:
    """What is packed by patterns.

    Attributes
    ----------
    problem : Problem
        Its items and bins are some of the original's, its classes new.
    bins : (B',) int32
        The original's number of each bin.
    slot : (C',) int32
        What kind of slot an item of each class lies in; classes that differ only in their share of a domain share one.
    slot_of : (C,) int32
        The kind of slot that items of each class of the original may fill, -1 for none.
    items : (I',) int32
        The original's number of each item.
    turns : (n,) int32
        Those of the original's items that have a share of a domain, in the order they should enter.
    """

    problem: Problem
    bins: Int32
    slot: Int32
    slot_of: Int32
    items: Int32
    turns: Int32


def loosened(problem: Problem, begun: Solution) -> Loosened | None:
    """What a solution leaves to place, and the bins it leaves empty, without most relations. None if nothing is left.

    O(C R + B + groups x B).
    """
    waits = ~begun.placed & (problem.pinned_to[problem.class_of] == NOWHERE)
    is_left = np.zeros(problem.num_classes, dtype=np.bool_)
    is_left[problem.class_of[waits]] = True
    if not waits.any():
        return None
    apart, at_most = _apart(problem)
    masks, mask_of = _where_company_is(problem, begun)
    over = spread_over(problem)
    kept = _chosen_bins(problem, begun, waits, apart, at_most)
    items = np.flatnonzero(waits).astype(np.int32)
    class_of = problem.class_of[items]
    dealt = shares(problem, waits, kept)
    signature = problem.class_signature.astype(np.int64)
    traits = np.column_stack((problem.demand, mask_of, signature, apart, at_most, over))
    slot_of, slots = _numbered(traits, is_left)
    rows = np.column_stack([slot_of[class_of], dealt.domain[items]])
    rows, row_of = np.unique(rows, axis=0, return_inverse=True)
    example = np.zeros(slots, dtype=np.int64)
    example[slot_of[is_left]] = np.flatnonzero(is_left)
    like = example[rows[:, 0]]
    allowed = problem.eligible[problem.class_signature[like]][:, problem.bin_signature[kept]]
    allowed &= masks[mask_of[like]][:, kept]
    shared = rows[:, 1] != FREE
    allowed[shared] &= problem.domain_of[over[like[shared]]][:, kept] == rows[shared, 1][:, None]
    return Loosened(
        _packing(problem, begun, kept, row_of.reshape(-1), like, allowed, apart, at_most),
        kept,
        rows[:, 0].astype(np.int32),
        slot_of,
        items,
        dealt.turns,
    )


def _apart(problem: Problem) -> tuple[Int64, Int64]:
    """The group of its own kind under whose least limit in a bin each class is, -1 for none; that limit; (C,) each."""
    group = np.full(problem.num_classes, FREE, dtype=np.int64)
    at_most = np.full(problem.num_classes, np.iinfo(np.int32).max, dtype=np.int64)
    small = small_topologies(problem)
    limits, groups = problem.limits, problem.groups
    for class_, held, most in zip(limits.class_.tolist(), limits.group.tolist(), limits.at_most.tolist(), strict=True):
        if most < at_most[class_] and small[groups.topology[held]] and is_member(problem, class_, held):
            group[class_], at_most[class_] = held, most
    at_most[group == FREE] = 0
    return group, at_most


def _where_company_is(problem: Problem, begun: Solution) -> tuple[Bool, Int64]:
    """Sets of bins, the first of all, (M, B) bool; and the set each class may enter as far as company goes, (C,) int64.

    Classes that may be the first of their kind, and those whose company is nowhere yet, are not held to it.
    """
    attractions, groups = problem.attractions, problem.groups
    masks = [np.ones(problem.num_bins, dtype=np.bool_)]
    known: dict[bytes, int] = {masks[0].tobytes(): 0}
    mask_of = np.zeros(problem.num_classes, dtype=np.int64)
    member = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))
    placed = np.flatnonzero(begun.placed)
    around: dict[int, Bool] = {}
    for class_, group in zip(attractions.class_.tolist(), attractions.group.tolist(), strict=True):
        if group not in around:
            topology = groups.topology[group]
            domain = problem.domain_of[topology]
            has = groups.initial[groups.start[group] : groups.start[group + 1]] > 0
            belongs = np.zeros(problem.num_classes, dtype=np.bool_)
            belongs[member[groups.of_class == group]] = True
            held = begun.bin_of[placed[belongs[problem.class_of[placed]]]]
            inside = domain[held]
            has = has.copy()
            has[inside[inside != NOWHERE]] = True
            around[group] = (domain != NOWHERE) & (np.append(has, False)[domain])
        if not around[group].any():
            continue
        mask = masks[mask_of[class_]] & around[group]
        mask_of[class_] = known.setdefault(mask.tobytes(), len(masks))
        if mask_of[class_] == len(masks):
            masks.append(mask)
    return np.array(masks), mask_of


def _chosen_bins(problem: Problem, begun: Solution, waits: Bool, apart: Int64, at_most: Int64) -> Int32:
    """Empty bins of a few kinds, (B',) int32: patterns of all kinds there are would take too long.

    The kinds of the cheapest bins, as many as items that keep apart need; then a few larger ones; then more, until all
    that waits has room; and some between, so that contents need not be made to fit a few sizes.
    """
    empty = np.ones(problem.num_bins, dtype=np.bool_)
    empty[begun.bin_of[begun.placed]] = False
    bins = np.flatnonzero(empty)
    price = _price(problem)[bins]
    traits = np.column_stack([price, problem.capacity[bins]])
    kinds, kind_of = np.unique(traits, axis=0, return_inverse=True)
    kind_of = kind_of.reshape(-1)
    class_of = problem.class_of[waits]
    forced = 0
    for group in np.unique(apart[class_of]):
        if group != FREE:
            under = class_of[apart[class_of] == group]
            forced = max(forced, int(np.ceil((1 / at_most[under]).sum())))
    cheapest = bins[np.argsort(price, kind="stable")[:forced]]
    chosen = np.zeros(len(kinds), dtype=np.bool_)
    chosen[kind_of[np.isin(bins, cheapest)]] = True
    asked = problem.demand[class_of].sum(axis=0)
    wanted = int(chosen.sum()) + MORE_KINDS
    last = float(kinds[chosen, 0].max(initial=0))
    held = problem.capacity[bins[chosen[kind_of]]].clip(min=0).sum(axis=0)
    for kind in range(len(kinds)):
        enough = (held >= ROOM * asked).all()
        if chosen[kind] or (enough and chosen.sum() >= wanted) or kinds[kind, 0] < 2 * last:
            continue
        chosen[kind] = True
        last = float(kinds[kind, 0])
        held = held + problem.capacity[bins[kind_of == kind]].clip(min=0).sum(axis=0)
    if not (held >= asked).all():
        chosen[:] = True
    before = np.inf
    for kind in range(int(np.flatnonzero(chosen).max(initial=-1)) + 1):
        chosen[kind] |= kinds[kind, 0] >= BETWEEN * before
        before = float(kinds[kind, 0]) if chosen[kind] else before
    kept: Int32 = bins[chosen[kind_of]].astype(np.int32)
    return kept


def _price(problem: Problem) -> Int64:
    """What opening each bin costs in the last tier that asks, (B,) int64."""
    prices = [tier.open for tier in problem.tiers if tier.open is not None]
    return prices[-1] if prices else np.zeros(problem.num_bins, dtype=np.int64)


def _numbered(traits: Int64, is_left: Bool) -> tuple[Int32, int]:
    """A number for each set of traits that a class with items left has, (C,) int32, -1 for the others; and how many."""
    found, number = np.unique(traits[is_left], axis=0, return_inverse=True)
    slot_of = np.full(len(traits), FREE, dtype=np.int32)
    slot_of[is_left] = number.reshape(-1)
    return slot_of, len(found)


def _packing(
    problem: Problem,
    begun: Solution,
    kept: Int32,
    class_of: Int64,
    like: Int64,
    allowed: Bool,
    apart: Int64,
    at_most: Int64,
) -> Problem:
    """The problem of what is left; `like` names a class of the original for each new one."""
    columns, column = np.unique(allowed, axis=1, return_inverse=True)
    limited = np.flatnonzero(apart[like] != FREE)
    held, group_of = np.unique(apart[like[limited]], return_inverse=True)
    start = np.zeros(len(like) + 1, dtype=np.int64)
    start[limited + 1] = 1
    num_bins = len(kept)
    groups = Groups(
        topology=np.zeros(len(held), dtype=np.int32),
        scope=np.full(len(held), -1, dtype=np.int32),
        start=np.arange(len(held) + 1, dtype=np.int64) * num_bins,
        initial=np.zeros(len(held) * num_bins, dtype=np.int32),
        class_start=np.cumsum(start),
        of_class=group_of.reshape(-1).astype(np.int32),
    )
    tiers = tuple(_packed(tier, like, kept) for tier in problem.tiers)
    return replace(
        problem,
        class_of=class_of.astype(np.int32),
        demand=problem.demand[like],
        capacity=problem.capacity[kept],
        class_signature=np.arange(len(like), dtype=np.int32),
        bin_signature=column.reshape(-1).astype(np.int32),
        eligible=columns,
        domain_of=np.arange(num_bins, dtype=np.int32)[None, :],
        scopes=np.zeros((0, num_bins), dtype=np.bool_),
        groups=groups,
        limits=Limits(
            limited.astype(np.int32), group_of.reshape(-1).astype(np.int32), at_most[like[limited]].astype(np.int32)
        ),
        attractions=Attractions(),
        spreads=Spreads(),
        gangs=Gangs(),
        tiers=tiers,
        class_priority=problem.class_priority[like],
        in_use=problem.in_use[kept],
        pinned_to=np.full(len(like), NOWHERE, dtype=np.int32),
        class_movable=np.zeros(0, dtype=np.bool_),
        target=np.zeros((0, 0), dtype=np.int64),
        devices=Devices(),
    )


def _packed(tier: Tier, like: Int64, kept: Int32) -> Tier:
    """What of a tier asks for items placed and bins opened."""
    return Tier(
        tier.name,
        unplaced=None if tier.unplaced is None else tier.unplaced[like],
        open=None if tier.open is None else tier.open[kept],
    )
