"""An answer to a problem: a bin for each item, and the order in which the items go in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import NOWHERE, Bool, Int32


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where each item goes.

    Attributes
    ----------
    bin_of : (I,) int32
        Bin of each item, `NOWHERE` (-1) if it is not placed.
    sequence : (placed,) int32
        The placed items in an order in which each may enter when those before it are in. Attraction and
        spread depend on what is there already, so the order is part of the answer.
    """

    bin_of: Int32
    sequence: Int32

    @property
    def placed(self) -> Bool:
        """Which items have a bin, (I,) bool."""
        placed: Bool = self.bin_of != NOWHERE
        return placed

    @classmethod
    def nothing_placed(cls, num_items: int) -> Solution:
        """The solution that leaves every item out."""
        return cls(np.full(num_items, NOWHERE, dtype=np.int32), np.zeros(0, dtype=np.int32))
