"""Items asked in turn, alone or as a gang; who could not go in is asked again once another may have helped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement_solvers.devices.placing import Placing
from placement_solvers.greedy.order import order_of
from placement_solvers.greedy.parameters import Order
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

MAX_DOMAINS = 32
"""Domains that a gang which must lie in one is tried in, those with most room first."""

Unit = list[int]
"""Items that are asked together: one, or those of a gang."""


def units_of(problem: Problem, items: Int32) -> list[Unit]:
    """Items in the order in which they are asked: important ones first, then as they stand; a gang with its first."""
    ordered, start = order_of(problem, items, Order.ARRIVAL)
    return [part.tolist() for part in np.split(ordered, start[1:-1])] if len(items) else []


class Turns:
    """Asks units one after the other.

    Parameters
    ----------
    placing : Placing
    closed : (B,) bool, optional
        Bins that no item may enter.
    preferred : (I,) int32, optional
        The bin an item goes to if it may.
    """

    def __init__(self, placing: Placing, closed: Bool | None = None, preferred: Int32 | None = None) -> None:
        problem = placing.problem
        self._problem, self._placing = problem, placing
        self._open = None if closed is None else ~closed
        self._preferred = preferred
        self._used = _used_first(problem, placing)
        self._helpers = _helpers(problem)
        self._waiting: list[Unit] = []

    def ask(self, unit: Unit) -> None:
        """Place a unit if it goes in, and then those waiting that this helped."""
        self._ask(unit)
        while self._waiting and self._placing.touched:
            touched = self._placing.touched.copy()
            self._placing.touched.clear()
            waiting, self._waiting = self._waiting, []
            refused: set[int] = set()
            for asked in waiting:
                class_ = int(self._problem.class_of[asked[0]])
                alone = self._gang_of(asked[0]) == NOWHERE
                if (alone and class_ in refused) or not any(self._helped(item, touched) for item in asked):
                    self._waiting.append(asked)
                elif not self._ask(asked) and alone:
                    refused.add(class_)
        self._placing.touched.clear()

    def _ask(self, unit: Unit) -> bool:
        """Whether all of a unit went in; the rest waits if anything may help it."""
        gang = self._gang_of(unit[0])
        if gang == NOWHERE:
            self._enter(unit, None)
        else:
            self._gather(gang, unit)
        left = [item for item in unit if self._placing.bin_of[item] == NOWHERE]
        if left and any(self._helpers[self._problem.class_of[item]] for item in left):
            self._waiting.append(left)
        return not left

    def _helped(self, item: int, touched: set[int]) -> bool:
        return not self._helpers[self._problem.class_of[item]].isdisjoint(touched)

    def _enter(self, items: Sequence[int], inside: Bool | None) -> int:
        """Put in what goes in, only into some bins if they are given; how many did."""
        entered = 0
        for item in items:
            allowed = self._placing.allowed(item)
            for some in (self._open, inside):
                if some is not None:
                    allowed = allowed & some
            preferred = NOWHERE if self._preferred is None else int(self._preferred[item])
            bin_ = NOWHERE
            if self._used is not None:
                bin_ = self._placing.choose(item, allowed & self._used, preferred)
            if bin_ == NOWHERE:
                bin_ = self._placing.choose(item, allowed, preferred)
            if bin_ != NOWHERE:
                self._placing.enter(item, bin_)
                entered += 1
                if self._used is not None:
                    self._used[bin_] = True
        return entered

    def _gather(self, gang: int, items: Unit) -> None:
        """Put in as many of a gang as go in together, in the domain that takes most; none if they are too few."""
        needed = int(self._problem.gangs.at_least[gang]) - len(self._members_in(gang))
        topology = int(self._problem.gangs.topology[gang])
        best, most = -1, 0
        places = self._places(gang, items, topology)
        for number, inside in enumerate(places):
            used, touched = None if self._used is None else self._used.copy(), self._placing.touched.copy()
            entered = self._enter(items, inside)
            if entered == len(items):
                return
            self._placing.undo(entered)
            self._used, self._placing.touched = used, touched
            if entered >= needed and entered > most:
                best, most = number, entered
        if best >= 0:
            self._enter(items, places[best])

    def _places(self, gang: int, items: Unit, topology: int) -> list[Bool | None]:
        """Sets of bins in which a gang may lie, each (B,) bool; None for all of them."""
        if topology == NOWHERE:
            return [None]
        domain_of = self._problem.domain_of[topology]
        domains = set(domain_of[self._placing.bin_of[self._members_in(gang)]].tolist())
        begun_in = int(self._problem.gangs.domain[gang])
        if begun_in != NOWHERE:
            domains.add(begun_in)
        if not domains:
            by_room = self._placing.domains_by_room(items, topology)
            return [domain_of == domain for domain in by_room[:MAX_DOMAINS]]
        domain = domains.pop()
        return [] if domains or domain == NOWHERE else [domain_of == domain]

    def _members_in(self, gang: int) -> Int64:
        """Members of a gang that are in."""
        members: Int64 = np.flatnonzero((self._problem.gangs.of_item == gang) & (self._placing.bin_of != NOWHERE))
        return members

    def _gang_of(self, item: int) -> int:
        return int(self._problem.gangs.of_item[item]) if len(self._problem.gangs) else NOWHERE


def _used_first(problem: Problem, placing: Placing) -> Bool | None:
    """Bins in use, (B,) bool, where opening one has a price; None where it has none."""
    if not any(tier.open is not None and tier.open.any() for tier in problem.tiers):
        return None
    used = problem.in_use.copy()
    used[placing.bin_of[placing.sequence]] = True
    return used


def _helpers(problem: Problem) -> list[frozenset[int]]:
    """For each class the groups in which a further member may let it in."""
    found: list[set[int]] = [set() for _ in range(problem.num_classes)]
    for table in (problem.attractions, problem.spreads):
        for class_, group in zip(table.class_.tolist(), table.group.tolist(), strict=True):
            found[class_].add(group)
    return [frozenset(groups) for groups in found]
