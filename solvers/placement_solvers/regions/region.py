"""A few bins and some of their items: what is placed anew while all else stays where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import Bool, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Items that may go to other bins of the region, by kind: those of one class and start make no difference.

    Attributes
    ----------
    bins : (M,) int64
        Ascending.
    items : (F,) int64
        Items that may go, all of which lie in the bins; kind by kind.
    kind_of : (F,) int64
    class_, start : (K,) int64
        Of each kind.
    count : (K,) int64
        Items of each kind.
    home : (K,) int64
        Position of the start among the bins, -1 where it is none of them.
    now : (K, M) int64
        Items of each kind in each bin.
    """

    bins: Int64
    items: Int64
    kind_of: Int64
    class_: Int64
    start: Int64
    count: Int64
    home: Int64
    now: Int64

    @classmethod
    def of(cls, tables: Tables, state: State, bins: Int64, items: Int64) -> Region:
        """The region of some bins, and of items that lie in them."""
        bins = np.unique(bins)
        class_, start = tables.class_of[items].astype(np.int64), tables.start[items].astype(np.int64)
        pairs, kind_of = np.unique(np.column_stack([class_, start]), axis=0, return_inverse=True)
        order = np.argsort(kind_of, kind="stable")
        items, kind_of = items[order], kind_of.reshape(-1)[order]
        position = np.searchsorted(bins, state.bin_of[items])
        now = np.zeros((len(pairs), len(bins)), dtype=np.int64)
        np.add.at(now, (kind_of, position), 1)
        at = np.minimum(np.searchsorted(bins, pairs[:, 1]), len(bins) - 1)
        home = np.where(bins[at] == pairs[:, 1], at, -1)
        return cls(bins, items, kind_of, pairs[:, 0], pairs[:, 1], now.sum(axis=1), home, now)

    @property
    def size(self) -> int:
        """Pairs of kind and bin."""
        return self.now.size

    def bins_of_items(self, state: State, then: Int64) -> Int64:
        """The bin of each of `items`, of which as many stay as may, for other numbers of each kind in each bin.

        Parameters
        ----------
        then : (K, M) int64
            With the sums of `now` by kind.
        """
        lies = np.searchsorted(self.bins, state.bin_of[self.items])
        goes = lies.copy()
        for kind in np.flatnonzero((then != self.now).any(axis=1)).tolist():
            own = np.flatnonzero(self.kind_of == kind)
            ordered = own[np.argsort(lies[own], kind="stable")]
            rank = np.arange(len(ordered)) - np.searchsorted(lies[ordered], lies[ordered])
            leaving = ordered[rank >= then[kind, lies[ordered]]]
            goes[leaving] = np.repeat(np.arange(len(self.bins)), np.maximum(then[kind] - self.now[kind], 0))
        return self.bins[goes]


def free_classes(tables: Tables) -> Bool:
    """Classes whose items a region may move, (C,) bool.

    Attractions and spreads look at what is there when an item enters, and the costs of company are not linear: whoever
    asks for them, or is counted by them, stays where it is.
    """
    relations = tables.relations
    free = ~relations.related
    free &= np.diff(relations.attraction_start) == 0
    free &= np.diff(relations.spread_start) == 0
    counted = relations.levelled.copy()
    counted[relations.attraction_group] = True
    owner = np.repeat(np.arange(len(free)), np.diff(relations.class_start))
    free[owner[counted[relations.group]]] = False
    return free
