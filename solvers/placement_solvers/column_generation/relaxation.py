"""Column generation: the pattern LP of one tier, closed in from above by patterns and from below by prices.

Master and pricing take turns. Prices are smoothed towards the best ones so far (Wentges, Weighted Dantzig-Wolfe
decomposition for linear mixed-integer programming, ITOR 4(2), 1997), with half the weight on each: the duals of a
young master swing, and their mean does not. With many types the duals are rather held in a box around those of the
linear relaxation (du Merle, Villeneuve, Desrosiers, Hansen, Stabilized column generation, Discrete Mathematics 194,
1999). Cheap patterns come from a coarse grid as long as it finds any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.bounds.linear import linear_prices
from placement_solvers.bounds.prices import (
    Prices,
    best_unit,
    earned_by_resources,
    lagrangian_bound,
    whole_resource_prices,
)
from placement_solvers.column_generation.exact_pricing import ExactPricer
from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.listing import ListPricer
from placement_solvers.column_generation.master import Duals, Master
from placement_solvers.column_generation.pricers import FinePricer, Pricer, pricers
from placement_solvers.column_generation.pricing import KnapsackPricer, Priced, fractional_bound
from placement_solvers.cp_sat.search import Limits
from placement_solvers.objective import Cost
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Int32, Int64

SMOOTHING = 0.5
"""Weight of the best prices so far."""

PRICE_BITS = 30
"""Prices are integers such that no pattern is worth more than two to this."""

TOLERANCE = 1e-7
"""Share of its cost by which a pattern must pay to be taken in, and by which the bound may fall short of the LP."""

FINE_TOLERANCE = 1e-9
"""The same where prices are looked for that leave few patterns."""

FEW_TYPES = 32
"""Up to so many types, each starts with a pattern of every class alone."""

DIFFERENT_PATTERNS = 8
"""Patterns that one round of cheap pricing looks for."""

STEERING_WIDTH = 0.05
"""Share of its first price by which an item's dual may differ for free while the master is steered."""

MOST_STEERED = 20
"""Times the centre of steering is moved before the master is let go."""

FADING = 0.9
"""What is left of a class's price once a pattern of the round has it."""

MOST_CLOSED = 12
"""Types priced exactly in one round."""

MOST_ADDED = 20
"""Patterns taken in at a time: with many types the best of them say what the others would.

With one type there may be one for each class: all that two sweeps find.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Patterns and how often the LP uses them.

    Attributes
    ----------
    types : (N,) int64
    patterns : (N, C) int32
    usage : (N,) float64
    """

    types: Int64
    patterns: Int32
    usage: Float


