"""Rounding relaxations, again and again in other ways."""

from __future__ import annotations

import numpy as np

from placement_solvers.column_generation.filling import side_constraints
from placement_solvers.column_generation.incumbent import Incumbent
from placement_solvers.column_generation.packing import remainder
from placement_solvers.column_generation.parameters import ColumnGenerationParameters
from placement_solvers.column_generation.pricers import quick_pricer
from placement_solvers.column_generation.relaxation import Columns, Relaxation
from placement_solvers.column_generation.rounding import LEAST_FRACTIONS, BinSets, Task, rounded_up, whole_part
from placement_solvers.column_generation.sequential import raised_prices, sequential_fill
from placement_solvers.column_generation.splitting import Split
from placement_solvers.cp_sat.search import Limits
from placement_solvers.packing_view import Float

NOISE = 0.3
"""Random share by which fractions are changed when rounding is tried again."""


class Rounds:
    """Rounds relaxations for an incumbent; the searches of what is left over get longer where none finds anything."""

    def __init__(
        self, incumbent: Incumbent, parameters: ColumnGenerationParameters, seed: int, rng: np.random.Generator
    ) -> None:
        self.incumbent, self.watch = incumbent, incumbent.watch
        self.parameters, self.seed, self.rng = parameters, seed, rng
        self.slice = parameters.first_slice

    def round_quickly(self, tier: int, relaxation: Relaxation, parts: Split) -> None:
        """A packing from the columns so far: whole parts, then the rest filled bin by bin."""
        columns = relaxation.columns()
        if columns is None:
            return
        base = whole_part(parts.flat, columns)
        rest = remainder(parts.flat, base)
        side = side_constraints(rest)
        pricer = quick_pricer(rest, side)
        prices = raised_prices(rest, tier, relaxation.prices())
        filled = sequential_fill(rest, side, pricer, prices, tier, self.watch.should_stop)
        self.incumbent.offer(parts.from_flat(base + filled))

    def round(self, tier: int, relaxation: Relaxation, parts: Split, max_rounds: int) -> None:
        """Round in ever other ways until the gap is closed or nothing better turns up any more."""
        columns = relaxation.columns()
        idle = 0
        while columns is not None and idle < max_rounds:
            before = self.incumbent.cost
            for least in LEAST_FRACTIONS:
                if self.incumbent.is_over(tier):
                    return
                self._round_once(tier, parts, columns, least, noise=NOISE if idle else 0.0)
            idle = 0 if self.incumbent.cost < before else idle + 1
            self.slice *= 1 if self.incumbent.cost < before else 2

    def _round_once(self, tier: int, parts: Split, columns: Columns, least: float, noise: float) -> None:
        flat = parts.flat
        base = whole_part(flat, columns)
        base = base + rounded_up(remainder(flat, base), columns, least, self.rng, noise)
        usage: Float = np.bincount(columns.types, weights=columns.usage, minlength=flat.num_types).astype(np.float64)
        usage -= base.used(flat.num_types)
        task = Task(tier, self.incumbent.bound_on(tier) or 0, self.incumbent.cost)
        for packing in BinSets(flat, base, usage).search(task, self.limits(), self.watch.should_stop):
            self.incumbent.offer(parts.from_flat(packing))

    def limits(self) -> Limits:
        """What one search may take. Each counts as an iteration."""
        self.watch.iterations += 1
        parameters = self.parameters
        return Limits(parameters.num_workers, self.seed, parameters.repeatable, self.slice)
