"""The greedy solver: each item in turn goes into the best bin there is for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.floors import started_of_class
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import staying_items, violations
from placement_solvers.greedy.order import order_of
from placement_solvers.greedy.parameters import GreedyParameters
from placement_solvers.greedy.placing import Items, place_units, put_all
from placement_solvers.greedy.state import GreedyState
from placement_solvers.greedy.tables import flat
from placement_solvers.objective import Cost, cost_of, moved_items
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem
from placement_solvers.result import Incumbent, Result, Status, StopReason
from placement_solvers.solution import Solution
from placement_solvers.stop import Interruptible, Progress, StoppingCriterion
from placement_solvers.validation import validate, validate_solution


@dataclass(frozen=True, slots=True)
class Greedy:
    """Places items one after the other, each where it scores best, until no further one goes in.

    Every hard rule is kept at each step. Items with a start stay in it; nothing is moved or evicted. After the first
    pass, items that another placement may have helped (an attraction met, a spread levelled) are asked again until
    nothing changes. Equal arguments give equal results; the seed plays no part.

    Parameters
    ----------
    parameters : GreedyParameters

    References
    ----------
    Best fit decreasing in several dimensions: Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for Vector Bin Packing"
    (2011), section 3, with the order of `placement_solvers.greedy.order`.
    """

    parameters: GreedyParameters = field(default_factory=GreedyParameters)

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "greedy"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Place what `start` leaves out, or what waits for a bin; never worse than `start`.

        A start that is not feasible gives only its items that still fit.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If an item that waits is under a rule about the plan as a whole (`Breadths`, `Dependencies`), or items
            take devices.
        """
        validate(problem)
        if problem.devices.asked:
            raise UnsupportedProblemError("greedy does not know devices")
        _refuse_whole_plan_rules(problem)
        run = _Run(problem, self.parameters)
        if start is None:
            run.keep_in_place()
        else:
            validate_solution(problem, start)
            run.begin_with(start)
        return run.until(stop)


def _refuse_whole_plan_rules(problem: Problem) -> None:
    asked = np.concatenate([problem.breadths.group, problem.dependencies.group, problem.dependencies.on])
    if len(asked) == 0:
        return
    waits = problem.class_count - started_of_class(problem) > 0
    member = np.repeat(np.arange(problem.num_classes), np.diff(problem.groups.class_start))
    if np.any(waits[member] & np.isin(problem.groups.of_class, asked)):
        raise UnsupportedProblemError("greedy places no items under rules about the plan as a whole")


