"""When a run ends: small criteria that see `Progress` and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from placement_solvers.objective import Cost


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run shows to its stopping criterion, once an iteration."""

    elapsed: float  # seconds since the run began
    iterations: int
    stagnation: int  # iterations since the incumbent last improved
    cost: Cost
    lower_bound: Cost | None


class StoppingCriterion(Protocol):
    """Decides from `Progress` alone, so one criterion serves many runs."""

    def __call__(self, progress: Progress, /) -> bool:
        """Whether to stop now."""


@dataclass(frozen=True, slots=True)
class MaxRuntime:
    """Stops after so many seconds.

    Raises
    ------
    ValueError
        If the time is negative.
    """

    seconds: float

    def __post_init__(self) -> None:
        if not self.seconds >= 0:
            raise ValueError(f"a run takes 0 seconds or more, not {self.seconds}")

    def __call__(self, progress: Progress, /) -> bool:
        return progress.elapsed >= self.seconds


@dataclass(frozen=True, slots=True)
class MaxIterations:
    """Stops after so many iterations.

    Raises
    ------
    ValueError
        If the number is negative.
    """

    iterations: int

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise ValueError(f"a run takes 0 iterations or more, not {self.iterations}")

    def __call__(self, progress: Progress, /) -> bool:
        return progress.iterations >= self.iterations


@dataclass(frozen=True, slots=True)
class Interruptible:
    """Stops when the other criterion does, or as soon as `interrupted` says so."""

    criterion: StoppingCriterion
    interrupted: Callable[[], bool]

    def __call__(self, progress: Progress, /) -> bool:
        return self.interrupted() or self.criterion(progress)
