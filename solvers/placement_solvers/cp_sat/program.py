"""A constraint program in the making, written straight into CP-SAT's model.

`ortools.sat.python.cp_model` builds an object for every term and imports pandas (0.4 s); its compiled half, which it
pins by the same version, is used alone here: a million booleans take 1.3 s instead of 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from placement_solvers.problem import Int64

Rule = Callable[[Sequence[int]], int]
"""The value of a variable from the values of those before it."""

Literal = int
"""A boolean variable, or ``~variable`` for its negation: the numbering of CP-SAT itself."""

UNBOUNDED = 2**62
"""Stands for no bound on a sum."""

STRIDE = 1000
"""Variables and rows from one look at whether to go on to the next."""


class BuildingStoppedError(Exception):
    """A program in the making was told to stop; there is nothing of it."""


@dataclass(slots=True)
class Sum:
    """A weighted sum of variables and a constant. A variable may occur more than once."""

    variables: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    constant: int = 0

    def add(self, variables: Iterable[int], weight: int = 1) -> Sum:
        """Add the same multiple of each variable; gives the sum back."""
        before = len(self.variables)
        self.variables.extend(variables)
        self.weights.extend([weight] * (len(self.variables) - before))
        return self

    @classmethod
    def of(cls, variables: Iterable[int], constant: int = 0) -> Sum:
        """The plain sum of some variables and a constant."""
        return cls(constant=constant).add(variables)

    def plus(self, variables: Iterable[int], weight: int = 1) -> Sum:
        """A new sum with the same multiple of each variable added."""
        return Sum(list(self.variables), list(self.weights), self.constant).add(variables, weight)

    def value(self, values: Sequence[int]) -> int:
        """What the sum is where the variables have these values."""
        total = self.constant
        for variable, weight in zip(self.variables, self.weights, strict=True):
            total += weight * values[variable]
        return total


def any_of(variables: Iterable[int]) -> Rule:
    """The rule of a literal that holds where some variable is above 0."""
    own = tuple(variables)
    return lambda values: int(any(values[variable] for variable in own))


def least_of(sums: Sequence[Sum], also: Sequence[int] = ()) -> Rule:
    """The rule of the least of some sums and numbers."""
    return lambda values: min([*also, *(one.value(values) for one in sums)])


def greatest_of(sums: Sequence[Sum], also: Sequence[int] = ()) -> Rule:
    """The rule of the greatest of some sums and numbers."""
    return lambda values: max([*also, *(one.value(values) for one in sums)])


class Program:
    """Variables, constraints, and how every auxiliary variable follows from those before it.

    A hint that leaves variables open is lost (CP-SAT drops it), so each auxiliary variable is added together with the
    function that gives its value; `complete` turns values of the first variables into values of all.

    Parameters
    ----------
    should_stop : callable, optional
        Asked now and then while variables and rows are added; once it says True, adding raises
        `BuildingStoppedError`.
    """

    def __init__(self, should_stop: Callable[[], bool] | None = None) -> None:
        from ortools.sat.python import cp_model_helper

        self.proto: Any = cp_model_helper.CpModelProto()
        self.lower: list[int] = []
        self.upper: list[int] = []
        self._rules: list[tuple[int, Rule]] = []
        self._indicators: dict[tuple[int, ...], Literal] = {}
        self._constants: dict[int, int] = {}
        self._should_stop = should_stop
        self._added = 0

    @property
    def num_variables(self) -> int:
        return len(self.lower)

    @property
    def num_constraints(self) -> int:
        return len(self.proto.constraints)

    def integer(self, lower: int, upper: int, rule: Rule | None = None) -> int:
        """A new integer variable; `rule` gives its value from those of the variables before it."""
        self._look()
        self.proto.variables.add().domain.extend([lower, upper])
        self.lower.append(lower)
        self.upper.append(upper)
        if rule is not None:
            self._rules.append((len(self.lower) - 1, rule))
        return len(self.lower) - 1

    def _look(self) -> None:
        self._added += 1
        if self._should_stop is not None and self._added % STRIDE == 0 and self._should_stop():
            raise BuildingStoppedError

    def boolean(self, rule: Rule | None = None) -> Literal:
        """A new variable of 0 and 1."""
        return self.integer(0, 1, rule)

    def constant(self, value: int) -> int:
        """A variable that has just one value."""
        if value not in self._constants:
            self._constants[value] = self.integer(value, value, lambda _: value)
        return self._constants[value]

    def linear(
        self,
        variables: Sequence[int] | Int64,
        weights: Sequence[int] | Int64,
        lower: int,
        upper: int,
        when: Sequence[Literal] = (),
    ) -> None:
        """Require ``lower <= sum <= upper``, only where all literals of `when` hold."""
        self._look()
        constraint = self.proto.constraints.add()
        if when:
            constraint.enforcement_literal.extend(when)
        linear = constraint.linear
        linear.vars.extend(variables)
        linear.coeffs.extend(weights)
        linear.domain.extend([max(lower, -UNBOUNDED), min(upper, UNBOUNDED)])

    def row(self, total: Sum) -> int:
        """Number of a new row over a sum, to be bounded later."""
        self.linear(total.variables, total.weights, -UNBOUNDED, UNBOUNDED)
        return self.num_constraints - 1

    def bound_row(self, row: int, lower: int, upper: int) -> None:
        """Set the bounds of a row, whose sum has no constant here."""
        domain = self.proto.constraints[row].linear.domain
        domain.clear()
        domain.extend([lower, upper])

    def at_most(self, total: Sum, upper: int, when: Sequence[Literal] = ()) -> None:
        """Require ``total <= upper``; a bound that cannot be missed is not written down."""
        if self.maximum(total) > upper:
            self.linear(total.variables, total.weights, -UNBOUNDED, upper - total.constant, when)

    def at_least(self, total: Sum, lower: int, when: Sequence[Literal] = ()) -> None:
        """Require ``total >= lower``; a bound that cannot be missed is not written down."""
        if self.minimum(total) < lower:
            self.linear(total.variables, total.weights, lower - total.constant, UNBOUNDED, when)

    def minimum(self, total: Sum) -> int:
        """The least a sum can be by the bounds of its variables alone."""
        found = total.constant
        for variable, weight in zip(total.variables, total.weights, strict=True):
            found += weight * (self.lower if weight > 0 else self.upper)[variable]
        return found

    def maximum(self, total: Sum) -> int:
        """The most a sum can be by the bounds of its variables alone."""
        found = total.constant
        for variable, weight in zip(total.variables, total.weights, strict=True):
            found += weight * (self.upper if weight > 0 else self.lower)[variable]
        return found

    def any_of(self, literals: Iterable[Literal], when: Sequence[Literal] = ()) -> None:
        """Require one of the literals, only where all of `when` hold."""
        constraint = self.proto.constraints.add()
        if when:
            constraint.enforcement_literal.extend(when)
        constraint.bool_or.literals.extend(list(literals))

    def implies(self, first: Literal, second: Literal) -> None:
        """Require the second literal where the first holds."""
        self.any_of([~first, second])

    def at_most_one(self, literals: Sequence[Literal]) -> None:
        """Require that no two of the literals hold."""
        if len(literals) > 1:
            self.proto.constraints.add().at_most_one.literals.extend(literals)

    def forbid(self, variables: Iterable[int]) -> None:
        """Require that variables are 0."""
        for variable in variables:
            if self.upper[variable] > 0:
                self.linear([variable], [1], 0, 0)

    def holds_any(self, variables: Sequence[int]) -> Literal:
        """The literal that says whether any of some variables, none negative, is above 0."""
        variables = sorted({variable for variable in variables if self.upper[variable] > 0})
        if not variables:
            return self.constant(0)
        if any(self.lower[variable] > 0 for variable in variables):
            return self.constant(1)
        if len(variables) == 1 and self.upper[variables[0]] == 1:
            return variables[0]
        key = tuple(variables)
        if key not in self._indicators:
            literal = self.boolean(any_of(key))
            self._indicators[key] = literal
            total = Sum().add(key)
            self.linear(key, [1] * len(key), 1, UNBOUNDED, [literal])
            self.linear([*key, literal], [*total.weights, -self.maximum(total)], -UNBOUNDED, 0)
        return self._indicators[key]

    def less_than(self, variable: int, value: int) -> Literal:
        """The literal that says whether a variable is below a value."""
        literal = self.boolean(lambda values: int(values[variable] < value))
        self.linear([variable], [1], -UNBOUNDED, value - 1, [literal])
        self.linear([variable], [1], value, UNBOUNDED, [~literal])
        return literal

    def product(self, first: int, second: int) -> int:
        """A variable that is the product of two that are never negative."""
        upper = self.upper[first] * self.upper[second]
        result = self.integer(0, upper, lambda values: values[first] * values[second])
        constraint = self.proto.constraints.add().int_prod
        constraint.target.vars.append(result)
        constraint.target.coeffs.append(1)
        for factor in (first, second):
            expression = constraint.exprs.add()
            expression.vars.append(factor)
            expression.coeffs.append(1)
        return result

    def total(self, sum_: Sum) -> int:
        """A variable that equals a sum."""
        variables, weights, constant = list(sum_.variables), list(sum_.weights), sum_.constant
        frozen = Sum(variables, weights, constant)
        result = self.integer(self.minimum(frozen), self.maximum(frozen), frozen.value)
        self.linear([*variables, result], [*weights, -1], -constant, -constant)
        return result

    def complete(self, first: Sequence[int]) -> list[int]:
        """Values of all variables from those of the first ones, by the rules."""
        values = list(first) + [0] * (self.num_variables - len(first))
        for variable, rule in self._rules:
            values[variable] = rule(values)
        return values

    def hint(self, values: Sequence[int]) -> None:
        """Start the search from these values of all variables."""
        self.proto.clear_solution_hint()
        self.proto.solution_hint.vars.extend(np.arange(len(values)))
        self.proto.solution_hint.values.extend(values)

    def drop_hint(self) -> None:
        """Start the search from nothing."""
        self.proto.clear_solution_hint()

    def minimise(self, total: Sum) -> None:
        """Make a sum the objective; its constant is left out."""
        self.proto.clear_objective()
        weight_of: dict[int, int] = {}
        for variable, weight in zip(total.variables, total.weights, strict=True):
            weight_of[variable] = weight_of.get(variable, 0) + weight
        self.proto.objective.vars.extend(list(weight_of))
        self.proto.objective.coeffs.extend(list(weight_of.values()))
