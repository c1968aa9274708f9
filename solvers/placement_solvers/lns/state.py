"""What operators see of the current solution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.objective import Cost
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution


@dataclass(frozen=True, eq=False)
class State:
    """A solution and what follows from it.

    Attributes
    ----------
    problem, kinds
    solution : Solution
    cost : tuple of int
    """

    problem: Problem
    kinds: Kinds
    solution: Solution
    cost: Cost

    @property
    def bin_of(self) -> Int32:
        return self.solution.bin_of

    @cached_property
    def pairs(self) -> Pairs:
        """The placed items by kind and bin."""
        return self.kinds.pairs_of(self.problem, self.bin_of)

    @cached_property
    def left_out(self) -> Int64:
        """Items of each kind without a bin, (Q,) int64."""
        placed = np.bincount(self.pairs.kind, self.pairs.items, len(self.kinds)).astype(np.int64)
        return self.kinds.count - placed

    @cached_property
    def load(self) -> Int64:
        """What the items take of each bin, (B, R) int64."""
        load = np.zeros_like(self.problem.capacity)
        taken = self.problem.demand[self.kinds.class_[self.pairs.kind]] * self.pairs.items[:, None]
        np.add.at(load, self.pairs.bin, taken)
        return load

    @cached_property
    def used(self) -> Int64:
        """Bins that hold an item, ascending."""
        return np.unique(self.pairs.bin).astype(np.int64)

    @cached_property
    def moved(self) -> Int64:
        """Items that lie in another bin than they start in, or have left it."""
        if len(self.problem.start) == 0:
            return np.zeros(0, dtype=np.int64)
        start = self.problem.start
        return np.flatnonzero((start != NOWHERE) & (self.bin_of != start)).astype(np.int64)
