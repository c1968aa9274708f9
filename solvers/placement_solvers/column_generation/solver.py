"""Packing by column generation: a bound from patterns, and packings rounded from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from placement_solvers.bounds.family import best_lower_bound
from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.bounds.linear import linear_prices
from placement_solvers.bounds.witness import Witness, pinned_stay
from placement_solvers.column_generation.closing import Closing, Proof, suits
from placement_solvers.column_generation.diving import dive
from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.leaning import lean
from placement_solvers.column_generation.packing import Packing, packing_cost, remainder, to_solution
from placement_solvers.column_generation.parameters import ColumnGenerationParameters
from placement_solvers.column_generation.plunging import Plunging
from placement_solvers.column_generation.pricers import lists, quick_pricer
from placement_solvers.column_generation.relaxation import Columns, Relaxation
from placement_solvers.column_generation.rounding import LEAST_FRACTIONS, BinSets, Task, rounded_up, whole_part
from placement_solvers.column_generation.sequential import corrected_prices, raised_prices, sequential_fill
from placement_solvers.column_generation.splitting import Split, split, within_rules
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.column_generation.tightening import may_tighten, tighten
from placement_solvers.cp_sat.search import Limits
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.objective import Cost, cost_of
from placement_solvers.opening import open_watch
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


@dataclass(frozen=True, slots=True)
class ColumnGeneration:
    """Packs items into the fewest or cheapest bins by patterns, and proves how far that is from the best.

    Bins that are alike are one type, and the linear programme over all patterns of all types gives the bound
    (Gilmore and Gomory, A linear programming approach to the cutting stock problem, Operations Research 9(6), 1961).
    Its solution is rounded, and what is left over is packed by CP-SAT. The tiers are minimised one after the other.

    Limits and exclusions within bins, and spreads and limits of a set of classes over larger domains, are honoured;
    other relations, gangs and items with a start are not: see `placement_solvers.packing_view`. Tiers that ask for
    more than items placed and bins opened are left as they come.

    Parameters
    ----------
    parameters : ColumnGenerationParameters
    on_progress : callable, optional
        Told of every better cost and bound.
    """

    parameters: ColumnGenerationParameters = field(default_factory=ColumnGenerationParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "column_generation"

    def supports(self, problem: Problem) -> bool:
        """Whether the problem is a packing problem all through."""
        return not _runs_already(problem) and _refusal(packing_view(problem)) is None

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
            If the problem has a family of constraints that patterns do not express.
        """
        watch = open_watch(problem, stop, start, self.on_progress)
        view = packing_view(problem)
        refusal = _refusal(view)
        if refusal is not None:
            raise UnsupportedProblemError(f"column generation does not know: {refusal}")
        bound = best_lower_bound(problem, by_columns=False)
        watch.raise_bound(bound.cost, bound.witness)
        self._improve(view, watch, seed)
        return watch.result()

    def improve(self, problem: Problem, watch: Watch, seed: int = 0) -> None:
        """Go on from the incumbent and the bound of a run until it should end; nothing if the problem is no packing."""
        if _runs_already(problem):
            return
        view = packing_view(problem)
        if _refusal(view) is None:
            self._improve(view, watch, seed)

    def _improve(self, view: PackingView, watch: Watch, seed: int) -> None:
        if view.num_types and not watch.should_end():
            _Run(view, self.parameters, watch, seed).run()


def _runs_already(problem: Problem) -> bool:
    """Whether items lie somewhere, which no view can say: asked first, as large views take long to make."""
    return len(problem.start) > 0 and bool((problem.start != NOWHERE).any())


def _refusal(view: PackingView) -> str | None:
    if view.relaxed:
        return ", ".join(view.relaxed)
    return "a first tier that asks for more than items placed and bins opened" if view.num_tiers == 0 else None


