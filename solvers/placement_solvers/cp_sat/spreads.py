"""Spread: an item enters a domain only while it is not too far above the smallest one.

The smallest count only rises, so it may be taken from the final counts: an item that must enter while the count is at
most so far above it then, must do so at the end too, deadlines (see `deadlines`) counting from the smallest domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from placement_solvers.cp_sat.deadlines import add_deadlines
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import least_of


def add_spreads(model: Model) -> None:
    """The rows of all spreads."""
    spreads = model.problem.spreads
    rows: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for row, group in enumerate(spreads.group.tolist()):
        few = bool(model.groups.eligible_domains(group).sum() < spreads.min_domains[row])
        rows[group, few].append(row)
    for (group, few), own in rows.items():
        at_most_of: dict[int, int] = {}
        for row in own:
            at_most = int(spreads.max_skew[row]) + 1 - int(spreads.counts_itself[row])
            for kind in model.kinds_of(int(spreads.class_[row])).tolist():
                at_most_of[kind] = min(at_most, at_most_of.get(kind, at_most))
        touched = model.counted(group).keys() | model.in_domains(group, at_most_of).keys()
        if touched:
            _add_rows(model, group, at_most_of, None if few else smallest_count(model, group, at_most_of))


def smallest_count(model: Model, group: int, at_most_of: Mapping[int, int]) -> int:
    """A variable that is at most the final count of every eligible domain.

    Domains without a cell keep their counts. Items that entered them must not find the smallest count sunk too far.
    """
    program, initial, counted = model.program, model.initial(group), model.counted(group)
    eligible = model.groups.eligible_domains(group)
    totals = [model.sum_of(cells, int(initial[domain])) for domain, cells in counted.items() if eligible[domain]]
    still = eligible.copy()
    still[list(counted)] = False
    least_still = [int(initial[still].min())] if still.any() else []
    if not totals:
        return program.constant(least_still[0] if least_still else 0)
    lower = min([*least_still, *(program.minimum(total) for total in totals)])
    upper = min([*least_still, *(program.maximum(total) for total in totals)])
    lower = min(max(lower, _floor(model, group, at_most_of)), upper)
    if lower == upper == min(least_still, default=upper + 1):
        return program.constant(lower)
    smallest = program.integer(lower, upper, least_of(totals, least_still))
    for total in totals:
        program.at_least(total.plus([smallest], -1), 0)
    return smallest


def _floor(model: Model, group: int, at_most_of: Mapping[int, int]) -> int:
    """What the smallest count must stay at for items that entered domains without a cell, or 0.

    Members without a row may have come after them; so where counts exceed what the rows allow nothing is asked.
    """
    pairs, initial = model.rest.pairs, model.initial(group)
    entered = ~pairs.kept & np.isin(pairs.kind, list(at_most_of))
    if not entered.any():
        return 0
    topology = model.problem.groups.topology[group]
    domains = model.problem.domain_of[topology, pairs.bin[entered]]
    needed = initial[domains] - np.array([at_most_of[kind] for kind in pairs.kind[entered].tolist()])
    return int(needed.max(initial=0))


def _add_rows(model: Model, group: int, at_most_of: Mapping[int, int], smallest: int | None) -> None:
    initial, members, is_counted = model.initial(group), model.counted(group), model.is_counted(group)
    none = np.zeros(0, dtype=np.int64)
    for domain, bound in model.in_domains(group, at_most_of).items():
        staying = model.staying(members.get(domain, none))
        asked = [(cell, at_most_of[int(model.cells.kind[cell])], bool(is_counted[cell])) for cell in bound.tolist()]
        add_deadlines(model, asked, staying, int(initial[domain]), smallest)
