"""How a large neighbourhood search is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from placement_solvers.lns.accept import AcceptanceCriterion, NotWorse
from placement_solvers.lns.destroy import DestroyOperator
from placement_solvers.lns.select import OperatorSelection, RouletteWheel


@dataclass(frozen=True, slots=True)
class LnsParameters:
    """How a large neighbourhood search is run.

    Attributes
    ----------
    num_bins : int
        Bins opened at first; the number follows what CP-SAT can search to its end.
    max_bins : int
        Bins opened at most.
    max_cells : int
        Pairs of kind and bin in one neighbourhood.
    work : float
        Deterministic time of one repair, about so many seconds.
    num_workers : int
        Threads of a repair. One is repeatable.
    operators : tuple of DestroyOperator or None
        None takes all that have something to choose from.
    accept, select : callable
        Make the acceptance criterion and the operator selection of a run.
    """

    num_bins: int = 6
    max_bins: int = 60
    max_cells: int = 4_000
    work: float = 0.2
    num_workers: int = 1
    operators: tuple[DestroyOperator, ...] | None = None
    accept: Callable[[], AcceptanceCriterion] = NotWorse
    select: Callable[[], OperatorSelection] = RouletteWheel

    def __post_init__(self) -> None:
        if not 1 <= self.num_bins <= self.max_bins:
            raise ValueError(f"expected 1 <= num_bins <= max_bins, not {self.num_bins} and {self.max_bins}")
        if self.work <= 0:
            raise ValueError(f"a repair takes more than 0 seconds, not {self.work}")
