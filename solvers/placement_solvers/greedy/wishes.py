"""Soft terms as the greedy sees them: what entering a domain costs an item, by the members that are there.

Pairs cost their weight a member. Of a skew, each member already in the domain counts, so that the emptiest domain is
preferred. Of a range, entering pays where the domain is full and earns where members are missing. What the entry means
for items that are in already is not seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.problem import Bool, Int32, Int64, Problem, Tier

LEVELS = 64
"""The greatest weight of a tier is counted in so many steps."""

TIER_BITS = 8
"""A step of one tier outweighs this power of two of the next."""

NEVER = 2**31 - 1


class Wishes(NamedTuple):
    """The soft terms of all classes, those about single bins last within a class.

    An item that enters a domain with n members pays ``slope * n``, less `step` if n is below `low`, and `step` more if
    n is `high` or above.

    Attributes
    ----------
    start, fine : (C + 1,), (C,) int32
        Rows of class c are ``[start[c], start[c + 1])``; from ``fine[c]`` on they count in single bins.
    class_, group, slope, step, low, high : (rows,) int32
    placed : (S, K) int32
        What an item pays by signature, in the same steps; shape (0, 0) for nothing.
    """

    start: Int32
    fine: Int32
    class_: Int32
    group: Int32
    slope: Int32
    step: Int32
    low: Int32
    high: Int32
    placed: Int32


def is_wish(tier: Tier) -> bool:
    """Whether a tier relates items to each other."""
    return len(tier.pairs) + len(tier.ranges) + len(tier.skews) > 0


def wishes_of(problem: Problem, fine: Bool) -> Wishes:
    """The wishes of a problem; `fine` (T,) says which topologies have single bins as domains. O(rows log rows)."""
    tiers = [tier for tier in problem.tiers if is_wish(tier)]
    placed = np.zeros((0, 0), dtype=np.int64)
    tables = [np.zeros((6, 0), dtype=np.int64)]
    for number, tier in enumerate(tiers):
        scale = _steps(tier, TIER_BITS * (len(tiers) - 1 - number))
        tables += [_rows(problem, tier, scale)]
        if tier.placed is not None:
            placed = (placed if placed.size else 0) + _scaled(tier.placed, scale)
    class_, group, slope, step, low, high = np.concatenate(tables, axis=1)
    is_fine = fine[problem.groups.topology[group]]
    order = np.lexsort((is_fine, class_))
    start = np.searchsorted(class_[order], np.arange(problem.num_classes + 1))
    coarse = np.bincount(class_[~is_fine], minlength=problem.num_classes)
    slope, step, low, high = (column[order].astype(np.int32) for column in (slope, step, low, high))
    return Wishes(
        start=start.astype(np.int32),
        fine=(start[:-1] + coarse).astype(np.int32),
        class_=class_[order].astype(np.int32),
        group=group[order].astype(np.int32),
        slope=slope,
        step=step,
        low=low,
        high=high,
        placed=placed.astype(np.int32),
    )


def _steps(tier: Tier, bits: int) -> float:
    """Steps a unit of weight is worth."""
    weights = [tier.pairs.weight, tier.ranges.weight, tier.skews.weight]
    if tier.placed is not None:
        weights.append(tier.placed.ravel())
    largest = int(np.abs(np.concatenate(weights)).max(initial=1))
    return LEVELS / max(largest, LEVELS) * float(1 << min(bits, 2 * TIER_BITS))


def _scaled(weight: Int64, scale: float) -> Int64:
    return np.asarray(np.rint(weight * scale).astype(np.int64))


def _rows(problem: Problem, tier: Tier, scale: float) -> Int64:
    """Class, group, slope, step, low and high of each wish of a tier, (6, rows) int64."""
    pairs, ranges, skews = tier.pairs, tier.ranges, tier.skews
    member = np.repeat(np.arange(problem.num_classes), np.diff(problem.groups.class_start))
    found = [np.stack([pairs.class_, pairs.group, _scaled(pairs.weight, scale), *_constants(len(pairs), 0, 0, NEVER)])]
    for group, weight in zip(skews.group, _scaled(skews.weight, scale), strict=True):
        classes = member[problem.groups.of_class == group]
        found.append(np.stack([classes, *_constants(len(classes), group, weight, 0, 0, NEVER)]))
    for group, low, high, weight in zip(
        ranges.group, ranges.at_least, ranges.at_most, _scaled(ranges.weight, scale), strict=True
    ):
        classes = member[problem.groups.of_class == group]
        found.append(np.stack([classes, *_constants(len(classes), group, 0, weight, low, high)]))
    return np.concatenate(found, axis=1)


def _constants(rows: int, *values: int) -> list[Int64]:
    return [np.full(rows, value, dtype=np.int64) for value in values]
