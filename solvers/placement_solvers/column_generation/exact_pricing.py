"""Pricing by CP-SAT: the best pattern of one type with all resources and side constraints, or a bound on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.column_generation.bin_program import add_bin
from placement_solvers.cp_sat.program import Program, Sum
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.packing_view import PackingView
from placement_solvers.problem import Int32, Int64


@dataclass(frozen=True, slots=True, eq=False)
class BestPattern:
    """What is known of the most a pattern of a type can be worth.

    Attributes
    ----------
    pattern : (C,) int32 or None
    bound : int or None
        No pattern is worth more.
    """

    pattern: Int32 | None
    bound: int | None


class ExactPricer:
    """Prices single types exactly. The program of a type is kept for the next round."""

    def __init__(self, view: PackingView) -> None:
        self._view = view
        self._programs: dict[int, tuple[Program, dict[int, int]]] = {}

    def price(
        self,
        type_: int,
        worth: Int64,
        limits: Limits,
        should_stop: Callable[[], bool],
        hint: Int32,
    ) -> BestPattern:
        """The best pattern of a type.

        Parameters
        ----------
        worth : (C,) int64
        hint : (C,) int32
            A feasible pattern to start from.
        """
        if type_ not in self._programs:
            program = Program()
            self._programs[type_] = program, add_bin(program, self._view, type_)
        program, inside = self._programs[type_]
        gain = Sum()
        for class_, variable in inside.items():
            gain.add([variable], -int(worth[class_]))
        program.minimise(gain)
        program.hint(program.complete([int(hint[class_]) for class_ in inside]))
        outcome = search(program, limits, lambda values, bound: should_stop())
        if outcome.values is None or outcome.bound is None:
            return BestPattern(None, None)
        pattern = np.zeros(self._view.num_classes, dtype=np.int32)
        for class_, variable in inside.items():
            pattern[class_] = outcome.values[variable]
        return BestPattern(pattern, -outcome.bound)
