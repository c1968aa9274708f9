"""One run of column generation: tier after tier, relaxed, rounded, chosen, dived for."""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.linear import linear_prices
from placement_solvers.column_generation.choices import Choices
from placement_solvers.column_generation.closing import suits
from placement_solvers.column_generation.diving import dive
from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.incumbent import Incumbent
from placement_solvers.column_generation.parameters import ColumnGenerationParameters
from placement_solvers.column_generation.plunging import Plunging
from placement_solvers.column_generation.pricers import lists, quick_pricer
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.rounding import whole_part
from placement_solvers.column_generation.rounds import Rounds
from placement_solvers.column_generation.sequential import corrected_prices, raised_prices, sequential_fill
from placement_solvers.column_generation.splitting import Split, split
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.column_generation.tightening import may_tighten
from placement_solvers.cp_sat.search import Limits
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import Cost
from placement_solvers.packing_reduction import packing_view
from placement_solvers.packing_view import Float, PackingView

FIRST_PAUSE, SWEPT_PAUSE = 64, 16
"""Rounds of pricing before the first rounding, doubled each time; the other where sweeps bring a pattern a class."""

EXACT_PAUSE = 8
"""The same where types are priced exactly, which takes longer."""

DIVES = (range(6), range(6, 24), range(24, 60))
"""Dives, with a round of rounding after each lot, where relaxing anew takes but a moment."""

FEW_CLASSES = 250
"""With more classes the relaxation takes too long to begin with anything but tightening."""

A_MOMENT, MANY_ROUNDS = 2.0, 10**6
"""Seconds for a relaxation that is to be quick; its rounds are not counted."""

FAILURES = (1, 6)
"""Choices without an answer, after which tightening is given up: before other ways were tried, and after that."""

PLUNGES = (48, 96)
"""Dives in a row without success, before other ways are tried and after each of them, where patterns are listed."""


