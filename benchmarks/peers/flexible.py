"""First fit by price, the way Karpenter provisions.

Items come in decreasing order. A new node is open to every shape at once; an item joins the first node that some shape
could still hold with it, else a new one. In the end each node becomes the cheapest bin that holds what it got. Bins in
use come first. A node is in one combination of the coarser domains (zones) from the beginning: the one with the fewest
nodes so far among those that take the item. Items whose node finds no bin left are placed by first fit.

Source: Karpenter, ``pkg/controllers/provisioning/scheduling`` (``scheduler.go``, ``nodeclaim.go``), and its design
``bin-packing``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.peers.fitting import fit
from benchmarks.peers.orders import decreasing, prices
from benchmarks.peers.rules import (
    Placed,
    Rules,
    compiled,
    enter,
    floors_of,
    is_monotone,
    may_enter,
    may_start,
    most_spreads,
    rules_of,
)
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import EVERYWHERE, NOWHERE, Bool, Groups, Int32, Int64, Problem
from placement_solvers.solution import Solution

MOST_NODES = 200_000
"""Nodes that may be open at once."""


def first_fit_by_price(problem: Problem, seed: int) -> Solution:
    """Place as Karpenter would.

    Raises
    ------
    UnsupportedProblemError
        If there are gangs, items with a start, pins or groups that count on some bins only.
    """
    groups = problem.groups
    if (
        len(problem.gangs)
        or len(problem.start)
        or (problem.pinned_to != NOWHERE).any()
        or (groups.scope != EVERYWHERE).any()
    ):
        raise UnsupportedProblemError("first fit by price knows no gangs, starts, pins or scopes")
    nodes = _Nodes(problem)
    order = decreasing(problem, np.arange(problem.num_items, dtype=np.int32))
    node_of = np.full(len(order), NOWHERE, dtype=np.int32)
    floors = np.zeros(most_spreads(nodes.rules), dtype=np.int64)
    join_nodes(
        nodes.rules,
        problem.class_of[order],
        nodes.load,
        nodes.possible,
        nodes.domain_of_region,
        nodes.coarse,
        nodes.type_capacity,
        nodes.type_region,
        nodes.type_admits,
        len(nodes.existing),
        floors,
        node_of,
    )
    bin_of_node = nodes.bins(node_of)
    rules, placed = rules_of(problem), Placed(problem)
    inside = node_of != NOWHERE
    bins = np.where(inside, bin_of_node[np.where(inside, node_of, 0)], NOWHERE).astype(np.int32)
    follow(rules, problem.class_of[order], bins, np.zeros(most_spreads(rules), dtype=np.int64))
    kept = bins != NOWHERE
    placed.add(order[kept], bins[kept])
    fit(problem, rules, placed, best=False)
    return Solution(placed.bin_of, placed.sequence[: placed.count].copy())


class _Nodes:
    """Nodes without a shape yet, as bins of a problem of their own.

    Attributes
    ----------
    rules : Rules
        Of that problem: node v lies in a region; what is counted in bins is counted in nodes.
    existing : (E,) int32
        Bins in use, which are the first nodes.
    type_capacity, type_region, type_admits : (T, R) int64, (T,) int32, (T, C) bool
        Kinds of bins, cheapest last where capacity is equal; largest first, so that a look ends early.
    load : (V, R) int64
    possible : (V, T) bool
        Types that still hold a node.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.existing = np.flatnonzero(problem.in_use).astype(np.int32)
        self.price = prices(problem).astype(np.int64)
        coarse = np.flatnonzero(2 * problem.num_domains < problem.num_bins)
        region = np.zeros(problem.num_bins, dtype=np.int64)
        if len(coarse):
            _, region = np.unique(problem.domain_of[coarse], axis=1, return_inverse=True)
        self.region = region.reshape(-1)
        self._types()
        num_nodes = min(problem.num_items + len(self.existing), problem.num_bins, MOST_NODES)
        self._virtual_problem(num_nodes, coarse)
        self.load = np.zeros((num_nodes, problem.num_resources), dtype=np.int64)
        self.possible = np.zeros((num_nodes, len(self.type_capacity)), dtype=np.bool_)
        self.possible[np.arange(len(self.existing)), self.type_of[self.existing]] = True

    def _types(self) -> None:
        problem = self.problem
        # Every bin in use is a type of its own: nobody else may become it.
        own = np.where(problem.in_use, np.arange(problem.num_bins), -1)
        columns: list[Int64] = [
            problem.capacity,
            self.price[:, None],
            self.region[:, None],
            problem.bin_signature[:, None].astype(np.int64),
            own[:, None],
        ]
        _, first, type_of = np.unique(np.concatenate(columns, axis=1), axis=0, return_index=True, return_inverse=True)
        rank = np.argsort(-problem.capacity[first].sum(axis=1), kind="stable")
        place = np.empty_like(rank)
        place[rank] = np.arange(len(rank))
        self.type_of = place[type_of.reshape(-1)]
        first = first[rank]
        self.type_capacity = np.ascontiguousarray(problem.capacity[first])
        self.type_price = self.price[first]
        self.type_region = np.where(problem.in_use[first], NOWHERE, self.region[first]).astype(np.int32)
        self.type_admits = np.ascontiguousarray(
            problem.eligible[problem.class_signature][:, problem.bin_signature[first]].T
        )
        self.first = first

    def _virtual_problem(self, num_nodes: int, coarse: Int64) -> None:
        """The problem with nodes for bins and room without end. Domains of a node are set when it gets its region."""
        problem, groups = self.problem, self.problem.groups
        num_regions = int(self.region.max(initial=0)) + 1
        domain_of = np.tile(np.arange(num_nodes, dtype=np.int32), (len(problem.domain_of), 1))
        self.domain_of_region = np.full((len(problem.domain_of), num_regions), NOWHERE, dtype=np.int32)
        self.domain_of_region[:, self.region] = problem.domain_of
        domain_of[coarse] = NOWHERE
        size = np.where(np.isin(groups.topology, coarse), np.diff(groups.start), num_nodes)
        start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        initial = np.zeros(int(start[-1]), dtype=np.int32)
        for group in range(len(groups)):
            counts = groups.initial[groups.start[group] : groups.start[group + 1]]
            if np.isin(groups.topology[group], coarse):
                initial[start[group] : start[group + 1]] = counts
            else:
                domains = problem.domain_of[groups.topology[group], self.existing]
                inside = domains != NOWHERE
                initial[start[group] + np.flatnonzero(inside)] = counts[domains[inside]]
        virtual = replace(
            problem,
            capacity=np.full((num_nodes, problem.num_resources), np.iinfo(np.int64).max // 4),
            bin_signature=np.zeros(num_nodes, dtype=np.int32),
            eligible=np.ones((len(problem.eligible), 1), dtype=np.bool_),
            domain_of=domain_of,
            scopes=np.zeros((0, num_nodes), dtype=np.bool_),
            in_use=np.zeros(num_nodes, dtype=np.bool_),
            groups=Groups(groups.topology, groups.scope, start, initial, groups.class_start, groups.of_class),
        )
        rules = rules_of(virtual)
        for group in range(len(groups)):
            if np.isin(groups.topology[group], coarse):
                counted = np.unique(problem.domain_of[groups.topology[group]])
                rules.counted[start[group] + counted[counted != NOWHERE]] = True
                rules.num_counted[group] = int((counted != NOWHERE).sum())
        self.rules = rules._replace(domain_of=domain_of)
        self.rules.domain_of[np.ix_(coarse, np.arange(len(self.existing)))] = problem.domain_of[
            np.ix_(coarse, self.existing)
        ]
        self.coarse = coarse

    def bins(self, node_of: Int32) -> Int32:
        """The bin that each node becomes, (V,) int32: the cheapest that is left and holds it."""
        bin_of_node = np.full(len(self.load), NOWHERE, dtype=np.int32)
        bin_of_node[: len(self.existing)] = self.existing
        by_type = np.argsort(self.type_of, kind="stable")
        left = np.searchsorted(self.type_of[by_type], np.arange(len(self.type_capacity) + 1))
        next_of, end = left[:-1].copy(), left[1:]
        cheapest = np.argsort(self.type_price, kind="stable")
        used = np.unique(node_of[node_of != NOWHERE])
        for node in used[used >= len(self.existing)]:
            for type_ in cheapest:
                if self.possible[node, type_] and next_of[type_] < end[type_]:
                    bin_of_node[node] = by_type[next_of[type_]]
                    next_of[type_] += 1
                    break
        return bin_of_node


@compiled
def join_nodes(
    rules: Rules,
    classes: Int32,
    load: Int64,
    possible: Bool,
    domain_of_region: Int32,
    coarse: Int64,
    type_capacity: Int64,
    type_region: Int32,
    type_admits: Bool,
    num_open: int,
    floors: Int64,
    node_of: Int32,
) -> None:
    """Items of the classes, one after the other, into the first open node or a new one; `node_of` gets which."""
    num_regions = domain_of_region.shape[1]
    nodes_in = np.zeros(num_regions, dtype=np.int64)
    looks_from = np.zeros(len(rules.demand), dtype=np.int64)
    for at in range(len(classes)):
        class_ = classes[at]
        floors_of(rules, class_, floors)
        starts = may_start(rules, class_)
        # Nodes only fill up: whoever is refused by an open node once is refused for good, but for spreads and company.
        steady = is_monotone(rules, class_)
        chosen = NOWHERE
        for node in range(looks_from[class_] if steady else 0, num_open):
            if may_enter(rules, class_, node, floors, starts) and holds(
                rules, class_, load[node], possible[node], type_capacity, type_admits
            ):
                chosen = node
                break
        if steady:
            looks_from[class_] = num_open if chosen == NOWHERE else chosen
        if chosen == NOWHERE and num_open < len(load):
            for region in np.argsort(nodes_in):
                for topology in coarse:
                    rules.domain_of[topology, num_open] = domain_of_region[topology, region]
                possible[num_open] = type_region == region
                if may_enter(rules, class_, num_open, floors, starts) and holds(
                    rules, class_, load[num_open], possible[num_open], type_capacity, type_admits
                ):
                    chosen = num_open
                    nodes_in[region] += 1
                    break
            if chosen == NOWHERE:
                for topology in coarse:
                    rules.domain_of[topology, num_open] = NOWHERE
                continue
            num_open += 1
        if chosen == NOWHERE:
            continue
        enter(rules, class_, chosen, 1)
        for resource in range(load.shape[1]):
            load[chosen, resource] += rules.demand[class_, resource]
        for type_ in range(len(type_capacity)):
            possible[chosen, type_] = possible[chosen, type_] and type_holds(
                type_capacity[type_], load[chosen], type_admits[type_, class_]
            )
        node_of[at] = chosen


@compiled
def type_holds(capacity: Int64, load: Int64, admits: bool) -> bool:
    """Whether a bin of a type holds a load."""
    for resource in range(len(load)):
        if load[resource] > capacity[resource] and load[resource] > 0:
            return False
    return admits


@compiled
def holds(rules: Rules, class_: int, load: Int64, possible: Bool, type_capacity: Int64, type_admits: Bool) -> bool:
    """Whether some type that a node may become holds one item more."""
    for type_ in range(len(type_capacity)):
        if not (possible[type_] and type_admits[type_, class_]):
            continue
        enough = True
        for resource in range(len(load)):
            if load[resource] + rules.demand[class_, resource] > type_capacity[type_, resource]:
                enough = False
                break
        if enough:
            return True
    return False


@compiled
def follow(rules: Rules, classes: Int32, bins: Int32, floors: Int64) -> None:
    """Put items into the bins they were given, in order; where a rule forbids it the bin becomes `NOWHERE`."""
    for at in range(len(classes)):
        if bins[at] == NOWHERE:
            continue
        floors_of(rules, classes[at], floors)
        if may_enter(rules, classes[at], bins[at], floors, may_start(rules, classes[at])):
            enter(rules, classes[at], bins[at], 1)
        else:
            bins[at] = NOWHERE
