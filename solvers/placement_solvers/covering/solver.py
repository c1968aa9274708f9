"""Cover and pack: bins chosen for their room alone, then packed to the brim."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from placement_solvers.covering.annealing import anneal
from placement_solvers.covering.cover import Cover, cheapest_cover
from placement_solvers.covering.parameters import CoverAndPackParameters
from placement_solvers.covering.repair import chosen_bins, pack_anew
from placement_solvers.cp_sat.beginning import begin
from placement_solvers.cp_sat.search import Limits
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.objective import cost_of
from placement_solvers.plain_packing import more_than_packing
from placement_solvers.problem import Int32, Int64, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion
from placement_solvers.validation import validate

CHUNK = 500_000
"""Proposals between two looks at the clock."""

SCARCE = 0.01
"""Share of what is asked: of a resource of which there is less than this too much the room matters where it is."""

TRIES = 64
"""Items drawn, once a packing is cooled, until one matters."""

COVER_WORK = 4.0
"""What the search for a cover may take, in the exact solver's own count, about a second each."""


@dataclass(frozen=True, slots=True)
class CoverAndPack:
    """Packs items into unlike bins at a price, of which there are not so many of each kind.

    The cheapest bins whose room together covers what all items ask for are a lower bound, and where items are small
    beside bins nearly a solution: the bins are taken, and all items packed into them by annealing their overload; what
    is left over CP-SAT mends, a few bins at a time. Where that fails the bins are chosen with a little more room.

    Parameters
    ----------
    parameters : CoverAndPackParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: CoverAndPackParameters = field(default_factory=CoverAndPackParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "cover_and_pack"

    def supports(self, problem: Problem) -> bool:
        """Whether the problem asks for nothing but all items in, and bins at a price."""
        return more_than_packing(problem) is None

    def suits(self, problem: Problem) -> bool:
        """Whether bins are so unlike and few of a kind that choosing them is the question: no kind could hold all."""
        if not self.supports(problem) or problem.num_bins == 0:
            return False
        asked = problem.class_count @ problem.demand
        kinds, number = np.unique(np.maximum(problem.capacity, 0), axis=0, return_counts=True)
        return not bool((kinds * number[:, None] >= asked).all(axis=1).any())

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve from `start` and from greedy's answer, whichever is better.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If the problem asks for more than packing into bins at a price.
        """
        validate(problem)
        refusal = more_than_packing(problem)
        if refusal is not None:
            raise UnsupportedProblemError(f"cover and pack does not know {refusal}")
        watch = begin(problem, stop, start, self.on_progress)
        self.improve(problem, watch, seed)
        return watch.result()

    def improve(self, problem: Problem, watch: Watch, seed: int = 0, max_rounds: int = 1_000) -> None:
        """Go on from the incumbent of a run until it should end; nothing if the problem is not of the kind."""
        if more_than_packing(problem) is None and problem.num_items and not watch.should_end():
            _Run(problem, self.parameters, watch, seed).run(max_rounds)


class _Try(Enum):
    """What came of packing the cover with some room."""

    NO_COVER = auto()
    NOT_CHEAPER = auto()
    FAILED = auto()
    PACKED = auto()


