"""Many patterns of one type of bin, kept as lists of items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import Int32, Int64


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

    @classmethod
    def of(cls, patterns: Int32) -> Pool:
        """The pool of patterns given as counts by class, (N, C) int32."""
        row, class_ = np.nonzero(patterns)
        items = patterns[row, class_]
        start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(patterns.sum(axis=1, dtype=np.int64))])
        return cls(start, np.repeat(class_, items).astype(np.int32), patterns.shape[1])

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
