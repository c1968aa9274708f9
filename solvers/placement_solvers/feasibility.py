"""Whether a solution keeps every rule, by replaying it item by item: the plain reference of what is allowed.

Items that stay where they start are in from the beginning and are never at fault themselves, whatever they lie
on; items that move or are left out leave before the first one enters, but for the transient resources, which those
that move hold on both bins. All others enter in the order of
``solution.sequence``, and each is asked for at the moment it enters: limits, attractions and spreads say nothing
of what comes later. Where a staying item stands in the sequence does not matter.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from placement_solvers import device_assignment
from placement_solvers.counting import eligible_domains, in_scope, views_of_groups
from placement_solvers.errors import InvalidSolutionError
from placement_solvers.objective import moved_items
from placement_solvers.problem import NOWHERE, Bool, Int32, Problem
from placement_solvers.solution import Solution
from placement_solvers.validation import validate_solution


def violations(problem: Problem, solution: Solution) -> list[str]:
    """One sentence for each rule that an item or a gang breaks; empty for a feasible solution.

    O(I x (R + relations of a class x domains)): made to be read, not to be fast.
    """
    try:
        validate_solution(problem, solution)
    except InvalidSolutionError as error:
        return [str(error)]
    replay = Replay(problem)
    stays = staying_items(problem, solution)
    for item in np.flatnonzero(stays):
        replay.enter(int(problem.class_of[item]), int(solution.bin_of[item]))
    for item in np.flatnonzero(moved_items(problem, solution)):
        replay.hold(int(problem.class_of[item]), int(problem.start[item]))
    found = []
    for item in solution.sequence:
        if stays[item]:
            continue
        class_, bin_ = int(problem.class_of[item]), int(solution.bin_of[item])
        refusal = "may not leave its start" if _is_held(problem, int(item)) else replay.refusal(class_, bin_)
        if refusal is not None:
            found.append(f"item {item} of class {class_} in bin {bin_}: {refusal}")
        replay.enter(class_, bin_)
    found += _broken_devices(problem, solution, stays)
    found += _broken_breadths(problem, solution, replay) + _broken_dependencies(problem, solution, replay)
    return found + _broken_gangs(problem, solution, stays)


def staying_items(problem: Problem, solution: Solution) -> Bool:
    """Items that lie in the bin they start in, (I,) bool."""
    if len(problem.start) == 0:
        return np.zeros(problem.num_items, dtype=np.bool_)
    stays: Bool = solution.placed & (solution.bin_of == problem.start)
    return stays


def _is_held(problem: Problem, item: int) -> bool:
    if len(problem.start) == 0 or len(problem.class_movable) == 0 or problem.start[item] == NOWHERE:
        return False
    return not problem.class_movable[problem.class_of[item]]


def _broken_devices(problem: Problem, solution: Solution, stays: Bool) -> list[str]:
    """Bins an item entered whose items no longer fit onto the devices; those that stay may be laid out anew."""
    return [
        f"devices: the {len(items)} items in bin {bin_} do not fit onto its {len(problem.devices.of_bin(bin_))} devices"
        for bin_, items in device_assignment.items_on_devices(problem, solution)
        if not stays[items].all()
        and device_assignment.assign(problem.devices.of_bin(bin_), device_assignment.requests(problem, items)) is None
    ]


def _broken_breadths(problem: Problem, solution: Solution, replay: Replay) -> list[str]:
    """Groups whose members lie in too few domains in the end."""
    breadths = problem.breadths
    touched = _touched_groups(problem, solution)
    found = []
    for row, (group, at_least) in enumerate(zip(breadths.group, breadths.at_least, strict=True)):
        counts = replay.counts[group]
        domains = int((counts > 0).sum())
        if touched[group] and domains < min(int(at_least), int(counts.sum())):
            found.append(f"breadth {row}: the members of group {group} lie in {domains} domains, not {at_least}")
    return found


def _broken_dependencies(problem: Problem, solution: Solution, replay: Replay) -> list[str]:
    """Domains that hold members of a group in the end, but none it depends on."""
    dependencies = problem.dependencies
    touched = _touched_groups(problem, solution)
    found = []
    for row, (group, on) in enumerate(zip(dependencies.group, dependencies.on, strict=True)):
        alone = np.flatnonzero((replay.counts[group] > 0) & (replay.counts[on] == 0))
        if (touched[group] or touched[on]) and len(alone):
            found.append(f"dependency {row}: domain {alone[0]} holds a member of group {group} and none of {on}")
    return found


def _touched_groups(problem: Problem, solution: Solution) -> Bool:
    """Groups of which an item entered, left or moved, (G,) bool."""
    touched = np.zeros(len(problem.groups), dtype=np.bool_)
    if len(problem.groups) == 0:
        return touched
    start = problem.start if len(problem.start) else np.full(problem.num_items, NOWHERE, dtype=np.int32)
    classes = np.zeros(problem.num_classes, dtype=np.bool_)
    classes[problem.class_of[solution.bin_of != start]] = True
    member = np.repeat(np.arange(problem.num_classes), np.diff(problem.groups.class_start))
    touched[problem.groups.of_class[classes[member]]] = True
    return touched


def _broken_gangs(problem: Problem, solution: Solution, stays: Bool) -> list[str]:
    """Gangs with too few members in, or members in several domains; a gang left as it was is not at fault."""
    gangs = problem.gangs
    found = []
    for gang in range(len(gangs)):
        members = np.flatnonzero(gangs.of_item == gang)
        bins = solution.bin_of[members]
        placed = int((bins != NOWHERE).sum())
        as_before = len(problem.start) > 0 and np.array_equal(bins, problem.start[members])
        if placed == 0 or as_before:
            continue
        if placed < gangs.at_least[gang]:
            found.append(f"gang {gang}: {placed} members are in, fewer than {gangs.at_least[gang]}")
        topology = gangs.topology[gang]
        if topology != NOWHERE:
            domains = np.unique(problem.domain_of[topology, bins[bins != NOWHERE]])
            if NOWHERE in domains:
                found.append(f"gang {gang}: a member lies in no domain of topology {topology}")
            elif len(domains) > 1:
                found.append(f"gang {gang}: its members lie in {len(domains)} domains of topology {topology}")
            elif gangs.domain[gang] not in (NOWHERE, domains[0]):
                found.append(f"gang {gang}: its members lie in domain {domains[0]}, others in {gangs.domain[gang]}")
    return found


class Replay:
    """What lies in the bins so far, and whether one more item may enter one of them.

    Attributes
    ----------
    load : (B, R) int64
        What the items that entered take.
    counts : list of (D,) int64
        Members of each group in each domain of its topology.
    """

    def __init__(self, problem: Problem) -> None:
        groups = problem.groups
        self.problem = problem
        self.load = np.zeros_like(problem.capacity)
        self.counts = [
            groups.initial[groups.start[g] : groups.start[g + 1]].astype(np.int64) for g in range(len(groups))
        ]
        one, view_of = views_of_groups(problem)
        scopes, eligible = [in_scope(problem, g) for g in one], [eligible_domains(problem, g) for g in one]
        self._in_scope = [scopes[view] for view in view_of]
        self._eligible_domains = [eligible[view] for view in view_of]
        self._limits, self._attractions, self._spreads = (
            _rows_by_class(problem, table.class_) for table in (problem.limits, problem.attractions, problem.spreads)
        )

    def enter(self, class_: int, bin_: int) -> None:
        """Put one item of the class into the bin, allowed or not."""
        self._add(class_, bin_, 1)

    def leave(self, class_: int, bin_: int) -> None:
        """Take one item of the class out of the bin."""
        self._add(class_, bin_, -1)

    def hold(self, class_: int, bin_: int) -> None:
        """Keep what an item of the class holds of the transient resources on the bin it left for another."""
        if len(self.problem.transient):
            self.load[bin_] += np.where(self.problem.transient, self.problem.demand[class_], 0)

    def refusal(self, class_: int, bin_: int) -> str | None:
        """The first rule that keeps an item of the class out of the bin now; None if it may enter."""
        problem = self.problem
        if not problem.eligible[problem.class_signature[class_], problem.bin_signature[bin_]]:
            return "not eligible"
        if problem.pinned_to[class_] not in (NOWHERE, bin_):
            return f"pinned to bin {problem.pinned_to[class_]}"
        demand = problem.demand[class_]
        for resource in np.flatnonzero(demand):
            free = problem.capacity[bin_, resource] - self.load[bin_, resource]
            if demand[resource] > free:
                return f"resource {resource}: demand {demand[resource]}, free {free}"
        return self._limit(class_, bin_) or self._attraction(class_, bin_) or self._spread(class_, bin_)

    def _limit(self, class_: int, bin_: int) -> str | None:
        limits = self.problem.limits
        for row in self._limits[class_]:
            group = int(limits.group[row])
            domain = self._domain(group, bin_)
            if domain != NOWHERE and self.counts[group][domain] >= limits.at_most[row]:
                return f"limit {row}: domain {domain} already holds {self.counts[group][domain]} of group {group}"
        return None

    def _attraction(self, class_: int, bin_: int) -> str | None:
        attractions = self.problem.attractions
        groups = [int(attractions.group[row]) for row in self._attractions[class_]]
        domains = [self._domain(group, bin_) for group in groups]
        if NOWHERE in domains:
            return "attraction: the bin is in no domain"
        if all(self.counts[group][domain] > 0 for group, domain in zip(groups, domains, strict=True)):
            return None
        if attractions.self_starting[class_] and not any(self.counts[group].any() for group in groups):
            return None
        return "attraction: the domain holds no member"

    def _spread(self, class_: int, bin_: int) -> str | None:
        spreads = self.problem.spreads
        for row in self._spreads[class_]:
            group = int(spreads.group[row])
            domain = self._domain(group, bin_)
            if domain == NOWHERE:
                return f"spread {row}: the bin is in no domain"
            eligible = self._eligible_domains[group]
            few = eligible.sum() < spreads.min_domains[row]
            smallest = 0 if few else int(self.counts[group][eligible].min())
            skew = self.counts[group][domain] + spreads.counts_itself[row] - smallest
            if skew > spreads.max_skew[row]:
                return f"spread {row}: domain {domain} would be {skew} above the smallest"
        return None

    def _domain(self, group: int, bin_: int) -> int:
        return int(self.problem.domain_of[self.problem.groups.topology[group], bin_])

    def _add(self, class_: int, bin_: int, amount: int) -> None:
        groups = self.problem.groups
        self.load[bin_] += amount * self.problem.demand[class_]
        if len(groups) == 0:
            return
        for group in groups.of_class[groups.class_start[class_] : groups.class_start[class_ + 1]]:
            if self._in_scope[group][bin_]:
                self.counts[group][self._domain(int(group), bin_)] += amount


def _rows_by_class(problem: Problem, class_: Int32) -> list[range]:
    bounds = np.searchsorted(class_, np.arange(problem.num_classes + 1))
    return [range(int(first), int(last)) for first, last in pairwise(bounds)]
