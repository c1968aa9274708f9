"""What is fixed so firmly that the program has no cell for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.problem import Bool, Int64, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Items that lie where they lie and that no open cell shares a counted domain with.

    Attributes
    ----------
    pairs : Pairs
        The items.
    load : (B, R) int64
        What they take of each bin that has an open cell.
    entering_load : (B, R) int64
        The part of it that does not stay from the start: its bins may not be overfull.
    items, kept : (Q,) int64
        How many of each kind, and how many of those stay in the bin they start in.
    occupied : (B,) bool
        Bins that a fixed item, with or without a cell, keeps open.
    """

    pairs: Pairs
    load: Int64
    entering_load: Int64
    items: Int64
    kept: Int64
    occupied: Bool

    @classmethod
    def nothing(cls, problem: Problem, kinds: Kinds) -> Rest:
        """No fixed items."""
        nowhere = np.zeros(problem.num_bins, dtype=np.bool_)
        return cls.of(problem, kinds, Pairs.none(), nowhere, nowhere)

    @classmethod
    def of(cls, problem: Problem, kinds: Kinds, pairs: Pairs, occupied: Bool, is_open: Bool) -> Rest:
        """Fixed items without a cell, added up; loads only where a bin is open. O(pairs)."""
        load, entering_load = np.zeros_like(problem.capacity), np.zeros_like(problem.capacity)
        here = is_open[pairs.bin]
        bins, entering = pairs.bin[here], ~pairs.kept[here]
        taken = problem.demand[kinds.class_[pairs.kind[here]]] * pairs.items[here, None]
        np.add.at(load, bins, taken)
        np.add.at(entering_load, bins[entering], taken[entering])
        size = len(kinds)
        return cls(
            pairs=pairs,
            load=load,
            entering_load=entering_load,
            items=np.bincount(pairs.kind, pairs.items, size).astype(np.int64),
            kept=np.bincount(pairs.kind[pairs.kept], pairs.items[pairs.kept], size).astype(np.int64),
            occupied=occupied,
        )
