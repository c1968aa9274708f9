"""An order in which the items of a given placement may enter, found forwards with a look at who must still come.

Limits ask to enter early, attractions and spreads to enter late; which of them matter is known once the final counts
are. A row that the final counts already satisfy never matters; the others become deadlines on the count of a domain
(earliest deadline first is exact for one group), and no item enters that would let a deadline pass. What waits is
woken by the event it waits for, so an order costs O(items x relations of a class) where no dead end is met. Small
dead ends are searched to the end, which proves that no order exists.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.counting import eligible_domains, group_counts, in_scope, occupancy
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

MAX_STATES = 20_000
"""States a search for an order may visit before it gives up."""

MAX_LOOKS = 4_000_000
"""Looks at an entry it may take: each state takes one at every entry, some seconds in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An order, as far as one was found.

    Attributes
    ----------
    sequence : (entered,) int32
        Items that stay first, then those that enter.
    stuck : (N,) int32
        Items that found no turn; empty where the order is complete.
    impossible : bool
        Whether it is proven that no order lets all of them in.
    """

    sequence: Int32
    stuck: Int32
    impossible: bool = False

    @property
    def complete(self) -> bool:
        return len(self.stuck) == 0


def admission_order(problem: Problem, bin_of: Int32) -> Order:
    """An order in which every item that does not stay may enter its bin, relations considered, capacity not."""
    placed = bin_of != NOWHERE
    stays = placed & (bin_of == problem.start) if len(problem.start) else np.zeros_like(placed)
    entering = np.flatnonzero(placed & ~stays)
    related = related_classes(problem)[problem.class_of[entering]]
    free, tied = entering[~related], entering[related]
    at_once = np.concatenate([np.flatnonzero(stays), free])
    if len(tied) == 0:
        return Order(at_once.astype(np.int32), np.zeros(0, dtype=np.int32))
    admission = _Admission(problem, bin_of, stays, tied)
    sequence, impossible = admission.run()
    done = np.zeros(problem.num_items, dtype=np.bool_)
    done[sequence] = True
    stuck = tied[~done[tied]]
    return Order(np.concatenate([at_once, sequence]).astype(np.int32), stuck.astype(np.int32), impossible)


def related_classes(problem: Problem) -> Bool:
    """Classes that an order may matter to: with a row of their own or counted in a group that has one, (C,) bool."""
    related = np.zeros(problem.num_classes, dtype=np.bool_)
    asked = np.zeros(len(problem.groups), dtype=np.bool_)
    for table in (problem.limits, problem.attractions, problem.spreads):
        related[table.class_] = True
        asked[table.group] = True
    if len(asked):
        owner = np.repeat(np.arange(problem.num_classes), np.diff(problem.groups.class_start))
        related[owner[asked[problem.groups.of_class]]] = True
    return related


@dataclass(slots=True)
class _Deadline:
    """Those who must enter a domain while its group counts fewer than so many."""

    counted: int = 0  # entering items still out, each of which adds to the count
    uncounted: int = 0


@dataclass(slots=True)
class _Entry:
    """Items of one class that enter one bin, with everything the class asks for, in terms of that bin."""

    items: list[int]
    limits: list[tuple[int, int]] = field(default_factory=list)  # cell, at most
    attractions: list[tuple[int, int]] = field(default_factory=list)  # cell, group
    spreads: list[tuple[int, int, int, int, bool]] = field(default_factory=list)  # cell, group, skew, itself, few
    counts: list[tuple[int, int]] = field(default_factory=list)  # cell, group that one item adds to
    deadlines: list[tuple[int, int, bool]] = field(default_factory=list)  # cell, at most, counted there
    self_starting: bool = False
    entered: int = 0

    @property
    def left(self) -> int:
        return len(self.items) - self.entered


class _Admission:
    """The state of one replay. A *cell* is a position in ``groups.initial``: one domain of one group."""

    def __init__(self, problem: Problem, bin_of: Int32, stays: Bool, tied: Int64) -> None:
        self._problem = problem
        groups = problem.groups
        staying = np.where(stays, bin_of, NOWHERE).astype(np.int32)
        self._count: Int64 = group_counts(problem, occupancy(problem, staying))
        sums = np.concatenate([[0], np.cumsum(self._count)])
        self._members: Int64 = sums[groups.start[1:]] - sums[groups.start[:-1]]
        self._scope = {int(g): in_scope(problem, int(g)) for g in self._asked_groups()}
        self._eligible = {int(g): eligible_domains(problem, int(g)) for g in np.unique(problem.spreads.group)}
        every = np.arange(problem.num_classes + 1)
        self._limits, self._attractions, self._spreads = (
            np.searchsorted(table.class_, every).tolist()
            for table in (problem.limits, problem.attractions, problem.spreads)
        )
        self._few = [
            bool(self._eligible[int(group)].sum() < least)
            for group, least in zip(problem.spreads.group, problem.spreads.min_domains, strict=True)
        ]
        self._levels: dict[int, dict[int, int]] = {}
        self._smallest: dict[int, int] = {}
        for group, eligible in self._eligible.items():
            values, times = np.unique(self._counts_of(group)[eligible], return_counts=True)
            self._levels[group] = dict(zip(values.tolist(), times.tolist(), strict=True))
            self._smallest[group] = int(values[0]) if len(values) else 0
        self._entries = self._make_entries(bin_of, tied)
        self._deadlines: dict[int, dict[int, _Deadline]] = {}
        self._set_deadlines()
        self._sequence: list[int] = []

    def run(self) -> tuple[Int64, bool]:
        """The items that enter, in order, and whether it is proven that not all can."""
        self._advance()
        best = list(self._sequence)
        impossible = False
        if any(entry.left for entry in self._entries):
            impossible = self._search()
            if len(self._sequence) > len(best):
                best = list(self._sequence)
        return np.array(best, dtype=np.int64), impossible

    def _asked_groups(self) -> Int64:
        problem = self._problem
        return np.unique(
            np.concatenate([problem.limits.group, problem.attractions.group, problem.spreads.group])
        ).astype(np.int64)

    def _counts_of(self, group: int) -> Int64:
        start = self._problem.groups.start
        return self._count[start[group] : start[group + 1]]

    def _make_entries(self, bin_of: Int32, tied: Int64) -> list[_Entry]:
        problem = self._problem
        entries: dict[tuple[int, int], _Entry] = {}
        for item in tied.tolist():
            key = (int(problem.class_of[item]), int(bin_of[item]))
            if key not in entries:
                entries[key] = self._entry(*key)
            entries[key].items.append(item)
        # Where members come that need nobody, nobody has to be the first of its kind.
        helped = {cell for entry in entries.values() if not entry.attractions for cell, _ in entry.counts}
        return sorted(entries.values(), key=lambda entry: _urgency(entry, helped))

    def _entry(self, class_: int, bin_: int) -> _Entry:
        problem, groups = self._problem, self._problem.groups
        entry = _Entry([])

        def cell(group: int) -> int:
            domain = int(problem.domain_of[groups.topology[group], bin_])
            return NOWHERE if domain == NOWHERE else int(groups.start[group]) + domain

        for row in range(self._limits[class_], self._limits[class_ + 1]):
            group = int(problem.limits.group[row])
            if cell(group) != NOWHERE:
                entry.limits.append((cell(group), int(problem.limits.at_most[row])))
        for row in range(self._attractions[class_], self._attractions[class_ + 1]):
            group = int(problem.attractions.group[row])
            entry.attractions.append((cell(group), group))
            entry.self_starting = bool(problem.attractions.self_starting[class_])
        spreads = problem.spreads
        for row in range(self._spreads[class_], self._spreads[class_ + 1]):
            group = int(spreads.group[row])
            few = self._few[row]
            entry.spreads.append((cell(group), group, int(spreads.max_skew[row]), int(spreads.counts_itself[row]), few))
        for group in groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]].tolist():
            if group in self._scope and self._scope[group][bin_]:
                entry.counts.append((cell(group), group))
        return entry

    def _set_deadlines(self) -> None:
        """Turn the rows that the final counts break into deadlines."""
        final = self._count.copy()
        for entry in self._entries:
            for cell, _ in entry.counts:
                final[cell] += len(entry.items)
        smallest = {
            group: int(final[self._problem.groups.start[group] :][: len(eligible)][eligible].min())
            if eligible.any()
            else 0
            for group, eligible in self._eligible.items()
        }
        for entry in self._entries:
            own = {cell for cell, _ in entry.counts}
            asked: dict[int, int] = {}
            for cell, at_most in entry.limits:
                asked[cell] = min(at_most, asked.get(cell, at_most))
            for cell, group, skew, itself, few in entry.spreads:
                if cell != NOWHERE:
                    most = skew + (0 if few else smallest[group])
                    asked[cell] = min(most + 1 - itself, asked.get(cell, most + 1))
            for cell, at_most in asked.items():
                counted = cell in own
                if final[cell] - counted >= at_most:
                    deadline = self._deadlines.setdefault(cell, {}).setdefault(at_most, _Deadline())
                    entry.deadlines.append((cell, at_most, counted))
                    if counted:
                        deadline.counted += len(entry.items)
                    else:
                        deadline.uncounted += len(entry.items)
        for cell, deadlines in self._deadlines.items():
            self._deadlines[cell] = dict(sorted(deadlines.items()))

    def _advance(self) -> None:
        """Let in whoever may, until nobody may."""
        queue = deque(range(len(self._entries)))
        waiting: dict[tuple[str, int], set[int]] = {}
        while queue:
            number = queue.popleft()
            entry = self._entries[number]
            one_by_one = bool(entry.spreads)
            while entry.left:
                event = self._obstacle(entry)
                if event is not None:
                    waiting.setdefault(event, set()).add(number)
                    break
                for woken in self._enter(entry):
                    queue.extend(sorted(waiting.pop(woken, ())))
                if one_by_one:
                    queue.append(number)
                    break

    def _obstacle(self, entry: _Entry) -> tuple[str, int] | None:
        """What an item of the entry waits for, None if it may enter now."""
        for cell, at_most in entry.limits:
            if self._count[cell] >= at_most:
                return "never", 0
        if entry.attractions:
            missing = [cell for cell, _ in entry.attractions if cell == NOWHERE or self._count[cell] == 0]
            if NOWHERE in missing:
                return "never", 0
            if missing and not (
                entry.self_starting and not any(self._members[group] for _, group in entry.attractions)
            ):
                return "first in", missing[0]
        for cell, group, skew, itself, few in entry.spreads:
            if cell == NOWHERE:
                return "never", 0
            if self._count[cell] + itself - (0 if few else self._smallest[group]) > skew:
                return ("never", 0) if few else ("smallest", group)
        return self._threatens(entry)

    def _threatens(self, entry: _Entry) -> tuple[str, int] | None:
        """The deadline, if any, that somebody else could no longer meet."""
        for cell, _ in entry.counts:
            deadlines = self._deadlines.get(cell)
            if deadlines is None:
                continue
            own = {at_most for place, at_most, counted in entry.deadlines if place == cell and counted}
            after, to_come = int(self._count[cell]) + 1, 0
            for at_most, deadline in deadlines.items():
                to_come += deadline.counted - (at_most in own)
                if (to_come and after + to_come > at_most) or (deadline.uncounted and after >= at_most):
                    return "deadline", cell
        return None

    def _enter(self, entry: _Entry) -> Iterable[tuple[str, int]]:
        """Let one item in; gives the events that others may wait for."""
        events: list[tuple[str, int]] = []
        self._sequence.append(entry.items[entry.entered])
        entry.entered += 1
        for cell, at_most, counted in entry.deadlines:
            deadline = self._deadlines[cell][at_most]
            if counted:
                deadline.counted -= 1
            else:
                deadline.uncounted -= 1
            events.append(("deadline", cell))
        for cell, group in entry.counts:
            before = int(self._count[cell])
            self._count[cell] += 1
            self._members[group] += 1
            if before == 0:
                events.append(("first in", cell))
            if group in self._levels and self._eligible[group][cell - self._problem.groups.start[group]]:
                smallest = self._smallest[group]
                self._shift(group, before, before + 1)
                if self._smallest[group] > smallest:
                    events.append(("smallest", group))
        return events

    def _leave(self, entry: _Entry) -> None:
        """Undo `_enter` of the same entry, the last one in."""
        self._sequence.pop()
        entry.entered -= 1
        for cell, at_most, counted in entry.deadlines:
            deadline = self._deadlines[cell][at_most]
            if counted:
                deadline.counted += 1
            else:
                deadline.uncounted += 1
        for cell, group in entry.counts:
            before = int(self._count[cell])
            self._count[cell] -= 1
            self._members[group] -= 1
            if group in self._levels and self._eligible[group][cell - self._problem.groups.start[group]]:
                self._shift(group, before, before - 1)

    def _shift(self, group: int, before: int, after: int) -> None:
        levels = self._levels[group]
        levels[before] -= 1
        if levels[before] == 0:
            del levels[before]
        levels[after] = levels.get(after, 0) + 1
        if after < self._smallest[group] or before not in levels:
            self._smallest[group] = min(levels)

    def _search(self) -> bool:
        """Search all orders depth first; leaves the entered items in place and says whether none lets all in.

        Each item that enters is a state more, so where there are more items than states the search could not end.
        """
        states = min(MAX_STATES, MAX_LOOKS // len(self._entries))
        if sum(len(entry.items) for entry in self._entries) > states:
            return False
        while self._sequence:
            last = self._sequence[-1]
            self._leave(next(one for one in self._entries if one.entered and one.items[one.entered - 1] == last))
        seen: set[tuple[int, ...]] = set()
        path: list[_Entry] = []
        options: list[list[_Entry]] = [[entry for entry in self._entries if entry.left][::-1]]
        while options:
            if not options[-1]:
                options.pop()
                if path:
                    self._leave(path.pop())
                continue
            entry = options[-1].pop()
            if self._obstacle(entry) is not None:
                continue
            self._enter(entry)
            path.append(entry)
            if not any(other.left for other in self._entries):
                return False
            state = tuple(other.entered for other in self._entries)
            if state in seen:
                self._leave(path.pop())
                continue
            if len(seen) >= states:
                return False
            seen.add(state)
            options.append([other for other in self._entries if other.left][::-1])
        return True


def _urgency(entry: _Entry, helped: set[int]) -> tuple[bool, bool, bool, bool]:
    """Who goes first: those that start a group where nobody else would, then those with limits, without rows last."""
    waits = any(cell in helped for cell, _ in entry.attractions)
    return not entry.self_starting, waits, not entry.limits, not (entry.attractions or entry.spreads)