class Run:
    """What is done for one view, until its tiers are closed or the run should end."""

    def __init__(self, view: PackingView, parameters: ColumnGenerationParameters, watch: Watch, seed: int) -> None:
        self.view, self.parameters, self.watch, self.seed = view, parameters, watch, seed
        self.rng = np.random.default_rng(seed)
        self.incumbent = Incumbent(view, watch)
        self.rounds = Rounds(self.incumbent, parameters, seed, self.rng)
        self.choices = Choices(self.incumbent, self.rng)

    def run(self) -> None:
        """Minimise tier after tier, each at the cost the earlier ones came to."""
        self._first_packings()
        for tier in range(self.view.num_tiers):
            if self.watch.should_end():
                return
            if self.incumbent.cost[tier] > 0:
                self._minimise(tier)

    def _first_packings(self) -> None:
        """Packings by sequential filling, the prices corrected after each, as long as they get better.

        None where all items are in already and a relaxation gives a better one sooner.
        """
        view = self.view
        tier = view.num_tiers - 1
        if not (view.rules or any(self.incumbent.cost[:tier])) and lists(view):
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
            packing = sequential_fill(parts.flat, side, pricer, prices, tier, self.watch.should_stop)
            cost = self.incumbent.offer(parts.from_flat(packing))
            # What greedy has found says nothing of where the prices still lead.
            if self.watch.should_end() or (before is not None and cost >= before):
                return
            before = cost
            prices = corrected_prices(parts.flat, tier, prices, packing)

    def _minimise(self, tier: int) -> None:
        """Close the gap of one tier as far as it can be."""
        view = self.view
        if not view.rules:
            parts, relaxation = split(view), self._relaxation(view, tier)
            # Prices first: what patterns prove without them nobody can check.
            self._take_in(relaxation, parts)
            relaxation.run(lambda: self._pauses(relaxation, _first_pause(view)))
            self.incumbent.prove(tier, relaxation)
            self.choices.choose(tier)
            if may_tighten(view) and view.num_classes <= FEW_CLASSES:
                self._pack_quickly(tier, parts)
            self.choices.tighten(tier, relaxation, FAILURES[0])
            if not self.incumbent.is_over(tier):
                self._pack(tier, relaxation, parts, proves=True)
            return
        # Averaged over domains that are alike, rules cost nothing: a quick bound without them, and often the best.
        loose = self._relaxation(packing_view(view.problem, keep_rules=False), tier)
        self._relax(tier, loose, None, proves=True)
        if self.incumbent.is_over(tier):
            return
        prices = _by_class(loose.view, loose.prices().max(axis=0), view)
        parts = split(view, worth=prices)
        relaxation = self._relaxation(parts.flat, tier, parts.prices(prices))
        if not loose.converged:
            # Pricing exactly may take all the time there is: first a packing, then the last of the bound.
            self._relax(tier, relaxation, parts, proves=False)
            self.rounds.round(tier, relaxation, parts, 1)
            self._relax(tier, loose, None, proves=True, exactly=True)
            if self.incumbent.is_over(tier):
                return
        self._pack(tier, relaxation, parts, proves=False)
        if self.incumbent.is_over(tier):
            return
        bound = self._relaxation(view, tier)
        self._relax(tier, bound, None, proves=True, exactly=True)
        columns = bound.columns()
        if self.incumbent.is_over(tier) or columns is None:
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
        return Relaxation(view, tier, self.incumbent.cost[:tier], limits, prices)

    def _pack(self, tier: int, relaxation: Relaxation, parts: Split, *, proves: bool) -> None:
        """Solve a relaxation without rules and round it; first as far as it goes quickly, then as far as it goes."""
        self._take_in(relaxation, parts)
        self._relax(tier, relaxation, parts, proves=proves)
        if not relaxation.converged:
            self.rounds.round(tier, relaxation, parts, 1)
            self._relax(tier, relaxation, parts, proves=proves, exactly=True)
        plunging = self._plunging(tier, relaxation) if proves else None
        first, *others = DIVES if SweepPricer.suits(relaxation.view) else (range(0),)
        if proves:
            if plunging is None:
                self._dive(tier, relaxation, first)
            self.choices.lean(tier, relaxation)
            self._plunge(tier, plunging, PLUNGES[0])
        if self._is_mostly_whole(relaxation, parts):
            self.rounds.round(tier, relaxation, parts, self.parameters.max_rounds)
        if plunging is not None:
            for plunges in PLUNGES[1:]:
                self.choices.choose(tier, relaxation)
                self.rounds.round(tier, relaxation, parts, 1)
                self._plunge(tier, plunging, plunges)
        elif proves:
            self.choices.choose(tier, relaxation)
            self.choices.tighten(tier, relaxation, FAILURES[1])
            for dives in others:
                self._dive(tier, relaxation, dives)
                self.rounds.round(tier, relaxation, parts, 1)
        self.rounds.round(tier, relaxation, parts, self.parameters.max_rounds)

    def _pack_quickly(self, tier: int, parts: Split) -> None:
        """Dive and choose where the relaxation takes but a moment: what is quickly relaxed is mostly quickly packed.

        The relaxation is one of its own: tightening needs prices that no optimum of the patterns has spoilt.
        """
        if self.incumbent.is_over(tier):
            return
        relaxation = self._relaxation(self.view, tier)
        self._take_in(relaxation, parts)
        ends = self.watch.elapsed + A_MOMENT
        relaxation.run(lambda: self.watch.elapsed > ends or self._pauses(relaxation, MANY_ROUNDS))
        self.incumbent.prove(tier, relaxation)
        if relaxation.converged:
            self._dive(tier, relaxation, DIVES[0])
            self.choices.lean(tier, relaxation)

    def _take_in(self, relaxation: Relaxation, parts: Split) -> None:
        """Let the relaxation know the patterns of the incumbent."""
        if self.incumbent.packing is not None:
            patterns = parts.to_flat(self.incumbent.packing.types, self.incumbent.packing.patterns)
            relaxation.add(
                self.incumbent.packing.types, np.minimum(patterns, parts.flat.most[self.incumbent.packing.types])
            )

    def _is_mostly_whole(self, relaxation: Relaxation, parts: Split) -> bool:
        """Whether rounding the relaxation down packs half of all items, so that little is left to search for."""
        columns, count = relaxation.columns(), parts.flat.count
        return columns is not None and 2 * int(whole_part(parts.flat, columns).packed().sum()) >= int(count.sum())

    def _dive(self, tier: int, relaxation: Relaxation, numbers: range) -> None:
        """Dive for a better packing some times, each time elsewhere."""
        view, columns = relaxation.view, relaxation.columns()
        if columns is None or not suits(view, tier, self.incumbent.cost[:tier]):
            return
        for number in numbers:
            if self.incumbent.is_over(tier):
                return
            incumbent, limits = self.incumbent, self.rounds.limits()
            earlier, at_least = incumbent.cost[:tier], incumbent.bins_at_least(tier)
            bins = (incumbent.cost[tier] - 1) // incumbent.bin_cost(tier)
            found = dive(view, tier, earlier, columns, at_least, bins, limits, self.rng, number, self.watch.should_stop)
            if found is not None:
                self.incumbent.offer(found)

    def _plunging(self, tier: int, relaxation: Relaxation) -> Plunging | None:
        """What dives in the relaxation itself, if that finds any pattern it lacks in a moment."""
        view = relaxation.view
        if not relaxation.lists or not suits(view, tier, self.incumbent.cost[:tier]):
            return None
        return Plunging(relaxation, self.incumbent.bin_cost(tier), self.rng)

    def _plunge(self, tier: int, plunging: Plunging | None, most_idle: int) -> None:
        """Dive, for the bound and for half way there in turns, until so many dives in a row found nothing better."""
        idle = 0
        while plunging is not None and idle < most_idle:
            if self.incumbent.is_over(tier):
                return
            self.watch.iterations += 1
            low, high = self.incumbent.bins_at_least(tier), self.incumbent.cost[tier] // self.incumbent.bin_cost(tier)
            found = plunging.dive(low if idle % 2 == 0 else (low + high) // 2, self.watch.should_stop)
            before = self.incumbent.cost
            if found is not None:
                self.incumbent.offer(found)
            idle = 0 if self.incumbent.cost < before else idle + 1

    def _relax(
        self, tier: int, relaxation: Relaxation, parts: Split | None, *, proves: bool, exactly: bool = False
    ) -> None:
        """Run a relaxation to its end; now and then tell the bound and round what it has."""
        pause = (
            relaxation.iterations + EXACT_PAUSE if exactly else max(_first_pause(self.view), 2 * relaxation.iterations)
        )
        rounded = relaxation.excess
        while not (relaxation.converged or self.incumbent.is_over(tier)):
            relaxation.run(lambda: self._pauses(relaxation, pause), exactly=exactly)  # noqa: B023 - used at once
            if proves:
                self.incumbent.prove(tier, relaxation)
            if relaxation.stalled:
                return
            if parts is not None and not relaxation.converged:
                if not exactly:
                    self.rounds.round_quickly(tier, relaxation, parts)
                elif relaxation.excess <= rounded / 2:
                    # It may take all the time there is: packings are sought whenever patterns are much better.
                    rounded = relaxation.excess
                    self.rounds.round(tier, relaxation, parts, 1)
            pause += EXACT_PAUSE if exactly else pause

    def _pauses(self, relaxation: Relaxation, pause: int) -> bool:
        self.watch.iterations += 1
        return relaxation.iterations >= pause or self.watch.should_stop()


def _by_class(view: PackingView, values: Float, other: PackingView) -> Float:
    """Values of one view's classes (C,) for those of another view of the same problem."""
    found: Float = values[view.row_of_class[other.class_of_row]]
    return found


def _first_pause(view: PackingView) -> int:
    if may_tighten(view):
        return 1
    return SWEPT_PAUSE if SweepPricer.suits(view) else FIRST_PAUSE
