"""Integers that say how welcome an item is in a bin, so that every machine ranks alike.

A score has up to four parts. From the highest bits to the lowest:

- the rank of what the item would cost there now, tier by tier: opening the bin, shared among the items it is likely to
  take, and the costs by signature;
- what it would pay for the company there (see `placement_solvers.greedy.wishes`); above the rank where the tier of the
  wishes comes first;
- for `Score.PACK`, how well the item's demand points where the bin's free amounts do: the cosine between them, scarce
  resources counting most, so that no resource is left stranded;
- how full the bin is, or for `Score.SPREAD` how empty.

On generated packing problems the cosine brings best fit from 5.8 % above the bound to 3.4 %; other measures of balance
did no better, and much worse where bins are unlike (see Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for Vector Bin
Packing", 2011, section 3, for the family).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placement_solvers.bounds.floors import started_of_class
from placement_solvers.greedy.parameters import Score
from placement_solvers.greedy.wishes import is_wish
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem

FILL_BITS = 20
"""Bits of a score for cosine and fill."""

COSINE_BITS = 12
"""Bits of the cosine, where it enters; what is left of `FILL_BITS` says how full the bin is."""

WISH_BITS = 20
"""Bits of a score for wishes."""

MOST_WISHED = (1 << (WISH_BITS - 2)) - 1
"""What wishes about single bins, and those about larger domains, may cost or earn; more counts as much."""

RANK_BITS = 20
"""Bits of a score for the rank."""

SHARE_BITS = 20
"""Precision of the share of a resource that is free."""

UNIT_BITS = 15
"""Precision of a vector of length one."""

WEIGHT_BITS = 10
"""The scarcest resource weighs two to this power."""

AMOUNT_BITS = 40
"""Amounts are shifted to fit into so many bits before they are multiplied."""

MAX_TABLE = 4_000_000
"""Entries of the table of ranks; above, costs by signature do not enter the score."""


class Scoring(NamedTuple):
    """What scores are read from.

    Attributes
    ----------
    class_row : (C,) int32
        Row of `rank` for each class.
    bin_column : (B,) int32
        First of two columns of `rank` for each bin: while it is empty and not in use, and once it is.
    rank : (rows, columns) int64
        The rank at its place in a score, with wishes that cost nothing; greater is better.
    wish_shift : int
        Place of the wishes in a score.
    scale : (R,) int64
        Free amount that counts as all of a bin, after `shift`; 0 where a resource does not count.
    shift, weight : (R,) int64
        Bits to drop from an amount, and how much a resource counts.
    direction : (C, R) int32
        Demand of each class as a vector of length ``2 ** UNIT_BITS``, weighted.
    fuller_is_better, by_cosine : bool
    """

    class_row: Int32
    bin_column: Int32
    rank: Int64
    wish_shift: int
    scale: Int64
    shift: Int64
    weight: Int64
    direction: Int32
    fuller_is_better: bool
    by_cosine: bool


def scoring_of(problem: Problem, score: Score) -> Scoring:
    """The tables from which a problem's scores are read. O(C + (B + rows x columns) log B)."""
    pack = score is Score.PACK
    prices = [_price_by_item(problem, tier.open) if pack else np.zeros(problem.num_bins) for tier in problem.tiers]
    tastes = [None if is_wish(tier) else tier.placed for tier in problem.tiers]
    by_signature = any(taste is not None for taste in tastes)
    kinds, bin_kind = _distinct_columns(problem, prices, by_signature)
    if by_signature and problem.eligible.shape[0] * 2 * len(kinds) > MAX_TABLE:
        by_signature = False
        kinds, bin_kind = _distinct_columns(problem, prices, by_signature)
    rows = problem.eligible.shape[0] if by_signature else 1
    levels = []
    for taste, price in zip(tastes, prices, strict=True):
        level = np.zeros((rows, 2 * len(kinds)))
        level[:, ::2] += price[kinds]
        if by_signature and taste is not None:
            level += np.repeat(taste[:, problem.bin_signature[kinds]], 2, axis=1)
        levels.append(level)
    if pack:
        levels.append(np.tile([1.0, 0.0], (rows, len(kinds))))
    wishes_first = _wishes_come_first(problem)
    rank = _ranks(levels, rows, 2 * len(kinds)) << (FILL_BITS + (0 if wishes_first else WISH_BITS))
    wish_shift = FILL_BITS + (RANK_BITS if wishes_first else 0)
    weight, scale, shift = _weights(problem)
    return Scoring(
        class_row=problem.class_signature.copy() if by_signature else np.zeros(problem.num_classes, dtype=np.int32),
        bin_column=(2 * bin_kind).astype(np.int32),
        rank=rank + (1 << (WISH_BITS - 1 + wish_shift)),
        wish_shift=wish_shift,
        scale=scale,
        shift=shift,
        weight=weight,
        direction=_directions(problem, weight, scale, shift),
        fuller_is_better=pack,
        by_cosine=pack and int((weight > 0).sum()) > 1,
    )


