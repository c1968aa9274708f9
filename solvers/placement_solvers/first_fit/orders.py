"""In which order first fit asks items, and offers bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Int32, Int64, Problem

Float = NDArray[np.float64]


def shares(problem: Problem) -> Float:
    """What each class asks for of each resource, in shares of the mean bin, (C, R) float64."""
    mean = np.maximum(problem.capacity, 0).mean(axis=0) if problem.num_bins else np.ones(problem.num_resources)
    found: Float = problem.demand / np.maximum(mean, 1e-9)
    return found


def orders(problem: Problem, share: Float) -> list[Int32]:
    """Orders of all items, (I,) int32 each, of which none is the best one everywhere.

    By size: what is asked for in all, its Euclidean length, its largest part. And by the first resource that is asked
    for, then the smaller or the larger ones first: where resources are moments and items last for some, the order in
    which they start.
    """
    asks = problem.demand > 0
    first = np.where(asks.any(axis=1), asks.argmax(axis=1), 0)
    last = problem.num_resources - asks[:, ::-1].argmax(axis=1)
    total, length, largest = share.sum(axis=1), np.sqrt((share**2).sum(axis=1)), share.max(axis=1, initial=0.0)
    keys = (
        (first, -total),
        (first, -length),
        (first, -largest),
        (largest, last, first),
        (-last, -largest, first),
        (-largest, -last, first),
    )
    return [np.lexsort([key[problem.class_of] for key in each]).astype(np.int32) for each in keys]


def cheapest_bins(problem: Problem, price: Int64) -> Int32:
    """All bins: those in use first, then by price for room, larger before smaller, then by number, (B,) int32."""
    capacity = np.maximum(problem.capacity, 0)
    room = (capacity / np.maximum(capacity.mean(axis=0), 1e-9)).mean(axis=1)
    for_room = np.where(problem.in_use, 0.0, price / np.maximum(room, 1e-12))
    # Bins that are alike differ by rounding errors only: some digits tell the others apart.
    return np.lexsort((-np.round(room, 9), np.round(for_room, 6), ~problem.in_use)).astype(np.int32)
