"""Which pricers suit a view.

Exact dynamic programmes where two resources decide, a search of all patterns where bins hold few items, labels and
CP-SAT elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from placement_solvers.column_generation.branching import BranchPricer
from placement_solvers.column_generation.exact_pricing import ExactPricer
from placement_solvers.column_generation.filling import SideConstraints
from placement_solvers.column_generation.labels import LabelPricer
from placement_solvers.column_generation.listing import ListPricer
from placement_solvers.column_generation.pricing import KnapsackPricer, Rounding
from placement_solvers.column_generation.sweeping import SweepPricer
from placement_solvers.packing_view import PackingView

COARSE_CELLS = 2**12
MEDIUM_CELLS = 2**16
FINE_CELLS = 2**19
EXACT_CELLS = 2**21

LABEL_WIDTHS = (16, 48, 96)
"""Cells along each main resource where patterns are found by labels."""

LABEL_TURNS = 16
"""Types searched by labels in one round."""

Pricer = KnapsackPricer | LabelPricer | SweepPricer
FinePricer = KnapsackPricer | SweepPricer | BranchPricer | ListPricer


@dataclass(frozen=True, slots=True, eq=False)
class Pricers:
    """The pricers of a view.

    Attributes
    ----------
    cheap : list of Pricer
        Quick ones, the quickest first; they prove nothing. None where the fine one is quick.
    fine : FinePricer
        Gives a bound.
    closing : ExactPricer or None
        Prices one type exactly, where the bound of the fine one may be too high.
    """

    cheap: list[Pricer]
    fine: FinePricer
    closing: ExactPricer | None


def pricers(view: PackingView, side: SideConstraints) -> Pricers:
    """The pricers of a view."""
    sweep = SweepPricer(view, side) if SweepPricer.suits(view) else None
    if sweep is not None:
        return Pricers([], sweep, None) if sweep.is_exact else Pricers([sweep], BranchPricer(view, side), None)
    if ListPricer.suits(view):
        return Pricers([], ListPricer(view, side), None)
    exact = KnapsackPricer(view, side, Rounding.EXACT, EXACT_CELLS)
    if exact.is_complete:
        cells = [COARSE_CELLS, MEDIUM_CELLS] if exact.num_cells > 2 * MEDIUM_CELLS else [COARSE_CELLS]
        return Pricers([KnapsackPricer(view, side, Rounding.NEAREST, number) for number in cells], exact, None)
    labels: list[Pricer] = [LabelPricer(view, side, width, LABEL_TURNS) for width in LABEL_WIDTHS]
    fine = exact if exact.is_usable else KnapsackPricer(view, side, Rounding.DOWN, FINE_CELLS)
    return Pricers(labels, fine, ExactPricer(view))


def lists(view: PackingView) -> bool:
    """Whether the fine pricer of a view looks at all patterns that pay."""
    return not SweepPricer.suits(view) and ListPricer.suits(view)


def quick_pricer(view: PackingView, side: SideConstraints) -> Pricer:
    """A pricer of all types for building packings."""
    exact = KnapsackPricer(view, side, Rounding.EXACT, EXACT_CELLS)
    if exact.is_complete:
        return KnapsackPricer(view, side, Rounding.NEAREST, COARSE_CELLS)
    return LabelPricer(view, side, LABEL_WIDTHS[0], max(view.num_types, 1))
