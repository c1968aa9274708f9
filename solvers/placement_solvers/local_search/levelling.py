"""A placement from nothing that loads bins alike, where load above their targets is paid for and moves cost nothing.

A walk that begins where bins are full closes and opens bins with difficulty: each of many items has to leave before the
price of a bin is saved. So the bins to open are chosen beforehand (`mixture`), and the items, large ones first, are
laid into them where they make the placement least dearer, and of those bins into the one whose load over all resources
is most level afterwards. The walk then only has to exchange items.

Of many bins a sample is asked, which is nearly as good: Mitzenmacher, "The power of two choices in randomized load
balancing", IEEE Transactions on Parallel and Distributed Systems 12(10), 2001.
"""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry
from placement_solvers.local_search.bins import cost_with, fits, lying_cost, may_lie
from placement_solvers.local_search.groups import relation_delta
from placement_solvers.local_search.mixture import Kinds, bins_to_open, kinds_of
from placement_solvers.local_search.moving import put
from placement_solvers.local_search.state import FULL, State, grown, state_of
from placement_solvers.local_search.steps import has_slot, is_allowed
from placement_solvers.local_search.tables import Tables, tables_of
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem
from placement_solvers.random_bits import UInt64, below, next_random

SAMPLES = 60
"""Bins asked for an item, before all others are if none of them takes it."""

Float64 = NDArray[np.float64]


def levels_freely(problem: Problem) -> bool:
    """Whether load above targets is paid for, moves are not, and items can be laid in one by one."""
    tiers = problem.tiers
    loads = any(tier.over_target is not None and tier.over_target.any() for tier in tiers)
    moves = any(
        (tier.moved is not None and tier.moved.any()) or tier.moved_between is not None or len(tier.most_moved.set_of)
        for tier in tiers
    )
    whole_plan = len(problem.gangs) or len(problem.breadths) or len(problem.dependencies) or problem.transient.any()
    return bool(loads and not moves and not whole_plan and not problem.devices.asked)


def level_placement(problem: Problem, bin_of: Int32, movable: Bool, seed: int = 0) -> Int32:
    """A bin for each item, (I,) int32, `NOWHERE` for those that no bin takes.

    O(I x samples x R), and O(B x R) for each item that none of its sample takes.

    Parameters
    ----------
    bin_of : (I,) int32
        Where the items lie that are not movable.
    movable : (I,) bool
        Items that are laid anew; that costs nothing (`levels_freely`).
    """
    tables = tables_of(problem, tier_weights(problem, evicts=False))  # whatever finds room is laid in
    kinds = kinds_of(tables)
    opened = bins_to_open(tables, kinds)
    rng = np.random.default_rng([seed, 0x1E7E1])
    bins = np.concatenate([rng.permutation(np.flatnonzero(opened)), rng.permutation(np.flatnonzero(~opened))])
    random = rng.integers(1, 2**63, 1, dtype=np.uint64)
    order = _large_first(tables, np.flatnonzero(movable))
    state = state_of(problem, tables, np.where(movable, NOWHERE, bin_of).astype(np.int32), movable, 0)
    uneven, num_opened = _uneven(tables, kinds), int(opened.sum())
    done = 0
    while done < len(order):
        done = lay_level(tables, state, random, order, done, bins, num_opened, kinds.of_bin, uneven, SAMPLES)
        if state.numbers[FULL]:
            state = grown(state)
            state.numbers[FULL] = 0
    return np.where(state.bin_of == problem.num_bins, NOWHERE, state.bin_of).astype(np.int32)


def _large_first(tables: Tables, items: Int64) -> Int64:
    """The items by their share of all demand for resources whose load is paid for."""
    total = np.bincount(tables.class_of, minlength=len(tables.demand)) @ tables.demand.astype(np.float64)
    counts = (tables.over_target > 0) & (total > 0)
    size = tables.demand[:, counts] @ (1.0 / total[counts])
    return items[np.argsort(-size[tables.class_of[items]], kind="stable")]


def _uneven(tables: Tables, kinds: Kinds) -> Float64:
    """What the square of a load weighs on a bin of each kind, (kinds, R) float64.

    A bin's loads are measured by its targets, as far as those bind, and larger bins count as much more as they hold.
    """
    target = tables.target[kinds.first].astype(np.float64)
    total = np.bincount(tables.class_of, minlength=len(tables.demand)) @ tables.demand.astype(np.float64)
    binds = (tables.over_target > 0) & (target > 0) & (target < total)
    weight = np.divide(1.0, target, out=np.zeros_like(target), where=binds)
    resources = np.maximum(binds.sum(axis=1, keepdims=True), 1)
    size = np.where(binds, target, 0.0).sum(axis=1, keepdims=True) / resources
    return np.asarray(size * weight * weight / resources)


@entry
def lay_level(
    tables: Tables,
    state: State,
    random: UInt64,
    order: Int64,
    first: int,
    bins: Int64,
    num_opened: int,
    kind_of: Int64,
    uneven: Float64,
    samples: int,
) -> int:
    """Lay items that lie nowhere into bins, from a position of their order on; the position where slots ran out.

    Parameters
    ----------
    bins : (B,) int64
        The first `num_opened` are asked before the others.
    kind_of : (B,) int64
        Row of `uneven` for each bin.
    uneven : (kinds, R) float64
    """
    nowhere = np.int64(len(tables.open_cost) - 1)
    for position in range(first, len(order)):
        item = order[position]
        class_ = tables.class_of[item]
        best, cheapest, levellest = np.int64(-1), np.int64(0), 0.0
        for attempt in range(3):
            low, high = np.int64(0), num_opened
            if attempt == 0:
                high = samples if samples < num_opened else 0
            elif attempt == 2:
                low, high = num_opened, np.int64(len(bins))
            for k in range(low, high):
                at = below(next_random(random), num_opened) if attempt == 0 else k
                bin_ = bins[at]
                if not may_lie(tables, item, bin_) or not fits(tables, state, item, bin_):
                    continue
                delta = cost_with(tables, state, item, bin_, 1) - state.bin_cost[bin_] + lying_cost(tables, item, bin_)
                if attempt == 2 and state.num_items[bin_] == 0:  # the others are to be opened in any case
                    delta += tables.open_cost[bin_]
                delta += relation_delta(tables, state, item, nowhere, bin_)
                if best >= 0 and delta > cheapest:
                    continue
                worse = 0.0
                for r in range(tables.demand.shape[1]):
                    demand = tables.demand[class_, r]
                    load = tables.capacity[bin_, r] - state.room[bin_, r]
                    worse += uneven[kind_of[bin_], r] * demand * (2.0 * load + demand)
                if best >= 0 and delta == cheapest and worse >= levellest:
                    continue
                if is_allowed(tables, state, item, nowhere, bin_):
                    best, cheapest, levellest = bin_, delta, worse
            if best >= 0:
                break
        if best < 0:
            continue
        if not has_slot(state, best):
            return position
        put(tables, state, item, best)
    return len(order)
