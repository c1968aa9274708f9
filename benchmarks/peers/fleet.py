"""The devices of all bins, for compiled peers, and what is known of putting an item into a bin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Devices, Int32, Int64, Problem


class Fleet(NamedTuple):
    """The devices of all bins, and what classes ask of them.

    Attributes
    ----------
    start : (B + 1,) int64
    free, capacity : (devices, Q) int64
    unit : (Q,) float64
        Worth of a unit: the mean device is worth 1.
    count : (C,) int32
    share : (C, Q) int64
    types : (types,) int64
        Classes that occur, of those alike the first.
    weight : (C,) float64
        How common each of these is.
    alike : (C,) int64
        The first class that asks for the same of the same bins.
    kind : (C,) int64
        Classes that ask for as many devices, or for part of one, are of one kind; 0 asks for none.
    kinds_in : (B, kinds) int64
        Items of each kind in each bin.
    largest : (2,) float64
        The first resource and the devices' worth of the largest bin.
    taken : (devices of the largest bin,) bool
        Which devices of a bin the item at hand lies on.
    scores : (B,) int64
        Of the item at hand.
    """

    start: Int64
    free: Int64
    capacity: Int64
    unit: NDArray[np.float64]
    asked: Int32
    share: Int64
    types: Int64
    weight: NDArray[np.float64]
    alike: Int64
    kind: Int64
    kinds_in: Int64
    largest: NDArray[np.float64]
    taken: NDArray[np.bool_]
    scores: Int64


class Known(NamedTuple):
    """Scores computed before, good while the bin is as it was.

    Attributes
    ----------
    score, device, stamp : (C, B) int64
    changed : (B,) int64
        Items that entered each bin.
    """

    score: Int64
    device: Int64
    stamp: Int64
    changed: Int64


def fleet_of(problem: Problem) -> Fleet:
    """The devices of a problem with nothing on them."""
    devices = problem.devices
    if len(devices.count) == 0:  # nobody asks: no bin has any
        none = np.zeros((problem.num_classes, 1), dtype=np.int64)
        devices = Devices(np.zeros(problem.num_bins + 1, dtype=np.int64), none[:0], none[:, 0].astype(np.int32), none)
    unit = 1.0 / devices.capacity.sum(axis=0).clip(min=1) * max(len(devices), 1) / devices.capacity.shape[1]
    whole = (devices.share @ unit) >= 1.0 - 1e-9
    kind = np.where(whole | (devices.count != 1), devices.count, devices.count.max(initial=0) + 1).astype(np.int64)
    rows = np.column_stack([problem.demand, devices.count, devices.share, problem.class_signature])
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    alike = first[number.reshape(-1)].astype(np.int64)
    common = np.bincount(alike, problem.class_count, minlength=problem.num_classes)
    worth = np.concatenate([[0.0], np.cumsum(devices.capacity @ unit)])
    return Fleet(
        start=devices.start,
        free=devices.capacity.copy(),
        capacity=devices.capacity,
        unit=unit,
        asked=devices.count,
        share=devices.share,
        types=np.flatnonzero(common > 0).astype(np.int64),
        weight=common / max(problem.num_items, 1),
        alike=alike,
        kind=kind,
        kinds_in=np.zeros((problem.num_bins, int(kind.max(initial=0)) + 1), dtype=np.int64),
        largest=np.array(
            [problem.capacity[:, 0].max(initial=1), max(np.diff(worth[devices.start]).max(initial=0.0), 1.0)]
        ),
        taken=np.zeros(int(np.diff(devices.start).max(initial=0)), dtype=np.bool_),
        scores=np.zeros(problem.num_bins, dtype=np.int64),
    )


def nothing_known(problem: Problem) -> Known:
    """No score is known yet."""
    shape = problem.num_classes, problem.num_bins
    return Known(
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.full(shape, -1, dtype=np.int64),
        np.zeros(problem.num_bins, dtype=np.int64),
    )
