"""The restricted master: a linear programme over the patterns known so far.

For one tier: minimise what opening bins and leaving items out costs, such that every item is covered or left out, no
type is used more often than there are bins, rules over domains hold on average, and the earlier tiers cost no more
than they must. Its duals price the items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.linear_solver import linear_solver_pb2, pywraplp

from placement_solvers.bounds.prices import most_left_out
from placement_solvers.objective import Cost
from placement_solvers.packing_view import MANY, DomainRule, Float, PackingView
from placement_solvers.problem import NOWHERE, Int32, Int64

GLOP_PARAMETERS = "use_preprocessing:false use_scaling:false feasibility_rule:DEVEX"
"""Each solve starts from the basis of the one before; presolve would throw it away. The rows are of one size anyway."""

ONE_TYPE, MANY_TYPES = "optimization_rule:STEEPEST_EDGE", "optimization_rule:DEVEX"
"""With one type rounds bring hundreds of columns that differ little: half the steps, each dearer, are less work."""

LEAST_PRICE = 1e-9
"""What buying an item without a price costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Duals:
    """What the master's rows are worth at its optimum, in units of the tier's cost.

    Attributes
    ----------
    objective : float
    of_item : (Z, C) float64
    of_supply : (T,) float64
        At most 0.
    of_rule : tuple of (D,) float64
    of_earlier : (tier,) float64
        At least 0.
    """

    objective: float
    of_item: Float
    of_supply: Float
    of_rule: tuple[Float, ...]
    of_earlier: Float


