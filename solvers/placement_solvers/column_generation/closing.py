"""The last bin: whether a packing at the bound exists, decided by choosing from all patterns it may use."""

from __future__ import annotations

import numpy as np

from placement_solvers.bounds.prices import most_left_out
from placement_solvers.column_generation.choosing import choose_patterns
from placement_solvers.column_generation.enumeration import Enumerated, enumerate_patterns
from placement_solvers.column_generation.packing import Packing
from placement_solvers.column_generation.relaxation import Relaxation

MOST_SECONDS = 16.0
"""Time for one search; what that leaves open is left to others."""

LEAST_SECONDS = 2.0
"""Time for a search that can prove nothing."""

NARROWER = 4
"""Where there are too many patterns, those short by a share of this are taken instead."""

MOST_NARROWED = 6


class Closing:
    """Searches for packings at the bound of a relaxation over bins of one type, all items in.

    Attributes
    ----------
    lower_bound : int
        Of the tier, higher than the relaxation's once all its packings are ruled out.
    """

    def __init__(self, relaxation: Relaxation) -> None:
        self._relaxation = relaxation
        self.lower_bound = relaxation.lower_bound
        self._listed: Enumerated | None = None
        self._tried = 0.0

    def is_possible(self) -> bool:
        """Whether another search may find or prove anything."""
        relaxation, view = self._relaxation, self._relaxation.view
        return (
            relaxation.witness is not None
            and self.lower_bound == relaxation.lower_bound
            and self._tried < (MOST_SECONDS if self._listed is None or self._listed.is_complete else LEAST_SECONDS)
            and view.num_types == 1
            and bool(view.open[relaxation.tier, 0] > 0)
            and not (view.joints or view.conflicts or view.rules)
            and not most_left_out(view, relaxation.tier, relaxation.earlier).any()
        )

    def search(self, seconds: float) -> Packing | None:
        """A packing at the bound if one is found in the time; raises the bound if there is none."""
        view, tier = self._relaxation.view, self._relaxation.tier
        bins = -(-self.lower_bound // int(view.open[tier, 0]))
        if self._listed is None:
            self._listed = self._patterns(bins)
        listed, self._tried = self._listed, seconds
        chosen = choose_patterns(listed.patterns, view.count, bins, min(seconds, MOST_SECONDS))
        if listed.is_complete and chosen.at_least > bins:
            self.lower_bound = bins * int(view.open[tier, 0]) + 1
        if chosen.times is None:
            return None
        used = np.flatnonzero(chosen.times)
        return Packing(np.zeros(len(used), dtype=np.int64), listed.patterns[used], chosen.times[used])

    def _patterns(self, bins: int) -> Enumerated:
        """Patterns of packings with so many bins: no bin's falls shorter than all of them may together."""
        view, prices = self._relaxation.view, self._relaxation.witness
        assert prices is not None
        paid = prices.unit * int(view.open[prices.tier, 0])
        excess = max(int(self._relaxation.earned[0]) - paid, 0)
        worth = int(view.count @ prices.of_item[0])
        shortfall = bins * paid - worth + (bins - 1) * excess
        listed = enumerate_patterns(view, 0, prices, shortfall)
        for _ in range(MOST_NARROWED):
            if listed.is_complete:
                break
            shortfall //= NARROWER
            narrower = enumerate_patterns(view, 0, prices, shortfall)
            if narrower.is_complete:
                return self._with_columns(Enumerated(narrower.patterns, False))
        return listed if listed.is_complete else self._with_columns(listed)

    def _with_columns(self, listed: Enumerated) -> Enumerated:
        """An incomplete list and the patterns of the master."""
        columns = self._relaxation.columns()
        if columns is None:
            return listed
        return Enumerated(np.unique(np.concatenate([listed.patterns, columns.patterns]), axis=0), False)
