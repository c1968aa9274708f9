"""What is fixed so firmly that the program does not even have a constant for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.problem import Bool, Int64, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Items that stay where a solution has them and that no relation of an open cell asks about.

    Attributes
    ----------
    load : (B, R) int64
        What they take of each bin.
    entering_load : (B, R) int64
        The part of it that does not stay from the start: its bins may not be overfull.
    items : (Q,) int64
        How many of each kind.
    kept : (Q,) int64
        How many of those stay in the bin they start in.
    occupied : (B,) bool
        Bins they keep open.
    """

    load: Int64
    entering_load: Int64
    items: Int64
    kept: Int64
    occupied: Bool

    @classmethod
    def nothing(cls, problem: Problem, kinds: Kinds) -> Rest:
        """No fixed items."""
        none = np.zeros(len(kinds), dtype=np.int64)
        load = np.zeros_like(problem.capacity)
        return cls(load, load, none, none, np.zeros(problem.num_bins, dtype=np.bool_))
