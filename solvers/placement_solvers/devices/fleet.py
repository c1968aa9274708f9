"""Bins that differ in nothing, and classes that may enter them: what a programme over kinds of bins speaks of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.problem import Bool, Int32, Int64, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """The bins of a problem by kind; devices have one resource.

    Attributes
    ----------
    kind_of : (B,) int32
    size : (K,) int64
        Bins of each kind.
    capacity : (K, R) int64
        Of one bin.
    devices : tuple of (n,) int64
        Capacities of the devices of one bin, descending.
    allowed : (C, K) bool
        Whether a class fits into an empty bin of the kind; a pin is forgotten.
    """

    kind_of: Int32
    size: Int64
    capacity: Int64
    devices: tuple[Int64, ...]
    allowed: Bool

    @property
    def num_kinds(self) -> int:
        return len(self.size)


def fleet_of(problem: Problem) -> Fleet:
    """The kinds of a problem's bins. O(B log B + classes x kinds)."""
    devices = problem.devices
    most = int(np.diff(devices.start).max(initial=0))
    laid_out = np.full((problem.num_bins, most), -1, dtype=np.int64)
    for bin_ in range(problem.num_bins):
        own = np.sort(devices.of_bin(bin_)[:, 0].clip(min=0))[::-1]
        laid_out[bin_, : len(own)] = own
    _, column = np.unique(problem.eligible, axis=1, return_inverse=True)
    admits = column.reshape(-1)[problem.bin_signature].astype(np.int64)
    rows = np.hstack([problem.capacity, admits[:, None], laid_out])
    _, first, kind_of = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    capacity = problem.capacity[first]
    own_devices = tuple(laid_out[bin_][laid_out[bin_] >= 0] for bin_ in first)
    allowed = problem.eligible[:, problem.bin_signature[first]][problem.class_signature]
    fits = ((problem.demand[:, None] == 0) | (problem.demand[:, None] <= capacity[None])).all(axis=2)
    enough = np.array(
        [
            [(own >= share).sum() >= count for own in own_devices]
            for count, share in zip(devices.count.tolist(), devices.share[:, 0].tolist(), strict=True)
        ],
        dtype=np.bool_,
    ).reshape(problem.num_classes, len(first))
    return Fleet(
        kind_of=kind_of.reshape(-1).astype(np.int32),
        size=np.bincount(kind_of.reshape(-1), minlength=len(first)).astype(np.int64),
        capacity=capacity,
        devices=own_devices,
        allowed=allowed & fits & enough,
    )
