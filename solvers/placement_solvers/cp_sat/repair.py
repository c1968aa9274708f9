"""A feasible solution out of one that almost is."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.order import admission_order
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution


def with_order(problem: Problem, bin_of: Int32) -> tuple[Solution, bool, bool]:
    """The placement with an order, items that find no turn left out, and gangs that break by it with them.

    Returns
    -------
    solution : Solution
    whole : bool
        Whether every item found its turn.
    impossible : bool
        Whether it is proven that no order lets all of them in.
    """
    order = admission_order(problem, bin_of)
    impossible = order.impossible
    whole = order.complete
    while not order.complete:
        bin_of = bin_of.copy()
        bin_of[order.stuck] = NOWHERE
        _leave_out_broken_gangs(problem, bin_of)
        order = admission_order(problem, bin_of)
    return Solution(bin_of, order.sequence), whole, impossible


def _leave_out_broken_gangs(problem: Problem, bin_of: Int32) -> None:
    gangs = problem.gangs
    for gang in range(len(gangs)):
        members = np.flatnonzero(gangs.of_item == gang)
        placed = members[bin_of[members] != NOWHERE]
        if len(placed) < gangs.at_least[gang] and not _unchanged(problem, bin_of, members):
            bin_of[placed] = NOWHERE


def _unchanged(problem: Problem, bin_of: Int32, members: Int64) -> bool:
    return len(problem.start) > 0 and bool(np.array_equal(bin_of[members], problem.start[members]))