def _wishes_come_first(problem: Problem) -> bool:
    """Whether a tier of wishes precedes all tiers that the rank is made of."""
    for tier in problem.tiers:
        if is_wish(tier) or tier.open is not None or tier.placed is not None:
            return is_wish(tier) and tier.open is None
    return False


def _price_by_item(problem: Problem, price: Int64 | None) -> NDArray[np.float64]:
    """The price of a bin shared among as many items of the mean size as it can take, (B,) float64."""
    if price is None or problem.num_items == 0:
        return np.zeros(problem.num_bins)
    mean = (problem.demand * problem.class_count[:, None]).sum(axis=0) / problem.num_items
    asked = np.flatnonzero(mean > 0)
    room = (np.maximum(problem.capacity[:, asked], 0) / mean[asked]).min(axis=1, initial=np.inf)
    return np.asarray(price / np.clip(room, 1e-3, 1e6))


def _distinct_columns(
    problem: Problem, prices: list[NDArray[np.float64]], by_signature: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """One bin of each kind, and the kind of each bin."""
    keys = [*prices, problem.bin_signature.astype(np.float64) if by_signature else np.zeros(problem.num_bins)]
    _, first, kind = np.unique(np.stack(keys), axis=1, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def _ranks(levels: list[NDArray[np.float64]], rows: int, columns: int) -> Int64:
    """Places of the columns of each row by its costs, the cheapest with the greatest, in `RANK_BITS` bits."""
    most = (1 << RANK_BITS) - 1
    ranks = np.zeros((rows, columns), dtype=np.int64)
    for row in range(rows):
        costs = np.stack([level[row] for level in levels]) if levels else np.zeros((1, columns))
        order = np.lexsort(costs[::-1])
        dearer = (np.diff(costs[:, order], axis=1) != 0).any(axis=0)
        place = np.zeros(columns, dtype=np.int64)
        place[order[1:]] = np.cumsum(dearer)
        while place.max(initial=0) > most:
            place >>= 1
        ranks[row] = most - place
    return ranks


def _weights(problem: Problem) -> tuple[Int64, Int64, Int64]:
    """How much each resource counts, by the square of how scarce it is, and what counts as all of a bin."""
    capacity = np.maximum(problem.capacity - _start_load(problem), 0)
    total = capacity.sum(axis=0, dtype=np.float64)
    wanted = (problem.class_count - started_of_class(problem)) @ problem.demand.astype(np.float64)
    scarcity = np.divide(wanted, total, out=np.zeros_like(wanted), where=total > 0)
    weight = np.zeros(problem.num_resources, dtype=np.int64)
    if scarcity.max(initial=0) > 0:
        weight = np.ceil((scarcity / scarcity.max()) ** 2 * (1 << WEIGHT_BITS)).astype(np.int64)
    largest = capacity.max(axis=0, initial=0)
    bits = np.array([int(amount).bit_length() for amount in largest], dtype=np.int64)
    shift = np.maximum(bits - AMOUNT_BITS, 0)
    return weight, np.where(weight > 0, largest >> shift, 0), shift


def _start_load(problem: Problem) -> Int64:
    load = np.zeros_like(problem.capacity)
    if len(problem.start):
        started = problem.start != NOWHERE
        np.add.at(load, problem.start[started], problem.demand[problem.class_of[started]])
    return load


def _directions(problem: Problem, weight: Int64, scale: Int64, shift: Int64) -> Int32:
    """Demands as weighted vectors of one length. Sums run in the order of resources, as everywhere."""
    weighted = np.zeros(problem.demand.shape)
    length = np.zeros(problem.num_classes)
    for resource in np.flatnonzero(scale):
        share = ((problem.demand[:, resource] >> shift[resource]) << SHARE_BITS) // scale[resource]
        weighted[:, resource] = weight[resource] * np.minimum(share, 1 << SHARE_BITS)
        length += weighted[:, resource] * weighted[:, resource]
    length = np.sqrt(length)[:, None]
    unit = np.divide(weighted * (1 << UNIT_BITS), length, out=np.zeros_like(weighted), where=length > 0)
    return unit.astype(np.int32)
