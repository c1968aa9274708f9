"""The pricing programme: a knapsack over two resources, for every capacity at once.

Classes enter in *layers*. A layer offers one or several alternatives, each so many items of one class; at most one
alternative of a layer is taken, or, in an unbounded layer, its one alternative any number of times. A class of which k
items fit is written as layers of 1, 2, 4, ... items (Martello and Toth, Knapsack Problems, 1990, section 3.1); classes
that share a limit of k are k layers with one alternative each.

``value[i, j]`` is the most that items worth `profit` come to with i units of the first resource and j of the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import allocating, entry, part
from placement_solvers.problem import Int32, Int64

MAX_ALTERNATIVES = 255
"""Alternatives of a layer are remembered in a byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """The classes of a knapsack as layers of alternatives.

    Attributes
    ----------
    start : (L + 1,) int64
        Alternatives of layer l are ``start[l]:start[l + 1]``.
    unbounded : (L,) bool
        Whether the one alternative of the layer may be taken any number of times.
    class_, items : (A,) int64
        What an alternative puts in.
    first, second : (A,) int64
        Units it takes of the two resources.
    """

    start: Int64
    unbounded: NDArray[np.bool_]
    class_: Int64
    items: Int64
    first: Int64
    second: Int64

    def __len__(self) -> int:
        return len(self.unbounded)


def layers(size: Int64, limit: Int64, width: Int64, shared: Sequence[tuple[Int64, int]] = ()) -> Layers:
    """Layers for classes of a size in two resources.

    Parameters
    ----------
    size : (C, 2) int64
        Units one item takes.
    limit : (C,) int64
        Items of a class that may be in, alone.
    width : (2,) int64
        Units there are.
    shared : sequence of (classes, limit)
        Disjoint sets of classes that share a limit.
    """
    rows: list[tuple[list[tuple[int, int]], bool]] = []
    grouped = np.zeros(len(size), dtype=np.bool_)
    for classes, at_most in shared:
        grouped[classes] = True
        rows += [([(int(c), 1) for c in classes if limit[c] > 0], False)] * at_most
    with np.errstate(divide="ignore"):
        fit = np.where(size > 0, width // np.maximum(size, 1), np.iinfo(np.int32).max).min(axis=1)
    for class_ in np.flatnonzero(~grouped & (np.minimum(limit, fit) > 0)).tolist():
        if limit[class_] >= fit[class_] > 1:
            rows.append(([(class_, 1)], True))
        else:
            rows += [([(class_, items)], False) for items in _doubling(int(min(limit[class_], fit[class_])))]
    rows = [row for row in rows if row[0]]
    class_of = np.array([class_ for row in rows for class_, _ in row[0]], dtype=np.int64)
    items_of = np.array([items for row in rows for _, items in row[0]], dtype=np.int64)
    return Layers(
        start=np.cumsum([0, *(len(row[0]) for row in rows)], dtype=np.int64),
        unbounded=np.array([row[1] for row in rows], dtype=np.bool_),
        class_=class_of,
        items=items_of,
        first=size[class_of, 0] * items_of,
        second=size[class_of, 1] * items_of,
    )


def _doubling(total: int) -> list[int]:
    """1, 2, 4, ... and a rest, with the total as their sum."""
    parts = []
    part = 1
    while total > 0:
        parts.append(min(part, total))
        total -= parts[-1]
        part *= 2
    return parts


@part
def _offer(source: Int32, target: Int32, mark: NDArray[np.uint8], profit: np.int32) -> None:
    """Let each cell take the alternative where it gains: over slices of one length, which LLVM turns into vectors."""
    for j in range(len(target)):
        candidate = np.int32(source[j] + profit)
        mark[j] = candidate > target[j]
        target[j] = max(candidate, target[j])


@part
def _offer_one_of(source: Int32, target: Int32, mark: NDArray[np.uint8], profit: np.int32, number: np.uint8) -> None:
    """As `_offer`, where another alternative of the layer may have left its mark."""
    for j in range(len(target)):
        candidate = np.int32(source[j] + profit)
        mark[j] = number if candidate > target[j] else mark[j]
        target[j] = max(candidate, target[j])


@allocating
def fill(
    value: Int32,
    taken: NDArray[np.uint8],
    start: Int64,
    unbounded: NDArray[np.bool_],
    first: Int64,
    second: Int64,
    profit: Int32,
) -> None:
    """Fill `value` (W1 + 1, W2 + 1) and what each layer took, `taken` (L, W1 + 1, W2 + 1). O(A W1 W2).

    `taken` is 0 for nothing, else the alternative's number within its layer, from 1.
    """
    rows, columns = value.shape
    value[:, :] = 0
    old = np.empty(columns, dtype=np.int32)
    for layer in range(len(unbounded)):
        mark = taken[layer]
        mark[:, :] = 0
        begin, end = start[layer], start[layer + 1]
        a, b, p = first[begin], second[begin], profit[begin]
        if unbounded[layer]:
            if p > 0:
                for i in range(a, rows):
                    _offer(value[i - a, : columns - b], value[i, b:], mark[i, b:], p)
        elif end - begin == 1 and a > 0:
            if p > 0:
                for i in range(rows - 1, a - 1, -1):
                    _offer(value[i - a, : columns - b], value[i, b:], mark[i, b:], p)
        else:
            for i in range(rows - 1, -1, -1):
                old[:] = value[i]
                for alternative in range(begin, end):
                    a, b, p = first[alternative], second[alternative], profit[alternative]
                    if p > 0 and a <= i and b < columns:
                        source = old if a == 0 else value[i - a]
                        number = np.uint8(alternative - begin + 1)
                        _offer_one_of(source[: columns - b], value[i, b:], mark[i, b:], p, number)


@entry
def trace_back(
    taken: NDArray[np.uint8],
    start: Int64,
    unbounded: NDArray[np.bool_],
    class_: Int64,
    items: Int64,
    first: Int64,
    second: Int64,
    ends: Int64,
    pattern: Int32,
) -> None:
    """Add to `pattern` (E, C) what the best filling of each capacity in `ends` (E, 2) consists of. O(E (L + items))."""
    for e in range(len(ends)):
        i, j = ends[e, 0], ends[e, 1]
        for layer in range(len(unbounded) - 1, -1, -1):
            while taken[layer, i, j] > 0:
                alternative = start[layer] + taken[layer, i, j] - 1
                pattern[e, class_[alternative]] += items[alternative]
                i -= first[alternative]
                j -= second[alternative]
                if not unbounded[layer]:
                    break
