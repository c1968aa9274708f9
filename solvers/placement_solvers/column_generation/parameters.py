"""How column generation is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnGenerationParameters:
    """How column generation is run.

    Attributes
    ----------
    num_workers : int
        Threads of CP-SAT where rounding calls it. One is repeatable.
    repeatable : bool
        Whether several workers take turns so that a run can be repeated, at some loss of speed.
    first_passes : int
        Packings made one after the other, each with corrected prices, before the first LP.
    first_slice : float
        Work one search for a packing of the residual gets, in CP-SAT's count, about a second each; doubled each time
        all that was tried fell through.
    max_rounds : int
        Rounds of rounding without a better packing before the run ends.
    """

    num_workers: int = 2
    repeatable: bool = False
    first_passes: int = 6
    first_slice: float = 1.0
    max_rounds: int = 12
