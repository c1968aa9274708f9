"""How CP-SAT is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CpSatParameters:
    """How CP-SAT is run.

    Attributes
    ----------
    num_workers : int
        Threads. One is repeatable.
    repeatable : bool
        Whether several workers take turns so that a run can be repeated, at some loss of speed.
    deterministic_time : float or None
        What the whole run may take in CP-SAT's own count of work, about a second each; None leaves that to the
        stopping criterion.
    first_slice : float
        Work a tier gets before the next one has its turn; doubled each round that leaves a tier open.
    """

    num_workers: int = 2
    repeatable: bool = False
    deterministic_time: float | None = None
    first_slice: float = 1.0
