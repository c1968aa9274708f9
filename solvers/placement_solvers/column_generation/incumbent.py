"""The best packing of a run so far, and how good any can be."""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.bounds.witness import Witness, pinned_stay
from placement_solvers.column_generation.packing import Packing, packing_cost, to_solution
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.splitting import within_rules
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import Cost, cost_of
from placement_solvers.packing_view import PackingView


class Incumbent:
    """The incumbent of a run as a packing, and the bound tier by tier; both are told to the watch of the run.

    Attributes
    ----------
    packing : Packing or None
        The best one of the view's classes; None while greedy's is the best.
    cost : tuple of int
        What it costs, and the bound, are without what pinned items open: they speak of what the view decides.
    """

    def __init__(self, view: PackingView, watch: Watch) -> None:
        self.view, self.watch = view, watch
        self.packing: Packing | None = None
        self.spent = _spent_on_pinned(view)
        self.cost: Cost = tuple(a - b for a, b in zip(watch.cost, self.spent, strict=False))

    def is_over(self, tier: int) -> bool:
        """Whether the tier is closed, or the run should stop."""
        return self.is_closed(tier) or self.watch.should_stop()

    def offer(self, packing: Packing) -> Cost:
        """Take a packing of the view's classes if it is better; what it costs within the rules."""
        packing = within_rules(self.view, packing)
        cost = packing_cost(self.view, packing)
        if cost < self.cost:
            solution = to_solution(self.view, packing)
            self.packing, self.cost = packing, cost
            self.watch.offer(solution, cost_of(self.view.problem, solution))
        return cost

    def prove(self, tier: int, relaxation: Relaxation) -> None:
        """Raise the bound of the run to a relaxation's, if the earlier tiers are at theirs."""
        known, prices = self.bound_on(tier), relaxation.witness
        if known is None or prices is None or relaxation.lower_bound <= known:
            return
        before = () if self.watch.witness is None else self.watch.witness.prices
        witness = Witness((*(one for one in before if one.tier < tier), prices))
        self.raise_bound(tier, relaxation.lower_bound, witness)

    def raise_bound(self, tier: int, bound: int, witness: Witness | None = None) -> None:
        """Raise the bound on a tier, where the earlier ones are at theirs."""
        problem, known, told = self.view.problem, self.bound_on(tier), self.watch.lower_bound
        if known is None or told is None or bound <= known:
            return
        if pinned_stay(problem, told[:tier]):
            # What was known of later tiers held while this one costs no more than it was thought to.
            later = (floor_of_terms(problem, each) for each in problem.tiers[tier + 1 :])
            self.watch.raise_bound((*told[:tier], bound + self.spent[tier], *later), witness)

    def known(self) -> Cost | None:
        """The bound of the run on what the view decides."""
        told = self.watch.lower_bound
        return None if told is None else tuple(a - b for a, b in zip(told, self.spent, strict=False))

    def bound_on(self, tier: int) -> int | None:
        """The bound on a tier where the incumbent is at that of all earlier ones, None where it is not."""
        known = self.known()
        return None if known is None or known[:tier] != self.cost[:tier] else known[tier]

    def is_closed(self, tier: int) -> bool:
        """Whether the incumbent is at the bound of the tier and all before it."""
        known = self.bound_on(tier)
        return known is not None and self.cost[tier] <= known

    def bin_cost(self, tier: int) -> int:
        """The most that a bin costs in the tier."""
        return int(self.view.open[tier].max())

    def bins_at_least(self, tier: int) -> int:
        """Bins that any packing needs by the bound, where all cost the same."""
        known = self.known()
        return 0 if known is None else -(-known[tier] // self.bin_cost(tier))


def _spent_on_pinned(view: PackingView) -> Cost:
    """What the bins cost that pinned items open, for each tier of the view."""
    problem = view.problem
    bins = np.unique(problem.pinned_to[problem.class_of[view.pinned]])
    opened = bins[~problem.in_use[bins]]
    prices = (tier.open for tier in problem.tiers[: view.num_tiers])
    return tuple(0 if price is None else int(price[opened].sum()) for price in prices)
