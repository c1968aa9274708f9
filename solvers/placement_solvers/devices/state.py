"""What kernels about devices see: the bins, their devices, the classes, and the mix of classes to come."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Bool, Devices, Int32, Int64, Problem

Float64 = NDArray[np.float64]

STALE = -1
"""Stamp of a score that was never computed."""


class Bins(NamedTuple):
    """Bins and their devices; `free`, `device_free`, `value` and `changed` change as items enter.

    Attributes
    ----------
    free : (B, R) int64
    start : (B + 1,) int64
        ``device_free[start[b]:start[b + 1]]`` are the devices of bin b.
    device_free : (devices, Q) int64
    unit : (Q,) float64
        Worth of a unit of a device's resource: the mean device is worth 1.
    signature : (B,) int32
    value : (B,) float64
        What is idle on a bin's devices but of no use to the mix.
    changed : (B,) int64
        Items that have entered each bin.
    """

    free: Int64
    start: Int64
    device_free: Int64
    unit: Float64
    signature: Int32
    value: Float64
    changed: Int64


class Classes(NamedTuple):
    """Classes and how common they are.

    Attributes
    ----------
    demand : (C, R) int64
    devices : (C,) int32
        How many an item takes.
    share : (C, Q) int64
    signature : (C,) int32
    eligible : (S, K) bool
    expected : (expected classes,) int64
        Those of the mix, the common ones first.
    probability : (C,) float64
    size_of : (C,) int64
        Number of what a class asks of devices, how many and of each, among all there are.
    example : (sizes,) int64
        A class of each size.
    per_device : (R,) float64
        What the mix demands of each resource while it takes one device's worth; 0 where it demands nothing, and
        where items demand just what they take of a resource of devices: that is the same resource once more.
    """

    demand: Int64
    devices: Int32
    share: Int64
    signature: Int32
    eligible: Bool
    expected: Int64
    probability: Float64
    size_of: Int64
    example: Int64
    per_device: Float64


class Scores(NamedTuple):
    """What is known of putting an item of a class into a bin, good while the bin is as it was.

    Attributes
    ----------
    loss : (C, B) float64
        By how much the bin's `value` would grow; infinite where the item does not fit.
    device : (C, B) int32
        For a class that takes one device, which.
    stamp : (C, B) int32
        ``Bins.changed`` when that was found out.
    """

    loss: Float64
    device: Int32
    stamp: Int32


class Room(NamedTuple):
    """Where kernels lay out one bin's devices as they would be.

    Attributes
    ----------
    devices : (devices of the largest bin, Q) int64
    free : (R,) int64
    worth : (devices of the largest bin,) float64
    weight : (sizes,) float64
        How common the classes of each size are that the rest of the bin takes; see `Classes.size_of`.
    """

    devices: Int64
    free: Int64
    worth: Float64
    weight: Float64


def devices_of(problem: Problem) -> Devices:
    """The devices of a problem, each array in full where nobody asks for any."""
    devices = problem.devices
    if len(devices.count):
        return devices
    return Devices(
        start=np.zeros(problem.num_bins + 1, dtype=np.int64),
        count=np.zeros(problem.num_classes, dtype=np.int32),
        share=np.zeros((problem.num_classes, 1), dtype=np.int64),
    )


def bins_of(problem: Problem) -> Bins:
    """The bins of a problem with nothing in them."""
    devices = devices_of(problem)
    mean = devices.capacity.clip(min=0).mean(axis=0) if len(devices) else np.ones(devices.capacity.shape[1])
    return Bins(
        free=problem.capacity.copy(),
        start=np.ascontiguousarray(devices.start),
        device_free=devices.capacity.copy(),
        unit=1.0 / np.maximum(mean, 1.0) / max(len(mean), 1),
        signature=np.ascontiguousarray(problem.bin_signature),
        value=np.zeros(problem.num_bins),
        changed=np.zeros(problem.num_bins, dtype=np.int64),
    )


def alike(problem: Problem) -> Int64:
    """For each class the first that asks for the same of the same bins, whatever its relations, (C,) int64."""
    devices = devices_of(problem)
    rows = np.column_stack([problem.demand, devices.count, devices.share, problem.class_signature])
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    found: Int64 = first[number.reshape(-1)].astype(np.int64)
    return found


def _sizes(devices: Devices) -> tuple[Int64, Int64]:
    """A class of each size, and the size of each class: how many devices it asks for and how much of each."""
    rows = np.column_stack([devices.count, devices.share])
    _, example, size_of = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return example.astype(np.int64), size_of.reshape(-1).astype(np.int64)


def classes_of(problem: Problem, weight: Float64, unit: Float64) -> Classes:
    """The classes of a problem in a mix; `weight` (C,) says how common each is, in any unit."""
    total = weight.sum()
    probability = weight / total if total > 0 else np.zeros_like(weight)
    devices = devices_of(problem)
    taken = probability @ (devices.count * (devices.share @ unit))
    on_devices = devices.count[:, None] * devices.share
    is_own = ~(problem.demand[:, :, None] == on_devices[:, None, :]).all(axis=0).any(axis=1)
    demanded = np.where(is_own, probability @ problem.demand, 0.0)
    example, size_of = _sizes(devices)
    common = np.argsort(-probability, kind="stable")
    return Classes(
        demand=np.ascontiguousarray(problem.demand),
        devices=np.ascontiguousarray(devices.count),
        share=np.ascontiguousarray(devices.share),
        signature=np.ascontiguousarray(problem.class_signature),
        eligible=np.ascontiguousarray(problem.eligible),
        expected=common[probability[common] > 0].astype(np.int64),
        probability=probability,
        size_of=size_of,
        example=example,
        per_device=demanded / taken if taken > 0 else np.zeros(problem.num_resources),
    )


def scores_of(problem: Problem) -> Scores:
    """Nothing known yet."""
    shape = problem.num_classes, problem.num_bins
    return Scores(np.zeros(shape), np.zeros(shape, dtype=np.int32), np.full(shape, STALE, dtype=np.int32))


def room_for(problem: Problem) -> Room:
    """Room for the bin with most devices."""
    devices = devices_of(problem)
    most = int(np.diff(devices.start).max(initial=0))
    return Room(
        np.zeros((most, devices.capacity.shape[1]), dtype=np.int64),
        np.zeros(problem.num_resources, dtype=np.int64),
        np.zeros(most),
        np.zeros(len(_sizes(devices)[0])),
    )
