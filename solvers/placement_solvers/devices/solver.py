"""All items known at once: what fits at most is proven, and a placement is brought near to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.devices.contents import Contents, contents_of
from placement_solvers.devices.fleet import Fleet
from placement_solvers.devices.linear import Optimum, Programme
from placement_solvers.devices.neighbourhood import Held, repack
from placement_solvers.devices.online import Mix, place_in_turn
from placement_solvers.devices.packing import pack
from placement_solvers.devices.relaxation import as_packing, pooled_bound
from placement_solvers.devices.search import Search
from placement_solvers.devices.support import is_packing, refuse_rules_of_the_whole
from placement_solvers.objective import Cost, cost_of
from placement_solvers.opening import open_watch
from placement_solvers.problem import NOWHERE, Int64, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion

LEAST_CHANCE = 0.01
"""Of a bin without room to be packed anew, where that of the bin with most is 1."""

ROUNDS_BETWEEN_PLACEMENTS = 5
"""Rounds of contents between two that are rounded to a placement."""

ITEMS_FOR_A_STEP = 10
"""Items, the dearest in the second tier, that are given up there for the least step of the first."""

LARGEST_WORTH = 2**44
"""Worth of all items from which the programmes' floating point is too coarse."""

MAX_PAIRS = 50_000
"""Pairs of class and kind of bin beyond which a search under rules does without the programme and its bound."""


@dataclass(frozen=True, slots=True)
class PackingParameters:
    """How bins are packed anew.

    Attributes
    ----------
    num_bins : int
        At a time.
    seconds : float
        For one attempt.
    pricing_seconds : float
        For new contents of one bin.
    max_rounds : int
        Times that contents of one bin of each kind are generated.
    least_gain : float
        Share of its value by which the programme over contents must grow in a round to go on.
    """

    num_bins: int = 6
    seconds: float = 2.0
    pricing_seconds: float = 0.25
    max_rounds: int = 60
    least_gain: float = 1e-5


@dataclass(frozen=True, slots=True)
class DevicePacking:
    """Places items on devices with all of them known, with a proven bound.

    A linear programme over kinds of bins and patterns of devices bounds what can be placed and says what should go
    where; items are laid out towards that; then a few bins with room left are packed anew, again and again, with
    what they hold and what waits (large neighbourhood search over CP-SAT). That is where items are only packed, each
    for its worth. Where there are relations between them, gangs, items that run already or other costs, the search of
    `placement_solvers.devices.search` takes that part, and the programme bounds what even packing could not place.

    Parameters
    ----------
    parameters : PackingParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: PackingParameters = field(default_factory=PackingParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "devices"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Solve, with `start` as the first incumbent.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If the problem has rules about the plan as a whole.
        """
        watch = open_watch(problem, stop, start, self.on_progress)
        refuse_rules_of_the_whole(problem)
        watch.raise_bound(pooled_bound(problem))
        if not watch.should_end():
            online = place_in_turn(problem, Mix.EXPECTED, watch)
            watch.offer(online, cost_of(problem, online))
        if watch.should_end():
            return watch.result()
        if not is_packing(problem):
            _bound_as_packing(problem, watch)
            Search(problem, watch, seed).run()
        elif problem.devices.asked:
            _Run(problem, self.parameters, watch, seed).run()
        return watch.result()


def _bound_as_packing(problem: Problem, watch: Watch) -> None:
    """Bound the first tier by the programme over kinds of bins, all rules between items forgotten."""
    relaxed = as_packing(problem)
    if relaxed is None or not problem.devices.asked:
        return
    unplaced = relaxed.tiers[0].unplaced
    assert unplaced is not None
    programme = Programme(relaxed, unplaced)
    if programme.fleet.allowed.size > MAX_PAIRS:
        return
    optimum = programme.solve(watch.should_end)
    if optimum is not None:
        bound = int(unplaced @ problem.class_count) - optimum.most
        known: Cost = watch.lower_bound or (0,) * len(problem.tiers)
        if bound > known[0]:
            watch.raise_bound((bound, *[0] * (len(problem.tiers) - 1)))


