"""The fewest patterns of a list that cover all items, by mixed integer programming.

Programmes of a few thousand patterns and hundreds of classes are what branch and cut is good at, and clauses are not:
HiGHS closes in seconds what CP-SAT leaves open for minutes. Its answer counts as proof to within its tolerance of one
in a million; all numbers here are small integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from placement_solvers.problem import Int32, Int64

WHOLE = 1e-4
"""A bound within so much of an integer is taken for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is known of the fewest patterns.

    Attributes
    ----------
    times : (N,) int64 or None
        How often each pattern is used in the best cover found.
    at_least : int
        No cover has fewer.
    """

    times: Int64 | None
    at_least: int


def choose_patterns(patterns: Int32, count: Int64, at_least: int, seconds: float) -> Chosen:
    """Cover `count` items of each class by as few patterns as can be found in the time.

    Parameters
    ----------
    patterns : (N, C) int32
    at_least : int
        Known before: a cover of so many ends the search.
    """
    # Loaded only here: it takes a quarter of a second.
    from ortools.math_opt.python import mathopt

    if (patterns.max(axis=0, initial=0) < np.minimum(count, 1)).any():
        return Chosen(None, at_least + 1)
    model = mathopt.Model()
    inside = patterns > 0
    needed = np.where(inside, -(-count // np.maximum(patterns, 1)), 0).max(axis=1)
    times = [model.add_integer_variable(lb=0, ub=float(most)) for most in needed.tolist()]
    for class_ in np.flatnonzero(count).tolist():
        covers = np.flatnonzero(inside[:, class_])
        held = zip(patterns[covers, class_].tolist(), covers.tolist(), strict=True)
        model.add_linear_constraint(mathopt.fast_sum(items * times[row] for items, row in held) >= float(count[class_]))
    total = mathopt.fast_sum(times)
    model.add_linear_constraint(total >= float(at_least))
    model.minimize(total)
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds), enable_output=False)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits)
    reason = mathopt.TerminationReason
    if result.termination.reason is reason.INFEASIBLE:
        return Chosen(None, at_least + 1)
    bound = result.best_objective_bound()
    proven = at_least if not np.isfinite(bound) else max(at_least, int(np.ceil(bound - WHOLE)))
    if not result.has_primal_feasible_solution():
        return Chosen(None, proven)
    values = result.variable_values(times)
    return Chosen(np.round(np.array(values)).astype(np.int64), proven)
