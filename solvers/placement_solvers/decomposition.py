"""Parts of a problem that have nothing to do with each other, solved apart and put together again.

Two classes belong together if they may enter the same bin, if a gang or a group's counts tie them, or by a chain of
such ties: see `placement_solvers.components`. Costs of parts add up, and the lexicographic order is kept by addition,
so the optima of the parts make the optimum of the whole, and so do bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from placement_solvers.components import components
from placement_solvers.problem import (
    NOWHERE,
    Attractions,
    Breadths,
    Dependencies,
    Gangs,
    Groups,
    Int32,
    Int64,
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

Table = TypeVar("Table", Limits, Attractions, Spreads, PairCosts, Ranges, Skews, Breadths, Dependencies)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A component as a problem of its own.

    Attributes
    ----------
    problem : Problem
    items : (i,) int64
        Item of the whole that each item of the part is, ascending.
    bins : (b,) int64
        Bin of the whole that each bin of the part is, ascending.
    """

    problem: Problem
    items: Int64
    bins: Int64

    def restrict(self, solution: Solution) -> Solution:
        """A solution of the whole as one of the part."""
        number = np.full(int(self.bins.max(initial=-1)) + 2, NOWHERE, dtype=np.int32)
        number[self.bins] = np.arange(len(self.bins))
        of_item = np.full(len(solution.bin_of), NOWHERE, dtype=np.int32)
        of_item[self.items] = np.arange(len(self.items))
        sequence = of_item[solution.sequence]
        bins = solution.bin_of[self.items]
        return Solution(np.where(bins == NOWHERE, bins, number[bins]).astype(np.int32), sequence[sequence != NOWHERE])


def parts(problem: Problem) -> list[Part]:
    """The components that hold items, the smallest first; one part that is the whole if nothing can be taken apart.

    Bins that no item may enter are in no part. O(classes + bins + memberships x domains).
    """
    found = [(classes, bins) for classes, bins in components(problem) if len(classes)]
    if len(found) <= 1 or any(tier.most_moved.weight for tier in problem.tiers):
        return [Part(problem, np.arange(problem.num_items), np.arange(problem.num_bins))]
    made = [_part(problem, classes, bins) for classes, bins in found]
    return sorted(made, key=lambda part: (len(part.items), int(part.items[0]) if len(part.items) else 0))


def merge(problem: Problem, solved: list[tuple[Part, Solution]]) -> Solution:
    """The solutions of all parts as one of the whole."""
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    sequences = [np.zeros(0, dtype=np.int32)]
    for part, solution in solved:
        placed = solution.placed
        bin_of[part.items[placed]] = part.bins[solution.bin_of[placed]]
        sequences.append(part.items[solution.sequence].astype(np.int32))
    return Solution(bin_of, np.concatenate(sequences))


def _part(problem: Problem, classes: Int64, bins: Int64) -> Part:
    class_number = _numbers(classes, problem.num_classes)
    bin_number = _numbers(bins, problem.num_bins)
    items = np.flatnonzero(class_number[problem.class_of] != NOWHERE).astype(np.int64)
    domains = [np.unique(row[row != NOWHERE]) for row in problem.domain_of[:, bins]]
    domain_of = [_numbers(kept, int(kept.max(initial=-1)) + 1)[row[bins]] for kept, row in _zip(domains, problem)]
    groups, number = _groups_of(problem, class_number, domains)
    attractions = _select(problem.attractions, class_number, number)
    if len(problem.attractions.self_starting):
        attractions = replace(attractions, self_starting=problem.attractions.self_starting[classes])
    return Part(
        replace(
            problem,
            class_of=class_number[problem.class_of[items]],
            demand=problem.demand[classes],
            capacity=problem.capacity[bins],
            class_signature=problem.class_signature[classes],
            bin_signature=problem.bin_signature[bins],
            domain_of=np.array(domain_of, dtype=np.int32).reshape(len(domains), len(bins)),
            scopes=problem.scopes[:, bins],
            groups=groups,
            limits=_select(problem.limits, class_number, number),
            attractions=attractions,
            spreads=_select(problem.spreads, class_number, number),
            tiers=tuple(_tier_of(tier, classes, bins, class_number, number) for tier in problem.tiers),
            class_priority=problem.class_priority[classes],
            in_use=problem.in_use[bins],
            pinned_to=bin_number[problem.pinned_to[classes]],
            start=bin_number[problem.start[items]] if len(problem.start) else problem.start,
            class_movable=problem.class_movable[classes] if len(problem.class_movable) else problem.class_movable,
            gangs=_gangs_of(problem, items, domains),
            breadths=_select(problem.breadths, class_number, number),
            dependencies=_select(problem.dependencies, class_number, number),
            target=problem.target[bins] if len(problem.target) else problem.target,
        ),
        items,
        bins,
    )


