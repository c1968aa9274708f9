"""A problem seen as packing: bins that are alike merged into types, relations turned into what a pattern may hold.

A *pattern* says how many items of each class lie in one bin of a type. What the view keeps of a problem are

- how many items of a class a bin of the type takes at most (`PackingView.most`): eligibility, capacity, and limits and
  spreads that speak of one class in one bin;
- sets of classes that share a limit in a bin (`Joint`), and classes that exclude one another in a bin (`Conflict`);
- counts of classes over the domains of a larger topology (`DomainRule`): spreads and limits over zones.

What it cannot say it leaves out and names in `relaxed`. Leaving constraints out keeps every lower bound a lower bound;
only a view without anything relaxed gives solutions. `docs/formulation.md` has the model, this file the reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import Bool, Int32, Int64, Problem

Float = NDArray[np.float64]

MANY = 2**30
"""A limit that never binds."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """At most so many items of a set of classes in one bin.

    Attributes
    ----------
    classes : (n,) int32
        Ascending.
    at_most : (T,) int64
        For a bin of each type.
    """

    classes: Int32
    at_most: Int64


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """A class that shares no bin with any of some others, in bins of some types."""

    class_: int
    others: Int32
    holds: Bool  # (T,)


@dataclass(frozen=True, slots=True, eq=False)
class DomainRule:
    """How many items of a set of classes may lie in each domain of a topology.

    Attributes
    ----------
    classes : (n,) int32
        Ascending. Every item of them that is placed counts in exactly one domain.
    domain_of_region : (Z,) int32
        Domain of each region, `NOWHERE` where none of the classes may lie.
    initial : (D,) int64
        Members already there.
    eligible : (D,) bool
        Domains that count for the smallest count.
    max_skew : int
        No domain that an item enters exceeds the smallest count by more; `MANY` for none.
    at_most : int
        No domain that an item enters holds more; `MANY` for any number.
    smallest_is_zero : bool
        Whether the smallest count is 0 whatever lies where: there are too few domains.
    """

    classes: Int32
    domain_of_region: Int32
    initial: Int64
    eligible: Bool
    max_skew: int
    at_most: int
    smallest_is_zero: bool

    def room(self, smallest: int) -> Int64:
        """Items that each domain takes while its least filled one holds `smallest`, (D,) int64."""
        floor = 0 if self.smallest_is_zero else smallest
        top = min(floor + self.max_skew, self.at_most)
        return np.maximum(top - self.initial, 0)


@dataclass(frozen=True, eq=False)
class PackingView:
    """What is left of a problem when it is a matter of patterns.

    Attributes
    ----------
    problem : Problem
    demand : (C, R) int64
        What an item of each class takes.
    count : (C,) int64
        Items to pack. Items of pinned classes are not among them.
    row_of_class : (classes of the problem,) int32
        Which class of the view a class of the problem is: those that nothing here tells apart are one.
    capacity : (T, R) int64
        What a bin of each type has for them, at least 0.
    supply : (T,) int64
        Bins of the type.
    most : (T, C) int32
        Items of a class that fit a bin of the type if they are alone in it.
    region : (T,) int32
        Which combination of domains a type lies in, numbered from 0.
    joints, conflicts, rules
        Relations between classes.
    unplaced, open : (K, C), (K, T) int64
        Cost of the first K tiers: all that ask only for items left out and bins opened.
    bin_start, bins : (T + 1,) int64, (B,) int32
        ``bins[bin_start[t]:bin_start[t + 1]]`` are the bins of type t, ascending.
    pinned : (P,) int32
        Items that have one bin they may go to, and go there. Their load is off `capacity`.
    relaxed : tuple of str
        Families of constraints that the view leaves out.
    """

    problem: Problem
    demand: Int64
    count: Int64
    row_of_class: Int32
    capacity: Int64
    supply: Int64
    most: Int32
    region: Int32
    joints: tuple[Joint, ...]
    conflicts: tuple[Conflict, ...]
    rules: tuple[DomainRule, ...]
    unplaced: Int64
    open: Int64
    bin_start: Int64
    bins: Int32
    pinned: Int32
    relaxed: tuple[str, ...]

    @property
    def num_types(self) -> int:
        return len(self.capacity)

    @property
    def num_classes(self) -> int:
        return len(self.count)

    @property
    def class_of_row(self) -> Int64:
        """A class of the problem for each of the view, (C,) int64."""
        first: Int64 = np.unique(self.row_of_class, return_index=True)[1].astype(np.int64)
        return first

    def fit(self, resources: Sequence[int] | None = None) -> Int64:
        """Items of each class that a bin of each type holds by its capacity alone, (T, C) int64, at most `MANY`.

        Parameters
        ----------
        resources : sequence of int, optional
            Those that count; all without.
        """
        fit = np.full(self.most.shape, MANY, dtype=np.int64)
        for resource in range(self.demand.shape[1]) if resources is None else resources:
            asked = self.demand[:, resource]
            fit[:, asked > 0] = np.minimum(fit[:, asked > 0], self.capacity[:, [resource]] // asked[asked > 0])
        return fit

    def known_limits(self, resources: Sequence[int] | None = None) -> Int64:
        """Limits beyond what capacity says, (T, C) int64, `MANY` for none; equal for as many types as can be.

        Parameters
        ----------
        resources : sequence of int, optional
            Those whose capacity the caller looks at himself; all without.
        """
        fit = self.fit(resources)
        limit = np.where(self.most < fit, self.most.astype(np.int64), MANY)
        for region in range(self.num_regions):
            # A limit known from one type serves another that could not hold more anyway.
            here = self.region == region
            least = np.where(limit[here] > 0, limit[here], MANY).min(axis=0, initial=MANY)
            limit[here] = np.where((limit[here] == MANY) & (fit[here] <= least), least, limit[here])
        return limit

    @property
    def num_regions(self) -> int:
        return int(self.region.max(initial=-1)) + 1

    @property
    def num_tiers(self) -> int:
        """How many leading tiers of the problem the view speaks of."""
        return len(self.unplaced)
