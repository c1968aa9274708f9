"""Problems without relations between items: demands, bins, what a bin costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import NOWHERE, Attractions, Groups, Limits, Problem, Spreads, Tier

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def plain_problem(
    sizes: Int64,
    capacity: Int64,
    price: Int64,
    objective: str,
) -> Problem:
    """Items that differ in nothing share a class; every item may enter every bin.

    The cost has two tiers: items left out, and the price of the bins that hold an item.

    Parameters
    ----------
    sizes : (I, R) int64
        What each item takes.
    capacity : (B, R) int64
    price : (B,) int64
    objective : str
        What `price` counts, as ``"bins"``.
    """
    demand, class_of = np.unique(sizes, axis=0, return_inverse=True)
    return problem_of_classes(class_of.reshape(-1).astype(np.int32), demand, capacity, price, objective)


def problem_of_classes(
    class_of: Int32,
    demand: Int64,
    capacity: Int64,
    price: Int64,
    objective: str,
    *,
    groups: Groups | None = None,
    limits: Limits | None = None,
    start: Int32 | None = None,
    pinned_to: Int32 | None = None,
) -> Problem:
    """The same for classes that are known: `class_of` (I,), `demand` (C, R); relations are counted on bins.

    `start` (I,) is where items lie now, -1 for those that wait; `pinned_to` (C,) the one bin a class may enter,
    or -1; pinned classes are placed first.
    """
    num_classes, num_bins = len(demand), len(capacity)
    pin = np.full(num_classes, NOWHERE, dtype=np.int32) if pinned_to is None else pinned_to
    none = Groups(class_start=np.zeros(num_classes + 1, dtype=np.int64))
    return Problem(
        class_of=class_of,
        demand=np.ascontiguousarray(demand, dtype=np.int64),
        capacity=np.ascontiguousarray(capacity, dtype=np.int64),
        class_signature=np.zeros(num_classes, dtype=np.int32),
        bin_signature=np.zeros(num_bins, dtype=np.int32),
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=np.arange(num_bins, dtype=np.int32)[None, :],
        scopes=np.zeros((0, num_bins), dtype=np.bool_),
        groups=none if groups is None else groups,
        limits=Limits() if limits is None else limits,
        attractions=Attractions(),
        spreads=Spreads(),
        tiers=(
            Tier("unplaced", unplaced=np.ones(num_classes, dtype=np.int64)),
            Tier(objective, open=np.ascontiguousarray(price, dtype=np.int64)),
        ),
        class_priority=(pin != NOWHERE).astype(np.int32),
        in_use=np.zeros(num_bins, dtype=np.bool_),
        pinned_to=pin,
        start=np.zeros(0, dtype=np.int32) if start is None else start,
    )


SPARE = 3
"""Bins more than first fit decreasing needs, and a twentieth of those on top."""


def enough_bins(sizes: Int64, capacity: Int64) -> int:
    """So many equal bins that an optimum has enough, and simple heuristics as well.

    First fit decreasing shows how many suffice, in the better of two orders: by the sum of an item's shares of the
    bin, and by the largest of them; other heuristics may need a few more. O(items · bins).

    Parameters
    ----------
    sizes : (I, R) int64
        Each at most `capacity`, which is (R,).
    """
    share = sizes / np.maximum(capacity, 1)
    enough = min(_first_fit(sizes[np.argsort(-key, kind="stable")], capacity) for key in (share.sum(1), share.max(1)))
    return enough + enough // 20 + SPARE


def _first_fit(sizes: Int64, capacity: Int64) -> int:
    free = np.tile(capacity, (len(sizes), 1))
    used = 0
    for size in sizes:
        fits = (free[: used + 1] >= size).all(axis=1)
        first = int(fits.argmax())
        free[first] -= size
        used = max(used, first + 1)
    return used