def _zip(domains: list[Int32], problem: Problem) -> Iterator[tuple[Int32, Int32]]:
    return zip(domains, problem.domain_of, strict=True)


def _numbers(kept: Int64 | Int32, size: int) -> Int32:
    """New number of each old one, -1 for those that are gone; index -1 gives -1."""
    number = np.full(size + 1, NOWHERE, dtype=np.int32)
    number[kept] = np.arange(len(kept))
    return number


def _groups_of(problem: Problem, class_number: Int32, domains: list[Int32]) -> tuple[Groups, Int32]:
    """Groups that a class of the part is a member of or looks at, and the new number of each old one."""
    groups = problem.groups
    inside = class_number[:-1] != NOWHERE
    owner = np.repeat(np.arange(len(groups.class_start) - 1), np.diff(groups.class_start))
    asked = [groups.of_class[inside[owner]]]
    tables: list[Limits | Attractions | Spreads | PairCosts] = [
        problem.limits,
        problem.attractions,
        problem.spreads,
        *(tier.pairs for tier in problem.tiers),
    ]
    asked += [table.group[inside[table.class_]] for table in tables]
    kept = np.unique(np.concatenate(asked)).astype(np.int64)
    number = _numbers(kept, len(groups))
    sizes = [len(domains[topology]) for topology in groups.topology[kept].tolist()]
    parts_of_initial = [
        groups.initial[groups.start[group] :][domains[int(groups.topology[group])]] for group in kept.tolist()
    ]
    mine = inside[owner]
    memberships = np.bincount(owner[mine], minlength=len(inside))[inside]
    return (
        Groups(
            topology=groups.topology[kept],
            scope=groups.scope[kept],
            start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            initial=np.concatenate([np.zeros(0, dtype=np.int32), *parts_of_initial]),
            class_start=np.concatenate([[0], np.cumsum(memberships)]).astype(np.int64),
            of_class=number[groups.of_class[mine]],
        ),
        number,
    )


def _select(table: Table, class_number: Int32, group_number: Int32) -> Table:
    """The rows of a table whose class and groups are in the part, renumbered."""
    numbers = {"class_": class_number, "group": group_number, "on": group_number}
    columns = {field.name: getattr(table, field.name) for field in fields(table)}
    kept = np.ones(len(table), dtype=np.bool_)
    for name in columns.keys() & numbers.keys():
        kept &= numbers[name][columns[name]] != NOWHERE
    return replace(
        table,
        **{
            name: (numbers[name][column] if name in numbers else column)[kept]
            for name, column in columns.items()
            if name != "self_starting"
        },
    )


def _gangs_of(problem: Problem, items: Int64, domains: list[Int32]) -> Gangs:
    gangs = problem.gangs
    if len(gangs) == 0:
        return gangs
    of_item = gangs.of_item[items]
    kept = np.unique(of_item[of_item != NOWHERE])
    if len(kept) == 0:
        return Gangs()
    at_least, begun_in = gangs.at_least[kept], gangs.domain[kept]
    for number, (topology, domain) in enumerate(zip(gangs.topology[kept].tolist(), begun_in.tolist(), strict=True)):
        if domain != NOWHERE:
            at = int(np.searchsorted(domains[topology], domain))
            there = at < len(domains[topology]) and int(domains[topology][at]) == domain
            # A gang bound to a domain of which its part has no bin cannot go anywhere: no number is enough.
            begun_in[number] = at if there else NOWHERE
            at_least[number] = at_least[number] if there else len(of_item) + 1
    return Gangs(_numbers(kept, len(gangs))[of_item], at_least, gangs.topology[kept], begun_in)


def _tier_of(tier: Tier, classes: Int64, bins: Int64, class_number: Int32, group_number: Int32) -> Tier:
    return replace(
        tier,
        unplaced=None if tier.unplaced is None else tier.unplaced[classes],
        open=None if tier.open is None else tier.open[bins],
        moved=None if tier.moved is None else tier.moved[classes],
        pairs=_select(tier.pairs, class_number, group_number),
        ranges=_select(tier.ranges, class_number, group_number),
        skews=_select(tier.skews, class_number, group_number),
        moved_between=None if tier.moved_between is None else tier.moved_between[np.ix_(bins, bins)],
        most_moved=MostMoved(),
    )
