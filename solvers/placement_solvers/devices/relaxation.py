"""What is left of a problem when devices are forgotten but for how much they hold in all."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from placement_solvers.bounds.area import lower_bound
from placement_solvers.devices.support import earns_nothing
from placement_solvers.feasibility import violations
from placement_solvers.objective import Cost
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import (
    NOWHERE,
    Attractions,
    Breadths,
    Dependencies,
    Devices,
    Gangs,
    Limits,
    Problem,
    Spreads,
    Tier,
)

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


def as_packing(problem: Problem) -> Problem | None:
    """What is left when rules between items are forgotten, and that some run already; None where it proves nothing.

    It asks for the first tier's items left out alone. No solution of the problem itself is cheaper: whatever goes by
    the rules goes without them, and items that stay where they run could have entered there; where they could not,
    as in a bin that is overfull, there is no such problem.
    """
    unplaced = problem.tiers[0].unplaced if problem.tiers else None
    if unplaced is None or problem.devices.capacity.shape[1] != 1 or not all(map(earns_nothing, problem.tiers)):
        return None
    relaxed = replace(
        problem,
        limits=Limits(),
        attractions=Attractions(),
        spreads=Spreads(),
        gangs=Gangs(),
        breadths=Breadths(),
        dependencies=Dependencies(),
        start=np.zeros(0, dtype=np.int32),
        class_movable=np.zeros(0, dtype=np.bool_),
        pinned_to=np.full_like(problem.pinned_to, NOWHERE),
        transient=np.zeros(0, dtype=np.bool_),
        target=np.zeros((0, 0), dtype=np.int64),
        tiers=(Tier(problem.tiers[0].name, unplaced=unplaced),),
    )
    return None if violations(relaxed, left_as_it_was(problem)) else relaxed


def _widened(array: NDArray[Amount], width: int) -> NDArray[Amount]:
    """The array with zeros after it; an empty one stays empty."""
    if len(array) == 0:
        return array
    return np.concatenate([array, np.zeros(width - len(array), dtype=array.dtype)])
