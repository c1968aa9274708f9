"""What rounding leaves over, packed by CP-SAT into a few dozen bins that are given.

Which bins are used is decided outside. With the bins fixed there is nothing to minimise, and a search for any
packing that keeps within what may be left out is ten times as quick as one that also chooses bins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from placement_solvers.column_generation.bin_program import add_bin
from placement_solvers.column_generation.packing import Packing
from placement_solvers.cp_sat.program import UNBOUNDED, Program, Sum
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.objective import Cost
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int64


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What a search for a packing found.

    Attributes
    ----------
    packing : Packing or None
        None if there was none within the limits.
    impossible : bool
        Whether it is proven that there is none.
    """

    packing: Packing | None
    impossible: bool


def pack_residual(
    view: PackingView,
    bins: Int64,
    left_out: Cost,
    limits: Limits,
    should_stop: Callable[[], bool],
) -> Packed:
    """Search for a packing of a view's items into so many bins of each type.

    Parameters
    ----------
    view : PackingView
        Its rules over domains are not looked at.
    bins : (T,) int64
    left_out : tuple of int
        For each tier what items left out may cost at most.
    """
    program = _ResidualProgram(view, bins)
    if not program.leave_out_at_most(left_out):
        return Packed(None, True)
    outcome = search(program.program, limits, lambda values, bound: should_stop())
    if outcome.values is None:
        return Packed(None, outcome.infeasible)
    return Packed(program.read(outcome.values), False)


class _ResidualProgram:
    """The program: an integer for each class and bin."""

    def __init__(self, view: PackingView, bins: Int64) -> None:
        self._view = view
        self._types = np.repeat(np.arange(view.num_types), bins)
        self.program = Program()
        self._inside = [add_bin(self.program, view, type_) for type_ in self._types.tolist()]
        self._places: list[list[int]] = [[] for _ in range(view.num_classes)]
        for inside in self._inside:
            for class_, variable in inside.items():
                self._places[class_].append(variable)

    def leave_out_at_most(self, cost: Cost) -> bool:
        """Require all items to be in but for what each tier allows; False if a class has no bin at all."""
        view, program = self._view, self.program
        dear = np.any(view.unplaced > np.array(cost, dtype=np.int64)[:, None], axis=0)
        budgets = [Sum() for _ in cost]
        for class_ in np.flatnonzero(view.count).tolist():
            variables, count = self._places[class_], int(view.count[class_])
            if dear[class_]:
                if not variables:
                    return False
                program.linear(variables, [1] * len(variables), count, count)
                continue
            left = program.integer(0, count)
            program.linear([*variables, left], [1] * (len(variables) + 1), count, count)
            for budget, weight in zip(budgets, view.unplaced[:, class_].tolist(), strict=True):
                if weight:
                    budget.add([left], weight)
        for budget, most in zip(budgets, cost, strict=True):
            if budget.variables:
                program.linear(budget.variables, budget.weights, -UNBOUNDED, most)
        return True

    def read(self, values: Sequence[int]) -> Packing:
        """The packing of an assignment; bins left empty are not in it."""
        patterns = np.zeros((len(self._inside), self._view.num_classes), dtype=np.int32)
        for row, inside in enumerate(self._inside):
            for class_, variable in inside.items():
                patterns[row, class_] = values[variable]
        used = patterns.any(axis=1)
        return Packing(self._types[used], patterns[used], np.ones(int(used.sum()), dtype=np.int64))
