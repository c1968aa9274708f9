"""Shares of larger domains for items that are to be spread over them, and an order in which all of them may enter.

A spread looks at how the members of a group lie when an item enters, and the item need not be a member itself. So the
evenness that is wanted is that of the *members*: those who count in the same groups go around the domains in turn, the
emptiest first. Let in level by level, no group is ever further from even than by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.counting import small_topologies
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

FREE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Who is to lie in which domain.

    Attributes
    ----------
    domain : (I,) int64
        The domain of each item, in the topology over which its class is spread; -1 for any.
    turns : (n,) int32
        Items that have one, in the order they should enter.
    """

    domain: Int64
    turns: Int32


def spread_over(problem: Problem) -> Int64:
    """The topology of few domains over which each class is spread, -1 for none, (C,) int64."""
    spreads = problem.spreads
    topology = problem.groups.topology[spreads.group]
    coarse = ~small_topologies(problem)[topology]
    found = np.full(problem.num_classes, FREE, dtype=np.int64)
    found[spreads.class_[coarse]] = topology[coarse]
    return found


def shares(problem: Problem, waits: Bool, bins: Int32) -> Shares:
    """A domain for each item that waits (I,) bool and is spread over few, among those of some bins.

    O(I log I + classes x bins in the worst case, signatures x bins if there are few).
    """
    over = spread_over(problem)
    domain = np.full(problem.num_items, FREE, dtype=np.int64)
    level = np.zeros(problem.num_items, dtype=np.int64)
    kinds = _alike(problem, over, bins)
    kind_of = np.full(problem.num_classes, FREE, dtype=np.int64)
    for number, kind in enumerate(kinds):
        kind_of[kind.classes] = number
    items = np.flatnonzero(waits & (kind_of[problem.class_of] != FREE))
    items = items[np.lexsort((problem.class_of[items], kind_of[problem.class_of[items]]))]
    bounds = np.searchsorted(kind_of[problem.class_of[items]], np.arange(len(kinds) + 1))
    counts: dict[tuple[int, ...], Int64] = {}
    for number in sorted(range(len(kinds)), key=lambda number: len(kinds[number].domains)):
        kind, mine = kinds[number], items[bounds[number] : bounds[number + 1]]
        if kind.key not in counts:
            counts[kind.key] = _before(problem, kind.key, int(over[kind.classes[0]]))
        at = counts[kind.key]
        where, height = _filled_up(at[kind.domains], len(mine))
        domain[mine], level[mine] = kind.domains[where], height
        np.add.at(at, domain[mine], 1)
    dealt = items[domain[items] != FREE]
    order = np.lexsort((domain[dealt], kind_of[problem.class_of[dealt]], level[dealt]))
    return Shares(domain, dealt[order].astype(np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """Classes that count in the same spreads and may enter the same domains.

    Attributes
    ----------
    key : tuple of int
        The topology, then the groups in which they count; or, if in none, -1 and the group whose counts they look at.
    """

    key: tuple[int, ...]
    classes: list[int]
    domains: Int64


def _alike(problem: Problem, over: Int64, bins: Int32) -> list[_Kind]:
    groups, spreads = problem.groups, problem.spreads
    looked_at = np.zeros(len(groups), dtype=np.bool_)
    looked_at[spreads.group] = True
    looks_at = np.full(problem.num_classes, FREE, dtype=np.int64)
    topology = groups.topology[spreads.group]
    own = topology == over[spreads.class_]
    looks_at[spreads.class_[own]] = spreads.group[own]
    reach: dict[tuple[int, int], Int64] = {}
    found: dict[tuple[tuple[int, ...], bytes], _Kind] = {}
    for class_ in np.flatnonzero(over != FREE).tolist():
        signature, topology_ = int(problem.class_signature[class_]), int(over[class_])
        if (signature, topology_) not in reach:
            domain = problem.domain_of[topology_, bins]
            may = problem.eligible[signature][problem.bin_signature[bins]] & (domain != NOWHERE)
            reach[signature, topology_] = np.unique(domain[may]).astype(np.int64)
        domains = reach[signature, topology_]
        if len(domains) == 0:
            continue
        held = groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]]
        held = held[looked_at[held] & (groups.topology[held] == topology_)]
        key = (topology_, *held.tolist()) if len(held) else (topology_, FREE, int(looks_at[class_]))
        kind = found.setdefault((key, domains.tobytes()), _Kind(key, [], domains))
        kind.classes.append(class_)
    return list(found.values())


def _before(problem: Problem, key: tuple[int, ...], topology: int) -> Int64:
    """Members in each domain before anybody enters, (D,) int64: of the first group of a key."""
    groups = problem.groups
    if key[1] == FREE:
        return np.zeros(int(problem.num_domains[topology]), dtype=np.int64)
    return groups.initial[groups.start[key[1]] : groups.start[key[1] + 1]].astype(np.int64)


def _filled_up(counts: Int64, number: int) -> tuple[Int64, Int64]:
    """Where each of so many goes if each takes the domain with fewest, (n,) int64; and how many it finds there."""
    rounds = (number + int((counts.max() - counts).sum())) // len(counts) + 1
    height = counts[None, :] + np.arange(rounds)[:, None]
    place = np.broadcast_to(np.arange(len(counts)), height.shape).ravel()
    height = height.ravel()
    first = np.lexsort((place, height))[:number]
    return place[first].astype(np.int64), height[first].astype(np.int64)
