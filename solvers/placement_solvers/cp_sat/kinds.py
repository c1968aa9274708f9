"""Items that no constraint and no cost tells apart, except where they lie now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """The items of each pair of class and gang, and of each start where it matters which bin an item has left.

    Attributes
    ----------
    class_, gang : (Q,) int32
        Ascending by class, then gang; gang -1 is none.
    count : (Q,) int64
        Items of the kind.
    waiting : (Q,) int64
        Those of them that have no start.
    movable : (Q,) bool
        Whether those with a start may go to another bin.
    first : (Q + 1,) int64
        ``item[first[q]:first[q + 1]]`` are the items of kind q, waiting ones first, then by start.
    item : (I,) int64
    kind_of : (I,) int64
        Kind of each item.
    start_kind, start_bin : (P,) int32
        Pairs of kind and bin in which items start, ascending.
    start_count : (P,) int64
        How many start there.
    """

    class_: Int32
    gang: Int32
    count: Int64
    waiting: Int64
    movable: Bool
    first: Int64
    item: Int64
    kind_of: Int64
    start_kind: Int32
    start_bin: Int32
    start_count: Int64

    def __len__(self) -> int:
        return len(self.class_)

    @classmethod
    def of(cls, problem: Problem) -> Kinds:
        """The kinds of a problem. O(I log I)."""
        items = problem.num_items
        gang_of = problem.gangs.of_item if len(problem.gangs) else np.full(items, -1, dtype=np.int32)
        start = problem.start if len(problem.start) else np.full(items, NOWHERE, dtype=np.int32)
        width = len(problem.gangs) + 1
        depth = problem.num_bins + 1 if _asks_where_from(problem) else 1
        key = (problem.class_of.astype(np.int64) * width + gang_of + 1) * depth
        key += start + 1 if depth > 1 else 0
        item = np.lexsort((start, key))
        kinds, first, count = np.unique(key[item], return_index=True, return_counts=True)
        kind_of = np.searchsorted(kinds, key)
        kinds //= depth
        class_ = (kinds // width).astype(np.int32)
        has_start = start != NOWHERE
        pair = kind_of[has_start] * max(problem.num_bins, 1) + start[has_start]
        pairs, start_count = np.unique(pair, return_counts=True)
        movable = problem.class_movable if len(problem.class_movable) else np.ones(problem.num_classes, dtype=np.bool_)
        return cls(
            class_=class_,
            gang=(kinds % width - 1).astype(np.int32),
            count=count.astype(np.int64),
            waiting=np.bincount(kind_of[~has_start], minlength=len(kinds)).astype(np.int64),
            movable=movable[class_],
            first=np.append(first, items).astype(np.int64),
            item=item.astype(np.int64),
            kind_of=kind_of.astype(np.int64),
            start_kind=(pairs // max(problem.num_bins, 1)).astype(np.int32),
            start_bin=(pairs % max(problem.num_bins, 1)).astype(np.int32),
            start_count=start_count.astype(np.int64),
        )

    @property
    def start_of(self) -> Int32:
        """The bin in which an item of the kind starts, one of them where there are several, -1 for none, (Q,) int32."""
        start = np.full(len(self), NOWHERE, dtype=np.int32)
        start[self.start_kind] = self.start_bin
        return start

    def bins_of_items(self, problem: Problem, pairs: Pairs, changed: Bool, before: Int32) -> Int32:
        """Bins of the single items when only numbers are known.

        Parameters
        ----------
        pairs : Pairs
            Where items lie, in any order; of the changed kinds all of them.
        changed : (Q,) bool
            Kinds to name anew; the items of others stay where they were.
        before : (I,) int32
            Where they were.

        Returns
        -------
        bin_of : (I,) int32
            Items that stay are named first, then waiting ones enter, then those that leave another bin. No item
            enters the bin it starts in, which the model's rules on starts make possible.
        """
        start = problem.start if len(problem.start) else np.full(len(self.item), NOWHERE, dtype=np.int32)
        bin_of = np.where(changed[self.kind_of], np.int32(NOWHERE), before)
        order = np.lexsort((pairs.bin, pairs.kind))
        bounds = np.searchsorted(pairs.kind[order], np.arange(len(self) + 1))
        for kind in np.flatnonzero(changed).tolist():
            rows = order[bounds[kind] : bounds[kind + 1]]
            rows = rows[pairs.items[rows] > 0]
            members = self.item[self.first[kind] : self.first[kind + 1]]
            staying, entering = rows[pairs.kept[rows]], rows[~pairs.kept[rows]]
            for row in staying.tolist():
                here = members[start[members] == pairs.bin[row]][: pairs.items[row]]
                bin_of[here] = pairs.bin[row]
            free = members[bin_of[members] == NOWHERE]
            _hand_out(bin_of, free, start, np.repeat(pairs.bin[entering], pairs.items[entering]).astype(np.int32))
        return bin_of

    def pairs_of(self, problem: Problem, bin_of: Int32) -> Pairs:
        """The items of a placement added up by kind and bin. O(I log I)."""
        placed = bin_of != NOWHERE
        stays = (
            (bin_of == problem.start)[placed] if len(problem.start) else np.zeros(np.count_nonzero(placed), np.bool_)
        )
        width = max(problem.num_bins, 1)
        key = (self.kind_of[placed] * width + bin_of[placed]) * 2 + stays
        rows, items = np.unique(key, return_counts=True)
        return Pairs(
            kind=(rows // 2 // width).astype(np.int32),
            bin=(rows // 2 % width).astype(np.int32),
            kept=(rows % 2).astype(np.bool_),
            items=items.astype(np.int64),
        )


def _asks_where_from(problem: Problem) -> bool:
    """Whether a cost or a rule depends on the bin that a moved item comes from, or rewards moves for their own sake."""
    if len(problem.start) == 0:
        return False
    return bool(problem.transient.any()) or any(
        tier.moved_between is not None
        or (tier.moved is not None and bool((tier.moved < 0).any()))
        or tier.most_moved.weight < 0
        for tier in problem.tiers
    )


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """How many items of a kind lie in a bin, those that stay in the bin they start in apart.

    Attributes
    ----------
    kind, bin : (P,) int32
        Ascending by kind, then bin.
    kept : (P,) bool
    items : (P,) int64
        At least 1.
    """

    kind: Int32
    bin: Int32
    kept: Bool
    items: Int64

    def __len__(self) -> int:
        return len(self.kind)

    def select(self, chosen: Bool) -> Pairs:
        """The marked pairs only."""
        return Pairs(self.kind[chosen], self.bin[chosen], self.kept[chosen], self.items[chosen])

    @classmethod
    def none(cls) -> Pairs:
        """No items at all."""
        none = np.zeros(0, dtype=np.int32)
        return cls(none, none, none.astype(np.bool_), none.astype(np.int64))


def _hand_out(bin_of: Int32, free: Int64, start: Int32, wanted: Int32) -> None:
    """Give each wanted bin an item that does not start there; waiting items go first, then as few others as needed.

    What starts in bin b plus what b wants never exceeds the number of items (Hall's condition). Each step serves the
    pair of bins that are nearest to that limit, so it holds to the end.
    """
    waiting, started = free[start[free] == NOWHERE], free[start[free] != NOWHERE]
    if len(wanted) <= len(waiting) or not np.isin(start[started], wanted).any():
        bin_of[np.concatenate([waiting, started])[: len(wanted)]] = wanted
        return
    pool: dict[int, list[int]] = {NOWHERE: waiting.tolist()}
    for item in started.tolist():
        pool.setdefault(int(start[item]), []).append(item)
    demand = dict(zip(*(column.tolist() for column in np.unique(wanted, return_counts=True)), strict=True))

    def pressure(bin_: int) -> tuple[int, int]:
        return demand.get(bin_, 0) + len(pool.get(bin_, ())), bin_

    for _ in range(len(free) - len(wanted)):
        pool[max((bin_ for bin_ in pool if bin_ != NOWHERE and pool[bin_]), key=pressure)].pop()
    for _ in range(len(wanted)):
        tightest = max({*demand, *pool}, key=pressure)
        if demand.get(tightest, 0) > 0:
            target, source = tightest, max((b for b in pool if pool[b] and b != tightest), key=pressure)
        else:
            source, target = tightest, max((b for b in demand if demand[b] > 0 and b != tightest), key=pressure)
        bin_of[pool[source].pop()] = target
        demand[target] -= 1
