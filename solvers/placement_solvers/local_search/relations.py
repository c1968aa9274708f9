"""What items ask of each other, as the kernels read it: rows by class or by group, each range in one array."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.counting import eligible_domains
from placement_solvers.problem import Bool, Int32, Int64, Problem, Tier


class Relations(NamedTuple):
    """Rows of relations. ``x_start[k]:x_start[k + 1]`` are the rows of class or group k.

    A *cell* is a position in `Groups.initial`: one domain of one group. `itself` says whether the class of a row is a
    member of the row's group.

    Attributes
    ----------
    domain_of : (T, B + 1) int32
        Nowhere is in no domain.
    scopes : (M, B + 1) bool
    topology, scope : (G,) int32
    cell_start : (G + 1,) int64
    initial : (cells,) int32
    class_start, group : (C + 1,) int64, (memberships,) int32
        Groups of each class.
    limit_start, limit_group, at_most, limit_itself
    attraction_start, attraction_group, attraction_itself, self_starting
    spread_start, spread_group, max_skew, spread_itself, few
        `few` where the smallest count is taken as 0.
    skew_bound : (G,) int32
        Least `max_skew` of the group's spreads, -1 without one.
    breadth : (G,) int32
        Domains the members must lie in, 0 where it is not asked.
    dependency_start, dependency_on
        By group.
    needed : (G,) bool
        Whether an attraction or a dependency may need the group.
    pair_start, pair_group, pair_weight, pair_itself
    paid : (G,) bool
        Whether an item may pay for members of the group.
    range_start, at_least, range_most, range_weight
        By group.
    skew_start, soft_skew, skew_weight
        By group.
    levelled : (G,) bool
        Whether smallest and largest counts are kept.
    eligible : (cells,) bool
        Whether the domain holds a bin of the group's scope.
    set_of : (C,) int32
        Set whose moves are shared out, -1 for none.
    related : (C,) bool
        Whether a cost of relations depends on where an item of the class lies.
    kin : (C,) int32
        The same number for classes that ask the same and are asked the same, of which one stands in another's way; -1
        for a class of a kind that fills at most half of the domains. Two of a kind may change places whatever the
        relations are.
    """

    domain_of: Int32
    scopes: Bool
    topology: Int32
    scope: Int32
    cell_start: Int64
    initial: Int32
    class_start: Int64
    group: Int32
    limit_start: Int64
    limit_group: Int32
    at_most: Int32
    limit_itself: Bool
    attraction_start: Int64
    attraction_group: Int32
    attraction_itself: Bool
    self_starting: Bool
    spread_start: Int64
    spread_group: Int32
    max_skew: Int32
    spread_itself: Int32
    few: Bool
    skew_bound: Int32
    breadth: Int32
    dependency_start: Int64
    dependency_on: Int32
    needed: Bool
    pair_start: Int64
    pair_group: Int32
    pair_weight: Int64
    pair_itself: Bool
    paid: Bool
    range_start: Int64
    at_least: Int32
    range_most: Int32
    range_weight: Int64
    skew_start: Int64
    soft_skew: Int32
    skew_weight: Int64
    levelled: Bool
    eligible: Bool
    set_of: Int32
    related: Bool
    kin: Int32


def relations_of(problem: Problem, tiers: list[tuple[int, Tier]], set_of: Int32) -> Relations:
    """The relations of a problem, costs weighed by the weights of their tiers."""
    groups, classes = problem.groups, problem.num_classes
    num_groups = len(groups)
    limits, attractions, spreads = problem.limits, problem.attractions, problem.spreads
    class_start = groups.class_start if len(groups) else np.zeros(classes + 1, dtype=np.int64)
    member = np.repeat(np.arange(classes), np.diff(class_start)) * max(num_groups, 1) + groups.of_class
    pair_class, pair_group, pair_weight = _pairs(tiers)
    dependency, dependency_order = _offsets(problem.dependencies.group, num_groups)
    range_start, at_least, range_most, range_weight = _ranges(tiers, num_groups)
    skew_start, soft_skew, skew_weight = _skews(tiers, num_groups)
    skew_bound = np.full(num_groups, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(skew_bound, spreads.group, spreads.max_skew)
    skew_bound[skew_bound == np.iinfo(np.int32).max] = -1
    breadth = np.zeros(num_groups, dtype=np.int32)
    np.maximum.at(breadth, problem.breadths.group, problem.breadths.at_least)
    levelled = (skew_bound >= 0) | (np.diff(skew_start) > 0)
    paid = _marked(num_groups, pair_group)
    costly = paid | (np.diff(skew_start) > 0) | (np.diff(range_start) > 0)
    related = _marked(classes, pair_class, np.repeat(np.arange(classes), np.diff(class_start))[costly[groups.of_class]])
    eligible, few = _eligible(problem, levelled)
    limit_itself = _is_member(limits.class_, limits.group, member, num_groups)
    return Relations(
        domain_of=np.column_stack([problem.domain_of, np.full(len(problem.domain_of), -1)]).astype(np.int32),
        scopes=np.column_stack([problem.scopes, np.zeros(len(problem.scopes), dtype=np.bool_)]),
        topology=groups.topology,
        scope=groups.scope,
        cell_start=groups.start,
        initial=groups.initial,
        class_start=class_start,
        group=groups.of_class,
        limit_start=_offsets(limits.class_, classes)[0],
        limit_group=limits.group,
        at_most=limits.at_most,
        limit_itself=limit_itself,
        attraction_start=_offsets(attractions.class_, classes)[0],
        attraction_group=attractions.group,
        attraction_itself=_is_member(attractions.class_, attractions.group, member, num_groups),
        self_starting=attractions.self_starting if len(attractions) else np.zeros(classes, dtype=np.bool_),
        spread_start=_offsets(spreads.class_, classes)[0],
        spread_group=spreads.group,
        max_skew=spreads.max_skew,
        spread_itself=spreads.counts_itself,
        few=few,
        skew_bound=skew_bound,
        breadth=breadth,
        dependency_start=dependency,
        dependency_on=problem.dependencies.on[dependency_order],
        needed=_marked(num_groups, attractions.group, problem.dependencies.on),
        pair_start=_offsets(pair_class, classes)[0],
        pair_group=pair_group,
        pair_weight=pair_weight,
        pair_itself=_is_member(pair_class, pair_group, member, num_groups),
        paid=paid,
        range_start=range_start,
        at_least=at_least,
        range_most=range_most,
        range_weight=range_weight,
        skew_start=skew_start,
        soft_skew=soft_skew,
        skew_weight=skew_weight,
        levelled=levelled,
        eligible=eligible,
        set_of=set_of,
        related=related,
        kin=_kin(problem, limit_itself, pair_class, pair_group, pair_weight),
    )


def _kin(problem: Problem, limit_itself: Bool, pair_class: Int32, pair_group: Int32, pair_weight: Int64) -> Int32:
    """Kinds of classes that limit themselves, by all rows that name them. O(rows)."""
    limits, attractions, spreads, groups = problem.limits, problem.attractions, problem.spreads, problem.groups
    rows: dict[int, list[tuple[int, ...]]] = {class_: [] for class_ in np.unique(limits.class_[limit_itself]).tolist()}
    for kind, class_, columns in (
        (0, limits.class_, (limits.group, limits.at_most)),
        (1, attractions.class_, (attractions.group,)),
        (2, spreads.class_, (spreads.group, spreads.max_skew, spreads.counts_itself)),
        (3, pair_class, (pair_group, pair_weight)),
    ):
        for of_class, *row in zip(class_.tolist(), *(column.tolist() for column in columns), strict=True):
            if of_class in rows:
                rows[of_class].append((kind, *row))
    kin = np.full(problem.num_classes, -1, dtype=np.int32)
    kinds: dict[tuple[object, ...], list[int]] = {}
    for limited, asked in rows.items():
        memberships = groups.of_class[groups.class_start[limited] : groups.class_start[limited + 1]].tolist()
        starts = bool(attractions.self_starting[limited]) if len(attractions) else False
        kinds.setdefault((tuple(sorted(asked)), tuple(memberships), starts), []).append(limited)
    own, num_domains = np.zeros(problem.num_classes, dtype=np.int32), problem.num_domains
    own[limits.class_[limit_itself]] = groups.topology[limits.group[limit_itself]]
    for number, classes in enumerate(kinds.values()):
        # Where most domains are free, other moves do as well, and looking for the one in the way takes its time.
        if 2 * problem.class_count[classes].sum() > max(num_domains[own[classes[0]]], 2):
            kin[classes] = number
    return kin


def _offsets(keys: Int32, size: int) -> tuple[Int64, Int64]:
    """Where the rows of each key begin once they are sorted by it, and the order that sorts them."""
    order = np.argsort(keys, kind="stable")
    return np.searchsorted(keys[order], np.arange(size + 1)).astype(np.int64), order


def _marked(size: int, *indices: Int32 | Int64) -> Bool:
    marked = np.zeros(size, dtype=np.bool_)
    for index in indices:
        marked[index] = True
    return marked


def _is_member(class_: Int32, group: Int32, member: Int64, num_groups: int) -> Bool:
    return np.isin(class_.astype(np.int64) * max(num_groups, 1) + group, member)


def _eligible(problem: Problem, levelled: Bool) -> tuple[Bool, Bool]:
    """Which cells are of eligible domains, and for which spreads the smallest count is taken as 0."""
    start = problem.groups.start
    asked = levelled.copy()
    for tier in problem.tiers:
        asked[tier.ranges.group] = True
    eligible = np.ones(int(start[-1]), dtype=np.bool_)
    for group in np.flatnonzero(asked).tolist():
        eligible[start[group] : start[group + 1]] = eligible_domains(problem, group)
    few = [
        bool(eligible[start[group] : start[group + 1]].sum() < least)
        for group, least in zip(problem.spreads.group, problem.spreads.min_domains, strict=True)
    ]
    return eligible, np.array(few, dtype=np.bool_)


def _pairs(tiers: list[tuple[int, Tier]]) -> tuple[Int32, Int32, Int64]:
    rows = [(weight, tier.pairs) for weight, tier in tiers if len(tier.pairs)]
    class_ = np.concatenate([np.zeros(0, dtype=np.int32), *(pairs.class_ for _, pairs in rows)])
    group = np.concatenate([np.zeros(0, dtype=np.int32), *(pairs.group for _, pairs in rows)])
    amount = np.concatenate([np.zeros(0, dtype=np.int64), *(weight * pairs.weight for weight, pairs in rows)])
    order = np.argsort(class_, kind="stable")
    return class_[order], group[order], amount[order]


def _ranges(tiers: list[tuple[int, Tier]], num_groups: int) -> tuple[Int64, Int32, Int32, Int64]:
    rows = [(weight, tier.ranges) for weight, tier in tiers if len(tier.ranges)]
    group, least, most = (
        np.concatenate([np.zeros(0, dtype=np.int32), *(getattr(ranges, name) for _, ranges in rows)])
        for name in ("group", "at_least", "at_most")
    )
    amount = np.concatenate([np.zeros(0, dtype=np.int64), *(weight * ranges.weight for weight, ranges in rows)])
    start, order = _offsets(group, num_groups)
    return start, least[order], most[order], amount[order]


def _skews(tiers: list[tuple[int, Tier]], num_groups: int) -> tuple[Int64, Int32, Int64]:
    rows = [(weight, tier.skews) for weight, tier in tiers if len(tier.skews)]
    group, allowed = (
        np.concatenate([np.zeros(0, dtype=np.int32), *(getattr(skews, name) for _, skews in rows)])
        for name in ("group", "max_skew")
    )
    amount = np.concatenate([np.zeros(0, dtype=np.int64), *(weight * skews.weight for weight, skews in rows)])
    start, order = _offsets(group, num_groups)
    return start, allowed[order], amount[order]
