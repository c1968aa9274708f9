"""First fit in a few orders, then again and again with the bins of the last packing taken in another order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement_solvers.first_fit.kernels import first_fit
from placement_solvers.first_fit.orders import Float, cheapest_bins, orders, shares
from placement_solvers.objective import cost_of
from placement_solvers.plain_packing import more_than_packing
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution

if TYPE_CHECKING:  # what begins a run with first fit lies beside the watch
    from placement_solvers.cp_sat.watch import Watch

AT_RANDOM, BY_LOAD = 0.4, 0.7
"""Of the rounds of regrouping as many take bins in random order, and up to here by load; the rest backwards."""

MIXING = 0.2
"""By how much of itself a load may seem smaller than it is when bins are ordered by load."""

LAST_LOOKS = 64
"""Rounds between two questions to the stopping criterion where they are quick; see `QUICK`."""

QUICK = 1_000
"""Items up to which many rounds are made between two questions."""


@dataclass(frozen=True, slots=True)
class FirstFit:
    """Packs by first fit alone, which asks nothing of a bin but room: thousands of packings in a second.

    After the first few orders it takes its own packing bin by bin, in another order, and packs it anew by first fit:
    items of a bin stand together, so with bins that are alike it never needs more of them than before (iterated
    greedy).

    Parameters
    ----------
    many_resources : int
        Fewer resources than these are not its business: patterns and greedy's scores do better there.

    References
    ----------
    J. Culberson, F. Luo, "Exploring the k-colorable Landscape with Iterated Greedy" (1996), section 2; R. Lewis, "A
    general-purpose hill-climbing method for order independent minimum grouping problems", Computers & Operations
    Research 36 (2009).
    """

    many_resources: int = 17

    def suits(self, problem: Problem) -> bool:
        """Whether the problem is plain packing with many resources."""
        return (
            problem.num_resources >= self.many_resources
            and problem.num_bins > 0
            and problem.num_items > 0
            and more_than_packing(problem) is None
        )

    def begin(self, problem: Problem, watch: Watch) -> None:
        """Offer what first fit makes of each of its orders, as long as the run goes on."""
        packer = _Packer(problem)
        for order in orders(problem, packer.share):
            if watch.should_end():
                return
            packer.offer(watch, packer.pack(order))

    def regroup(self, problem: Problem, watch: Watch, seed: int, enough: Callable[[int], bool]) -> None:
        """Pack anew, starting from the incumbent, until the run should end or so many rounds are `enough`."""
        packer, rng = _Packer(problem), np.random.default_rng(seed)
        bin_of = watch.incumbent()[0].bin_of
        price = packer.price_of(bin_of)
        between = LAST_LOOKS if problem.num_items <= QUICK else 1
        number = 0
        while number % between or not (watch.should_end() or enough(number)):
            number += 1
            watch.iterations += 1
            found = packer.pack(packer.regrouped(bin_of, rng))
            now = packer.price_of(found)
            if now <= price:
                bin_of = found
                if now < price:
                    price = now
                    packer.offer(watch, found)


class _Packer:
    """One problem as first fit sees it: what each class asks for of the few resources it asks for at all."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        class_, resource = np.nonzero(problem.demand > 0)
        self._start = np.searchsorted(class_, np.arange(problem.num_classes + 1)).astype(np.int64)
        self._resource = resource.astype(np.int32)
        self._amount = np.ascontiguousarray(problem.demand[class_, resource])
        first, last = problem.tiers[0].unplaced, problem.tiers[-1].open
        assert first is not None
        assert last is not None  # this is what plain packing asks for
        self._left_out, self._open = first, np.where(problem.in_use, 0, last)
        self._bins = cheapest_bins(problem, self._open)
        self.share = shares(problem)
        self._total: Float = self.share.sum(axis=1)[problem.class_of]
        self._sizes = (self._total, np.sqrt((self.share**2).sum(axis=1))[problem.class_of])

    def pack(self, order: Int32) -> Int32:
        """The bin of each item by first fit in an order, (I,) int32, -1 where none takes it."""
        problem = self._problem
        bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        first_fit(
            order,
            problem.class_of,
            self._start,
            self._resource,
            self._amount,
            self._bins,
            problem.capacity.copy(),
            np.zeros(problem.num_classes, dtype=np.int64),
            bin_of,
        )
        return bin_of

    def regrouped(self, bin_of: Int32, rng: np.random.Generator) -> Int32:
        """All items, those of a bin together and large ones first; bins by chance, by load, or from the last one."""
        num_bins = self._problem.num_bins
        which = rng.random()
        if which < AT_RANDOM:
            key = rng.random(num_bins + 1)
        elif which < BY_LOAD:
            key = -np.bincount(bin_of + 1, self._total, num_bins + 1) * rng.uniform(1.0 - MIXING, 1.0, num_bins + 1)
        else:
            key = np.append(0.0, -np.argsort(self._bins).astype(np.float64))
        key[0] = -np.inf  # who was left out goes first
        size = self._sizes[int(rng.integers(2))]
        return np.lexsort((-size, bin_of, key[bin_of + 1])).astype(np.int32)

    def price_of(self, bin_of: Int32) -> tuple[int, int]:
        """What items left out cost, and bins in use."""
        used = np.bincount(bin_of + 1, minlength=self._problem.num_bins + 1)[1:] > 0
        left_out: Int64 = self._left_out[self._problem.class_of[bin_of == NOWHERE]]
        return int(left_out.sum()), int(self._open[used].sum())

    def offer(self, watch: Watch, bin_of: Int32) -> None:
        solution = Solution(bin_of, np.flatnonzero(bin_of != NOWHERE).astype(np.int32))
        watch.offer(solution, cost_of(self._problem, solution))
