"""Limits: how many of a group may be in a domain when an item enters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from placement_solvers.cp_sat.deadlines import add_deadlines
from placement_solvers.cp_sat.model import Model
from placement_solvers.problem import NOWHERE, Int64

AtMost = Mapping[int, Mapping[int, int]]
"""Group, then kind: how many of the group may be there when an item of the kind enters."""


def add_limits(model: Model) -> None:
    """The rows of all limits: deadlines on each count, and exclusions that work both ways."""
    limits = model.problem.limits
    at_most_of: dict[int, dict[int, int]] = defaultdict(dict)
    for class_, group, at_most in zip(
        limits.class_.tolist(), limits.group.tolist(), limits.at_most.tolist(), strict=True
    ):
        for kind in model.kinds_of(class_).tolist():
            at_most_of[group][kind] = min(at_most, at_most_of[group].get(kind, at_most))
    for group, rows in at_most_of.items():
        _add_rows(model, group, rows)
    _add_exclusions(model, at_most_of)


def _add_rows(model: Model, group: int, at_most_of: Mapping[int, int]) -> None:
    initial, members, is_counted = model.initial(group), model.counted(group), model.is_counted(group)
    none = np.zeros(0, dtype=np.int64)
    for domain, bound in model.in_domains(group, at_most_of).items():
        staying = model.staying(members.get(domain, none))
        if model.is_open([*bound.tolist(), *staying]):
            asked = [(cell, at_most_of[int(model.cells.kind[cell])], bool(is_counted[cell])) for cell in bound.tolist()]
            add_deadlines(model, asked, staying, int(initial[domain]))


def _add_exclusions(model: Model, at_most_of: AtMost) -> None:
    """Forbid kinds that each want to enter before the other to share the domains in which they do.

    If items of both enter, the last of them all meets one of the other kind; with a limit of one it may not enter.
    Kinds with the same rows and memberships are taken together, so a term that many kinds hold against many others
    costs one clause a domain.
    """
    alone = {
        group: frozenset(kind for kind, at_most in rows.items() if at_most == 1) for group, rows in at_most_of.items()
    }
    sorts: dict[tuple[frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for kind in sorted(frozenset().union(*alone.values())):
        avoids = frozenset(group for group, kinds in alone.items() if kind in kinds)
        belongs = frozenset(group for group in alone if model.members(group)[kind])
        sorts[avoids, belongs].append(kind)
    pairs = list(sorts.items())
    for position, ((avoids, belongs), kinds) in enumerate(pairs):
        for (other_avoids, other_belongs), others in pairs[position + 1 :]:
            first, second = avoids & other_belongs, other_avoids & belongs
            if first and second and not avoids & belongs & other_avoids & other_belongs:
                for ways in _distinct(model, first, second):
                    _exclude(model, kinds, others, *ways)


def _distinct(model: Model, first: Iterable[int], second: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs of groups, one for each combination of topologies and scopes."""
    groups = model.problem.groups
    found = {
        (groups.topology[g], groups.scope[g], groups.topology[h], groups.scope[h]): (g, h)
        for g in sorted(first)
        for h in sorted(second)
    }
    return list(found.values())


def _exclude(model: Model, kinds: list[int], others: list[int], avoided: int, avoiding: int) -> None:
    """One clause for each pair of domains: `kinds` avoid `others` by the one group, and the reverse by the other."""
    here = _together(model, kinds, avoided, avoiding, counted_in=avoiding)
    there = _together(model, others, avoided, avoiding, counted_in=avoided)
    program = model.program
    for domains in here.keys() & there.keys():
        if model.is_open(here[domains] + there[domains]):
            program.any_of([~program.holds_any(here[domains]), ~program.holds_any(there[domains])])


def _together(
    model: Model, kinds: list[int], first: int, second: int, *, counted_in: int
) -> dict[tuple[int, int], list[int]]:
    """Entering cells that the group counts, by their domains in the topologies of two groups."""
    cells: Int64 = np.concatenate([model.cells_of(kind) for kind in kinds])
    cells = np.array(model.entering(cells), dtype=np.int64)
    cells = cells[model.groups.in_scope(counted_in)[model.cells.bin[cells]]]
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for cell, one, two in zip(
        cells.tolist(), model.domain(first)[cells].tolist(), model.domain(second)[cells].tolist(), strict=True
    ):
        if one != NOWHERE and two != NOWHERE:
            found[one, two].append(cell)
    return found