@dataclass(frozen=True, slots=True, eq=False)
class _Aim:
    """A sum of tiers to make least, and the tier it proves something of.

    Attributes
    ----------
    worth : (C,) int64
        Of an item that is placed: its cost in the tier, and `weight` times that in the tier before, if there is one.
    tier : int
    weight : int
    total : int
        Worth of all items.
    """

    worth: Int64
    tier: int
    weight: int
    total: int

    def raise_bound(self, watch: Watch, most: int) -> None:
        """Say what follows if no solution places items worth more than `most`.

        At least the rest of the worth is lost. What of that the tier before cannot account for, which is proven to
        cost just what it does, is lost in this one.
        """
        known = list(watch.lower_bound or (0,) * len(watch.cost))
        before = self.weight * known[self.tier - 1] if self.tier else 0
        lost = self.total - most - before
        if lost > known[self.tier]:
            watch.raise_bound((*known[: self.tier], lost, *[0] * (len(known) - self.tier - 1)))

    def reached(self, watch: Watch) -> bool:
        """Whether the tier is proven."""
        known = watch.lower_bound
        return known is not None and watch.cost[: self.tier + 1] == known[: self.tier + 1]


def _first_stage(problem: Problem, watch: Watch) -> _Aim | None:
    """The first tier alone."""
    unplaced = problem.tiers[0].unplaced
    return None if unplaced is None else _Aim(unplaced, 0, 0, int(unplaced @ problem.class_count))


