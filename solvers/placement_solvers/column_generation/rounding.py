"""From a fractional packing to a whole one: whole parts and large fractions are fixed, the rest is packed anew.

Rounding down loses nothing, and neither does a pattern rounded up that fits into what is left: both keep the bins as
well filled as the LP filled them. What remains are a few items of each class for a few dozen bins, and the question
which bins: sets of bins around the LP's own are tried by cost, between the bound and the incumbent, each by a search
for a packing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from placement_solvers.column_generation.packing import Packing, packing_cost, remainder, trimmed
from placement_solvers.column_generation.relaxation import Columns
from placement_solvers.column_generation.residual import pack_residual
from placement_solvers.cp_sat.search import Limits
from placement_solvers.objective import Cost
from placement_solvers.packing_view import Float, PackingView
from placement_solvers.problem import Bool, Int64

LEAST_FRACTIONS = (0.3, 0.5, 0.7, 0.9)
"""Columns used at least so much are rounded up, in the order in which it is tried: small residuals come first."""

MOST_INTEGERS = 60_000
"""Larger residuals are not searched."""

MOST_CHOSEN_TYPES = 6
"""Types whose number of bins is varied; of others as many are taken as the LP has, rounded up."""

MOST_SETS = 4096
"""Sets of bins looked at for one residual."""

MUCH = 2**60
"""What later tiers may cost."""

WIDTH = 4
"""How far the number of bins of a type may be from the LP's."""


def whole_part(view: PackingView, columns: Columns) -> Packing:
    """Each pattern as often as the LP uses it, rounded down."""
    times = np.floor(columns.usage + 1e-6).astype(np.int64)
    used = times > 0
    return trimmed(view, Packing(columns.types[used], columns.patterns[used], times[used]))


def rounded_up(view: PackingView, columns: Columns, least: float, rng: np.random.Generator, noise: float) -> Packing:
    """Patterns that the LP uses a large fraction of once more, the largest first, that fit into what is left.

    Parameters
    ----------
    view : PackingView
        What the whole part leaves.
    noise : float
        Random share added to or taken from each fraction, so that another round rounds otherwise.
    """
    fraction = columns.usage - np.floor(columns.usage + 1e-6)
    fraction = np.where(fraction > 1e-6, fraction * (1 + noise * rng.uniform(-1, 1, len(fraction))), 0.0)
    left, supply = view.count.copy(), view.supply.copy()
    taken = []
    for column in np.argsort(-fraction, kind="stable").tolist():
        if fraction[column] < least:
            break
        type_, pattern = columns.types[column], columns.patterns[column]
        if supply[type_] > 0 and (pattern <= left).all():
            taken.append(column)
            left -= pattern
            supply[type_] -= 1
    return Packing(columns.types[taken], columns.patterns[taken], np.ones(len(taken), dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A packing wanted: better than the best known, not below the bound.

    Attributes
    ----------
    tier : int
    lower_bound : int
        On the tier, at the earlier tiers' costs.
    best : tuple of int
        Cost of the best packing; its tiers before `tier` are what may be spent on them.
    """

    tier: int
    lower_bound: int
    best: Cost


class BinSets:
    """Searches for packings of a residual in sets of bins, halving the distance between bound and best each time.

    Parameters
    ----------
    view : PackingView
        Everything.
    base : Packing
        What is fixed.
    usage : (T,) float64
        Bins of each type that the LP uses beside it.
    """

    def __init__(self, view: PackingView, base: Packing, usage: Float) -> None:
        self._view, self._base = view, base
        self.residual = remainder(view, base)
        self._usage = np.where(usage > 1e-6, usage, 0.0)

    def search(self, task: Task, limits: Limits, should_stop: Callable[[], bool]) -> Iterator[Packing]:
        """Packings of everything, each better than the ones before. Ends when no set of bins is left to try."""
        view, tier = self.residual, task.tier
        fixed = view.open @ self._base.used(view.num_types)
        sets = self._sets(tier)
        cost = fixed[:, None] + view.open @ sets.T
        untried = (cost[:tier] <= np.array(task.best[:tier], dtype=np.int64)[:, None]).all(axis=0)
        untried &= (sets @ (np.minimum(view.most, view.count) > 0).sum(axis=1)) <= MOST_INTEGERS
        low, high = task.lower_bound, task.best[tier] - 1
        leaves_out = bool(view.unplaced[tier].any())
        while low <= high and not should_stop():
            middle = low + (high - low) // 2
            chosen = self._choose(sets, cost[tier], untried, low, middle, high)
            if chosen is None:
                return
            untried[chosen] = leaves_out
            spent = cost[:, chosen]
            target = max(middle, int(spent[tier])) if leaves_out else high
            budget = np.array([*task.best[:tier], target], dtype=np.int64) - spent[: tier + 1]
            later = [MUCH] * (view.num_tiers - tier - 1)
            found = pack_residual(view, sets[chosen], (*budget.tolist(), *later), limits, should_stop)
            if found.packing is None:
                low = (target if leaves_out else int(spent[tier])) + 1
                continue
            packing = self._base + found.packing
            yield packing
            high = min(high, packing_cost(self._view, packing)[tier] - 1)

    def _choose(self, sets: Int64, cost: Int64, untried: Bool, low: int, middle: int, high: int) -> int | None:
        """The set of bins nearest to the LP's that costs less than the middle of what is open, else the next dearer."""
        allowed = untried & (cost >= low) & (cost <= high)
        for near in (
            allowed & (cost <= middle) & (cost > low + (middle - low) // 2),
            allowed & (cost <= middle),
            allowed & (cost == cost[allowed].min(initial=MUCH)),
        ):
            if near.any():
                distance = np.abs(sets[near] - self._usage).sum(axis=1)
                return int(np.flatnonzero(near)[np.argmin(distance)])
        return None

    def _sets(self, tier: int) -> Int64:
        """Numbers of bins by type around the LP's, (sets, T) int64; of bins that cost nothing all that it uses."""
        view, usage = self.residual, self._usage
        costs = (view.open[: tier + 1] != 0).any(axis=0)
        some_more = np.where(usage > 0, np.ceil(usage - 1e-6) + ~costs, 0).astype(np.int64)
        paid = np.flatnonzero(costs & (usage > 0) & (view.supply > 0))
        chosen = paid[np.argsort(-usage[paid], kind="stable")][:MOST_CHOSEN_TYPES]
        width = WIDTH
        while (2 * width + 1) ** len(chosen) > MOST_SETS and width > 1:
            width -= 1
        ranges = [
            range(max(int(usage[t]) - width, 0), min(int(np.ceil(usage[t])) + width, int(view.supply[t])) + 1)
            for t in chosen.tolist()
        ]
        combinations = np.array(list(itertools.product(*ranges)), dtype=np.int64)
        sets = np.repeat(np.minimum(some_more, view.supply)[None, :], len(combinations), axis=0)
        sets[:, chosen] = combinations
        return sets
