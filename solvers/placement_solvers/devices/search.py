"""A plan under all rules made better by taking some of it apart: what is taken out and what waits is placed anew.

Each step names items to take out and the order in which all others and those enter again, each where it lay if it
still may (ruin and recreate: G. Schrimpf, J. Schneider, H. Stamm-Wilbrandt, G. Dueck, Journal of Computational Physics
159, 2000). As every step enters items one after the other by all rules, every plan is feasible. To let an item in that
waits, a bin is cleared of what costs least to leave out, and no more of it than needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat.watch import Watch
from placement_solvers.device_assignment import assign, requests
from placement_solvers.devices.placing import Placing
from placement_solvers.devices.turns import Turns, Unit, units_of
from placement_solvers.feasibility import staying_items
from placement_solvers.objective import Cost, cost_of
from placement_solvers.problem import NOWHERE, Bool, Problem
from placement_solvers.solution import Solution

ITEMS_BETWEEN_LOOKS = 256
"""Items placed between two questions to the stopping criterion."""

BINS_TRIED = 8
"""Bins that are looked at for where an item that waits is let in at least cost."""

MOST_BINS = 3
"""Bins that a step without an aim empties."""


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """What to do with a plan.

    Attributes
    ----------
    taken : set of int
        Items to take out.
    first : list of int
        Items of those that wait which are asked before all others of them.
    back : set of int
        Items that go back to where they start.
    closed : (B,) bool or None
        Bins to keep empty of all that does not stay.
    """

    taken: set[int]
    first: Unit
    back: set[int]
    closed: Bool | None = None


class Search:
    """The search of one run.

    Parameters
    ----------
    problem : Problem
    watch : Watch
        Whose incumbent is the first plan.
    seed : int
    """

    def __init__(self, problem: Problem, watch: Watch, seed: int) -> None:
        self._problem, self._watch = problem, watch
        self._rng = np.random.default_rng(seed)
        self._plan, self._cost = watch.incumbent()
        self._weight = problem.class_count.astype(np.float64)
        self._eviction: list[Cost] = [
            tuple(int(tier.unplaced[c]) if tier.unplaced is not None else 0 for tier in problem.tiers)
            for c in range(problem.num_classes)
        ]
        self._prices_bins = any(tier.open is not None and bool(tier.open.any()) for tier in problem.tiers)

    def run(self) -> None:
        """Go on until the watch ends it."""
        while self._problem.num_items and self._problem.num_bins and not self._watch.should_end():
            self._watch.iterations += 1
            found = self._carry_out(self._next())
            if found is None:
                return
            cost = cost_of(self._problem, found)
            if cost <= self._cost:
                self._plan, self._cost = found, cost
            self._watch.offer(found, cost)

    def _next(self) -> _Step:
        """A step drawn at random: back to the start, let in what waits, or empty some bins."""
        waiting = np.flatnonzero(~self._plan.placed)
        draw = self._rng.random()
        away = np.flatnonzero((self._plan.bin_of != self._starts()) & (self._starts() != NOWHERE))
        if len(away) and draw < 0.2:
            chosen = self._rng.choice(away, min(len(away), int(self._rng.integers(1, 3))), replace=False)
            return _Step(set(), [], self._with_gangs(set(chosen.tolist())))
        if len(waiting) and draw < 0.8:
            return self._let_in(self._one_of(waiting.tolist()))
        return self._empty_bins()

    def _one_of(self, waiting: Sequence[int]) -> Unit:
        """A unit of those that wait, the dearer ones more often."""
        by_cost = sorted(waiting, key=lambda item: self._eviction[self._problem.class_of[item]], reverse=True)
        item = by_cost[int(len(by_cost) * self._rng.random() ** 2)]
        return sorted(i for i in self._with_gangs({item}) if not self._plan.placed[i])

    def _let_in(self, unit: Unit) -> _Step:
        """Clear as many bins as a unit has items of what costs least there; sometimes of anything."""
        problem = self._problem
        taken: set[int] = set()
        inside = self._domain_for(unit)
        for item in unit[: problem.num_bins]:
            class_ = int(problem.class_of[item])
            bins = np.flatnonzero(problem.eligible_bins(class_) & inside)
            if len(bins) == 0:
                continue
            tried = self._rng.choice(bins, min(len(bins), BINS_TRIED), replace=False).tolist()
            ways = [(self._loss(way), way) for way in (self._way_in(class_, bin_) for bin_ in tried) if way is not None]
            if ways:
                taken |= min(ways, key=lambda priced: priced[0])[1]
        return _Step(self._with_gangs(taken), unit, set())

    def _domain_for(self, unit: Unit) -> Bool:
        """Bins of a domain, drawn at random, that a gang could go to; all bins where it may lie anywhere, (B,) bool."""
        problem, gangs = self._problem, self._problem.gangs
        gang = int(gangs.of_item[unit[0]]) if len(gangs) else NOWHERE
        everywhere = np.ones(problem.num_bins, dtype=np.bool_)
        if gang == NOWHERE or gangs.topology[gang] == NOWHERE:
            return everywhere
        domain_of = problem.domain_of[gangs.topology[gang]]
        members = self._plan.bin_of[(gangs.of_item == gang) & self._plan.placed]
        domains = np.unique(domain_of[members]) if len(members) else np.unique(domain_of[domain_of != NOWHERE])
        if len(domains) == 0:
            return everywhere
        inside: Bool = domain_of == self._rng.choice(domains)
        return inside

    def _loss(self, taken: set[int]) -> tuple[Cost, int]:
        """What it would cost to leave items out, and how many they are."""
        tiers = len(self._problem.tiers)
        costs = [self._eviction[self._problem.class_of[item]] for item in taken]
        return tuple(sum(cost[tier] for cost in costs) for tier in range(tiers)), len(taken)

    def _way_in(self, class_: int, bin_: int) -> set[int] | None:
        """Items to take out of a bin, and of its domains, so that an item of a class goes in; None if none suffice."""
        held = np.flatnonzero(self._plan.bin_of == bin_).tolist()
        self._rng.shuffle(held)
        if self._rng.random() < 0.2:
            return set(held[: int(self._rng.integers(0, len(held) + 1))])
        held.sort(key=lambda item: self._eviction[self._problem.class_of[item]])
        in_the_way = self._in_the_way(class_, bin_)
        left = [item for item in held if item not in in_the_way]
        out: list[int] = []
        while not self._has_room(class_, bin_, left):
            if not left:
                return None
            out.append(left.pop(0))
        for item in reversed(out):
            if self._has_room(class_, bin_, [*left, item]):
                left.append(item)
        return in_the_way | (set(out) - set(left))

    def _in_the_way(self, class_: int, bin_: int) -> set[int]:
        """Items that a limit on their number keeps the class from the bin for."""
        problem, groups = self._problem, self._problem.groups
        found: set[int] = set()
        for row in np.flatnonzero(problem.limits.class_ == class_).tolist():
            group = int(problem.limits.group[row])
            domain_of = problem.domain_of[groups.topology[group]]
            if domain_of[bin_] == NOWHERE:
                continue
            member = np.zeros(problem.num_classes, dtype=np.bool_)
            member[np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))[groups.of_class == group]] = (
                True
            )
            inside = self._plan.placed & (domain_of[self._plan.bin_of] == domain_of[bin_])
            there = np.flatnonzero(inside & member[problem.class_of]).tolist()
            there.sort(key=lambda item: self._eviction[problem.class_of[item]])
            many = len(there) - int(problem.limits.at_most[row]) + 1
            found.update(there[: max(many, 0)])
        return found

    def _has_room(self, class_: int, bin_: int, held: Sequence[int]) -> bool:
        """Whether one more item of a class goes into a bin that holds these."""
        problem = self._problem
        free = problem.capacity[bin_] - problem.demand[problem.class_of[list(held)]].sum(axis=0)
        demand = problem.demand[class_]
        if ((demand > 0) & (demand > free)).any():
            return False
        if not problem.devices.asked or problem.devices.count[class_] == 0:
            return True
        on_devices = [item for item in held if problem.devices.count[problem.class_of[item]] > 0]
        asked = (int(problem.devices.count[class_]), tuple(problem.devices.share[class_].tolist()))
        return assign(problem.devices.of_bin(bin_), [*requests(problem, on_devices), asked]) is not None

    def _empty_bins(self) -> _Step:
        """Take all items out of a few bins, and keep one of them empty now and then where that saves anything."""
        used = np.unique(self._plan.bin_of[self._plan.placed])
        if len(used) == 0:
            return _Step(set(), [], set())
        chosen = self._rng.choice(used, min(len(used), int(self._rng.integers(1, MOST_BINS + 1))), replace=False)
        closed = None
        if self._prices_bins and self._rng.random() < 0.5:
            closed = np.arange(self._problem.num_bins) == chosen[0]
        inside = np.flatnonzero(np.isin(self._plan.bin_of, chosen)).tolist()
        return _Step(self._with_gangs(set(inside)), [], set(), closed)

    def _with_gangs(self, items: set[int]) -> set[int]:
        """Items and all others of their gangs."""
        gangs = self._problem.gangs
        if len(gangs) == 0 or not items:
            return items
        of = np.unique(gangs.of_item[list(items)])
        return items | set(np.flatnonzero(np.isin(gangs.of_item, of[of != NOWHERE])).tolist())

    def _starts(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        start = self._problem.start
        return start if len(start) else np.full(self._problem.num_items, NOWHERE, dtype=np.int32)

    def _carry_out(self, step: _Step) -> Solution | None:
        """The plan that a step leads to; None if the criterion ends the run before."""
        problem, plan = self._problem, self._plan
        taken = np.zeros(problem.num_items, dtype=np.bool_)
        taken[list(step.taken)] = True
        back = np.zeros(problem.num_items, dtype=np.bool_)
        back[list(step.back)] = True
        back &= self._starts() != NOWHERE
        stays = (staying_items(problem, plan) & ~taken) | back
        placing = Placing(problem, stays, self._weight)
        preferred = np.where(taken | back, NOWHERE, plan.bin_of).astype(np.int32)
        turns = Turns(placing, step.closed, preferred)
        for number, unit in enumerate(self._order(step, stays, taken)):
            if number % ITEMS_BETWEEN_LOOKS == ITEMS_BETWEEN_LOOKS - 1 and self._watch.should_stop():
                return None
            turns.ask(unit)
        return placing.solution()

    def _order(self, step: _Step, stays: Bool, taken: Bool) -> list[Unit]:
        """All items that do not stay, in units: those that are kept as they entered, then the first, then the rest."""
        plan, gangs = self._plan, self._problem.gangs
        kept: list[Unit] = []
        first = [item for item in step.first if not stays[item]]
        known = set(first)
        of_gang: dict[int, Unit] = {}
        for item in plan.sequence.tolist():
            if stays[item] or taken[item] or item in known:
                continue
            gang = int(gangs.of_item[item]) if len(gangs) else NOWHERE
            if gang == NOWHERE:
                kept.append([item])
            elif gang in of_gang:
                of_gang[gang].append(item)
            else:
                of_gang[gang] = [item]
                kept.append(of_gang[gang])
            known.add(item)
        rest = np.array([i for i in range(len(stays)) if not stays[i] and i not in known], dtype=np.int32)
        if self._rng.random() < 0.5:
            self._rng.shuffle(rest)
        return [*kept, *([first] if first else []), *units_of(self._problem, rest)]
