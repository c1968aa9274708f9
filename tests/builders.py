"""Small problems, written down the way one would say them.

>>> build = ProblemBuilder(capacity=[[4], [4]])
>>> web = build.items(2, demand=[1])
>>> alone = build.group(build.each_bin(), members=[web])
>>> build.limit(web, alone, at_most=1)
>>> problem = build.problem()
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement_solvers.problem import (
    EVERYWHERE,
    NOWHERE,
    Attractions,
    Balances,
    Breadths,
    Dependencies,
    Gangs,
    Groups,
    Limits,
    MostMoved,
    PairCosts,
    Problem,
    Ranges,
    Skews,
    Spreads,
    Tier,
)
from placement_solvers.solution import Solution
from placement_solvers.validation import validate


class ProblemBuilder:
    """Collects bins, classes and relations in any order and gives a validated `Problem`."""

    def __init__(self, capacity: Sequence[Sequence[int]], in_use: Sequence[bool] = ()) -> None:
        self.capacity = np.array(capacity, dtype=np.int64).reshape(len(capacity), len(capacity[0]) if capacity else 1)
        self.num_bins = len(self.capacity)
        self.in_use = list(in_use) or [False] * self.num_bins
        self._demand: list[list[int]] = []
        self._eligible: list[list[bool]] = []  # a row a class, a column a bin
        self._priority: list[int] = []
        self._pinned: list[int] = []
        self._movable: list[bool] = []
        self._class_of: list[int] = []
        self._start: list[int] = []
        self._gang_of: list[int] = []
        self._gangs: list[tuple[int, int, int]] = []
        self._topologies: list[list[int]] = []
        self._scopes: list[list[bool]] = []
        self._groups: list[tuple[int, int, list[int], list[int]]] = []  # topology, scope, members, initial
        self._limits: list[tuple[int, int, int]] = []
        self._attractions: list[tuple[int, int]] = []
        self._self_starting: set[int] = set()
        self._spreads: list[tuple[int, int, int, int]] = []
        self._tiers: list[Tier] = []
        self._target: list[list[int]] = []
        self._breadths: list[tuple[int, int]] = []
        self._dependencies: list[tuple[int, int]] = []
        self._transient: list[bool] = []

    def items(
        self,
        count: int,
        demand: Sequence[int],
        *,
        eligible: Sequence[int] | None = None,
        priority: int = 0,
        pinned_to: int = NOWHERE,
        movable: bool = True,
        start: Sequence[int] = (),
        gang: int = NOWHERE,
    ) -> int:
        """A new class with `count` items; `eligible` names bins, `start` the bins the first items lie in."""
        class_ = len(self._demand)
        self._demand.append(list(demand))
        self._eligible.append([eligible is None or b in eligible for b in range(self.num_bins)])
        self._priority.append(priority)
        self._pinned.append(pinned_to)
        self._movable.append(movable)
        self.more_items(class_, count, start=start, gang=gang)
        return class_

    def more_items(self, class_: int, count: int, *, start: Sequence[int] = (), gang: int = NOWHERE) -> None:
        """Further items of a class, arriving after all there are."""
        self._class_of += [class_] * count
        self._start += [*start, *[NOWHERE] * (count - len(start))]
        self._gang_of += [gang] * count

    def gang(self, at_least: int, topology: int = NOWHERE, begun_in: int = NOWHERE) -> int:
        self._gangs.append((at_least, topology, begun_in))
        return len(self._gangs) - 1

    def topology(self, domains: Sequence[int]) -> int:
        self._topologies.append(list(domains))
        return len(self._topologies) - 1

    def each_bin(self) -> int:
        """The topology in which every bin is a domain of its own."""
        return self.topology(range(self.num_bins))

    def scope(self, bins: Sequence[int]) -> int:
        self._scopes.append([b in bins for b in range(self.num_bins)])
        return len(self._scopes) - 1

    def group(
        self, topology: int, members: Sequence[int], *, scope: int = EVERYWHERE, initial: Sequence[int] = ()
    ) -> int:
        num_domains = max(self._topologies[topology], default=-1) + 1
        self._groups.append((topology, scope, list(members), list(initial) or [0] * num_domains))
        return len(self._groups) - 1

    def topology_of(self, group: int) -> int:
        """The topology in whose domains a group is counted."""
        return self._groups[group][0]

    def limit(self, class_: int, group: int, at_most: int = 1) -> None:
        self._limits.append((class_, group, at_most))

    def attract(self, class_: int, group: int, *, self_starting: bool = False) -> None:
        self._attractions.append((class_, group))
        if self_starting:
            self._self_starting.add(class_)

    def spread(self, class_: int, group: int, max_skew: int = 1, min_domains: int = 1) -> None:
        self._spreads.append((class_, group, max_skew, min_domains))

    def breadth(self, group: int, at_least: int) -> None:
        self._breadths.append((group, at_least))

    def depend(self, group: int, on: int) -> None:
        self._dependencies.append((group, on))

    def transient(self, resources: Sequence[bool]) -> None:
        self._transient = list(resources)

    def target(self, load: Sequence[Sequence[int]]) -> None:
        """Loads up to which bins are as good as empty, (B, R)."""
        self._target = [list(row) for row in load]

    def tier(
        self,
        name: str,
        *,
        unplaced: Sequence[int] | int | None = None,
        open: Sequence[int] | int | None = None,
        moved: Sequence[int] | int | None = None,
        placed: Sequence[Sequence[int]] | None = None,
        pairs: Sequence[tuple[int, int, int]] = (),
        ranges: Sequence[tuple[int, int, int, int]] = (),
        skews: Sequence[tuple[int, int, int]] = (),
        over_target: Sequence[int] | None = None,
        moved_between: Sequence[Sequence[int]] | None = None,
        balances: Sequence[tuple[int, int, int, int]] = (),
        most_moved: tuple[Sequence[int], int] | None = None,
    ) -> None:
        """A further tier; a single number stands for all classes or bins; `placed` is (C, B)."""
        pair, range_, skew = _columns(pairs, 3), _columns(ranges, 4), _columns(skews, 3)
        balance = _columns(balances, 4)
        self._tiers.append(
            Tier(
                name,
                unplaced=_weights(unplaced, len(self._demand)),
                open=_weights(open, self.num_bins),
                moved=_weights(moved, len(self._demand)),
                placed=None if placed is None else np.array(placed, dtype=np.int64),
                pairs=PairCosts(_int32(pair[0]), _int32(pair[1]), pair[2]),
                ranges=Ranges(_int32(range_[0]), _int32(range_[1]), _int32(range_[2]), range_[3]),
                skews=Skews(_int32(skew[0]), _int32(skew[1]), skew[2]),
                over_target=None if over_target is None else np.array(over_target, dtype=np.int64),
                moved_between=_matrix(moved_between, self.num_bins),
                balances=Balances(_int32(balance[0]), _int32(balance[1]), balance[2], balance[3]),
                most_moved=MostMoved() if most_moved is None else MostMoved(_int32(most_moved[0]), most_moved[1]),
            )
        )

    def problem(self) -> Problem:
        """The problem; without tiers of its own it counts items left out first, then bins opened."""
        classes = len(self._demand)
        if not self._tiers:
            self.tier("unplaced", unplaced=1)
            self.tier("bins", open=1)
        eligible = np.array(self._eligible, dtype=np.bool_).reshape(classes, self.num_bins)
        problem = Problem(
            class_of=_int32(self._class_of),
            demand=np.array(self._demand, dtype=np.int64).reshape(classes, self.capacity.shape[1]),
            capacity=self.capacity,
            class_signature=np.arange(classes, dtype=np.int32),
            bin_signature=np.arange(self.num_bins, dtype=np.int32),
            eligible=eligible,
            domain_of=_int32(self._topologies).reshape(len(self._topologies), self.num_bins),
            scopes=np.array(self._scopes, dtype=np.bool_).reshape(len(self._scopes), self.num_bins),
            groups=self._all_groups(),
            limits=Limits(*(_int32(column) for column in _columns(sorted(self._limits, key=lambda row: row[0]), 3))),
            attractions=self._all_attractions(),
            spreads=self._all_spreads(),
            tiers=tuple(self._tiers),
            class_priority=_int32(self._priority),
            in_use=np.array(self.in_use, dtype=np.bool_),
            pinned_to=_int32(self._pinned),
            start=_int32(self._start) if any(b != NOWHERE for b in self._start) else _int32([]),
            class_movable=_int32([]).astype(np.bool_) if all(self._movable) else np.array(self._movable),
            gangs=self._all_gangs(),
            breadths=Breadths(*(_int32(column) for column in _columns(self._breadths, 2))),
            dependencies=Dependencies(*(_int32(column) for column in _columns(self._dependencies, 2))),
            transient=np.array(self._transient, dtype=np.bool_),
            target=np.array(self._target, dtype=np.int64).reshape(self.capacity.shape if self._target else (0, 0)),
        )
        validate(problem)
        return problem

    def _all_groups(self) -> Groups:
        of_class = [[g for g, group in enumerate(self._groups) if c in group[2]] for c in range(len(self._demand))]
        return Groups(
            topology=_int32([group[0] for group in self._groups]),
            scope=_int32([group[1] for group in self._groups]),
            start=np.cumsum([0, *(len(group[3]) for group in self._groups)], dtype=np.int64),
            initial=_int32([count for group in self._groups for count in group[3]]),
            class_start=np.cumsum([0, *(len(groups) for groups in of_class)], dtype=np.int64),
            of_class=_int32([g for groups in of_class for g in groups]),
        )

    def _all_attractions(self) -> Attractions:
        class_, group = _columns(sorted(self._attractions, key=lambda row: row[0]), 2)
        starting = np.array([c in self._self_starting for c in range(len(self._demand))], dtype=np.bool_)
        return Attractions(_int32(class_), _int32(group), starting)

    def _all_spreads(self) -> Spreads:
        class_, group, max_skew, min_domains = _columns(sorted(self._spreads, key=lambda row: row[0]), 4)
        itself = [c in self._groups[g][2] for c, g in zip(class_, group, strict=True)]
        return Spreads(_int32(class_), _int32(group), _int32(max_skew), _int32(min_domains), _int32(itself))

    def _all_gangs(self) -> Gangs:
        if not self._gangs:
            return Gangs()
        at_least, topology, begun_in = zip(*self._gangs, strict=True)
        begun = any(domain != NOWHERE for domain in begun_in)
        return Gangs(_int32(self._gang_of), _int32(at_least), _int32(topology), _int32(begun_in if begun else []))


def solution(bin_of: Sequence[int], sequence: Sequence[int] | None = None) -> Solution:
    """A solution by its bins; the placed items enter in item order unless a sequence is given."""
    bins = _int32(bin_of)
    order = np.flatnonzero(bins != NOWHERE) if sequence is None else sequence
    return Solution(bins, _int32(order))


def _int32(values: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.array(values, dtype=np.int32)


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width).T


def _matrix(rows: Sequence[Sequence[int]] | None, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None:
    return None if rows is None else np.array(rows, dtype=np.int64).reshape(size, size)


def _weights(value: Sequence[int] | int | None, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None:
    if value is None:
        return None
    return np.array(np.broadcast_to(value, size), dtype=np.int64)
