"""From a problem to its packing view: relations read bin by bin, then bins and classes that are alike merged.

Each family of constraints is either said exactly or named in `PackingView.relaxed`. What is said holds for every
solution of the problem, so that a bound on the view is a bound on the problem; where nothing is relaxed, the converse
holds too, and every packing of the view is a solution.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from placement_solvers.counting import group_counts, in_scope, is_member, occupancy
from placement_solvers.packing_latecomers import groups_missed
from placement_solvers.packing_merging import merged
from placement_solvers.packing_view import MANY, Conflict, DomainRule, Joint, PackingView
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem, Tier

MAX_REGIONS = 64
"""With more combinations of domains than this, rules over domains are left out of the view."""


def leading_tiers(problem: Problem) -> int:
    """How many tiers, from the first, ask for nothing but items left out and bins opened."""
    for index, tier in enumerate(problem.tiers):
        if not _is_packing(problem, tier):
            return index
    return len(problem.tiers)


def _is_packing(problem: Problem, tier: Tier) -> bool:
    moves = tier.moved is not None and len(problem.start) > 0 and bool(tier.moved.any())
    placed = tier.placed is not None and bool(tier.placed.any())
    signed = any(weight is not None and bool((weight < 0).any()) for weight in (tier.unplaced, tier.open))
    moves = moves or tier.moved_between is not None or len(tier.most_moved.set_of) > 0
    relations = len(tier.pairs) + len(tier.ranges) + len(tier.skews) + len(tier.balances)
    return not (moves or placed or signed or relations or tier.over_target is not None)


def packing_view(problem: Problem, *, reserve_pinned: bool = True, keep_rules: bool = True) -> PackingView:
    """The packing view of any problem. O(B R + B x groups with members there + T x C x R).

    Parameters
    ----------
    keep_rules : bool
        Whether rules over domains are kept. Without, bins of different domains may be alike: a quicker bound.
    reserve_pinned : bool
        Whether items with one possible bin are taken to lie in it. Without, they are left out of the view altogether,
        as must be for a bound on the cost of items left out: another item may be worth more in their place.
    """
    return _Reduction(problem, reserve_pinned, keep_rules).view()


class _Reduction:
    """Collects, bin by bin, what the relations of a problem come to, and merges bins that are alike at the end."""

    def __init__(self, problem: Problem, reserve_pinned: bool, keep_rules: bool) -> None:
        self.problem = problem
        self.relaxed: dict[str, None] = {}  # an ordered set
        self.count = problem.class_count.copy()
        self.capacity = problem.capacity.copy()
        self.pinned = np.zeros(0, dtype=np.int32)
        self.opened = problem.in_use.copy()
        self.counts: Int32 | Int64 = problem.groups.initial
        self.everywhere = np.broadcast_to(np.True_, problem.num_bins)
        # For each class the bins where it may hold only so many; columns of the key that tells types apart.
        self.at_most: dict[int, Int64] = {}
        self.joint_rows: list[tuple[Int32, Int64]] = []
        self.edges: dict[tuple[int, int], Bool] = {}
        self.rule_rows: list[tuple[Int32, int, int, int, int, bool]] = []
        self.unknown: set[int] = set()  # groups in which pinned items count that may come at any time
        self._take_out_pinned(reserve_pinned)
        self._take_in_started()
        self.members = self._members()
        # By group the classes under a limit and the least of their limits, the classes ascending.
        self.holders: dict[int, dict[int, int]] = {}
        limits = problem.limits
        for class_, group, at_most in zip(
            limits.class_.tolist(), limits.group.tolist(), limits.at_most.tolist(), strict=True
        ):
            if self.count[class_] > 0:
                held = self.holders.setdefault(group, {})
                held[class_] = min(at_most, held.get(class_, at_most))
        self._limits()
        self._spreads()
        if self.rule_rows and not keep_rules:
            self.rule_rows.clear()
            self.relaxed["rule"] = None
        if len(problem.attractions) and self.count[problem.attractions.class_].any():
            self.relaxed["attraction"] = None
        for name, family in (
            ("gang", problem.gangs),
            ("breadth", problem.breadths),
            ("dependency", problem.dependencies),
        ):
            if len(family):
                self.relaxed[name] = None
        if problem.devices.asked:
            self.relaxed["devices"] = None

    # -- what is there before any choice -------------------------------------------------------------------------

    def _take_out_pinned(self, reserve: bool) -> None:
        problem = self.problem
        is_pinned = problem.pinned_to != NOWHERE
        if not (is_pinned & (self.count > 0)).any():
            return
        self.count[is_pinned] = 0
        if not reserve:
            self.relaxed["pinned"] = None
            return
        items = np.flatnonzero(is_pinned[problem.class_of]).astype(np.int32)
        bins = problem.pinned_to[problem.class_of[items]]
        if len(problem.start):
            # Who lies elsewhere may stay there.
            comes = (problem.start[items] == NOWHERE) | (problem.start[items] == bins)
            items, bins = items[comes], bins[comes]
        bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        bin_of[items] = bins
        demand = problem.demand[problem.class_of[items]]
        np.subtract.at(self.capacity, bins, demand)
        self.counts = group_counts(problem, occupancy(problem, bin_of))
        self.opened[bins] = True
        eligible = problem.eligible[problem.class_signature[problem.class_of[items]], problem.bin_signature[bins]]
        overfull = (self.capacity[bins] < 0) & (demand > 0)
        if not eligible.all() or overfull.any() or self._breaks_a_limit(is_pinned):
            self.relaxed["pinned"] = None
        self.pinned = items
        self._forget_who_comes_any_time()

    def _forget_who_comes_any_time(self) -> None:
        """Take back what pinned items count in groups where they may come after those whom their number holds back."""
        problem = self.problem
        for group in groups_missed(problem, self.count > 0, np.unique(problem.class_of[self.pinned])):
            first, last = problem.groups.start[group : group + 2]
            self.counts[first:last] = problem.groups.initial[first:last]
            self.unknown.add(group)
            self.relaxed["pinned"] = None

    def _breaks_a_limit(self, is_pinned: Bool) -> bool:
        """Whether a pinned class is under a limit or a spread that its own bin does not plainly keep."""
        problem = self.problem
        if is_pinned[problem.spreads.class_].any() or is_pinned[problem.attractions.class_].any():
            return True
        for class_, group, at_most in zip(
            problem.limits.class_, problem.limits.group, problem.limits.at_most, strict=True
        ):
            if is_pinned[class_]:
                domain = problem.domain_of[problem.groups.topology[group], problem.pinned_to[class_]]
                if domain == NOWHERE:
                    continue
                inside = self.counts[problem.groups.start[group] + domain]
                if inside >= at_most + int(is_member(problem, int(class_), int(group))):
                    return True
        return False

    def _take_in_started(self) -> None:
        """Let items that lie somewhere stay there, whatever it breaks; the view does not know who stays."""
        problem = self.problem
        if not (problem.start != NOWHERE).any():
            return
        self.relaxed["start"] = None
        started = np.flatnonzero(problem.start != NOWHERE)
        load = np.zeros_like(self.capacity)
        np.add.at(load, problem.start[started], problem.demand[problem.class_of[started]])
        self.capacity = np.maximum(self.capacity, load)

    def _members(self) -> list[Int32]:
        """Classes that count in each group and have items to pack, ascending."""
        groups = self.problem.groups
        if len(groups.of_class) == 0:
            return [np.zeros(0, dtype=np.int32)] * len(groups)
        class_of_row = np.repeat(np.arange(len(groups.class_start) - 1, dtype=np.int32), np.diff(groups.class_start))
        keep = self.count[class_of_row] > 0
        group, class_of_row = groups.of_class[keep], class_of_row[keep]
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(groups) + 1))
        return [class_of_row[order[first:last]] for first, last in pairwise(bounds)]

    # -- limits ----------------------------------------------------------------------------------------------------

    def _limits(self) -> None:
        for group, held in self.holders.items():
            classes = np.array(list(held), dtype=np.int32)
            at_most = np.array(list(held.values()), dtype=np.int64)
            if self._is_bin_by_bin(group):
                self._limit_in_bins(group, classes, at_most)
            else:
                self._limit_in_domains(group, classes, at_most)
        one_way = [edge for edge in self.edges if edge[::-1] not in self.edges]
        if one_way:
            self.relaxed["one-way limit"] = None
        for edge in one_way:
            del self.edges[edge]

    def _is_bin_by_bin(self, group: int) -> bool:
        topology = int(self.problem.groups.topology[group])
        domain = self.problem.domain_of[topology]
        return int((domain != NOWHERE).sum()) == int(self.problem.num_domains[topology])

    def _initial(self, group: int) -> Int64:
        """Members of the group already in the domain of each bin, (B,) int64; 0 in no domain."""
        start = self.problem.groups.start
        counts = np.append(self.counts[start[group] : start[group + 1]], 0).astype(np.int64)
        initial: Int64 = counts[self.problem.domain_of[self.problem.groups.topology[group]]]
        return initial

    def _in_scope(self, group: int) -> Bool:
        inside = in_scope(self.problem, group)
        return self.everywhere if inside.all() else inside

    def _room(self, group: int, at_most: int) -> Int64:
        """How many more members a bin takes before a holder is refused, (B,) int64; `MANY` where nobody counts."""
        start = self.problem.groups.start
        inside = self._in_scope(group)
        if inside is self.everywhere and not self.counts[start[group] : start[group + 1]].any():
            return np.broadcast_to(np.int64(at_most), self.problem.num_bins)  # the same everywhere: no array
        initial = self._initial(group)
        in_domain = self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
        room = np.maximum(at_most - initial, 0)
        room[~inside & ((room > 0) | ~in_domain)] = MANY
        return room

    def _limit_in_bins(self, group: int, classes: Int32, at_most: Int64) -> None:
        members = self.members[group]
        inside = np.isin(classes, members)
        for most in np.unique(at_most[inside]):
            # Whoever of those with a limit up to `most` enters last finds all the others there.
            share = np.sort(classes[inside & (at_most <= most)])
            if len(share) > 1:
                self.joint_rows.append((share, self._room(group, int(most))))
        exclusive = classes[inside & (at_most == 1)]
        where = self._in_scope(group)
        for class_, most, counts in zip(classes.tolist(), at_most.tolist(), inside.tolist(), strict=True):
            room = self._room(group, most)
            self._cap(class_, room if counts else np.where(room > 0, MANY, 0))
            if most == 1:
                for other in np.setdiff1d(members, exclusive if counts else [class_]).tolist():
                    self._exclude(class_, other, where)
            elif not (counts and np.array_equal(members, classes) and (at_most == most).all()):
                self.relaxed["limit"] = None

    def _exclude(self, class_: int, other: int, where: Bool) -> None:
        known = self.edges.get((class_, other), where)
        self.edges[class_, other] = known if known is where else known | where

    def _cap(self, class_: int, at_most: Int64) -> None:
        known = self.at_most.get(class_)
        self.at_most[class_] = at_most if known is None else np.minimum(known, at_most)

    def _limit_in_domains(self, group: int, classes: Int32, at_most: Int64) -> None:
        members = self.members[group]
        for class_, most in zip(classes, at_most, strict=True):
            self._cap(int(class_), np.where(self._room(group, int(most)) > 0, MANY, 0))
        if np.array_equal(members, classes) and (at_most == at_most[0]).all() and self._counts_everywhere(group):
            self.rule_rows.append((members, group, MANY, int(at_most[0]), 1, False))
        else:
            self.relaxed["limit"] = None

    # -- spreads ---------------------------------------------------------------------------------------------------

    def _spreads(self) -> None:
        spreads = self.problem.spreads
        rows_of: dict[int, list[int]] = {}
        for row, group in enumerate(spreads.group):
            if self.count[spreads.class_[row]]:
                rows_of.setdefault(int(group), []).append(row)
        for group, rows in rows_of.items():
            classes = spreads.class_[rows].astype(np.int32)
            in_domain = self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
            for class_ in classes:
                self._cap(int(class_), np.where(in_domain, MANY, 0))
            alike = len(np.unique(spreads.max_skew[rows])) == 1 and len(np.unique(spreads.min_domains[rows])) == 1
            same = np.array_equal(self.members[group], classes)
            if group in self.unknown or not (alike and same and self._counts_everywhere(group, but_nowhere=True)):
                self.relaxed["spread"] = None
            elif self._is_bin_by_bin(group):
                self._spread_in_bins(group, rows[0])
            else:
                self.rule_rows.append(
                    (classes, group, int(spreads.max_skew[rows[0]]), MANY, int(spreads.min_domains[rows[0]]), True)
                )

    def _spread_in_bins(self, group: int, row: int) -> None:
        """A spread over bins of which one surely stays empty is a limit in each bin."""
        spreads, members = self.problem.spreads, self.members[group]
        inside = in_scope(self.problem, group)
        initial = self._initial(group)
        few = int(inside.sum()) < int(spreads.min_domains[row])
        empty_bins = int((inside & (initial == 0)).sum())
        if not few and empty_bins <= int(self.count[members].sum()):
            self.relaxed["spread"] = None
            return
        room = np.where(inside, np.maximum(int(spreads.max_skew[row]) - initial, 0), MANY)
        for class_ in members:
            self._cap(int(class_), room)
        if len(members) > 1:
            self.joint_rows.append((members, room))

    def _counts_everywhere(self, group: int, *, but_nowhere: bool = False) -> bool:
        """Whether each member counts in the group wherever it may lie, or wherever that is in a domain."""
        outside = ~in_scope(self.problem, group)
        if but_nowhere:
            outside &= self.problem.domain_of[self.problem.groups.topology[group]] != NOWHERE
        if not outside.any():
            return True
        return not any((self._eligible(int(class_)) & outside).any() for class_ in self.members[group])

    def _eligible(self, class_: int) -> Bool:
        """Bins a class may be in, (B,) bool; with a start also where its items lie."""
        problem = self.problem
        eligible: Bool = problem.eligible[problem.class_signature[class_], problem.bin_signature]
        if "start" in self.relaxed:
            eligible = eligible.copy()
            start = problem.start[problem.class_of == class_]
            eligible[start[start != NOWHERE]] = True
        return eligible

    # -- types -----------------------------------------------------------------------------------------------------

    def view(self) -> PackingView:
        problem = self.problem
        num_tiers = leading_tiers(problem)
        opening = np.zeros((num_tiers, problem.num_bins), dtype=np.int64)
        unplaced = np.zeros((num_tiers, problem.num_classes), dtype=np.int64)
        for index, tier in enumerate(problem.tiers[:num_tiers]):
            if tier.open is not None:
                opening[index] = np.where(self.opened, 0, tier.open)
            if tier.unplaced is not None:
                unplaced[index] = tier.unplaced
        self._forget_what_a_start_breaks()
        capacity = self._usable_capacity()
        region = self._region_of_bin()
        first, type_of = self._types(np.concatenate([capacity.T, opening, region[None, :]]))
        order = np.argsort(type_of, kind="stable")
        most = self._most(capacity[first], first)
        unmerged = PackingView(
            problem=problem,
            demand=problem.demand,
            count=self.count,
            row_of_class=np.arange(problem.num_classes, dtype=np.int32),
            capacity=capacity[first],
            supply=np.bincount(type_of, minlength=len(first)).astype(np.int64),
            most=most,
            region=region[first],
            joints=tuple(Joint(classes, at_most[first]) for classes, at_most in self.joint_rows),
            conflicts=self._conflicts(first),
            rules=self._rules(region),
            unplaced=unplaced,
            open=opening[:, first],
            bin_start=np.searchsorted(type_of[order], np.arange(len(first) + 1)).astype(np.int64),
            bins=order.astype(np.int32),
            pinned=self.pinned,
            relaxed=tuple(self.relaxed),
        )
        return merged(unmerged)

    def _forget_what_a_start_breaks(self) -> None:
        """Items that stay are never at fault, so with a start only capacity and eligibility are left."""
        if "start" in self.relaxed:
            self.at_most.clear()
            self.joint_rows.clear()
            self.edges.clear()
            self.rule_rows.clear()

    def _usable_capacity(self) -> Int64:
        """Capacity cut to what the items could fill, so that bins no item can tell apart are one type."""
        present = self.count > 0
        demand = self.problem.demand[present]
        capacity = np.maximum(self.capacity, 0)
        for resource in range(self.problem.num_resources):
            step = int(np.gcd.reduce(demand[:, resource])) if len(demand) else 0
            total = int(demand[:, resource] @ self.count[present])
            capacity[:, resource] = np.minimum(capacity[:, resource], total)
            if step > 1:
                capacity[:, resource] -= capacity[:, resource] % step
        return capacity

    def _region_of_bin(self) -> Int32:
        """Combination of domains of each bin over the topologies of all rules, (B,) int32."""
        topologies = sorted({int(self.problem.groups.topology[row[1]]) for row in self.rule_rows})
        if not topologies or self.problem.num_bins == 0:
            return np.zeros(self.problem.num_bins, dtype=np.int32)
        _, region = np.unique(self.problem.domain_of[topologies], axis=1, return_inverse=True)
        if int(region.max()) >= MAX_REGIONS:
            self.rule_rows.clear()
            self.relaxed["spread"] = None
            return np.zeros(self.problem.num_bins, dtype=np.int32)
        return region.reshape(-1).astype(np.int32)

    def _types(self, columns: Int64) -> tuple[Int64, Int64]:
        """First bin of each type and the type of each bin, from rows of numbers that a type has in common."""
        problem = self.problem
        used = np.unique(problem.class_signature[self.count > 0])
        _, eligibility = np.unique(problem.eligible[used], axis=1, return_inverse=True)
        rows = [columns, eligibility.reshape(-1)[problem.bin_signature][None, :].astype(np.int64)]
        uneven = [*self.at_most.values(), *(room for _, room in self.joint_rows), *self.edges.values()]
        rows += [values[None, :].astype(np.int64) for values in uneven if len(values) and (values != values[0]).any()]
        if "start" in self.relaxed:
            bins = np.arange(problem.num_bins)
            rows.append(np.where(np.isin(bins, problem.start), bins, NOWHERE)[None, :])
        table = np.ascontiguousarray(np.concatenate(rows).T)
        if len(table) == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        packed = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).reshape(-1)
        _, first, type_of = np.unique(packed, return_index=True, return_inverse=True)
        # Types in the order of their first bin, not of their bytes.
        rank = np.empty(len(first), dtype=np.int64)
        order = np.argsort(first)
        rank[order] = np.arange(len(first))
        return first[order], rank[type_of]

    def _most(self, capacity: Int64, first: Int64) -> Int32:
        """Items of each class that fit a bin of each type alone, (T, C) int32."""
        problem = self.problem
        most = np.broadcast_to(np.minimum(self.count, MANY), (len(first), problem.num_classes)).copy()
        for resource in range(problem.num_resources):
            asked = problem.demand[:, resource]
            fits = capacity[:, resource][:, None] // np.maximum(asked, 1)
            most = np.where(asked > 0, np.minimum(most, fits), most)
        for class_, at_most in self.at_most.items():
            most[:, class_] = np.minimum(most[:, class_], at_most[first])
        if "start" in self.relaxed:
            eligible = np.stack([self._eligible(c)[first] for c in range(problem.num_classes)], axis=1)
        else:
            eligible = problem.eligible[problem.class_signature[:, None], problem.bin_signature[first]].T
        return np.where(eligible, most, 0).astype(np.int32)

    def _conflicts(self, first: Int64) -> tuple[Conflict, ...]:
        """Mutual exclusions, those of one class in the same bins together."""
        gathered: dict[tuple[int, bytes], list[int]] = {}
        holds: dict[bytes, Bool] = {}
        for (class_, other), where in self.edges.items():
            if class_ < other:
                both = where[first] & self.edges[other, class_][first]
                key = both.tobytes()
                holds[key] = both
                gathered.setdefault((class_, key), []).append(other)
        return tuple(
            Conflict(class_, np.array(sorted(others), dtype=np.int32), holds[key])
            for (class_, key), others in gathered.items()
        )

    def _rules(self, region: Int32) -> tuple[DomainRule, ...]:
        problem, found = self.problem, []
        _, first_bin = np.unique(region, return_index=True)
        for classes, group, max_skew, at_most, min_domains, is_spread in self.rule_rows:
            topology = int(problem.groups.topology[group])
            start = problem.groups.start
            eligible = np.zeros(int(problem.num_domains[topology]), dtype=np.bool_)
            eligible[problem.domain_of[topology][in_scope(problem, group)]] = True
            found.append(
                DomainRule(
                    classes=classes,
                    domain_of_region=problem.domain_of[topology, first_bin],
                    initial=self.counts[start[group] : start[group + 1]].astype(np.int64),
                    eligible=eligible,
                    max_skew=max_skew,
                    at_most=at_most,
                    smallest_is_zero=is_spread and int(eligible.sum()) < min_domains,
                )
            )
        return tuple(found)
