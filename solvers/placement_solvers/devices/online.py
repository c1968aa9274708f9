"""Items that come one at a time and stay where they are put: each where it spoils least for those to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

import numpy as np

from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.devices import kernels
from placement_solvers.devices.admission import Admission
from placement_solvers.devices.relaxation import pooled_bound
from placement_solvers.devices.state import STALE, Bins, alike, bins_of, classes_of, devices_of, room_for, scores_of
from placement_solvers.devices.support import refuse_unknown
from placement_solvers.objective import cost_of
from placement_solvers.opening import open_watch
from placement_solvers.problem import NOWHERE, Bool, Problem
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
        watch = open_watch(problem, stop, start, self.on_progress)
        refuse_unknown(problem)
        watch.raise_bound(pooled_bound(problem))
        if not watch.should_end():
            solution = place_in_turn(problem, arrivals(problem), self.parameters.mix, watch)
            watch.offer(solution, cost_of(problem, solution))
        return watch.result()


def where_most_fit(problem: Problem, bins: Bins, class_: int, allowed: Bool, topology: int) -> Bool:
    """Of the bins allowed those of the domain that has room for most items of the class, (B,) bool. O(B x (R + Q)).

    The first of a company decides where all others must go, and there may be many: as many as fit is the best guess.
    """
    devices = devices_of(problem)
    many = np.full(problem.num_bins, problem.num_items, dtype=np.int64)
    for amount, free in zip(problem.demand[class_], bins.free.T, strict=True):
        if amount > 0:
            many = np.minimum(many, free // amount)
    bin_of = np.repeat(np.arange(problem.num_bins), np.diff(devices.start))
    for share, free in zip(devices.share[class_], bins.device_free.T, strict=True):
        if share > 0 and devices.count[class_] > 0:
            slots = np.bincount(bin_of, free.clip(min=0) // share, minlength=problem.num_bins).astype(np.int64)
            many = np.minimum(many, slots // devices.count[class_])
    many = np.where(allowed, many.clip(min=0), 0)
    domains = problem.domain_of[topology]
    if not many.any():
        return allowed
    room = np.bincount(domains[many > 0], many[many > 0])
    chosen: Bool = allowed & (domains == int(room.argmax()))
    return chosen


def arrivals(problem: Problem) -> list[int]:
    """Items in the order in which they are placed: important ones first, then as they came."""
    order: list[int] = np.argsort(-problem.class_priority[problem.class_of], kind="stable").tolist()
    return order


def place_in_turn(problem: Problem, order: list[int], mix: Mix, watch: Watch) -> Solution:
    """The solution that placing items one after the other leads to; cut short when the watch says so."""
    bins, scores, room = bins_of(problem), scores_of(problem), room_for(problem)
    kind_of = alike(problem)
    seen = np.zeros(problem.num_classes)
    expected = np.bincount(kind_of, problem.class_count, minlength=problem.num_classes).astype(np.float64)
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
        kind = int(kind_of[class_])
        seen[kind] += 1
        if turn + 1 >= learn_at:
            learn_at = (turn + 1) * GROWTH + 1
            classes = classes_of(problem, seen, bins.unit)
            kernels.value_all(bins, classes, room)
            scores.stamp.fill(STALE)
        allowed = admission.allowed(class_)
        topology = admission.starting(class_)
        if topology is not None:
            allowed = where_most_fit(problem, bins, class_, allowed, topology)
        bin_ = kernels.choose(bins, classes, scores, room, kind, allowed)
        watch.iterations += 1
        if bin_ != NOWHERE:
            kernels.enter(bins, classes, scores, room, kind, bin_)
            admission.enter(class_, bin_)
            bin_of[item] = bin_
            sequence.append(item)
    return Solution(bin_of, np.array(sequence, dtype=np.int32))
