"""A linear programme over kinds of bins and patterns of devices: a bound, and which classes go to which kind.

For one tier, maximise the worth of what is placed: ``x[c, k]`` items of class c in bins of kind k, at most as many as
there are; within what all bins of a kind have of each resource; and the shares they take covered by ``y[p]`` patterns,
each a set of shares that fit onto one device, at most one a device. What it forgets is that a bin's resources are not
those of the next bin, and that an item lies on devices of one bin. Patterns are generated as their prices ask for them
(Gilmore and Gomory, Operations Research 9, 1961).

The bound is not taken from the programme's own arithmetic: its duals are rounded to integers, and what they prove is
added up exactly (Lagrangian relaxation holds for any prices).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from placement_solvers.devices.fleet import Fleet, fleet_of
from placement_solvers.devices.patterns import best_pattern
from placement_solvers.devices.state import Float64
from placement_solvers.problem import Int64, Problem

PRECISION = 2**24
"""Duals are rounded to this part of a unit of worth."""

LEAST_GAIN = 1e-6
"""By how much, relative to its price, a pattern must be worth more than what is known to be added."""

MAX_ROUNDS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """What the programme says.

    Attributes
    ----------
    most : int
        No solution places items worth more: proven.
    wanted : (C, K) float64
        Items of each class in bins of each kind.
    price : (C,) float64
        What one more item of each class would be worth.
    """

    most: int
    wanted: Float64
    price: Float64


class Programme:
    """The programme of one tier.

    Parameters
    ----------
    problem : Problem
        With one resource of devices.
    worth : (C,) int64
        What placing an item is worth, 0 or more.
    """

    def __init__(self, problem: Problem, worth: Int64) -> None:
        self._problem, self._worth = problem, worth
        self.fleet: Fleet = fleet_of(problem)
        devices = problem.devices
        taken = devices.share[:, 0][(devices.count > 0) & (devices.share[:, 0] > 0)]
        self._sizes: Int64 = np.unique(taken)
        self._size_of = np.where(
            (devices.count > 0) & (devices.share[:, 0] > 0), np.searchsorted(self._sizes, devices.share[:, 0]), -1
        )
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._infinity = self._solver.infinity()
        self._build()

    def _build(self) -> None:
        problem, fleet, solver = self._problem, self.fleet, self._solver
        objective = solver.Objective()
        objective.SetMaximization()
        self._items = [solver.Constraint(-self._infinity, float(n)) for n in problem.class_count]
        self._room = [
            [solver.Constraint(-self._infinity, float(amount)) for amount in row]
            for row in (fleet.capacity.clip(min=0) * fleet.size[:, None]).tolist()
        ]
        self._cover = [[solver.Constraint(-self._infinity, 0.0) for _ in self._sizes] for _ in fleet.size]
        self._kinds: list[tuple[int, int, int]] = []  # kind of bin, capacity of its device, how many there are
        self._supply: list[Any] = []
        for kind, own in enumerate(fleet.devices):
            for capacity, number in zip(
                *(column.tolist() for column in np.unique(own, return_counts=True)), strict=True
            ):
                total = number * int(fleet.size[kind])
                self._kinds.append((kind, capacity, total))
                self._supply.append(solver.Constraint(-self._infinity, float(total)))
        self._x: dict[tuple[int, int], Any] = {}
        for class_, kind in np.argwhere(fleet.allowed & (problem.class_count > 0)[:, None]).tolist():
            variable = solver.NumVar(0.0, self._infinity, "")
            objective.SetCoefficient(variable, float(self._worth[class_]))
            self._items[class_].SetCoefficient(variable, 1.0)
            for resource in np.flatnonzero(problem.demand[class_]).tolist():
                self._room[kind][resource].SetCoefficient(variable, float(problem.demand[class_, resource]))
            if self._size_of[class_] >= 0:
                row = self._cover[kind][self._size_of[class_]]
                row.SetCoefficient(variable, float(problem.devices.count[class_]))
            self._x[class_, kind] = variable
        self._patterns: set[tuple[int, bytes]] = set()
        for supply, (_, capacity, _) in enumerate(self._kinds):
            for size in range(len(self._sizes)):
                if self._sizes[size] <= capacity:
                    self._add(supply, (np.arange(len(self._sizes)) == size) * (capacity // self._sizes[size]))

    def _add(self, supply: int, pattern: Int64) -> bool:
        """A new column; False if it is known already."""
        key = supply, pattern.tobytes()
        if key in self._patterns:
            return False
        self._patterns.add(key)
        variable = self._solver.NumVar(0.0, self._infinity, "")
        self._supply[supply].SetCoefficient(variable, 1.0)
        for size in np.flatnonzero(pattern).tolist():
            self._cover[self._kinds[supply][0]][size].SetCoefficient(variable, -float(pattern[size]))
        return True

    def solve(self, should_end: Callable[[], bool]) -> Optimum | None:
        """The optimum, or what is known when told to end; None if that is nothing."""
        found: Optimum | None = None
        for _ in range(MAX_ROUNDS):
            if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
                return found
            wanted = np.zeros(self.fleet.allowed.shape)
            for (class_, kind), variable in self._x.items():
                wanted[class_, kind] = variable.solution_value()
            price = np.array([max(row.dual_value(), 0.0) for row in self._items])  # gone once a column is added
            most, grew = self._price()
            found = Optimum(most if found is None else min(most, found.most), wanted, price)
            if not grew or should_end():
                break
        return found

    def _price(self) -> tuple[int, bool]:
        """What the duals prove as of now, and whether they asked for new patterns."""
        problem, fleet = self._problem, self.fleet
        room = _rounded([[row.dual_value() for row in rows] for rows in self._room], fleet.capacity.shape)
        cover = _rounded(
            [[row.dual_value() for row in rows] for rows in self._cover], (fleet.num_kinds, len(self._sizes))
        )
        proven = sum(
            int(price) * int(amount)
            for price, amount in zip(
                room.ravel(), (fleet.capacity.clip(min=0) * fleet.size[:, None]).ravel(), strict=True
            )
        )
        known_worth = [max(row.dual_value(), 0.0) * PRECISION for row in self._supply]  # gone once a column is added
        grew = False
        for supply, ((kind, capacity, number), known) in enumerate(zip(self._kinds, known_worth, strict=True)):
            worth, pattern = best_pattern(capacity, self._sizes, cover[kind])
            proven += worth * number
            if worth > known * (1 + LEAST_GAIN) + 1:
                grew = self._add(supply, pattern) or grew
        demand = problem.demand.astype(object)
        for class_ in np.flatnonzero(problem.class_count).tolist():
            gains = [0]
            for kind in np.flatnonzero(fleet.allowed[class_]).tolist():
                price = int((demand[class_] * room[kind].astype(object)).sum())
                if self._size_of[class_] >= 0:
                    price += int(problem.devices.count[class_]) * int(cover[kind, self._size_of[class_]])
                gains.append(int(self._worth[class_]) * PRECISION - price)
            proven += int(problem.class_count[class_]) * max(gains)
        return proven // PRECISION, grew


def _rounded(duals: list[list[float]], shape: tuple[int, ...]) -> NDArray[np.int64]:
    prices = np.array(duals, dtype=np.float64).reshape(shape).clip(min=0)
    rounded: NDArray[np.int64] = np.rint(prices * PRECISION).astype(np.int64)
    return rounded