class _Run:
    """One problem, types of bins counted once."""

    def __init__(self, problem: Problem, parameters: CoverAndPackParameters, watch: Watch, seed: int) -> None:
        self._problem, self._parameters, self._watch = problem, parameters, watch
        price = problem.tiers[-1].open
        assert price is not None  # a problem without is refused
        table = np.column_stack([problem.capacity, np.where(problem.in_use, 0, price)])
        usable = (problem.capacity >= 0).all(axis=1)
        types, type_of = np.unique(table, axis=0, return_inverse=True)
        self._room, self._price = np.ascontiguousarray(np.maximum(types[:, :-1], 0)), types[:, -1].copy()
        self._bins_of = [np.flatnonzero((type_of.reshape(-1) == t) & usable) for t in range(len(types))]
        self._supply = np.array([len(bins) for bins in self._bins_of], dtype=np.int64)
        self._size = problem.demand[problem.class_of]
        self._asked = self._size.sum(axis=0)
        mean = np.maximum(self._size.mean(axis=0), 1e-9)
        self._weight: NDArray[np.float64] = 2.0 / mean
        self._rng = np.random.default_rng(seed)

    def run(self, max_rounds: int) -> None:
        """Cover and pack, closing in on the least room that can be packed, in rounds of more and more work."""
        if not self._bound():
            return
        enough, packed = self._parameters.margin, False
        for number in range(max_rounds):
            too_little, tried = 0.0, False  # what was too little before may do with more work
            for _ in range(self._parameters.halvings):
                if self._watch.should_end():
                    return
                margin = (too_little + enough) / 2 if packed else enough
                match self._try(margin, self._parameters.proposals << min(number, 10)):
                    case _Try.FAILED:
                        tried, too_little = True, margin
                        enough = max(enough, margin if packed else 2 * margin)
                    case _Try.PACKED:
                        tried, packed, enough = True, True, margin
                    case _Try.NOT_CHEAPER:
                        packed, enough = True, margin
                    case _Try.NO_COVER:
                        packed, enough = True, (too_little + margin) / 2
            if not tried and enough * int(self._asked.max()) < 1:
                return  # not even the cover without any room is cheaper

    def _bound(self) -> bool:
        """Raise the bound to that of the cheapest cover; whether there is one."""
        cover = self._cover(0.0)
        if cover is None:
            return False
        self._watch.raise_bound((0, cover.bound))
        return not self._watch.should_end()

    def _cover(self, margin: float) -> Cover | None:
        asked = np.floor(self._asked * (1 + margin)).astype(np.int64)
        limits = Limits(1, int(self._rng.integers(2**31)), False, COVER_WORK)
        return cheapest_cover(self._room, self._price, self._supply, asked, limits, self._watch.should_end)

    def _try(self, margin: float, proposals: int) -> _Try:
        """Pack a cover, if it costs less than the incumbent."""
        self._watch.iterations += 1
        cover = self._cover(margin)
        if cover is None:
            return _Try.NO_COVER
        if (0, cover.price) >= self._watch.cost:
            return _Try.NOT_CHEAPER
        bins = np.concatenate([mine[:count] for mine, count in zip(self._bins_of, cover.number, strict=True)])
        packed = self._pack(self._problem.capacity[bins], proposals * len(self._size))
        if packed is None:
            return _Try.FAILED
        items = np.arange(len(packed), dtype=np.int32)
        solution = Solution(bins[packed].astype(np.int32), items)
        self._watch.offer(solution, cost_of(self._problem, solution))
        return _Try.PACKED

    def _pack(self, capacity: Int64, proposals: int) -> Int32 | None:
        """All items in bins of these capacities, or None."""
        capacity = np.ascontiguousarray(capacity)
        bin_of, load = self._spread(capacity)
        random = self._rng.integers(1, 2**63, 1, dtype=np.uint64)
        hot, cold, settled = self._parameters.hot, self._parameters.cold, self._parameters.settled
        scarce = capacity.sum(axis=0) - self._asked < SCARCE * self._asked
        for begins, ends, share, tries in ((hot, cold, 1.0, 1), (settled, cold, self._parameters.settling, TRIES)):
            chunks = max(-(-int(proposals * share) // CHUNK), 1)
            step = (ends / begins) ** (1 / chunks)
            for number in range(chunks):
                now, many = begins * step**number, -(-int(proposals * share) // chunks)
                packing = (self._size, capacity, self._weight, bin_of, load, random)
                if anneal(*packing, now, now * step, many, tries, scarce) == 0:
                    return bin_of
                if self._watch.should_end():
                    return None
        return self._repaired(capacity, bin_of, load)

    def _spread(self, capacity: Int64) -> tuple[Int32, Int64]:
        """Each item, largest first, where it makes least overload and leaves most room."""
        bin_of, load = np.empty(len(self._size), dtype=np.int32), np.zeros_like(capacity)
        scale = 1.0 / np.maximum(capacity, 1)
        for item in np.argsort(-(self._size * self._weight).sum(axis=1), kind="stable").tolist():
            left = capacity - load - self._size[item]
            over = (np.minimum(left, 0) * self._weight).sum(axis=1)
            fits = np.flatnonzero(over == over.max())
            bin_ = int(fits[(left[fits] * scale[fits]).min(axis=1).argmax()])
            bin_of[item] = bin_
            load[bin_] += self._size[item]
        return bin_of, load

    def _repaired(self, capacity: Int64, bin_of: Int32, load: Int64) -> Int32 | None:
        """The packing without overload, or None if that cannot be had soon."""
        overload, failures = int(np.maximum(load - capacity, 0).sum()), 0
        while overload <= self._parameters.mended and failures < self._parameters.repairs:
            if self._watch.should_end():
                return None
            bins = chosen_bins(self._rng, capacity, load, self._parameters.repaired)
            limits = Limits(1, int(self._rng.integers(2**31)), False, self._parameters.work)
            found = pack_anew(self._size, capacity, bin_of, bins, limits, self._watch.should_end)
            failures += 1
            if found is None:
                continue
            loads = np.zeros_like(load)
            np.add.at(loads, found, self._size)
            now = int(np.maximum(loads - capacity, 0).sum())
            if now == 0:
                return found
            if now <= overload:  # another packing as good is worth having: others may mend it
                failures = 0 if now < overload else failures
                overload, bin_of, load = now, found, loads
        return None
