"""Items that come one at a time and stay where they are put: each where it spoils least for those to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

import numpy as np

from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.devices.placing import Placing
from placement_solvers.devices.relaxation import pooled_bound
from placement_solvers.devices.support import refuse_rules_of_the_whole
from placement_solvers.devices.turns import Turns, units_of
from placement_solvers.feasibility import staying_items
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was, open_watch
from placement_solvers.problem import Problem
from placement_solvers.result import Result
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion

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
    item is put on is never changed. An item that fits somewhere is always placed: nothing is held back. Items with a
    start stay in it; a gang is asked as a whole when its first member comes; who is refused by an attraction or a
    spread is asked again once another item may have helped.

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
        return "devices_told" if self.parameters.mix is Mix.EXPECTED else "devices_online"

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
            If the problem has rules about the plan as a whole.
        """
        watch = open_watch(problem, stop, start, self.on_progress)
        refuse_rules_of_the_whole(problem)
        watch.raise_bound(pooled_bound(problem))
        if not watch.should_end():
            solution = place_in_turn(problem, self.parameters.mix, watch)
            watch.offer(solution, cost_of(problem, solution))
        return watch.result()


def told_online() -> OnlineDevices:
    """The policy that is told beforehand how common each class will be, as from last week's arrivals."""
    return OnlineDevices(OnlineParameters(Mix.EXPECTED))


def place_in_turn(problem: Problem, mix: Mix, watch: Watch) -> Solution:
    """The solution that placing items one after the other leads to; cut short when the watch says so."""
    stays = staying_items(problem, left_as_it_was(problem))
    expected = problem.class_count.astype(np.float64)
    seen = np.bincount(problem.class_of[stays], minlength=problem.num_classes).astype(np.float64)
    placing = Placing(problem, stays, expected if mix is Mix.EXPECTED else seen)
    turns = Turns(placing)
    look_at, learn_at = 0.0, 1.0 if mix is Mix.SEEN else np.inf
    arrived = 0
    for unit in units_of(problem, np.flatnonzero(~stays).astype(np.int32)):
        if arrived >= look_at:
            look_at = arrived + ITEMS_BETWEEN_LOOKS
            if watch.should_stop():
                break
        arrived += len(unit)
        watch.iterations += len(unit)
        np.add.at(seen, problem.class_of[unit], 1.0)
        if arrived >= learn_at:
            learn_at = arrived * GROWTH + 1
            placing.expect(seen)
        turns.ask(unit)
    return placing.solution()