def _second_stage(problem: Problem, watch: Watch) -> _Aim | None:
    """The second tier once the first is proven: the sum of both, where the first is given up for nothing.

    Any weight of the first gives a bound; a step of it, the greatest common divisor of its costs, weighs as much as the
    dearest items of the second that may have to go for it.
    """
    if len(problem.tiers) < 2 or watch.lower_bound is None or watch.cost[0] != watch.lower_bound[0]:
        return None
    before, unplaced = problem.tiers[0].unplaced, problem.tiers[1].unplaced
    if before is None or unplaced is None or not before.any():
        return None
    weight = -(-ITEMS_FOR_A_STEP * int(unplaced.max()) // int(np.gcd.reduce(before)))
    totals = [int(costs @ problem.class_count) for costs in (before, unplaced)]
    if weight == 0 or weight * totals[0] + totals[1] >= LARGEST_WORTH:
        return None
    return _Aim(weight * before + unplaced, 1, weight, weight * totals[0] + totals[1])


class _Run:
    """One run after the first placement."""

    def __init__(self, problem: Problem, parameters: PackingParameters, watch: Watch, seed: int) -> None:
        self._problem, self._parameters, self._watch, self._seed = problem, parameters, watch, seed
        self._rng = np.random.default_rng(seed)
        self._worth = lexicographic_worth(problem)

    def run(self) -> None:
        """Bound, lay out, then pack bins anew until told to end."""
        problem, watch = self._problem, self._watch
        for stage in (_first_stage, _second_stage):
            aim = None if watch.should_end() else stage(problem, watch)
            if aim is not None:
                self._aim_at(aim)
        while not watch.should_end() and problem.num_bins:
            self._step()

    def _aim_at(self, aim: _Aim) -> None:
        """Bound and lay out by programmes for one aim."""
        problem, watch = self._problem, self._watch
        programme = Programme(problem, aim.worth)
        optimum = programme.solve(watch.should_end)
        if optimum is None:
            return
        aim.raise_bound(watch, optimum.most)
        laid_out = pack(problem, programme.fleet, optimum.wanted)
        watch.offer(laid_out, cost_of(problem, laid_out))
        if not aim.reached(watch):
            self._fill_bins(aim, programme.fleet, optimum, laid_out)

    def _fill_bins(self, aim: _Aim, fleet: Fleet, optimum: Optimum, laid_out: Solution) -> None:
        """Generate contents of bins while that pays, rounding them to a placement now and then."""
        problem, watch = self._problem, self._watch
        contents = Contents(problem, fleet, aim.worth, self._parameters.pricing_seconds, optimum)
        for solution in (watch.solution, laid_out):
            contents.add_all(contents_of(problem, fleet, solution.bin_of))
        last, settled = 0.0, False
        for turn in range(self._parameters.max_rounds):
            value, most = contents.improve(watch.should_end)
            watch.iterations += 1
            if most is not None:
                aim.raise_bound(watch, most)
            slow = turn > 0 and value - last < self._parameters.least_gain * value and settled
            last, settled = value, contents.settled
            if slow or watch.should_end() or turn % ROUNDS_BETWEEN_PLACEMENTS == ROUNDS_BETWEEN_PLACEMENTS - 1:
                found = pack(problem, fleet, np.zeros_like(optimum.wanted), contents.rounded())
                watch.offer(found, cost_of(problem, found))
            if slow or aim.reached(watch) or watch.should_end():
                return

    def _step(self) -> None:
        problem, watch = self._problem, self._watch
        solution = watch.solution
        watch.iterations += 1
        chosen = self._choose(solution)
        inside = np.isin(solution.bin_of, chosen)
        held: Held = defaultdict(int)
        for item in np.flatnonzero(inside).tolist():
            held[int(problem.class_of[item]), int(solution.bin_of[item])] += 1
        spare = np.bincount(problem.class_of[~solution.placed], minlength=problem.num_classes)
        seed = self._seed + watch.iterations
        found = repack(problem, chosen, held, spare, self._worth, self._parameters.seconds, seed)
        if found is not None:
            better = _with(problem, solution, inside, found)
            watch.offer(better, cost_of(problem, better))

    def _choose(self, solution: Solution) -> list[int]:
        """Bins to pack anew: those with much left on their devices more often than others."""
        problem = self._problem
        devices = problem.devices
        total = np.zeros(problem.num_bins)
        np.add.at(
            total, np.repeat(np.arange(problem.num_bins), np.diff(devices.start)), devices.capacity[:, 0].clip(min=0)
        )
        placed = solution.placed
        classes = problem.class_of[placed]
        np.subtract.at(total, solution.bin_of[placed], devices.count[classes] * devices.share[classes, 0])
        weight = total / max(total.max(initial=0), 1) + LEAST_CHANCE
        number = min(self._parameters.num_bins, problem.num_bins)
        chosen: list[int] = self._rng.choice(problem.num_bins, number, replace=False, p=weight / weight.sum()).tolist()
        return sorted(chosen)


def lexicographic_worth(problem: Problem) -> Int64:
    """One number for what an item is worth that orders sums as the tiers do, (C,) int64, as far as numbers go."""
    worth = np.zeros(problem.num_classes, dtype=np.int64)
    for tier in reversed(problem.tiers):
        own = tier.unplaced if tier.unplaced is not None else np.zeros_like(worth)
        scale = int(worth @ problem.class_count) + 1
        if int((own * 1.0) @ problem.class_count) * scale >= 2**50:
            break
        worth = own * scale + worth
    return worth


def _with(
    problem: Problem, solution: Solution, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], found: Held
) -> Solution:
    """The solution with other contents in some bins."""
    bin_of = np.where(inside, NOWHERE, solution.bin_of).astype(np.int32)
    waiting: dict[int, list[int]] = defaultdict(list)
    for item in np.flatnonzero(bin_of == NOWHERE)[::-1].tolist():
        waiting[int(problem.class_of[item])].append(item)
    entered = []
    for (class_, bin_), number in found.items():
        for _ in range(number):
            item = waiting[class_].pop()
            bin_of[item] = bin_
            entered.append(item)
    kept = solution.sequence[~inside[solution.sequence]]
    return Solution(bin_of, np.concatenate([kept, np.array(entered, dtype=np.int32)]).astype(np.int32))
