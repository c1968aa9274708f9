"""How CP-SAT is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CpSatParameters:
    """How CP-SAT is run.

    Attributes
    ----------
    num_workers : int
        Threads. One is repeatable where the run comes to its end.
    repeatable : bool
        Whether every run gives the same, whatever the machine is doing: slices are counted in work instead of
        seconds, and several workers take turns, at some loss of speed.
    deterministic_time : float or None
        What the whole run may take in CP-SAT's own count of work, about a second each; None leaves that to the
        stopping criterion.
    first_slice : float
        Seconds (work, if repeatable) a tier gets before the next one has its turn; doubled each round that leaves a
        tier open.
    """

    num_workers: int = 2
    repeatable: bool = False
    deterministic_time: float | None = None
    first_slice: float = 1.0
