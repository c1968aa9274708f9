"""The best completion of a solution whose bins were opened, by CP-SAT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placement_solvers.cp_sat.cells import Cells, possible_cells
from placement_solvers.cp_sat.formulate import formulate
from placement_solvers.cp_sat.group_index import GroupIndex
from placement_solvers.cp_sat.kinds import Kinds, Pairs
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum
from placement_solvers.cp_sat.rest import Rest
from placement_solvers.cp_sat.search import Limits, search
from placement_solvers.cp_sat.tiers import tier_sums
from placement_solvers.lns.state import State
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

LARGEST_WEIGHT = 2**45
"""Tiers are minimised together as long as the product of their ranges stays below it, else one after the other."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of an opened solution.

    Attributes
    ----------
    bin_of : (I,) int32 or None
        None where nothing was found, or nothing but what there was.
    complete : bool
        Whether the neighbourhood was searched to its end.
    everything : bool
        Whether the neighbourhood was the whole problem.
    effort : float
        Deterministic time.
    """

    bin_of: Int32 | None
    complete: bool
    everything: bool
    effort: float


class Repair:
    """Places the items of open bins, and some that are left out, anew.

    Parameters
    ----------
    max_cells : int
        Pairs of kind and bin in one program; more kinds that wait than that allows are sampled.
    """

    def __init__(self, problem: Problem, kinds: Kinds, max_cells: int) -> None:
        self._problem, self._kinds, self._max_cells = problem, kinds, max_cells
        self._groups = GroupIndex(problem, kinds)

    def __call__(
        self, state: State, bins: Int64, rng: np.random.Generator, limits: Limits, should_stop: Callable[[], bool]
    ) -> Repaired:
        """Minimise the cost over all placements that differ only in some bins."""
        problem, kinds = self._problem, self._kinds
        is_open = np.zeros(problem.num_bins, dtype=np.bool_)
        is_open[bins] = True
        chosen = self._kinds_to_place(state, is_open, rng)
        free = possible_cells(problem, kinds, np.flatnonzero(is_open), chosen)
        cells, rest = self._fix_the_others(state.pairs, free, is_open)
        nowhere = np.zeros(problem.num_bins, dtype=np.bool_)
        model = formulate(problem, kinds, self._groups, cells, rest, nowhere)
        inside = cells.positions(state.pairs, problem.num_bins)
        before = np.zeros(len(cells), dtype=np.int64)
        before[inside[inside != NOWHERE]] = state.pairs.items[inside != NOWHERE]
        values, complete, effort = _minimise(model, before, limits, should_stop)
        everything = bool(is_open.all()) and bool(chosen.all())
        if values is None or np.array_equal(values, before):
            return Repaired(None, complete, everything, effort)
        pairs = _joined(cells, values, rest.pairs)
        changed = np.zeros(len(kinds), dtype=np.bool_)
        changed[cells.kind[values != before]] = True
        bin_of = kinds.bins_of_items(problem, pairs, changed, state.bin_of)
        return Repaired(bin_of, complete, everything, effort)

    def _kinds_to_place(self, state: State, is_open: Bool, rng: np.random.Generator) -> Bool:
        """Kinds that lie in the open bins, and as many of those left out as the program may have cells for."""
        chosen = np.zeros(len(self._kinds), dtype=np.bool_)
        chosen[state.pairs.kind[is_open[state.pairs.bin]]] = True
        waiting = np.flatnonzero((state.left_out > 0) & ~chosen)
        room = self._max_cells // max(int(is_open.sum()), 1) - int(chosen.sum())
        if 0 < room < len(waiting):
            order = self._by_importance(waiting, rng)
            waiting = waiting[order[:room]]
        if room > 0:
            chosen[waiting] = True
        return chosen

    def _by_importance(self, kinds: Int64, rng: np.random.Generator) -> Int64:
        """Positions of kinds, those that cost most while left out first, equal ones in random order."""
        columns = [rng.random(len(kinds))]
        for tier in reversed(self._problem.tiers):
            if tier.unplaced is not None:
                columns.append(-tier.unplaced[self._kinds.class_[kinds]].astype(np.float64))
        return np.lexsort(columns).astype(np.int64)

    def _fix_the_others(self, pairs: Pairs, free: Cells, is_open: Bool) -> tuple[Cells, Rest]:
        """Cells for fixed items that share a counted domain or a gang with open cells; all others are the rest."""
        problem, kinds = self._problem, self._kinds
        fixed = free.positions(pairs, problem.num_bins) == NOWHERE
        related = np.zeros(len(pairs), dtype=np.bool_)
        bounds = np.searchsorted(pairs.kind, np.arange(len(kinds) + 1))
        free_kinds = np.unique(free.kind)
        for group in self._groups.groups_of(free_kinds):
            concerned = self._groups.concerned(group)
            domain_of = problem.domain_of[problem.groups.topology[group]]
            touched = np.zeros(int(domain_of.max(initial=NOWHERE)) + 2, dtype=np.bool_)
            touched[domain_of[free.bin[concerned[free.kind]]]] = True
            touched[NOWHERE] = False
            rows = _rows_of(bounds, np.flatnonzero(concerned))
            related[rows] |= touched[domain_of[pairs.bin[rows]]]
        gangs = np.unique(kinds.gang[free_kinds])
        in_gang = np.isin(kinds.gang, gangs[gangs != NOWHERE])
        related |= in_gang[pairs.kind]
        shown = pairs.select(fixed & related)
        cells = Cells(
            kind=np.concatenate([free.kind, shown.kind]),
            bin=np.concatenate([free.bin, shown.bin]),
            kept=np.concatenate([free.kept, shown.kept]),
            lower=np.concatenate([free.lower, shown.items]),
            upper=np.concatenate([free.upper, shown.items]),
        )
        occupied = np.zeros(problem.num_bins, dtype=np.bool_)
        occupied[pairs.bin[fixed]] = True
        return cells, Rest.of(problem, kinds, pairs.select(fixed & ~related), occupied, is_open)


def _minimise(
    model: Model, before: Int64, limits: Limits, should_stop: Callable[[], bool]
) -> tuple[Int64 | None, bool, float]:
    """The best values of the cells, whether they are proven, and the work."""
    program = model.program
    values: list[int] | None = None
    totals = _together(model)
    hint = program.complete(before.tolist())
    complete, effort = True, 0.0
    for total in totals:
        # What is known already must not get worse.
        known = total.value(hint)
        program.at_most(total, known)
        if program.minimum(total) == known:
            continue
        program.minimise(total)
        program.hint(hint)
        outcome = search(program, limits, lambda *_: should_stop())
        effort += outcome.deterministic_time
        complete &= outcome.optimal
        if outcome.values is None:
            return None, complete, effort
        values = hint = outcome.values
        program.at_most(total, total.value(values))
    found = None if values is None else np.array(values[: len(before)], dtype=np.int64)
    return found, complete, effort


def _together(model: Model) -> list[Sum]:
    """The tiers as few weighted sums, the more important ones first, none of them with too large weights."""
    groups: list[Sum] = []
    range_ = LARGEST_WEIGHT + 1
    for tier in tier_sums(model):
        own, total = tier.most - tier.least + 1, tier.total
        if range_ * own > LARGEST_WEIGHT:
            groups.append(total)
            range_ = own
            continue
        earlier = groups.pop()
        both = Sum(constant=earlier.constant * own + total.constant)
        for part, factor in ((earlier, own), (total, 1)):
            both.variables += part.variables
            both.weights += [weight * factor for weight in part.weights]
        groups.append(both)
        range_ *= own
    return groups


def _joined(cells: Cells, values: Int64, rest: Pairs) -> Pairs:
    held = values > 0
    return Pairs(
        kind=np.concatenate([cells.kind[held], rest.kind]),
        bin=np.concatenate([cells.bin[held], rest.bin]),
        kept=np.concatenate([cells.kept[held], rest.kept]),
        items=np.concatenate([values[held], rest.items]),
    )


def _rows_of(bounds: Int64, kinds: Int64) -> Int64:
    """Positions of the pairs of some kinds."""
    ranges = [np.arange(bounds[kind], bounds[kind + 1]) for kind in kinds.tolist()]
    return np.concatenate([np.zeros(0, dtype=np.int64), *ranges])
