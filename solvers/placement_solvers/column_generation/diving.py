"""Diving: some patterns of the linear programme are fixed, what is left is relaxed anew, until it can be listed.

Where bins have to be filled to the brim, rounding once leaves items that do not go together. Here the programme has its
say again after every few bins, and the end is chosen from all patterns it may use as soon as that takes but a moment
(Sadykov, Vanderbeck, Tahiri, Uchoa, Pessoa, Primal heuristics for branch and price: the assets of diving methods,
INFORMS J. Computing 31(2), 2019).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement_solvers.column_generation.closing import Closing
from placement_solvers.column_generation.packing import Packing, remainder
from placement_solvers.column_generation.relaxation import Columns, Relaxation
from placement_solvers.column_generation.rounding import rounded_up, whole_part
from placement_solvers.cp_sat.search import Limits
from placement_solvers.objective import Cost
from placement_solvers.packing_view import PackingView

FIXED_SHARES = (0.1, 0.05, 0.03)
"""Share of the bins that are left which is fixed at a time, at least one, in one dive after the other."""

NOISE = 0.3
"""Random share by which fractions are changed."""

LEAST_FRACTION = 1e-6
"""Patterns that the programme uses less are not fixed."""

FEW_PATTERNS, CHOOSING_SECONDS = 2000, 0.5
"""With so few patterns of what is left the end is chosen from them; so much time is enough where that is easy."""


def dive(
    view: PackingView,
    tier: int,
    earlier: Cost,
    columns: Columns,
    at_least: int,
    bins: int,
    limits: Limits,
    rng: np.random.Generator,
    number: int,
    should_stop: Callable[[], bool],
) -> Packing | None:
    """A packing in at most `bins` bins, or None if the dive ends without.

    Parameters
    ----------
    view : PackingView
        One with a single type of bins that costs, as `closing.suits`.
    columns : Columns
        Of the relaxation of the whole.
    at_least : int
        Bins known to be needed: a packing of so many ends the search for the last of it.
    number : int
        Dives before this one. All but the first change fractions by a random share, so that each goes elsewhere.
    """
    main = int(np.argmax(view.open[tier] > 0))
    cost = int(view.open[tier, main])
    share, noise = FIXED_SHARES[number % len(FIXED_SHARES)], NOISE if number else 0.0
    fixed, rest, left = Packing.empty(view.num_classes), view, bins
    while not should_stop():
        taken = _taken(rest, columns, max(int(share * left), 1), rng, noise)
        if len(taken.types) == 0:
            return None
        fixed = fixed + taken
        rest = remainder(rest, taken)
        left = bins - int(fixed.used(view.num_types)[main])
        if not rest.count.any():
            return fixed if left >= 0 else None
        closing = Closing(rest, tier, left)
        if not closing.is_possible:
            return None
        if closing.is_complete and closing.num_patterns <= FEW_PATTERNS:
            found, proven = closing.search(max(at_least - bins + left, 0), CHOOSING_SECONDS, should_stop)
            if found is not None and found.used(view.num_types)[main] <= left:
                return fixed + found
            if proven > left:
                return None
        relaxation = Relaxation(rest, tier, earlier, limits)
        fits = (columns.patterns <= rest.count).all(axis=1)
        relaxation.add(columns.types[fits], columns.patterns[fits])
        relaxation.run(should_stop)
        if relaxation.lower_bound > left * cost:
            return None
        relaxed = relaxation.columns()
        if relaxed is None:
            return None
        columns = relaxed
    return None


def _taken(view: PackingView, columns: Columns, number: int, rng: np.random.Generator, noise: float) -> Packing:
    """The whole part of the relaxation, and up to so many of its other patterns, the most used first."""
    whole = whole_part(view, columns)
    more = rounded_up(remainder(view, whole), columns, LEAST_FRACTION, rng, noise).one_by_one()
    return whole + Packing(more.types[:number], more.patterns[:number], more.times[:number])
