"""Many patterns of one type of bin, kept as lists of items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import Bool, Int32, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Patterns as lists of classes: a bin holds a few items of hundreds of classes.

    Attributes
    ----------
    start : (N + 1,) int64
        Pattern n is ``members[start[n]:start[n + 1]]``.
    members : (items,) int32
        A class once for each of its items, those of a class together.
    num_classes : int
    """

    start: Int64
    members: Int32
    num_classes: int

    def __len__(self) -> int:
        return len(self.start) - 1

    def dense(self, chosen: Int64) -> Int32:
        """Some patterns as counts by class, (chosen, C) int32."""
        length = np.diff(self.start)[chosen]
        row = np.repeat(np.arange(len(chosen)), length)
        at = np.repeat(self.start[chosen], length) + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
        counts = np.zeros((len(chosen), self.num_classes), dtype=np.int32)
        np.add.at(counts, (row, self.members[at]), 1)
        return counts

    def kept(self, keep: Bool) -> Pool:
        """The pool of some of the patterns, `keep` (N,)."""
        length = np.diff(self.start)
        start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(length[keep])])
        return Pool(start, self.members[np.repeat(keep, length)], self.num_classes)

    def worth(self, price: Int64) -> Int64:
        """What each pattern is worth at a price of an item of each class, (N,) int64."""
        total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(price[self.members])])
        found: Int64 = total[self.start[1:]] - total[self.start[:-1]]
        return found