class Relaxation:
    """The pattern LP of one tier of a view.

    Parameters
    ----------
    limits : Limits
        What CP-SAT may take to price a type exactly, where that is needed.
    prices : (Z, C) float64, optional
        Prices to start from; those of the linear relaxation without.

    Attributes
    ----------
    lower_bound : int
        Proven for the tier, given what the earlier ones cost at most.
    witness : Prices or None
        What proves it.
    earned : (T,) int64
        At least what a pattern of each type is worth at these prices.
    objective : float
        Of the LP over the columns so far, infinite before the first.
    iterations : int
        Rounds of pricing.
    converged : bool
        Whether no better column is left, or the bound is as high as the LP lets it be.
    stalled : bool
        Whether the last run ended because its pricers found nothing more; exact ones may.
    """

    def __init__(
        self, view: PackingView, tier: int, earlier: Cost, limits: Limits, prices: Float | None = None
    ) -> None:
        self._limits = limits
        self._should_stop: Callable[[], bool] = lambda: False
        self._of_resource = np.zeros(view.capacity.shape)
        self.view, self.tier, self.earlier = view, tier, earlier
        self._first_prices = prices
        self._side = side_constraints(view)
        chosen = pricers(view, self._side)
        self._cheap, self._fine, self._closing = chosen.cheap, chosen.fine, chosen.closing
        dearest = float(view.open[tier].max(initial=0))
        self._master = Master(view, tier, earlier, penalty=2.0 * dearest + 1.0)
        self.lower_bound = 0
        self._bound = 0.0  # as the LP sees it, not rounded up
        self.witness: Prices | None = None
        self.earned = np.zeros(view.num_types, dtype=np.int64)
        self.objective = np.inf
        self.iterations = 0
        self.converged = False
        self._centre: Duals | None = None
        self.stalled = False
        self._exactly = False
        self._begun = False
        self._steers = 0

    def add(self, types: Int64, patterns: Int32) -> int:
        """Take in patterns, such as those of an incumbent; how many were new."""
        return sum(self._master.add(int(t), pattern) for t, pattern in zip(types, patterns, strict=True))

    def learn(self, prices: Float, patterns: Int32) -> None:
        """Take in what was found elsewhere: prices (C,) that prove much, patterns (N, C) that are worth a bin at them.

        For a view with one type of bins and no rules.
        """
        if not self._begun:
            self._begun = True
            self._begin()
        self.add(np.zeros(len(patterns), dtype=np.int64), patterns)
        duals = Duals(0.0, prices[None, :], np.zeros(1), (), np.zeros(self.tier))
        self._price(duals, duals)

    def run(self, should_stop: Callable[[], bool], *, exactly: bool = False) -> None:
        """Generate columns until no pricer finds any or the caller wants to stop, whom it asks once a round.

        Parameters
        ----------
        exactly : bool
            Whether types may be priced by CP-SAT where the quick pricers find nothing and prove nothing.
        """
        self._should_stop, self._exactly = should_stop, exactly
        self.stalled = False
        if not self._begun:
            self._begun = True
            self._begin()
        while not (self.converged or self.stalled or should_stop()):
            duals = self._master.solve()
            if duals is None:
                self.stalled = True
                return
            self.objective = duals.objective
            if self._is_tight():
                self._settle(duals)
                continue
            self.iterations += 1
            if not (self._add_cheap(duals) or self._add_best(duals)):
                self._settle(duals)

    @property
    def excess(self) -> float:
        """By how much the LP over the columns so far is above the bound, infinite before the first."""
        return self.objective - self._bound

    def _is_tight(self) -> bool:
        """Whether the bound is as high as the LP lets it be."""
        return self._bound >= self.objective * (1 - TOLERANCE) - 1e-9

    def _add_best(self, duals: Duals) -> int:
        """Patterns of the fine grid, which raise the bound too; how many were new."""
        if self._centre is None or self._steers > 0:
            return self._price(duals, duals)
        return self._price(_between(self._centre, duals, SMOOTHING), duals) or self._price(duals, duals)

    def _settle(self, duals: Duals) -> None:
        """Nothing is left to gain at these duals: steer to where they want to go, or be done."""
        if self._steers == 0:
            self.converged = self._closing is None or self._exactly or self._is_tight()
            self.stalled = not self.converged
            return
        self._steers -= 1
        if self._steers == 0 or not self._master.is_steered():
            self._steers = 0
            self._master.release()
        else:
            self._master.steer(duals.of_item.max(axis=0), STEERING_WIDTH)

    def columns(self) -> Columns | None:
        """All patterns, and their use at the optimum of the master; None if that cannot be found."""
        usage = self._master.usage()
        if usage is None:
            return None
        return Columns(
            np.array(self._master.types, dtype=np.int64),
            np.array(self._master.patterns, dtype=np.int32).reshape(-1, self.view.num_classes),
            usage,
        )

    def prices(self) -> Float:
        """Prices of items by region that prove the bound so far, (Z, C), in units of the tier's cost."""
        if self._centre is None:
            return np.zeros((max(self.view.num_regions, 1), self.view.num_classes))
        return self._centre.of_item

    def prices_for(self, count: Float, should_stop: Callable[[], bool]) -> Float | None:
        """Prices (C,) that are as good as can be where `count` items (C,) are asked for; None if there are none.

        For a view with one type of bins. Bounds and witness of the relaxation stay as they are.
        """
        self._master.ask(count)
        best, found = -np.inf, None
        while not should_stop():
            duals = self._master.solve()
            if duals is None or best >= duals.objective * (1 - FINE_TOLERANCE):
                break
            added = 0
            for each in [duals] if found is None else [duals, _between(found, duals, SMOOTHING)]:
                whole = self._whole(each)
                priced = self._fine.price(whole.of_item)
                value = float(whole.of_item[0] @ count) / max(int(priced.bound[0]), 1)
                if value * float(self.view.open[self.tier, 0]) > best:
                    best, found = value * float(self.view.open[self.tier, 0]), each
                added += self._take(priced, duals, FINE_TOLERANCE)
            if added == 0:
                break
        self._master.ask(self.view.count.astype(np.float64))
        return None if found is None else found.of_item[0]

    def columns_for(self, count: Int64, at_most: float, should_stop: Callable[[], bool]) -> Columns | None:
        """Patterns and their use where `count` items (C,) are asked for, at a cost of `at_most` or less.

        None if there is no such use of patterns. Patterns are looked for only while those there are cost too much. For
        a view with one type of bins, whose fine pricer is exact. Asks for all items again only if told to: see `ask`.
        """
        self.ask(count)
        while not should_stop():
            duals = self._master.solve()
            if duals is None:
                return None
            if duals.objective <= at_most + 1e-6:
                return self.columns()
            whole = self._whole(duals)
            priced = _priced(self._fine, whole.of_item, whole.unit * (self._costs(duals) - duals.of_supply))
            proven = (
                float(whole.of_item[0] @ count) / max(int(priced.bound[0]), 1) * float(self.view.open[self.tier, 0])
            )
            if proven > at_most + 1e-6 or not self._take(priced, duals):
                return None
        return None

    def ask(self, count: Int64) -> None:
        """Ask for other numbers of items (C,) from now on."""
        self._master.ask(count.astype(np.float64), from_duals=True)

    @property
    def lists(self) -> bool:
        """Whether all patterns that pay are looked at each time."""
        return isinstance(self._fine, ListPricer)

    def _begin(self) -> None:
        """First prices from the linear relaxation, and patterns so that the master's first duals mean something."""
        view = self.view
        prices, of_earlier = self._first_prices, np.zeros(self.tier)
        if prices is None:
            linear = linear_prices(view, self.tier, self.earlier)
            if linear is not None:
                prices, of_earlier, self._of_resource = linear.of_item, linear.of_earlier, linear.of_resource
        if prices is not None:
            duals = Duals(
                objective=0.0,
                of_item=prices,
                of_supply=np.zeros(view.num_types),
                of_rule=tuple(np.zeros(len(rule.initial)) for rule in view.rules),
                of_earlier=of_earlier,
            )
            self._price(duals, duals)
            if view.num_types > 1:
                # Good prices from the start: the master's own would first have to find their way there.
                self._master.steer(prices.max(axis=0), STEERING_WIDTH)
                self._steers = MOST_STEERED if self._closing is None else 1
        if view.num_types <= FEW_TYPES:
            types, classes = np.nonzero(view.most)
        else:
            classes, types = np.arange(view.num_classes), view.most.argmax(axis=0)
        patterns = np.zeros((len(types), view.num_classes), dtype=np.int32)
        patterns[np.arange(len(types)), classes] = view.most[types, classes]
        self.add(types, patterns)

    def _add_cheap(self, duals: Duals) -> int:
        """Patterns that are found quickly, from the first pricer that finds any; how many were new.

        Of the first, classes of a pattern lose price for the next, so that patterns differ.
        """
        if not self._cheap:
            return 0
        prices = self._whole(duals)
        whole = prices.of_item
        worth = whole.astype(np.float64)
        least = prices.unit * (self._costs(duals) - duals.of_supply)
        added = 0
        for _ in range(max(1, DIFFERENT_PATTERNS // max(self.view.num_types, 1))):
            priced = _priced(self._cheap[0], np.ceil(worth).astype(np.int64), least)
            new = self._take(priced, duals)
            added += new
            if new == 0 or added >= DIFFERENT_PATTERNS:
                break
            for region in range(len(worth)):
                here = priced.patterns[self.view.region[priced.types] == region]
                worth[region, (here > 0).any(axis=0)] *= FADING
        for pricer in self._cheap[1:]:
            added = added or self._take(_priced(pricer, whole, least), duals)
        return added

    def _price(self, duals: Duals, true: Duals) -> int:
        """Price at `duals`, raise the bound, and take in what pays at the `true` duals; how many there were."""
        whole = self._whole(duals)
        priced = _priced(self._fine, whole.of_item, whole.unit * (self._costs(duals) - duals.of_supply))
        added = self._take(priced, true)
        earned = np.minimum(priced.bound, earned_by_resources(self.view, whole))
        if added == 0 and self._closing is not None and self._exactly and duals is true:
            added = self._close(self._closing, whole, earned, priced, true)
        better, bound = best_unit(self.view, whole, earned)
        if bound > self._bound or self._centre is None:
            self._bound, self._centre, self.witness, self.earned = bound, duals, better, earned
            self.lower_bound = max(lagrangian_bound(self.view, better, earned), self.lower_bound)
        return added

    def _close(self, pricer: ExactPricer, whole: Prices, earned: Int64, found: Priced, duals: Duals) -> int:
        """Price exactly the types whose best pattern may be worth more than it costs; lowers `earned` in place."""
        view = self.view
        opening = whole.unit * view.open[self.tier] + whole.of_earlier @ view.open[: self.tier]
        supply = np.floor(duals.of_supply * whole.unit).astype(np.int64)
        open_ = (earned + supply - opening) > TOLERANCE * np.maximum(opening, 1)
        doubtful = np.flatnonzero(open_ & (view.supply > 0))
        order = doubtful[np.argsort(-(earned + supply - opening)[doubtful], kind="stable")]
        added = 0
        for type_ in order[:MOST_CLOSED].tolist():
            if self._should_stop():
                break
            worth = whole.of_item[view.region[type_]]
            hint = found.patterns[np.flatnonzero(found.types == type_)[0]]
            best = pricer.price(type_, worth, self._limits, self._should_stop, hint)
            if best.bound is not None:
                earned[type_] = min(earned[type_], best.bound)
            if best.pattern is not None:
                pattern = best.pattern[None, :]
                added += self._take(Priced(pattern, np.array([type_]), earned), duals)
        return added

    def _costs(self, duals: Duals) -> Float:
        """What a bin of each type costs at the duals, (T,)."""
        costs: Float = self.view.open[self.tier] + duals.of_earlier @ self.view.open[: self.tier]
        return costs

    def _take(self, priced: Priced, duals: Duals, tolerance: float = TOLERANCE) -> int:
        """Add the patterns that gain most at the duals; how many were new."""
        view = self.view
        worth = (duals.of_item[view.region[priced.types]] * priced.patterns).sum(axis=1)
        cost = self._costs(duals)[priced.types]
        gain = worth + duals.of_supply[priced.types] - cost
        pays = np.flatnonzero(gain > tolerance * np.maximum(cost, 1.0))
        most_added = MOST_ADDED if view.num_types > 1 else max(MOST_ADDED, view.num_classes)
        best = pays[np.argsort(-gain[pays], kind="stable")][:most_added]
        return self.add(priced.types[best], priced.patterns[best])

    def _whole(self, duals: Duals) -> Prices:
        """Duals as integers, as fine as int32 values allow."""
        most = self.view.most.max(axis=0, initial=0).astype(np.float64)
        top = max(fractional_bound(duals.of_item.max(axis=0), self.view, most), 1e-6)
        scale = max(2.0**PRICE_BITS / top, 1.0)
        return Prices(
            tier=self.tier,
            earlier=self.earlier,
            unit=int(scale),
            with_rules=len(self.view.rules) > 0,
            of_item=np.floor(duals.of_item * int(scale)).astype(np.int64),
            of_rule=tuple(np.floor(price * int(scale)).astype(np.int64) for price in duals.of_rule),
            of_earlier=np.floor(duals.of_earlier * int(scale)).astype(np.int64),
            of_resource=whole_resource_prices(self._of_resource, int(scale)),
        )


def _priced(pricer: Pricer | FinePricer, prices: Int64, least: Float) -> Priced:
    """Patterns of a pricer: where it takes time to find more than the best, those that seem to be of use."""
    return pricer.price(prices, least) if isinstance(pricer, KnapsackPricer | ListPricer) else pricer.price(prices)


def _between(centre: Duals, duals: Duals, weight: float) -> Duals:
    def mean(left: Float, right: Float) -> Float:
        return weight * left + (1 - weight) * right

    return Duals(
        objective=duals.objective,
        of_item=mean(centre.of_item, duals.of_item),
        of_supply=mean(centre.of_supply, duals.of_supply),
        of_rule=tuple(mean(left, right) for left, right in zip(centre.of_rule, duals.of_rule, strict=True)),
        of_earlier=mean(centre.of_earlier, duals.of_earlier),
    )
