"""Choosing a packing from all patterns that it may use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placement_solvers.column_generation.closing import Closing, Proof, suits
from placement_solvers.column_generation.incumbent import Incumbent
from placement_solvers.column_generation.leaning import lean
from placement_solvers.column_generation.relaxation import Relaxation
from placement_solvers.column_generation.tightening import may_tighten, tighten

CHOOSING_SECONDS = (2.0, 16.0)
"""Time for one choice from patterns, and for another where that was not enough and can still prove something."""

FEW_PATTERNS, MORE_SECONDS = 700, 8.0
"""So few patterns are chosen from with patience: what is left then is most often decided, and nobody else does that."""

MOST_LEFT = 20_000.0
"""More patterns than that, as prices leave them, are too many to choose from."""


class Choices:
    """Looks for packings at the bound, or proves that there is none, where few patterns may be in them."""

    def __init__(self, incumbent: Incumbent, rng: np.random.Generator) -> None:
        self.incumbent, self.view, self.watch, self.rng = incumbent, incumbent.view, incumbent.watch, rng

    def choose(self, tier: int, relaxation: Relaxation | None = None) -> None:
        """Choose from all patterns that a better packing may use; where there is none, the bound rises.

        Without a relaxation only where resources alone leave few patterns.
        """
        while not self.incumbent.is_over(tier):
            closing = self._closing(tier, relaxation)
            if closing is None:
                return
            if not self._chose(tier, closing, CHOOSING_SECONDS if closing.is_complete else CHOOSING_SECONDS[:1]):
                return

    def _chose(self, tier: int, closing: Closing, times: Sequence[float]) -> bool:
        """Choose from patterns, again and again for so many seconds; whether packing or bound are better for it."""
        before = self.incumbent.cost, self.watch.lower_bound
        for seconds in times:
            self.watch.iterations += 1
            packing, proven = closing.search(self.incumbent.bins_at_least(tier), seconds, self.watch.should_stop)
            if packing is not None:
                self.incumbent.offer(packing)
            self.incumbent.raise_bound(tier, proven * self.incumbent.bin_cost(tier))
            if before != (self.incumbent.cost, self.watch.lower_bound):
                return True
            if self.watch.should_stop():
                return False
        return False

    def lean(self, tier: int, relaxation: Relaxation) -> None:
        """Choose from all patterns of packings at the bound, where some optimal prices leave few of them.

        Not again if the bound rises: packings with a whole bin to spare use far too many.
        """
        if not self._counts_bins(tier) or self.incumbent.is_over(tier):
            return
        bins = self.incumbent.bins_at_least(tier)
        leaning = lean(relaxation, bins, self.rng, self.watch.should_stop)
        if leaning is not None and leaning.patterns <= MOST_LEFT:
            closing = Closing(self.view, tier, bins, leaning.proof)
            if closing.is_complete:
                seconds = MORE_SECONDS if closing.num_patterns <= FEW_PATTERNS else CHOOSING_SECONDS[0]
                self._chose(tier, closing, (seconds,))

    def tighten(self, tier: int, relaxation: Relaxation, most_failures: int) -> None:
        """Look for a packing at the bound, or prove that there is none, by prices from the middle of the best ones.

        What these prove and which patterns they leave the relaxation learns, for all that follows. Given up after so
        many choices from patterns that had no answer in time.
        """
        if not self._counts_bins(tier) or not may_tighten(self.view):
            return
        cost = self.incumbent.bin_cost(tier)
        columns = relaxation.columns()
        patterns = np.zeros((0, self.view.num_classes), dtype=np.int32) if columns is None else columns.patterns
        prices = relaxation.prices()[0] / cost
        while not self.incumbent.is_over(tier):
            self.watch.iterations += 1
            bins = self.incumbent.bins_at_least(tier)
            tightened = tighten(self.view, tier, bins, prices, patterns, most_failures, self.watch.should_stop)
            if tightened.packing is not None:
                self.incumbent.offer(tightened.packing)
                return
            if tightened.root is None or self.watch.should_stop():
                return
            prices, patterns = tightened.root.proving, tightened.root.columns
            relaxation.learn(prices * cost, patterns)
            self.incumbent.prove(tier, relaxation)
            if not tightened.is_complete:
                return
            self.incumbent.raise_bound(tier, (bins + 1) * cost)
            if tightened.root.is_optimal:
                return  # a whole bin to spare leaves far too many patterns

    def _closing(self, tier: int, relaxation: Relaxation | None) -> Closing | None:
        """All patterns of better packings; if these are too many, those of packings at the bound, or some of them."""
        if not self._counts_bins(tier):
            return None
        view = self.view
        proof = None
        if relaxation is not None and relaxation.witness is not None:
            proof = Proof.of(relaxation.witness, relaxation.earned)
        at_least = self.incumbent.bins_at_least(tier)
        for bins in sorted({(self.incumbent.cost[tier] - 1) // self.incumbent.bin_cost(tier), at_least}, reverse=True):
            closing = Closing(view, tier, bins, proof)
            if closing.is_complete:
                return closing
        columns = None if relaxation is None else relaxation.columns()
        if columns is None:
            return None
        return Closing(view, tier, at_least, proof, columns.patterns[view.open[tier, columns.types] > 0])

    def _counts_bins(self, tier: int) -> bool:
        """Whether all that is left to do is to use fewer bins of one cost: what came before is at its bound."""
        return self.incumbent.bound_on(tier) is not None and suits(self.view, tier, self.incumbent.cost[:tier])
