"""What a run gives back: reason, limit and bound are three different things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

from placement_solvers.bounds.witness import Witness
from placement_solvers.objective import Cost
from placement_solvers.solution import Solution


class Status(StrEnum):
    """What is known of the instance after the run."""

    OPTIMAL = auto()  # cost equals the lower bound
    FEASIBLE = auto()
    INFEASIBLE = auto()  # proven, not merely unsolved
    UNKNOWN = auto()


class StopReason(StrEnum):
    """Why the run ended."""

    FINISHED = auto()  # the algorithm has nothing left to do
    PROOF = auto()  # cost met the lower bound
    CRITERION = auto()  # the stopping criterion said so
    INTERRUPTED = auto()  # the caller asked


@dataclass(frozen=True, slots=True)
class Incumbent:
    """A point of the trace: when a better cost or bound was known."""

    elapsed: float  # seconds since the run began
    cost: Cost
    lower_bound: Cost | None


@dataclass(frozen=True, slots=True)
class Result:
    """The best solution found and what is proven of it.

    Attributes
    ----------
    witness : Witness or None
        Prices that prove the lower bound, or as much of it as prices can; None where none were found.
    """

    status: Status
    stopped_by: StopReason
    solution: Solution
    cost: Cost
    lower_bound: Cost | None
    elapsed: float  # seconds
    iterations: int = 0
    trace: tuple[Incumbent, ...] = ()
    statistics: Mapping[str, int | float | str] = field(default_factory=dict)
    witness: Witness | None = None