class Master:
    """The linear programme of one tier; columns are added, never taken away.

    Parameters
    ----------
    view : PackingView
    tier : int
    earlier : tuple of int
        What the earlier tiers cost at most.
    penalty : float
        Cost of an item that cannot be left out but is not covered yet.
    """

    def __init__(self, view: PackingView, tier: int, earlier: Cost, penalty: float) -> None:
        self._view, self._tier = view, tier
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._parameters = f"{GLOP_PARAMETERS} {ONE_TYPE if view.num_types == 1 else MANY_TYPES}"
        self._solver.SetSolverSpecificParametersAsString(self._parameters)
        self._infinity = self._solver.infinity()
        # The simplex runs without scaling: costs of about one keep its tolerances meaningful.
        self._unit = float(max(view.open[tier].max(initial=0), view.unplaced[tier].max(initial=0), 1))
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self.types: list[int] = []
        self.patterns: list[Int32] = []
        self._indices: list[int] = []
        self._known: set[tuple[int, bytes]] = set()
        self._is_solved, self._from_duals = False, False
        self._ruled = np.zeros(view.num_classes, dtype=np.bool_)
        for rule in view.rules:
            self._ruled[rule.classes] = True
        self._earlier = [self._solver.Constraint(-self._infinity, float(cost)) for cost in earlier]
        self._supply = [self._solver.Constraint(-self._infinity, float(supply)) for supply in view.supply]
        self._cover = [self._solver.Constraint(float(count), self._infinity) for count in view.count]
        self._penalties = self._leave_out(most_left_out(view, tier, earlier), penalty)
        self._steering: list[tuple[int, Any, Any]] = []
        self._cover_in_region: dict[tuple[int, int], Any] = {}
        self._domain_rows = self._rules()

    def _leave_out(self, most: Int64, penalty: float) -> list[Any]:
        """Columns of items left out, as far as they may be, and of items that must be but are not covered."""
        view, penalties = self._view, []
        for class_ in np.flatnonzero(view.count).tolist():
            if most[class_] > 0:
                column = self._solver.NumVar(0.0, float(most[class_]), "")
                self._objective.SetCoefficient(column, float(view.unplaced[self._tier, class_]) / self._unit)
                self._cover[class_].SetCoefficient(column, 1.0)
                for tier, row in enumerate(self._earlier):
                    if view.unplaced[tier, class_]:
                        row.SetCoefficient(column, float(view.unplaced[tier, class_]))
            if most[class_] < view.count[class_]:
                column = self._solver.NumVar(0.0, self._infinity, "")
                self._objective.SetCoefficient(column, penalty / self._unit)
                self._cover[class_].SetCoefficient(column, 1.0)
                penalties.append(column)
        return penalties

    def _rules(self) -> list[list[Any]]:
        """Rows that hold the counts by domain together; for each rule the row of each domain."""
        view, solver = self._view, self._solver
        allowed = np.ones((view.num_regions, view.num_classes), dtype=np.bool_)
        for rule in view.rules:
            allowed[np.ix_(rule.domain_of_region == NOWHERE, rule.classes)] = False
        amount: dict[tuple[int, int], Any] = {}
        for region, class_ in zip(*np.nonzero(allowed & self._ruled), strict=True):
            place = int(region), int(class_)
            amount[place] = solver.NumVar(0.0, self._infinity, "")
            row = self._cover_in_region[place] = solver.Constraint(0.0, self._infinity)
            row.SetCoefficient(amount[place], -1.0)
            self._cover[class_].SetCoefficient(amount[place], 1.0)
        return [self._rule(rule, amount) for rule in view.rules]

    def _rule(self, rule: DomainRule, amount: dict[tuple[int, int], Any]) -> list[Any]:
        solver, rows = self._solver, []
        counts = rule.initial[rule.eligible]
        lowest = 0 if rule.smallest_is_zero or len(counts) == 0 else int(counts.min())
        highest = 0.0 if rule.smallest_is_zero else self._infinity
        smallest = solver.NumVar(0.0, highest, "")
        for domain, initial in enumerate(rule.initial.tolist()):
            top = float(max(rule.at_most - initial, 0)) if rule.at_most < MANY else self._infinity
            total = solver.NumVar(0.0, top, "")
            row = solver.Constraint(0.0, 0.0)
            row.SetCoefficient(total, 1.0)
            rows.append(row)
            if rule.max_skew < MANY:
                # A domain too full already takes nothing; its surplus says nothing of the smallest count.
                over = solver.Constraint(-self._infinity, float(rule.max_skew - min(initial, lowest + rule.max_skew)))
                over.SetCoefficient(total, 1.0)
                over.SetCoefficient(smallest, -1.0)
                if rule.eligible[domain] and not rule.smallest_is_zero:
                    under = solver.Constraint(-self._infinity, float(initial))
                    under.SetCoefficient(smallest, 1.0)
                    under.SetCoefficient(total, -1.0)
        for (region, class_), column in amount.items():
            domain = int(rule.domain_of_region[region])
            if domain != NOWHERE and class_ in rule.classes:
                rows[domain].SetCoefficient(column, -1.0)
        return rows

    def add(self, type_: int, pattern: Int32) -> bool:
        """Take in a pattern (C,); whether it was new."""
        key = (type_, pattern.tobytes())
        if key in self._known:
            return False
        self._known.add(key)
        view = self._view
        column = self._solver.NumVar(0.0, self._infinity, "")
        self._objective.SetCoefficient(column, float(view.open[self._tier, type_]) / self._unit)
        for tier, row in enumerate(self._earlier):
            if view.open[tier, type_]:
                row.SetCoefficient(column, float(view.open[tier, type_]))
        self._supply[type_].SetCoefficient(column, 1.0)
        region = int(view.region[type_])
        for class_ in np.flatnonzero(pattern).tolist():
            row = self._cover_in_region[region, class_] if self._ruled[class_] else self._cover[class_]
            row.SetCoefficient(column, float(pattern[class_]))
        self.types.append(type_)
        self.patterns.append(pattern.copy())
        self._indices.append(column.index())
        self._is_solved = False
        return True

    def ask(self, count: Float, *, from_duals: bool = False) -> None:
        """Ask for other numbers of items (C,) from now on.

        Parameters
        ----------
        from_duals : bool
            Whether the next solve goes on from the duals, by the dual simplex: these stay feasible.
        """
        for row, wanted in zip(self._cover, count.tolist(), strict=True):
            row.SetBounds(wanted, self._infinity)
        self._is_solved, self._from_duals = False, from_duals

    def steer(self, of_class: Float, width: float) -> None:
        """Hold the duals of classes near given prices: items may be bought a little dearer and sold a little cheaper.

        Parameters
        ----------
        of_class : (C,) float64
            In units of the tier's cost.
        width : float
            Share of a price by which a dual may differ from it for free.
        """
        if not self._steering:
            for class_ in np.flatnonzero(self._view.count).tolist():
                bought = self._solver.NumVar(0.0, self._infinity, "")
                sold = self._solver.NumVar(0.0, self._infinity, "")
                self._cover[class_].SetCoefficient(bought, 1.0)
                self._cover[class_].SetCoefficient(sold, -1.0)
                self._steering.append((class_, bought, sold))
        for class_, bought, sold in self._steering:
            price = float(of_class[class_]) / self._unit
            self._objective.SetCoefficient(bought, price * (1 + width) + LEAST_PRICE)
            self._objective.SetCoefficient(sold, -price * (1 - width))
        self._is_solved = False

    def is_steered(self) -> bool:
        """Whether the optimum buys or sells anything."""
        self._optimise()
        return any(bought.solution_value() > 1e-7 or sold.solution_value() > 1e-7 for _, bought, sold in self._steering)

    def release(self) -> None:
        """Let the duals go where they will."""
        for _, bought, sold in self._steering:
            bought.SetUb(0.0)
            sold.SetUb(0.0)
        self._steering.clear()
        self._is_solved = False

    def solve(self) -> Duals | None:
        """Optimise over the columns there are; None if the programme's numbers defeat the simplex."""
        if not self._optimise():
            return None
        view, unit = self._view, self._unit
        by_class = np.array([row.dual_value() for row in self._cover])
        of_item = np.repeat(by_class[None, :], max(view.num_regions, 1), axis=0)
        for (region, class_), row in self._cover_in_region.items():
            of_item[region, class_] = row.dual_value()
        return Duals(
            objective=self._objective.Value() * unit,
            of_item=np.maximum(of_item, 0.0) * unit,
            of_supply=np.array([row.dual_value() for row in self._supply]) * unit,
            of_rule=tuple(np.array([-row.dual_value() for row in rows]) * unit for rows in self._domain_rows),
            of_earlier=np.maximum([-row.dual_value() for row in self._earlier], 0.0).reshape(-1) * unit,
        )

    def usage(self) -> Float | None:
        """How often each column is used at the optimum, (columns,) float64."""
        if not self._optimise():
            return None
        response = linear_solver_pb2.MPSolutionResponse()  # all at once: asked one by one they take longer
        self._solver.FillSolutionResponseProto(response)
        values: Float = np.array(response.variable_value)[self._indices]
        return values

    def _optimise(self) -> bool:
        """Solve what was changed since the last time; whether it worked."""
        if not self._is_solved:
            if self._from_duals:
                self._solver.SetSolverSpecificParametersAsString(f"{self._parameters} use_dual_simplex:true")
            self._is_solved = self._solver.Solve() == pywraplp.Solver.OPTIMAL
            if self._from_duals:
                self._from_duals = False
                self._solver.SetSolverSpecificParametersAsString(f"{self._parameters} use_dual_simplex:false")
        return self._is_solved
