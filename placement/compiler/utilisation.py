"""How full nodes may get, and what is to stay free side by side, as targets and ratios of the problem.

Both are counted in bytes, a millicore for as many as belong to it: what lies above the targets, and the memory that is
missing beside free CPU. Of the two directions of a balance one is enough, for as long as the same pods are placed the
difference between both is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from placement.compiler.resources import LARGEST
from placement.model.node import CPU, MEMORY
from placement.model.quantity import millis
from placement.policy import Policy
from placement_solvers.magnitude import LARGEST_COST
from placement_solvers.problem import Balances

MILLIONTHS = 1_000_000
"""Levels are counted in millionths of what a node offers."""

GRAIN = {CPU: 1, MEMORY: 1 << 20}
"""Targets are rounded up to multiples, so that costs have common divisors as requests have."""

RATIO_GRAIN = 1 << 16
"""So are the bytes that belong to a millicore: 62.5 MiB a core."""

USUAL_RATIO = 4 << 20
"""Bytes of a millicore where the nodes offer no CPU: 4 GiB a core, nearly."""


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """What the tiers of utilisation and balance are made of.

    Attributes
    ----------
    target : (B, R) int64
        Load of items up to which nothing is paid. Shape (0, 0) where the policy does not ask.
    over_target : (R,) int64
        Bytes a unit above it counts for.
    mean_node : int
        What a mean node offers, counted alike.
    balances : Balances
    """

    target: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    over_target: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    mean_node: int = 0
    balances: Balances = field(default_factory=Balances)


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What there is and who wants it.

    Attributes
    ----------
    names : sequence of str
        Resources of the columns.
    offered, running : (B, R) int64
        Allocatable, and what all pods that run there take of it, whether or not they may move.
    movable : (B, R) int64
        The share of `running` that is items of the problem.
    waiting : (R,) int64
        What all waiting pods ask for.
    eligible : (B,) bool
        Nodes that some waiting pod may enter.
    """

    names: Sequence[str]
    offered: NDArray[np.int64]
    running: NDArray[np.int64]
    movable: NDArray[np.int64]
    waiting: NDArray[np.int64]
    eligible: NDArray[np.bool_]


def loads(policy: Policy, amounts: Amounts) -> Loads:
    """Targets, weights and ratios as the policy wants them. O(B R)."""
    ratio = _bytes_per_millicore(policy, amounts)
    balances = Balances()
    if "balance" in policy.tiers:
        base, wanted = (list(amounts.names).index(name) for name in (CPU, MEMORY))
        weight = _counted(1, ratio * _most(amounts, base) + _most(amounts, wanted))
        balances = Balances(
            np.array([base], dtype=np.int32),
            np.array([wanted], dtype=np.int32),
            np.array([ratio], dtype=np.int64),
            np.array([weight], dtype=np.int64),
        )
    if "utilisation" not in policy.tiers:
        return Loads(balances=balances)
    target = np.zeros_like(amounts.offered)
    over_target = np.zeros(len(amounts.names), dtype=np.int64)
    for column, name in enumerate(amounts.names):
        if name in GRAIN:
            level = _level(policy, amounts, column)
            # What a node holds already is not held against the plan, so a node above the level pays for what is added.
            most = np.maximum(_share(amounts.offered[:, column], level, GRAIN[name]), amounts.running[:, column])
            target[:, column] = np.minimum(most - amounts.running[:, column] + amounts.movable[:, column], LARGEST)
            over_target[column] = _counted(ratio if name == CPU else 1, _most(amounts, column))
    offered = float(amounts.offered.astype(np.float64).sum(axis=0) @ over_target)
    return Loads(target, over_target, int(offered / max(len(amounts.offered), 1)), balances)


def _bytes_per_millicore(policy: Policy, amounts: Amounts) -> int:
    if policy.memory_per_cpu is not None:
        exact = millis(policy.memory_per_cpu) / 1_000_000
    else:
        names = list(amounts.names)
        offered = {name: float(amounts.offered[:, names.index(name)].sum()) for name in (CPU, MEMORY) if name in names}
        exact = offered[MEMORY] / offered[CPU] if offered.get(CPU) and offered.get(MEMORY) else USUAL_RATIO
    return max(round(exact / RATIO_GRAIN), 1) * RATIO_GRAIN


def _most(amounts: Amounts, column: int) -> float:
    """More of a resource than can ever be free or asked for."""
    tables = (amounts.offered, amounts.running, amounts.movable)
    return float(amounts.waiting[column]) + sum(float(table[:, column].sum(dtype=np.float64)) for table in tables)


def _counted(weight: int, most: float) -> int:
    """A weight, or less where amounts are beyond all measure, so that costs can still be added up."""
    return min(weight, int(LARGEST_COST / 4 // max(most, 1.0)))


def _level(policy: Policy, amounts: Amounts, column: int) -> int:
    """The wanted utilisation in millionths."""
    if policy.target_utilisation != "even":
        return round(policy.target_utilisation * MILLIONTHS)
    offered, running = (table[amounts.eligible, column] for table in (amounts.offered, amounts.running))
    wanted = int(amounts.waiting[column])
    low, high = 0, MILLIONTHS
    while low < high:
        middle = (low + high) // 2
        room = np.maximum(_share(offered, middle, 1) - running, 0)
        if int(room.sum(dtype=np.float64)) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _share(offered: NDArray[np.int64], level: int, grain: int) -> NDArray[np.int64]:
    """So many millionths of what is offered, rounded up to the grain; in parts, which do not overflow."""
    whole, rest = np.divmod(offered, MILLIONTHS)
    exact: NDArray[np.int64] = whole * level - -rest * level // MILLIONTHS
    rounded: NDArray[np.int64] = -(-exact // grain) * grain
    return rounded
