"""What is left of a problem when devices are forgotten but for how much they hold in all."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from placement_solvers.bounds.area import lower_bound
from placement_solvers.objective import Cost
from placement_solvers.problem import Devices, Problem

Amount = TypeVar("Amount", np.int64, np.bool_)


def pooled(problem: Problem) -> Problem:
    """The problem with all devices of a bin as one pool, a plain resource each; every solution remains one.

    A bound on the pooled problem is a bound on the problem itself.
    """
    devices = problem.devices
    if not devices.asked:
        return replace(problem, devices=Devices())
    pools = np.zeros((problem.num_bins, devices.capacity.shape[1]), dtype=np.int64)
    bin_of = np.repeat(np.arange(problem.num_bins), np.diff(devices.start))
    np.add.at(pools, bin_of, devices.capacity.clip(min=0))
    wide = problem.num_resources + pools.shape[1]
    return replace(
        problem,
        demand=np.hstack([problem.demand, devices.count[:, None] * devices.share]),
        capacity=np.hstack([problem.capacity, pools]),
        devices=Devices(),
        transient=_widened(problem.transient, wide),
        target=np.hstack([problem.target, pools]) if problem.target.size else problem.target,
        tiers=tuple(
            replace(tier, over_target=_widened(tier.over_target, wide)) if tier.over_target is not None else tier
            for tier in problem.tiers
        ),
    )


def pooled_bound(problem: Problem) -> Cost:
    """A lower bound from areas, devices pooled; see `placement_solvers.bounds.area`."""
    return lower_bound(pooled(problem))


def _widened(array: NDArray[Amount], width: int) -> NDArray[Amount]:
    """The array with zeros after it; an empty one stays empty."""
    if len(array) == 0:
        return array
    return np.concatenate([array, np.zeros(width - len(array), dtype=array.dtype)])
