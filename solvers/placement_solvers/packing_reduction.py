"""From a problem to its packing view: relations read bin by bin, then bins and classes that are alike merged.

Each family of constraints is either said exactly or named in `PackingView.relaxed`. What is said holds for every
solution of the problem, so that a bound on the view is a bound on the problem; where nothing is relaxed, the converse
holds too, and every packing of the view is a solution.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.counting import in_scope
from placement_solvers.packing_merging import merged
from placement_solvers.packing_present import Present
from placement_solvers.packing_relations import Relations
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
    present = Present(problem, reserve_pinned=reserve_pinned)
    return _Reduction(Relations(present, keep_rules=keep_rules)).view()


class _Reduction:
    """Merges bins that are alike by all that was read."""

    def __init__(self, relations: Relations) -> None:
        self.relations, self.present = relations, relations.present
        self.problem, self.relaxed, self.count = self.present.problem, self.present.relaxed, self.present.count

    def view(self) -> PackingView:
        problem = self.problem
        num_tiers = leading_tiers(problem)
        opening = np.zeros((num_tiers, problem.num_bins), dtype=np.int64)
        unplaced = np.zeros((num_tiers, problem.num_classes), dtype=np.int64)
        for index, tier in enumerate(problem.tiers[:num_tiers]):
            if tier.open is not None:
                opening[index] = np.where(self.present.opened, 0, tier.open)
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
            joints=tuple(Joint(classes, at_most[first]) for classes, at_most in self.relations.joint_rows),
            conflicts=self._conflicts(first),
            rules=self._rules(region),
            unplaced=unplaced,
            open=opening[:, first],
            bin_start=np.searchsorted(type_of[order], np.arange(len(first) + 1)).astype(np.int64),
            bins=order.astype(np.int32),
            pinned=self.present.pinned,
            relaxed=tuple(self.relaxed),
        )
        return merged(unmerged)

    def _forget_what_a_start_breaks(self) -> None:
        """Items that stay are never at fault, so with a start only capacity and eligibility are left."""
        if "start" in self.relaxed:
            self.relations.clear()

    def _usable_capacity(self) -> Int64:
        """Capacity cut to what the items could fill, so that bins no item can tell apart are one type."""
        present = self.count > 0
        demand = self.problem.demand[present]
        capacity = np.maximum(self.present.capacity, 0)
        for resource in range(self.problem.num_resources):
            step = int(np.gcd.reduce(demand[:, resource])) if len(demand) else 0
            total = int(demand[:, resource] @ self.count[present])
            capacity[:, resource] = np.minimum(capacity[:, resource], total)
            if step > 1:
                capacity[:, resource] -= capacity[:, resource] % step
        return capacity

    def _region_of_bin(self) -> Int32:
        """Combination of domains of each bin over the topologies of all rules, (B,) int32."""
        topologies = sorted({int(self.problem.groups.topology[row[1]]) for row in self.relations.rule_rows})
        if not topologies or self.problem.num_bins == 0:
            return np.zeros(self.problem.num_bins, dtype=np.int32)
        _, region = np.unique(self.problem.domain_of[topologies], axis=1, return_inverse=True)
        if int(region.max()) >= MAX_REGIONS:
            self.relations.rule_rows.clear()
            self.relaxed["spread"] = None
            return np.zeros(self.problem.num_bins, dtype=np.int32)
        return region.reshape(-1).astype(np.int32)

    def _types(self, columns: Int64) -> tuple[Int64, Int64]:
        """First bin of each type and the type of each bin, from rows of numbers that a type has in common."""
        problem = self.problem
        used = np.unique(problem.class_signature[self.count > 0])
        _, eligibility = np.unique(problem.eligible[used], axis=1, return_inverse=True)
        rows = [columns, eligibility.reshape(-1)[problem.bin_signature][None, :].astype(np.int64)]
        uneven = [
            *self.relations.at_most.values(),
            *(room for _, room in self.relations.joint_rows),
            *self.relations.edges.values(),
        ]
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
        for class_, at_most in self.relations.at_most.items():
            most[:, class_] = np.minimum(most[:, class_], at_most[first])
        if "start" in self.relaxed:
            eligible = np.stack([self.present.eligible(c)[first] for c in range(problem.num_classes)], axis=1)
        else:
            eligible = problem.eligible[problem.class_signature[:, None], problem.bin_signature[first]].T
        return np.where(eligible, most, 0).astype(np.int32)

    def _conflicts(self, first: Int64) -> tuple[Conflict, ...]:
        """Mutual exclusions, those of one class in the same bins together."""
        gathered: dict[tuple[int, bytes], list[int]] = {}
        holds: dict[bytes, Bool] = {}
        for (class_, other), where in self.relations.edges.items():
            if class_ < other:
                both = where[first] & self.relations.edges[other, class_][first]
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
        for classes, group, max_skew, at_most, min_domains, is_spread in self.relations.rule_rows:
            topology = int(problem.groups.topology[group])
            start = problem.groups.start
            eligible = np.zeros(int(problem.num_domains[topology]), dtype=np.bool_)
            eligible[problem.domain_of[topology][in_scope(problem, group)]] = True
            found.append(
                DomainRule(
                    classes=classes,
                    domain_of_region=problem.domain_of[topology, first_bin],
                    initial=self.present.counts[start[group] : start[group + 1]].astype(np.int64),
                    eligible=eligible,
                    max_skew=max_skew,
                    at_most=at_most,
                    smallest_is_zero=is_spread and int(eligible.sum()) < min_domains,
                )
            )
        return tuple(found)
