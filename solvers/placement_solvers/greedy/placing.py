"""Compiled loops over items: alone, in gangs, and along a given solution."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry, part
from placement_solvers.greedy.arrays import CLOCK, Arrays
from placement_solvers.greedy.entering import FULL, ONE, enter
from placement_solvers.greedy.search import ANYWHERE, best_bin
from placement_solvers.greedy.tables import Tables
from placement_solvers.greedy.welcome import fits, may_have_room
from placement_solvers.problem import Int32, Int64

SEVERAL_DOMAINS = -2


class Items(NamedTuple):
    """What the loops know of items, and what they find.

    Attributes
    ----------
    class_of, gang_of : (I,) int32
    gang_at_least, gang_topology, gang_begun_in : (K,) int32
        As in `Problem`; `gang_of` is -1 everywhere where there are no gangs.
    bin_of : (I,) int32
        Written: the bin of each item.
    sequence : (I,) int32
        Written: the items in the order they went in.
    num_placed : (1,) int64
        Written: how many items of `sequence` count.
    domain_free, domain_worth : (D, R) float64, (D,) int64
        Room to compare the domains of a gang's topology in.
    """

    class_of: Int32
    gang_of: Int32
    gang_at_least: Int32
    gang_topology: Int32
    gang_begun_in: Int32
    bin_of: Int32
    sequence: Int32
    num_placed: Int64
    domain_free: NDArray[np.float64]
    domain_worth: Int64


@part
def put(tables: Tables, arrays: Arrays, items: Items, item: int, bin_: int) -> None:
    """Put an item into a bin and write it down."""
    enter(tables, arrays, np.int64(items.class_of[item]), bin_, ONE)
    items.bin_of[item] = bin_
    items.sequence[items.num_placed[0]] = item
    items.num_placed[0] += 1
    gang = np.int64(items.gang_of[item])
    if gang >= 0:
        join_gang(tables, arrays, items, gang, bin_)


@part
def join_gang(tables: Tables, arrays: Arrays, items: Items, gang: int, bin_: int) -> None:
    """Count a member of a gang and the domain it is in."""
    topology = items.gang_topology[gang]
    if topology >= 0:
        domain = tables.domain_of[topology, bin_]
        if arrays.gang_in[gang] == 0 and items.gang_begun_in[gang] < 0:
            arrays.gang_domain[gang] = domain if domain >= 0 else SEVERAL_DOMAINS
        elif arrays.gang_domain[gang] != domain:
            arrays.gang_domain[gang] = SEVERAL_DOMAINS
    arrays.gang_in[gang] += 1


@part
def take_back(tables: Tables, arrays: Arrays, items: Items, gang: int, down_to: int) -> None:
    """Take the last items out again until `down_to` are left, all of them members of one gang."""
    while items.num_placed[0] > down_to:
        items.num_placed[0] -= 1
        item = np.int64(items.sequence[items.num_placed[0]])
        enter(tables, arrays, np.int64(items.class_of[item]), np.int64(items.bin_of[item]), -ONE)
        items.bin_of[item] = -1
        arrays.gang_in[gang] -= 1
    if arrays.gang_in[gang] == 0:
        arrays.gang_domain[gang] = items.gang_begun_in[gang]


@part
def try_gang(
    tables: Tables, arrays: Arrays, items: Items, order: Int32, first: int, last: int, domain: int, enough: int
) -> int:
    """Put as many waiting items of ``order[first:last]``, a gang, into a domain as will go; the number that went in.

    Members are asked again while others go in, since they may attract each other. Gives up early once fewer than
    `enough` can still go in; what went in by then is left for the caller to take back.
    """
    topology = np.int64(items.gang_topology[items.gang_of[order[first]]])
    before = items.num_placed[0]
    possible = count_waiting(items, order, first, last)
    went_in = 1
    while went_in > 0:
        went_in = 0
        refused = 0
        for k in range(first, last):
            item = np.int64(order[k])
            if items.bin_of[item] >= 0:
                continue
            class_ = np.int64(items.class_of[item])
            bin_ = best_bin(tables, arrays, class_, topology, domain)
            if bin_ >= 0:
                put(tables, arrays, items, item, bin_)
                went_in += 1
            elif not tables.may_change[class_]:
                refused += 1
                if possible - refused < enough:
                    return items.num_placed[0] - before
    return items.num_placed[0] - before


@part
def count_waiting(items: Items, order: Int32, first: int, last: int) -> int:
    """Items of ``order[first:last]`` that have no bin."""
    waiting = 0
    for k in range(first, last):
        if items.bin_of[order[k]] < 0:
            waiting += 1
    return waiting


@part
def judge_domains(
    tables: Tables, arrays: Arrays, items: Items, order: Int32, first: int, last: int, enough: int
) -> int:
    """Say in `Items.domain_worth` how good it is to try each domain of a gang's topology; the number of domains.

    The fullest domain is best where full bins are wanted, the emptiest where empty ones are; -1 where the free amounts
    of all its bins together cannot do.
    """
    topology = items.gang_topology[items.gang_of[order[first]]]
    worth, free = items.domain_worth, items.domain_free
    num_bins, resources = arrays.free.shape
    worth[:] = FULL * num_bins
    free[:] = 0.0  # in floating point: a sum over many bins may leave int64
    num_domains = 0
    for bin_ in range(num_bins):
        domain = tables.domain_of[topology, bin_]
        if domain >= 0:
            num_domains = max(num_domains, domain + 1)
            # What is free in it is to be small where full bins are wanted, and large where empty ones are.
            worth[domain] += arrays.fill[bin_] - FULL if tables.scoring.fuller_is_better else arrays.fill[bin_]
            for r in range(resources):
                free[domain, r] += max(arrays.free[bin_, r], 0)
    waiting = count_waiting(items, order, first, last)
    for r in range(resources):
        needed, least = 0.0, np.inf
        for k in range(first, last):
            if items.bin_of[order[k]] < 0:
                demand = float(tables.demand[items.class_of[order[k]], r])
                needed += demand
                least = min(least, demand)
        if enough < waiting:
            needed = least * enough
        for domain in range(num_domains):
            if free[domain, r] * (1 + 1e-9) < needed:  # a margin, as sums in floating point are not exact
                worth[domain] = -1
    return num_domains


@part
def place_gang(tables: Tables, arrays: Arrays, items: Items, order: Int32, first: int, last: int) -> None:
    """Place the waiting items of ``order[first:last]``, a gang, or none if too few would be in.

    A gang that asks for one domain gets the first that takes all of it, else the one that takes the most.
    """
    gang = np.int64(items.gang_of[order[first]])
    waiting = count_waiting(items, order, first, last)
    enough = max(np.int64(items.gang_at_least[gang]) - arrays.gang_in[gang], np.int64(0))
    before = items.num_placed[0]
    domain = np.int64(arrays.gang_domain[gang])
    if waiting == 0 or enough > waiting or domain == SEVERAL_DOMAINS:
        return
    if items.gang_topology[gang] < 0 or domain >= 0:
        if try_gang(tables, arrays, items, order, first, last, domain, enough) < enough:
            take_back(tables, arrays, items, gang, before)
        return
    worth = items.domain_worth
    most, chosen = np.int64(0), ANYWHERE
    num_domains = judge_domains(tables, arrays, items, order, first, last, enough)
    for _ in range(num_domains):
        domain = ANYWHERE
        for other in range(num_domains):
            if worth[other] >= 0 and (domain < 0 or worth[other] > worth[domain]):
                domain = other
        if domain < 0:
            break
        worth[domain] = -1
        placed = try_gang(tables, arrays, items, order, first, last, domain, max(enough, most + 1))
        if placed == waiting:
            return
        take_back(tables, arrays, items, gang, before)
        if placed >= enough and placed > most:
            most, chosen = placed, domain
    if chosen >= 0:
        try_gang(tables, arrays, items, order, first, last, chosen, most)


@entry
def place_units(tables: Tables, arrays: Arrays, items: Items, order: Int32, unit_start: Int64, units: Int64) -> int:
    """Ask some units one after the other, each an item alone or a gang; the number of items that went in."""
    before = items.num_placed[0]
    for k in range(len(units)):
        first, last = unit_start[units[k]], unit_start[units[k] + 1]
        item = np.int64(order[first])
        if items.gang_of[item] >= 0:
            place_gang(tables, arrays, items, order, first, last)
            continue
        class_ = np.int64(items.class_of[item])
        if items.bin_of[item] >= 0 or not may_have_room(tables, arrays, class_):
            continue
        bin_ = best_bin(tables, arrays, class_, ANYWHERE, ANYWHERE)
        if bin_ >= 0:
            put(tables, arrays, items, item, bin_)
            arrays.failed_at[class_] = -1
        else:
            arrays.failed_at[class_] = arrays.counters[CLOCK]
    return items.num_placed[0] - before


@entry
def put_all(tables: Tables, arrays: Arrays, items: Items, chosen: Int32, bins: Int32, only_if_it_fits: bool) -> int:
    """Put items where they are said to be, in their order, allowed or not or only those that fit; the number put."""
    before = items.num_placed[0]
    for k in range(len(chosen)):
        item, bin_ = np.int64(chosen[k]), np.int64(bins[k])
        if not only_if_it_fits or fits(tables, arrays, np.int64(items.class_of[item]), bin_):
            put(tables, arrays, items, item, bin_)
    return items.num_placed[0] - before
