"""The caller's side of a run: clock, incumbent, bound, trace, and whether to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from placement_solvers.bounds.witness import Witness
from placement_solvers.objective import Cost
from placement_solvers.result import Incumbent, Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import Interruptible, Progress, StoppingCriterion

OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Watch:
    """Keeps the best there is and asks the criterion, which is never asked again once it said stop.

    Several threads may share one watch. Only the thread that made it asks the criterion and tells of progress, so
    that neither has to know of threads; the others stop when it was told to.

    Attributes
    ----------
    stop : StoppingCriterion
    solution, cost : Solution, tuple of int
        The incumbent.
    lower_bound : tuple of int or None
    witness : Witness or None
        What proves the bound, or proved the best bound that had any.
    on_progress : callable or None
        Told whenever cost or bound improve.
    iterations : int
    stopped_by : StopReason or None
        Why the criterion ended the run, None while it has not.
    """

    stop: StoppingCriterion
    solution: Solution
    cost: Cost
    lower_bound: Cost | None = None
    witness: Witness | None = None
    on_progress: OnProgress | None = None
    began: float = field(default_factory=time.perf_counter)
    iterations: int = 0
    improved_at: int = 0
    stopped_by: StopReason | None = None
    trace: list[Incumbent] = field(default_factory=list)
    _owner: int = field(default_factory=threading.get_ident)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _untold: bool = False

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    @property
    def proven(self) -> bool:
        return self.cost == self.lower_bound

    def progress(self) -> Progress:
        """What the criterion sees now."""
        return Progress(self.elapsed, self.iterations, self.iterations - self.improved_at, self.cost, self.lower_bound)

    def should_stop(self) -> bool:
        """Whether the criterion ends the run."""
        if threading.get_ident() != self._owner:
            return self.stopped_by is not None
        if self._untold:
            self._report()
        if self.stopped_by is None and self.stop(self.progress()):
            by_hand = isinstance(self.stop, Interruptible) and self.stop.interrupted()
            self.stopped_by = StopReason.INTERRUPTED if by_hand else StopReason.CRITERION
        return self.stopped_by is not None

    def should_end(self) -> bool:
        """Whether there is nothing left to do: the incumbent is proven or the criterion ends the run."""
        return self.proven or self.should_stop()

    def offer(self, solution: Solution, cost: Cost) -> bool:
        """Take a solution if it is better than the incumbent."""
        with self._lock:
            if cost >= self.cost:
                return False
            self.solution, self.cost, self.improved_at = solution, cost, self.iterations
            self.tell()
        return True

    def incumbent(self) -> tuple[Solution, Cost]:
        """The best solution and its cost, from one moment."""
        with self._lock:
            return self.solution, self.cost

    def raise_bound(self, bound: Cost, witness: Witness | None = None) -> None:
        """Take a bound if it is higher than the one known, and what proves it."""
        with self._lock:
            if self.lower_bound is None or bound > self.lower_bound:
                self.lower_bound = bound
                self.witness = witness or self.witness
                self.tell()
            elif bound == self.lower_bound and self.witness is None:
                self.witness = witness

    def tell(self) -> None:
        """Add a point to the trace."""
        self.trace.append(Incumbent(self.elapsed, self.cost, self.lower_bound))
        self._untold = True
        if threading.get_ident() == self._owner:
            self._report()

    def _report(self) -> None:
        self._untold = False
        if self.on_progress is not None:
            self.on_progress(self.progress())

    def result(self, statistics: dict[str, int | float | str] | None = None) -> Result:
        """The result as of now."""
        return Result(
            status=Status.OPTIMAL if self.proven else Status.FEASIBLE,
            stopped_by=StopReason.PROOF if self.proven else self.stopped_by or StopReason.FINISHED,
            solution=self.solution,
            cost=self.cost,
            lower_bound=self.lower_bound,
            elapsed=self.elapsed,
            iterations=self.iterations,
            trace=tuple(self.trace),
            statistics=statistics or {},
            witness=self.witness,
        )