class _Run:
    """One run: the state, the items, the clock."""

    def __init__(self, problem: Problem, parameters: GreedyParameters) -> None:
        self.began = time.perf_counter()
        self.problem = problem
        self.parameters = parameters
        self.start: Solution | None = None
        self.iterations = 0
        self.kernel_seconds = 0.0
        self.kernel_cpu_seconds = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget what was placed."""
        problem = self.problem
        self.state = GreedyState(problem, self.parameters)
        gangs = problem.gangs
        num_items = problem.num_items
        num_domains = int(problem.num_domains[gangs.topology[gangs.topology != NOWHERE]].max(initial=0))
        self.items = Items(
            class_of=flat(problem.class_of),
            gang_of=flat(gangs.of_item) if len(gangs) else np.full(num_items, NOWHERE, dtype=np.int32),
            gang_at_least=flat(gangs.at_least),
            gang_topology=flat(gangs.topology),
            gang_begun_in=flat(gangs.domain),
            bin_of=np.full(num_items, NOWHERE, dtype=np.int32),
            sequence=np.zeros(num_items, dtype=np.int32),
            num_placed=np.zeros(1, dtype=np.int64),
            domain_free=np.zeros((num_domains, problem.num_resources)),
            domain_worth=np.zeros(num_domains, dtype=np.int64),
        )

    @property
    def started(self) -> Bool:
        """Items that have a start, (I,) bool."""
        if len(self.problem.start) == 0:
            return np.zeros(self.problem.num_items, dtype=np.bool_)
        started: Bool = self.problem.start != NOWHERE
        return started

    def keep_in_place(self) -> None:
        """Put all items with a start where they start."""
        self._put(self.started, self.problem.start)

    def begin_with(self, start: Solution) -> None:
        """Put items where a solution has them; if it is not feasible, only those that fit beside all that stay."""
        problem = self.problem
        stays = staying_items(problem, start)
        if problem.transient.any():
            self._hold_transient(moved_items(problem, start))
        self._put(stays, start.bin_of)
        enters = start.sequence[~stays[start.sequence]]
        if self._follow(enters, start) == len(enters) and self._keeps_the_rest(start):
            self.start = start
            return
        self.reset()
        self.keep_in_place()
        alone = ~self.started & (self.items.gang_of == NOWHERE)
        self._follow(enters[alone[enters]], start)

    def until(self, stop: StoppingCriterion) -> Result:
        """Place items until nothing changes or the criterion ends the run."""
        waiting = np.flatnonzero((self.items.bin_of == NOWHERE) & ~self.started).astype(np.int32)
        order, unit_start = order_of(self.problem, waiting, self.parameters.order)
        units = np.arange(len(unit_start) - 1)
        stopped_by = StopReason.FINISHED
        while len(units):
            placed = 0
            for chunk in np.split(units, range(self.parameters.chunk, len(units), self.parameters.chunk)):
                if stop(self._progress()):
                    by_hand = isinstance(stop, Interruptible) and stop.interrupted()
                    stopped_by = StopReason.INTERRUPTED if by_hand else StopReason.CRITERION
                    return self._result(stopped_by)
                placed += self._place(order, unit_start, chunk)
                self.iterations += 1
            units = self._units_to_ask_again(order, unit_start, units) if placed else units[:0]
        return self._result(stopped_by)

    def _place(self, order: Int32, unit_start: Int64, units: Int64) -> int:
        began, began_cpu = time.perf_counter(), time.thread_time()
        state = self.state
        placed = place_units(state.tables, state.arrays, self.items, order, unit_start, units)
        self.kernel_seconds += time.perf_counter() - began
        self.kernel_cpu_seconds += time.thread_time() - began_cpu
        return int(placed)

    def _units_to_ask_again(self, order: Int32, unit_start: Int64, units: Int64) -> Int64:
        """Units with a member that waits, where placing others may have helped."""
        waits = np.append(self.items.bin_of[order] == NOWHERE, False)
        some_wait = np.logical_or.reduceat(waits, unit_start[:-1])[units]
        first = order[unit_start[units]]
        may_help = self.state.tables.may_change[self.problem.class_of[first]] | (self.items.gang_of[first] != NOWHERE)
        asked_again: Int64 = units[some_wait & may_help]
        return asked_again

    def _hold_transient(self, moved: Bool) -> None:
        """Take what moved items hold on the bins they leave off the free amounts."""
        if not moved.any():  # as where no item has a start
            return
        held = self.problem.demand[self.problem.class_of[moved]] * self.problem.transient
        np.subtract.at(self.state.arrays.free, self.problem.start[moved], held)

    def _put(self, which: Bool, bins: Int32) -> None:
        chosen = np.flatnonzero(which).astype(np.int32)
        put_all(self.state.tables, self.state.arrays, self.items, chosen, bins[chosen], False)

    def _follow(self, chosen: Int32, start: Solution) -> int:
        return int(put_all(self.state.tables, self.state.arrays, self.items, chosen, start.bin_of[chosen], True))

    def _keeps_the_rest(self, start: Solution) -> bool:
        """Whether a solution keeps what no single bin can tell: gangs, and items that may not leave their start."""
        problem, gangs = self.problem, self.problem.gangs
        if len(problem.breadths) or len(problem.dependencies):
            return not violations(problem, start)
        if len(problem.class_movable):
            moved = self.started & start.placed & ~staying_items(problem, start)
            if np.any(moved & ~problem.class_movable[problem.class_of]):
                return False
        if len(gangs) == 0:
            return True
        arrays = self.state.arrays
        unchanged = staying_items(problem, start) | ~(self.started | start.placed)
        changed = np.zeros(len(gangs), dtype=np.bool_)
        changed[gangs.of_item[~unchanged & (gangs.of_item != NOWHERE)]] = True
        broken = (arrays.gang_in > 0) & ((arrays.gang_in < gangs.at_least) | (arrays.gang_domain < NOWHERE))
        return not np.any(changed & broken)

    def _solution(self) -> Solution:
        return Solution(self.items.bin_of.copy(), self.items.sequence[: self.items.num_placed[0]].copy())

    def _progress(self) -> Progress:
        cost = cost_of(self.problem, self._solution())
        return Progress(time.perf_counter() - self.began, self.iterations, 0, cost, None)

    def _result(self, stopped_by: StopReason) -> Result:
        solution = self._solution()
        cost = cost_of(self.problem, solution)
        if self.start is not None and cost_of(self.problem, self.start) < cost:
            solution, cost = self.start, cost_of(self.problem, self.start)
        bound: Cost = lower_bound(self.problem)
        elapsed = time.perf_counter() - self.began
        return Result(
            status=Status.OPTIMAL if cost == bound else Status.FEASIBLE,
            stopped_by=StopReason.PROOF if cost == bound and stopped_by is StopReason.FINISHED else stopped_by,
            solution=solution,
            cost=cost,
            lower_bound=bound,
            elapsed=elapsed,
            iterations=self.iterations,
            trace=(Incumbent(elapsed, cost, bound),),
            statistics={
                "kernel_seconds": self.kernel_seconds,
                "kernel_cpu_seconds": self.kernel_cpu_seconds,
                "placed": int(solution.placed.sum()),
                "evaluations": self.state.evaluations,
            },
        )
