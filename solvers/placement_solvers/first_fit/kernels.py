"""Compiled kernel: each item into the first bin that takes it, by the resources it asks for alone."""

from __future__ import annotations

from functools import cache

import numpy as np

from placement_solvers.compiled import entry
from placement_solvers.problem import Int32, Int64


@entry
def first_fit(
    order: Int32,
    class_of: Int32,
    start: Int64,
    resource: Int32,
    amount: Int64,
    bins: Int32,
    free: Int64,
    looks_from: Int64,
    bin_of: Int32,
) -> None:
    """Place items one after the other.

    A class that found no room in a bin finds none there later: it looks on from where its last item went. O(places
    looked at x resources asked for), where most looks end at the first resource.

    Parameters
    ----------
    order : (I,) int32
        Items.
    class_of : (I,) int32
    start : (C + 1,) int64
        ``resource[start[c]:start[c + 1]]`` and ``amount`` are what an item of class c asks for.
    bins : (B,) int32
        In the order they are offered.
    free : (B, R) int64
        Changed.
    looks_from : (C,) int64
        0 for each class; changed.
    bin_of : (I,) int32
        -1 for each item; changed.
    """
    for item in order:
        class_ = class_of[item]
        first, last = start[class_], start[class_ + 1]
        place = looks_from[class_]
        while place < len(bins):
            bin_ = bins[place]
            at = first
            while at < last and free[bin_, resource[at]] >= amount[at]:
                at += 1
            if at == last:
                for at in range(first, last):
                    free[bin_, resource[at]] -= amount[at]
                bin_of[item] = bin_
                break
            place += 1
        looks_from[class_] = place


@cache
def load_first_fit() -> None:
    """Load the kernel from disk, or compile and keep it there."""
    none, no_amount = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    first_fit(
        none, none, np.zeros(1, dtype=np.int64), none, no_amount, none, np.zeros((0, 1), np.int64), no_amount, none
    )