def _spent_on_pinned(view: PackingView) -> Cost:
    """What the bins cost that pinned items open, for each tier of the view."""
    problem = view.problem
    bins = np.unique(problem.pinned_to[problem.class_of[view.pinned]])
    opened = bins[~problem.in_use[bins]]
    prices = (tier.open for tier in problem.tiers[: view.num_tiers])
    return tuple(0 if price is None else int(price[opened].sum()) for price in prices)


def _by_class(view: PackingView, values: Float, other: PackingView) -> Float:
    """Values of one view's classes (C,) for those of another view of the same problem."""
    found: Float = values[view.row_of_class[other.class_of_row]]
    return found


def _first_pause(view: PackingView) -> int:
    if may_tighten(view):
        return 1
    return SWEPT_PAUSE if SweepPricer.suits(view) else FIRST_PAUSE


class _Run:
    """One run: the incumbent as a packing, the bound tier by tier."""

    def __init__(self, view: PackingView, parameters: ColumnGenerationParameters, watch: Watch, seed: int) -> None:
        self.view, self.parameters, self.watch, self.seed = view, parameters, watch, seed
        self.rng = np.random.default_rng(seed)
        self.packing: Packing | None = None
        self.spent = _spent_on_pinned(view)
        # What follows speaks of what the view decides: bounds and costs without what pinned items open.
        self.cost: Cost = tuple(a - b for a, b in zip(watch.cost, self.spent, strict=False))
        self.slice = parameters.first_slice

    def run(self) -> None:
        """Minimise tier after tier, each at the cost the earlier ones came to."""
        self._first_packings()
        for tier in range(self.view.num_tiers):
            if self.watch.should_end():
                return
            if self.cost[tier] > 0:
                self._minimise(tier)

    # -- incumbents and bounds -------------------------------------------------------------------------------------

    def _offer(self, packing: Packing) -> Cost:
        """Take a packing of the view's classes if it is better; what it costs within the rules."""
        packing = within_rules(self.view, packing)
        cost = packing_cost(self.view, packing)
        if cost < self.cost:
            solution = to_solution(self.view, packing)
            self.packing, self.cost = packing, cost
            self.watch.offer(solution, cost_of(self.view.problem, solution))
        return cost

    def _prove(self, tier: int, relaxation: Relaxation) -> None:
        """Raise the bound of the run to a relaxation's, if the earlier tiers are at theirs."""
        known, prices = self._known(), relaxation.witness
        if known is None or prices is None or known[:tier] != self.cost[:tier] or relaxation.lower_bound <= known[tier]:
            return
        before = () if self.watch.witness is None else self.watch.witness.prices
        witness = Witness((*(one for one in before if one.tier < tier), prices))
        self._raise(tier, relaxation.lower_bound, witness)

    def _raise(self, tier: int, bound: int, witness: Witness | None = None) -> None:
        """Raise the bound on a tier, where the earlier ones are at theirs."""
        problem, known, told = self.view.problem, self._known(), self.watch.lower_bound
        if known is None or told is None or known[:tier] != self.cost[:tier] or bound <= known[tier]:
            return
        if pinned_stay(problem, told[:tier]):
            # What was known of later tiers held while this one costs no more than it was thought to.
            later = (floor_of_terms(problem, each) for each in problem.tiers[tier + 1 :])
            self.watch.raise_bound((*told[:tier], bound + self.spent[tier], *later), witness)

    def _known(self) -> Cost | None:
        """The bound of the run on what the view decides."""
        told = self.watch.lower_bound
        return None if told is None else tuple(a - b for a, b in zip(told, self.spent, strict=False))

    def _is_closed(self, tier: int) -> bool:
        """Whether the incumbent is at the bound of the tier and all before it."""
        known = self._known()
        return known is not None and self.cost[: tier + 1] <= known[: tier + 1]

    def _first_packings(self) -> None:
        """Packings by sequential filling, the prices corrected after each, as long as they get better.

        None where all items are in already and a relaxation gives a better one sooner.
        """
        view = self.view
        tier = view.num_tiers - 1
        if not (view.rules or any(self.cost[:tier])) and lists(view):
            return
        loose = packing_view(view.problem, keep_rules=False) if view.rules else view
        linear = linear_prices(loose, tier, (0,) * tier)
        parts = split(view)
        side = side_constraints(parts.flat)
        pricer = quick_pricer(parts.flat, side)
        by_class = np.zeros(loose.num_classes) if linear is None else linear.of_item.max(axis=0)
        prices = raised_prices(parts.flat, tier, parts.prices(_by_class(loose, by_class, view)))
        before: Cost | None = None
        for _ in range(self.parameters.first_passes):
            self.watch.iterations += 1
            packing = sequential_fill(parts.flat, side, pricer, prices, tier)
            cost = self._offer(parts.from_flat(packing))
            # What greedy has found says nothing of where the prices still lead.
            if self.watch.should_end() or (before is not None and cost >= before):
                return
            before = cost
            prices = corrected_prices(parts.flat, tier, prices, packing)

    # -- one tier --------------------------------------------------------------------------------------------------

    def _minimise(self, tier: int) -> None:
        """Close the gap of one tier as far as it can be."""
        view = self.view
        if not view.rules:
            parts, relaxation = split(view), self._relaxation(view, tier)
            # Prices first: what patterns prove without them nobody can check.
            self._take_in(relaxation, parts)
            relaxation.run(lambda: self._pauses(relaxation, _first_pause(view)))
            self._prove(tier, relaxation)
            self._choose(tier)
            self._tighten(tier, relaxation)
            if not (self._is_closed(tier) or self.watch.should_stop()):
                self._pack(tier, relaxation, parts, proves=True)
            return
        # Averaged over domains that are alike, rules cost nothing: a quick bound without them, and often the best.
        loose = self._relaxation(packing_view(view.problem, keep_rules=False), tier)
        self._relax(tier, loose, None, proves=True)
        if self._is_closed(tier) or self.watch.should_stop():
            return
        prices = _by_class(loose.view, loose.prices().max(axis=0), view)
        parts = split(view, worth=prices)
        relaxation = self._relaxation(parts.flat, tier, parts.prices(prices))
        if not loose.converged:
            # Pricing exactly may take all the time there is: first a packing, then the last of the bound.
            self._relax(tier, relaxation, parts, proves=False)
            self._round(tier, relaxation, parts, 1)
            self._relax(tier, loose, None, proves=True, exactly=True)
            if self._is_closed(tier) or self.watch.should_stop():
                return
        self._pack(tier, relaxation, parts, proves=False)
        if self._is_closed(tier) or self.watch.should_stop():
            return
        bound = self._relaxation(view, tier)
        self._relax(tier, bound, None, proves=True, exactly=True)
        columns = bound.columns()
        if self._is_closed(tier) or self.watch.should_stop() or columns is None:
            return
        wanted = np.zeros((view.num_regions, view.num_classes))
        np.add.at(wanted, view.region[columns.types], columns.usage[:, None] * columns.patterns)
        parts = split(view, wanted)
        relaxation = self._relaxation(parts.flat, tier, parts.prices(prices))
        relaxation.add(columns.types, parts.to_flat(columns.types, columns.patterns))
        self._pack(tier, relaxation, parts, proves=False)

    def _relaxation(self, view: PackingView, tier: int, prices: Float | None = None) -> Relaxation:
        parameters = self.parameters
        limits = Limits(parameters.num_workers, self.seed, parameters.repeatable, parameters.first_slice)
        return Relaxation(view, tier, self.cost[:tier], limits, prices)

    def _pack(self, tier: int, relaxation: Relaxation, parts: Split, *, proves: bool) -> None:
        """Solve a relaxation without rules and round it; first as far as it goes quickly, then as far as it goes."""
        self._take_in(relaxation, parts)
        self._relax(tier, relaxation, parts, proves=proves)
        if not relaxation.converged:
            self._round(tier, relaxation, parts, 1)
            self._relax(tier, relaxation, parts, proves=proves, exactly=True)
        plunging = None
        if proves:
            self._lean(tier, relaxation)
            plunging = self._plunging(tier, relaxation)
            self._plunge(tier, plunging, PLUNGES[0])
        if self._is_mostly_whole(relaxation, parts):
            self._round(tier, relaxation, parts, self.parameters.max_rounds)
        if plunging is not None:
            for plunges in PLUNGES[1:]:
                self._choose(tier, relaxation)
                self._round(tier, relaxation, parts, 1)
                self._plunge(tier, plunging, plunges)
        elif proves:
            first, *others = DIVES if SweepPricer.suits(relaxation.view) else (range(0),)
            self._dive(tier, relaxation, first)
            self._choose(tier, relaxation)
            for dives in others:
                self._dive(tier, relaxation, dives)
                self._round(tier, relaxation, parts, 1)
        self._round(tier, relaxation, parts, self.parameters.max_rounds)

    def _take_in(self, relaxation: Relaxation, parts: Split) -> None:
        """Let the relaxation know the patterns of the incumbent."""
        if self.packing is not None:
            patterns = parts.to_flat(self.packing.types, self.packing.patterns)
            relaxation.add(self.packing.types, np.minimum(patterns, parts.flat.most[self.packing.types]))

    def _is_mostly_whole(self, relaxation: Relaxation, parts: Split) -> bool:
        """Whether rounding the relaxation down packs half of all items, so that little is left to search for."""
        columns, count = relaxation.columns(), parts.flat.count
        return columns is not None and 2 * int(whole_part(parts.flat, columns).packed().sum()) >= int(count.sum())

    def _choose(self, tier: int, relaxation: Relaxation | None = None) -> None:
        """Choose from all patterns that a better packing may use; where there is none, the bound rises.

        Without a relaxation only where resources alone leave few patterns.
        """
        while not (self._is_closed(tier) or self.watch.should_stop()):
            closing = self._closing(tier, relaxation)
            if closing is None:
                return
            if not self._chose(tier, closing):
                return

    def _chose(self, tier: int, closing: Closing) -> bool:
        """Choose from patterns; whether the packing or the bound is better for it."""
        before = self.cost, self.watch.lower_bound
        for seconds in CHOOSING_SECONDS if closing.is_complete else CHOOSING_SECONDS[:1]:
            self.watch.iterations += 1
            packing, proven = closing.search(self._bins_at_least(tier), seconds, self.watch.should_stop)
            if packing is not None:
                self._offer(packing)
            self._raise(tier, proven * self._bin_cost(tier))
            if before != (self.cost, self.watch.lower_bound):
                return True
            if self.watch.should_stop():
                return False
        return False

    def _lean(self, tier: int, relaxation: Relaxation) -> None:
        """Choose from all patterns of packings at the bound, where some optimal prices leave few of them.

        Not again if the bound rises: packings with a whole bin to spare use far too many.
        """
        known = self._known()
        if known is None or known[:tier] != self.cost[:tier] or not suits(self.view, tier, self.cost[:tier]):
            return
        if self._is_closed(tier) or self.watch.should_stop():
            return
        bins = self._bins_at_least(tier)
        leaning = lean(relaxation, bins, self.rng, self.watch.should_stop)
        if leaning is not None and leaning.patterns <= MOST_LEFT:
            closing = Closing(self.view, tier, bins, leaning.proof)
            if closing.is_complete:
                self._chose(tier, closing)

    def _tighten(self, tier: int, relaxation: Relaxation) -> None:
        """Look for a packing at the bound, or prove that there is none, by prices from the middle of the best ones.

        What these prove and which patterns they leave the relaxation learns, for all that follows.
        """
        known = self._known()
        if known is None or known[:tier] != self.cost[:tier] or not suits(self.view, tier, self.cost[:tier]):
            return
        if not may_tighten(self.view):
            return
        cost = self._bin_cost(tier)
        columns = relaxation.columns()
        patterns = np.zeros((0, self.view.num_classes), dtype=np.int32) if columns is None else columns.patterns
        prices = relaxation.prices()[0] / cost
        while not (self._is_closed(tier) or self.watch.should_stop()):
            self.watch.iterations += 1
            bins = self._bins_at_least(tier)
            tightened = tighten(self.view, tier, bins, prices, patterns, self.watch.should_stop)
            if tightened.packing is not None:
                self._offer(tightened.packing)
                return
            if tightened.root is None or self.watch.should_stop():
                return
            prices, patterns = tightened.root.proving, tightened.root.columns
            relaxation.learn(prices * cost, patterns)
            self._prove(tier, relaxation)
            if not tightened.is_complete:
                return
            self._raise(tier, (bins + 1) * cost)
            if tightened.root.is_optimal:
                return  # a whole bin to spare leaves far too many patterns

    def _closing(self, tier: int, relaxation: Relaxation | None) -> Closing | None:
        """All patterns of better packings; if these are too many, those of packings at the bound, or some of them."""
        view, known = self.view, self._known()
        if known is None or known[:tier] != self.cost[:tier] or not suits(view, tier, self.cost[:tier]):
            return None
        proof = None
        if relaxation is not None and relaxation.witness is not None:
            proof = Proof.of(relaxation.witness, relaxation.earned)
        at_least = self._bins_at_least(tier)
        for bins in sorted({(self.cost[tier] - 1) // self._bin_cost(tier), at_least}, reverse=True):
            closing = Closing(view, tier, bins, proof)
            if closing.is_complete:
                return closing
        columns = None if relaxation is None else relaxation.columns()
        if columns is None:
            return None
        return Closing(view, tier, at_least, proof, columns.patterns[view.open[tier, columns.types] > 0])

    def _dive(self, tier: int, relaxation: Relaxation, numbers: range) -> None:
        """Dive for a better packing some times, each time elsewhere."""
        view, columns = relaxation.view, relaxation.columns()
        if columns is None or not suits(view, tier, self.cost[:tier]):
            return
        for number in numbers:
            if self._is_closed(tier) or self.watch.should_stop():
                return
            bins, earlier, limits = (self.cost[tier] - 1) // self._bin_cost(tier), self.cost[:tier], self._limits()
            found = dive(view, tier, earlier, columns, bins, limits, self.rng, number, self.watch.should_stop)
            if found is not None:
                self._offer(found)

    def _plunging(self, tier: int, relaxation: Relaxation) -> Plunging | None:
        """What dives in the relaxation itself, if that finds any pattern it lacks in a moment."""
        view = relaxation.view
        if not relaxation.lists or not suits(view, tier, self.cost[:tier]):
            return None
        return Plunging(relaxation, self._bin_cost(tier), self.rng)

    def _plunge(self, tier: int, plunging: Plunging | None, most_idle: int) -> None:
        """Dive, for the bound and for half way there in turns, until so many dives in a row found nothing better."""
        idle = 0
        while plunging is not None and idle < most_idle:
            if self._is_closed(tier) or self.watch.should_stop():
                return
            self.watch.iterations += 1
            low, high = self._bins_at_least(tier), self.cost[tier] // self._bin_cost(tier)
            found = plunging.dive(low if idle % 2 == 0 else (low + high) // 2, self.watch.should_stop)
            before = self.cost
            if found is not None:
                self._offer(found)
            idle = 0 if self.cost < before else idle + 1

    def _bin_cost(self, tier: int) -> int:
        return int(self.view.open[tier].max())

    def _bins_at_least(self, tier: int) -> int:
        known = self._known()
        return 0 if known is None else -(-known[tier] // self._bin_cost(tier))

    def _relax(
        self, tier: int, relaxation: Relaxation, parts: Split | None, *, proves: bool, exactly: bool = False
    ) -> None:
        """Run a relaxation to its end; now and then tell the bound and round what it has."""
        pause = (
            relaxation.iterations + EXACT_PAUSE if exactly else max(_first_pause(self.view), 2 * relaxation.iterations)
        )
        rounded = relaxation.excess
        while not (relaxation.converged or self._is_closed(tier) or self.watch.should_stop()):
            relaxation.run(lambda: self._pauses(relaxation, pause), exactly=exactly)  # noqa: B023 - used at once
            if proves:
                self._prove(tier, relaxation)
            if relaxation.stalled:
                return
            if parts is not None and not relaxation.converged:
                if not exactly:
                    self._round_quickly(tier, relaxation, parts)
                elif relaxation.excess <= rounded / 2:
                    # It may take all the time there is: packings are sought whenever patterns are much better.
                    rounded = relaxation.excess
                    self._round(tier, relaxation, parts, 1)
            pause += EXACT_PAUSE if exactly else pause

    def _pauses(self, relaxation: Relaxation, pause: int) -> bool:
        self.watch.iterations += 1
        return relaxation.iterations >= pause or self.watch.should_stop()

    # -- rounding --------------------------------------------------------------------------------------------------

    def _round_quickly(self, tier: int, relaxation: Relaxation, parts: Split) -> None:
        """A packing from the columns so far: whole parts, then the rest filled bin by bin."""
        columns = relaxation.columns()
        if columns is None:
            return
        base = whole_part(parts.flat, columns)
        rest = remainder(parts.flat, base)
        side = side_constraints(rest)
        pricer = quick_pricer(rest, side)
        prices = raised_prices(rest, tier, relaxation.prices())
        self._offer(parts.from_flat(base + sequential_fill(rest, side, pricer, prices, tier)))

    def _round(self, tier: int, relaxation: Relaxation, parts: Split, max_rounds: int) -> None:
        """Round in ever other ways until the gap is closed or nothing better turns up any more."""
        columns = relaxation.columns()
        idle = 0
        while columns is not None and idle < max_rounds:
            before = self.cost
            for least in LEAST_FRACTIONS:
                if self._is_closed(tier) or self.watch.should_stop():
                    return
                self._round_once(tier, parts, columns, least, noise=NOISE if idle else 0.0)
            idle = 0 if self.cost < before else idle + 1
            self.slice *= 1 if self.cost < before else 2

    def _round_once(self, tier: int, parts: Split, columns: Columns, least: float, noise: float) -> None:
        flat = parts.flat
        base = whole_part(flat, columns)
        base = base + rounded_up(remainder(flat, base), columns, least, self.rng, noise)
        usage: Float = np.bincount(columns.types, weights=columns.usage, minlength=flat.num_types).astype(np.float64)
        usage -= base.used(flat.num_types)
        known = self._known()
        proven = known is not None and known[:tier] == self.cost[:tier]
        task = Task(tier, known[tier] if known is not None and proven else 0, self.cost)
        for packing in BinSets(flat, base, usage).search(task, self._limits(), self._stops_search):
            self._offer(parts.from_flat(packing))

    def _stops_search(self) -> bool:
        return self.watch.should_stop()

    def _limits(self) -> Limits:
        """What one search may take. Each counts as an iteration."""
        self.watch.iterations += 1
        parameters = self.parameters
        return Limits(parameters.num_workers, self.seed, parameters.repeatable, self.slice)


FIRST_PAUSE, SWEPT_PAUSE = 64, 16
"""Rounds of pricing before the first rounding, doubled each time; the other where sweeps bring a pattern a class."""

EXACT_PAUSE = 8
"""The same where types are priced exactly, which takes longer."""

CHOOSING_SECONDS = (2.0, 16.0)
"""Time for one choice from patterns, and for another where that was not enough and can still prove something."""

MOST_LEFT = 20_000.0
"""More patterns than that, as prices leave them, are too many to choose from."""

DIVES = (range(6), range(6, 24), range(24, 60))
"""Dives, with a round of rounding after each lot, where relaxing anew takes but a moment."""

PLUNGES = (48, 96)
"""Dives in a row without success, before other ways are tried and after each of them, where patterns are listed."""

NOISE = 0.3
"""Random share by which fractions are changed when rounding is tried again."""
