"""What bins may hold, as columns of a linear programme, and its optimum rounded to whole bins.

Dantzig and Wolfe's programme over the contents of bins: use each kind of bin at most as often as there are bins, place
each class at most as often as there are items, and maximise what is placed. New contents are found by CP-SAT, one bin
of each kind at a time, at the prices the programme gives to items; what CP-SAT proves there bounds the whole, for any
prices. Unlike the programme over patterns of devices this one knows that resources and devices belong to one bin.

Prices of early programmes jump about, so that items are priced half-way between those and the best known, which are
those with the least bound (P. Wentges, "Weighted Dantzig-Wolfe decomposition for linear mixed-integer programming",
International Transactions in Operational Research 4, 1997).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from placement_solvers.devices.fleet import Fleet
from placement_solvers.devices.linear import Optimum
from placement_solvers.devices.neighbourhood import hold
from placement_solvers.problem import Int64, Problem

Content = tuple[tuple[int, int], ...]
"""Class and number of items, classes ascending."""

PRECISION = 2**10
"""Prices are rounded to this part of a unit of worth."""

SMOOTHING = 0.9
"""Weight of the best prices known; none once they lead to no new content."""


class Contents:
    """The programme; columns are added, never taken away.

    Parameters
    ----------
    problem : Problem
    fleet : Fleet
    worth : (C,) int64
        Of an item that is placed.
    seconds : float
        For one bin.
    optimum : Optimum
        Of the programme over patterns, whose prices are the first best ones.
    """

    def __init__(self, problem: Problem, fleet: Fleet, worth: Int64, seconds: float, optimum: Optimum) -> None:
        self._problem, self._fleet, self._worth, self._seconds = problem, fleet, worth, seconds
        self._bin_of_kind = [int(np.flatnonzero(fleet.kind_of == kind)[0]) for kind in range(fleet.num_kinds)]
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._solver.infinity()
        self._items = [self._solver.Constraint(-infinity, float(n)) for n in problem.class_count]
        self._bins = [self._solver.Constraint(-infinity, float(n)) for n in fleet.size]
        self._solver.Objective().SetMaximization()
        self._columns: dict[tuple[int, Content], Any] = {}
        self._best_price, self._most = optimum.price * PRECISION, optimum.most * PRECISION
        self._smoothing = SMOOTHING

    def add(self, kind: int, content: Content) -> bool:
        """A column; False if it is known."""
        if not content or (kind, content) in self._columns:
            return False
        variable = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._bins[kind].SetCoefficient(variable, 1.0)
        for class_, number in content:
            self._items[class_].SetCoefficient(variable, float(number))
        self._solver.Objective().SetCoefficient(variable, float(sum(int(self._worth[c]) * n for c, n in content)))
        self._columns[kind, content] = variable
        return True

    def add_all(self, contents: Iterable[tuple[int, Content]]) -> None:
        """Columns, as of the bins of a solution."""
        for kind, content in contents:
            self.add(kind, content)

    def improve(self, should_end: Callable[[], bool]) -> tuple[float, int | None]:
        """One round: solve, price a bin of each kind.

        Returns
        -------
        value : float
            Of the programme before the round.
        most : int or None
            No solution places items worth more: proven, if every kind was priced, and in time for a bound.
        """
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return 0.0, None
        value = self._solver.Objective().Value()
        own = np.array([max(row.dual_value(), 0.0) for row in self._items]) * PRECISION
        known = [max(row.dual_value(), 0.0) * PRECISION for row in self._bins]
        price = np.rint(self._smoothing * self._best_price + (1 - self._smoothing) * own).astype(np.int64)
        proven = sum(int(p) * int(n) for p, n in zip(price, self._problem.class_count, strict=True))
        grew, all_bounded = False, True
        for kind, size in enumerate(self._fleet.size.tolist()):
            if should_end():
                return value, None
            bound, contents = self._fill(kind, self._worth * PRECISION - price)
            if bound is None:
                all_bounded = False
            else:
                proven += bound * size
            for content in contents:
                gain = sum((int(self._worth[class_]) * PRECISION - own[class_]) * number for class_, number in content)
                if gain > known[kind] + 1:
                    grew = self.add(kind, content) or grew
        if all_bounded and proven < self._most:
            self._most, self._best_price = proven, price.astype(np.float64)
        self._smoothing = SMOOTHING if grew else 0.0
        return value, proven // PRECISION if all_bounded else None

    @property
    def settled(self) -> bool:
        """Whether the last round found nothing new; the next is at the programme's own prices."""
        return self._smoothing == 0.0

    def _fill(self, kind: int, gain: Int64) -> tuple[int | None, list[Content]]:
        """A proven bound on what one bin of a kind can gain, and contents found on the way to the best.

        There is no bound where CP-SAT was told to end before it had one: the number it shows then proves nothing.
        """
        problem, fleet = self._problem, self._fleet
        useful = np.flatnonzero(fleet.allowed[:, kind] & (gain > 0) & (problem.class_count > 0)).tolist()
        if not useful:
            return 0, []
        model = cp_model.CpModel()
        items = {class_: model.new_int_var(0, int(problem.class_count[class_]), "") for class_ in useful}
        hold(model, problem, self._bin_of_kind[kind], items)
        model.maximize(sum(int(gain[class_]) * x for class_, x in items.items()))
        solver, found = cp_model.CpSolver(), _Found(items)
        solver.parameters.max_time_in_seconds = self._seconds
        solver.parameters.num_workers = 1
        if solver.solve(model, found) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, found.contents
        return int(np.ceil(solver.best_objective_bound - 1e-6)), found.contents

    def rounded(self) -> list[tuple[int, Content]]:
        """Contents for whole bins near the optimum: rounded down, then up where items are left, largest parts first."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return []
        used = [(key, variable.solution_value()) for key, variable in self._columns.items()]
        items, bins = self._problem.class_count.copy(), self._fleet.size.copy()
        found: list[tuple[int, Content]] = []
        parts: list[tuple[float, tuple[int, Content]]] = []
        for (kind, content), amount in used:
            whole = int(amount + 1e-6)
            for _ in range(whole):
                found.append((kind, content))
            bins[kind] -= whole
            for class_, number in content:
                items[class_] -= whole * number
            if amount - whole > 1e-6:
                parts.append((amount - whole, (kind, content)))
        for _, (kind, content) in sorted(parts, reverse=True):
            if bins[kind] > 0 and all(items[class_] >= number for class_, number in content):
                found.append((kind, content))
                bins[kind] -= 1
                for class_, number in content:
                    items[class_] -= number
        return found


class _Found(cp_model.CpSolverSolutionCallback):
    """Keeps each solution that CP-SAT finds.

    Attributes
    ----------
    contents : list of Content
    """

    def __init__(self, items: dict[int, cp_model.IntVar]) -> None:
        super().__init__()
        self._items = items
        self.contents: list[Content] = []

    def on_solution_callback(self) -> None:
        counts = ((class_, int(self.value(x))) for class_, x in self._items.items())
        self.contents.append(tuple((class_, number) for class_, number in counts if number))


def contents_of(
    problem: Problem, fleet: Fleet, bin_of: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
) -> list[tuple[int, Content]]:
    """Kind and content of each bin that holds an item in a solution."""
    inside = np.flatnonzero(bin_of >= 0)
    held: dict[int, Counter[int]] = {}
    for item in inside.tolist():
        held.setdefault(int(bin_of[item]), Counter())[int(problem.class_of[item])] += 1
    return [(int(fleet.kind_of[bin_]), tuple(sorted(counter.items()))) for bin_, counter in held.items()]
