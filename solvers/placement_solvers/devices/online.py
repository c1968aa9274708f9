"""Items that come one at a time and stay where they are put: each where it spoils least for those to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

import numpy as np

from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.devices import kernels
from placement_solvers.devices.admission import Admission
from placement_solvers.devices.relaxation import pooled_bound
from placement_solvers.devices.state import STALE, bins_of, classes_of, room_for, scores_of
from placement_solvers.devices.support import refuse_unknown
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion
from placement_solvers.validation import validate, validate_solution

ITEMS_BETWEEN_LOOKS = 256
"""Items placed between two questions to the stopping criterion."""

GROWTH = 1.2
"""How much longer the list of arrivals is when what was learnt from it is next put to use."""


class Mix(StrEnum):
    """What is known of the items to come."""

    EXPECTED = auto()  # how common each class is among all items: known beforehand, as from last week's
    SEEN = auto()  # nothing but what has arrived


@dataclass(frozen=True, slots=True)
class OnlineParameters:
    """How the mix of items to come is known.

    Attributes
    ----------
    mix : Mix
    """

    mix: Mix = Mix.SEEN


@dataclass(frozen=True, slots=True)
class OnlineDevices:
    """Places items in order of priority and arrival, for good, each in the bin that loses least by it.

    What a bin loses is counted in devices: those idle but of no use to the mix of items to come (fragments, Weng et
    al.), and those the bin's other resources no longer serve (see `placement_solvers.devices.kernels`). The device an
    item is put on is never changed. An item that fits somewhere is always placed: nothing is held back.

    References
    ----------
    Q. Weng, L. Yang, Y. Yu, W. Wang, X. Tang, G. Yang, L. Zhang, "Beware of Fragmentation: Scheduling GPU-Sharing
    Workloads with Fragmentation Gradient Descent", USENIX ATC 2023, section 4.

    Parameters
    ----------
    parameters : OnlineParameters
    on_progress : callable, optional
        Told of the cost in the end.
    """

    parameters: OnlineParameters = field(default_factory=OnlineParameters)
    on_progress: OnProgress | None = None

    @property
    def name(self) -> str:
        """The name users choose it by."""
        return "devices_online"

    def solve(
        self, problem: Problem, stop: StoppingCriterion, *, start: Solution | None = None, seed: int = 0
    ) -> Result:
        """Place all items anew; `start` is given back where that is no better.

        Raises
        ------
        InvalidProblemError
            If the instance contradicts itself.
        InvalidSolutionError
            If `start` speaks of other items or bins.
        UnsupportedProblemError
            If the problem has gangs, rules about the plan as a whole, or items with a start.
        """
        validate(problem)
        refuse_unknown(problem)
        if start is not None:
            validate_solution(problem, start)
        first = Solution.nothing_placed(problem.num_items) if start is None else start
        watch = Watch(stop, first, cost_of(problem, first), on_progress=self.on_progress)
        watch.raise_bound(pooled_bound(problem))
        if not watch.should_end():
            solution = place_in_turn(problem, arrivals(problem), self.parameters.mix, watch)
            watch.offer(solution, cost_of(problem, solution))
        return watch.result()


def arrivals(problem: Problem) -> list[int]:
    """Items in the order in which they are placed: important ones first, then as they came."""
    order: list[int] = np.argsort(-problem.class_priority[problem.class_of], kind="stable").tolist()
    return order


def place_in_turn(problem: Problem, order: list[int], mix: Mix, watch: Watch) -> Solution:
    """The solution that placing items one after the other leads to; cut short when the watch says so."""
    bins, scores, room = bins_of(problem), scores_of(problem), room_for(problem)
    seen = np.zeros(problem.num_classes)
    expected = problem.class_count.astype(np.float64)
    classes = classes_of(problem, expected if mix is Mix.EXPECTED else seen, bins.unit)
    kernels.value_all(bins, classes, room)
    admission = Admission(problem)
    bin_of = np.full(problem.num_items, NOWHERE, dtype=np.int32)
    sequence = []
    learn_at = 1.0 if mix is Mix.SEEN else np.inf
    for turn, item in enumerate(order):
        if turn % ITEMS_BETWEEN_LOOKS == 0 and watch.should_stop():
            break
        class_ = int(problem.class_of[item])
        seen[class_] += 1
        if turn + 1 >= learn_at:
            learn_at = (turn + 1) * GROWTH + 1
            classes = classes_of(problem, seen, bins.unit)
            kernels.value_all(bins, classes, room)
            scores.stamp.fill(STALE)
        bin_ = kernels.choose(bins, classes, scores, room, class_, admission.allowed(class_))
        watch.iterations += 1
        if bin_ != NOWHERE:
            kernels.enter(bins, classes, scores, room, class_, bin_)
            admission.enter(class_, bin_)
            bin_of[item] = bin_
            sequence.append(item)
    return Solution(bin_of, np.array(sequence, dtype=np.int32))
