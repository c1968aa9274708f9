"""The cheapest bins whose room covers what all items ask for: a bound, and a choice to pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat.program import Program, Sum
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.problem import Int64


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Bins of each type.

    Attributes
    ----------
    number : (T,) int64
    price : int
    bound : int
        No cover is cheaper.
    """

    number: Int64
    price: int
    bound: int


def cheapest_cover(
    room: Int64, price: Int64, supply: Int64, asked: Int64, limits: Limits, should_stop: Callable[[], bool]
) -> Cover | None:
    """The cheapest number of bins of each type whose room is at least what is asked, of each resource.

    A multidimensional covering knapsack, solved by CP-SAT. None if there is none, or none was found in time.

    Parameters
    ----------
    room : (T, R) int64
    price, supply : (T,) int64
    asked : (R,) int64
    """
    program = Program()
    number = [program.integer(0, int(there)) for there in supply]
    for resource, least in enumerate(asked.tolist()):
        program.at_least(Sum(list(number), [int(value) for value in room[:, resource]]), least)
    program.minimise(Sum(list(number), [int(value) for value in price]))
    outcome = search(program, limits, lambda values, bound: should_stop())
    if outcome.values is None:
        return None
    chosen = np.array([outcome.values[variable] for variable in number], dtype=np.int64)
    cost = int(chosen @ price)
    return Cover(chosen, cost, cost if outcome.optimal else max(outcome.bound or 0, 0))
