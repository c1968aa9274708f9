"""The fewest patterns of pools that cover all items, by mixed integer programming.

Programmes of a few thousand patterns and hundreds of classes are what branch and cut is good at, and clauses are not:
HiGHS closes in seconds what CP-SAT leaves open for minutes. Its answer counts as proof to within its tolerance of one
in a million; all numbers here are small integers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from placement_solvers.pattern_pool.apart import solve_apart
from placement_solvers.pattern_pool.pool import Pool
from placement_solvers.problem import Int32, Int64

WHOLE = 1e-4
"""A bound within so much of an integer is taken for it."""

FEW_PATTERNS, SECONDS_HERE = 2000, 0.5
"""So many are chosen from right here, for so long at first.

What is larger or takes longer gets a process of its own, which can be ended: HiGHS may look at the clock late, and its
thread left alone takes Python down with it. Starting a process takes a third of a second.
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Patterns of a type of bins.

    Attributes
    ----------
    pool : Pool
    supply : int or None
        Bins there are that cost nothing; None for those of the type that are counted, of which there are enough.
    """

    pool: Pool
    supply: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is known of the fewest patterns.

    Attributes
    ----------
    times : tuple of (N,) int64 or None
        How often each pattern of each shelf is used in the best cover found.
    at_least : int or None
        No cover has fewer that are counted; None if there is no cover at all.
    """

    times: tuple[Int64, ...] | None
    at_least: int | None


def choose_patterns(
    shelves: Sequence[Shelf],
    count: Int64,
    at_least: int,
    seconds: float,
    should_stop: Callable[[], bool] = lambda: False,
) -> Chosen:
    """Cover `count` items of each class (C,) by as few patterns as can be found in the time.

    Parameters
    ----------
    at_least : int
        Known before: a cover of so many ends the search.
    should_stop : callable
        Asked all the time. The search is ended then, but for the first `SECONDS_HERE` of a small one.
    """
    # Loaded only here: it takes a quarter of a second.
    from ortools.math_opt.python import mathopt

    row, class_, items, first = _entries(shelves)
    covered = np.zeros(len(count), dtype=np.bool_)
    covered[class_] = True
    if (~covered & (count > 0)).any():
        return Chosen(None, None)
    needed = np.zeros(int(first[-1]), dtype=np.int64)
    np.maximum.at(needed, row, -(-count[class_] // items))
    model = mathopt.Model()
    times = [model.add_integer_variable(lb=0, ub=float(most)) for most in needed.tolist()]
    order = np.argsort(class_, kind="stable")
    bounds = np.searchsorted(class_[order], np.arange(len(count) + 1))
    for wanted in np.flatnonzero(count).tolist():
        mine = order[bounds[wanted] : bounds[wanted + 1]]
        held = zip(items[mine].tolist(), row[mine].tolist(), strict=True)
        model.add_linear_constraint(mathopt.fast_sum(i * times[n] for i, n in held) >= float(count[wanted]))
    paid = []
    for shelf, begin, end in zip(shelves, first[:-1].tolist(), first[1:].tolist(), strict=True):
        if shelf.supply is None:
            paid += times[begin:end]
        elif end > begin:
            model.add_linear_constraint(mathopt.fast_sum(times[begin:end]) <= float(shelf.supply))
    total = mathopt.fast_sum(paid)
    model.add_linear_constraint(total >= float(at_least))
    model.minimize(total)
    result = _solved(model, seconds, should_stop)
    if result is None:
        return Chosen(None, at_least)
    if result.termination.reason is mathopt.TerminationReason.INFEASIBLE:
        return Chosen(None, None)
    bound = result.best_objective_bound()
    proven = at_least if not np.isfinite(bound) else max(at_least, int(np.ceil(bound - WHOLE)))
    if not result.has_primal_feasible_solution():
        return Chosen(None, proven)
    values = np.round(np.array(result.variable_values(times))).astype(np.int64)
    return Chosen(tuple(np.split(values, first[1:-1])), proven)


def _entries(shelves: Sequence[Shelf]) -> tuple[Int64, Int32, Int64, Int64]:
    """Pattern, class and items of all that patterns hold; and where each shelf's patterns begin, and their end."""
    first = np.cumsum([0, *(len(shelf.pool) for shelf in shelves)])
    length = np.concatenate([np.diff(shelf.pool.start) for shelf in shelves])
    members = np.concatenate([shelf.pool.members for shelf in shelves]).astype(np.int64)
    width = max(shelves[0].pool.num_classes, 1)
    entry, items = np.unique(np.repeat(np.arange(len(length)), length) * width + members, return_counts=True)
    return entry // width, (entry % width).astype(np.int32), items.astype(np.int64), first


def _solved(model: Any, seconds: float, should_stop: Callable[[], bool]) -> Any:
    """The result of HiGHS, None if the caller did not wait for it."""
    from ortools.math_opt.python import mathopt

    if model.get_num_variables() > FEW_PATTERNS:
        return solve_apart(model, seconds, should_stop)
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=min(seconds, SECONDS_HERE)), enable_output=False)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits)
    undecided = mathopt.TerminationReason.FEASIBLE, mathopt.TerminationReason.NO_SOLUTION_FOUND
    if seconds <= SECONDS_HERE or result.termination.reason not in undecided:
        return result
    return None if should_stop() else solve_apart(model, seconds, should_stop)
