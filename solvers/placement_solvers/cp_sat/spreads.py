"""Spread: an item enters a domain only while it is not too far above the smallest one.

The smallest count only rises, so it may be taken from the final counts: an item that must enter while the count is at
most so far above it then, must do so at the end too, deadlines (see `deadlines`) counting from the smallest domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from placement_solvers.counting import eligible_domains
from placement_solvers.cp_sat.deadlines import add_deadlines
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import least_of


def add_spreads(model: Model) -> None:
    """The rows of all spreads."""
    spreads = model.problem.spreads
    rows: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for row, group in enumerate(spreads.group.tolist()):
        few = bool(eligible_domains(model.problem, group).sum() < spreads.min_domains[row])
        rows[group, few].append(row)
    for (group, few), own in rows.items():
        _add_rows(model, group, own, None if few else smallest_count(model, group))


def smallest_count(model: Model, group: int) -> int:
    """A variable that is at most the final count of every eligible domain."""
    program, initial, counted = model.program, model.initial(group), model.counted(group)
    eligible = np.flatnonzero(eligible_domains(model.problem, group))
    if len(eligible) == 0:
        return program.constant(0)
    totals = [model.sum_of(counted[domain], int(initial[domain])) for domain in eligible.tolist() if domain in counted]
    empty = [int(initial[domain]) for domain in eligible.tolist() if domain not in counted]
    upper = min([*empty, *(program.maximum(total) for total in totals)])
    lower = min([*empty, *(program.minimum(total) for total in totals)])
    if lower == upper:
        return program.constant(lower)

    smallest = program.integer(lower, upper, least_of(totals, empty))
    for total in totals:
        program.at_least(total.plus([smallest], -1), 0)
    return smallest


def _add_rows(model: Model, group: int, rows: Sequence[int], smallest: int | None) -> None:
    spreads = model.problem.spreads
    at_most_of: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        for kind in model.kinds_of(int(spreads.class_[row])).tolist():
            at_most_of[kind].append(int(spreads.max_skew[row]) + 1 - int(spreads.counts_itself[row]))
    initial, members, is_counted = model.initial(group), model.counted(group), model.is_counted(group)
    none = np.zeros(0, dtype=np.int64)
    for domain, bound in model.in_domains(group, at_most_of).items():
        staying = model.staying(members.get(domain, none))
        asked = [
            (cell, min(at_most_of[int(model.cells.kind[cell])]), bool(is_counted[cell])) for cell in bound.tolist()
        ]
        add_deadlines(model, asked, staying, int(initial[domain]), smallest)
