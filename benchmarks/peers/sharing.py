"""Six ways to place items that share devices, one at a time, as the simulator of "Beware of Fragmentation" has them.

Each scores every bin that takes the item in whole numbers from 0 to 100; the best score wins, and among equal ones the
first bin. That rounding is part of each policy, and much of what it does: bins that differ little are filled one after
the other. FGD's mix is that of all items; the paper's runs leave the rarest classes out, which makes FGD weaker here.

- *FGD*: by how much the bin's fragments shrink. What is idle on devices too full for a class counts as fragments, and
  all that is idle where the class does not fit, each class weighted by how common it is; a sigmoid makes it a score.
- *best fit*: least idle of the first resource and of the devices together, as shares of the largest bin.
- *dot product*: idle and demand of the same two least aligned.
- *packing*: on devices in use before idle ones, on bins in use before empty ones.
- *clustering*: beside items that ask for as many devices, in bins that hold no others if possible.
- *random*: any bin.

Devices are chosen as full as possible, by FGD as the score says, by random at random. Amounts on devices of several
resources are added up in mean devices.

Q. Weng, L. Yang, Y. Yu, W. Wang, X. Tang, G. Yang, L. Zhang, "Beware of Fragmentation: Scheduling GPU-Sharing Workloads
with Fragmentation Gradient Descent", USENIX ATC 2023, sections 4 and 6.1. Written anew from the paper and from what its
simulator (hkust-adsl/kubernetes-scheduler-simulator) documents as its policies' scores.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.fleet import Fleet, Known, fleet_of, nothing_known
from benchmarks.peers.rules import (
    Placed,
    Rules,
    enter,
    floors_of,
    may_enter,
    may_start,
    most_spreads,
    rules_of,
)
from placement_solvers.compiled import entry, part
from placement_solvers.problem import NOWHERE, Int32, Int64, Problem
from placement_solvers.solution import Solution

FGD, BEST_FIT, DOT_PRODUCT, PACKING, CLUSTERING, RANDOM = range(6)

HIGHEST = 100
"""The greatest score, but for random ones: those are never equal."""

NO_ROOM = -1


def fgd(problem: Problem, seed: int) -> Solution:
    """Fragmentation gradient descent."""
    return _place(problem, seed, FGD)


def best_fit(problem: Problem, seed: int) -> Solution:
    """Least left over."""
    return _place(problem, seed, BEST_FIT)


def dot_product(problem: Problem, seed: int) -> Solution:
    """Tetris's alignment, as the paper's simulator has it."""
    return _place(problem, seed, DOT_PRODUCT)


def packing(problem: Problem, seed: int) -> Solution:
    """Devices and bins in use first."""
    return _place(problem, seed, PACKING)


def clustering(problem: Problem, seed: int) -> Solution:
    """Like beside like."""
    return _place(problem, seed, CLUSTERING)


def at_random(problem: Problem, seed: int) -> Solution:
    """Any bin, any device."""
    return _place(problem, seed, RANDOM)


def _place(problem: Problem, seed: int, policy: int) -> Solution:
    """All waiting items by priority and arrival, each for good."""
    rules, fleet, known = rules_of(problem), fleet_of(problem), nothing_known(problem)
    placed = Placed(problem)
    waiting = placed.waiting()
    order = waiting[np.argsort(-problem.class_priority[problem.class_of[waiting]], kind="stable")]
    floors = np.zeros(most_spreads(rules), dtype=np.int64)
    bin_of = np.full(len(order), NOWHERE, dtype=np.int32)
    _run(rules, fleet, known, policy, seed, problem.class_of[order], bin_of, floors)
    found = bin_of != NOWHERE
    placed.add(order[found], bin_of[found])
    return Solution(placed.bin_of, placed.sequence[: placed.count])


@entry
def _run(
    rules: Rules, fleet: Fleet, known: Known, policy: int, seed: int, classes: Int32, bin_of: Int32, floors: Int64
) -> None:
    np.random.seed(seed)
    num_bins = len(rules.free)
    scores = fleet.scores
    for turn in range(len(classes)):
        class_ = classes[turn]
        like = fleet.alike[class_]
        floors_of(rules, class_, floors)
        starts = may_start(rules, class_)
        lowest, highest = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        for bin_ in range(num_bins):
            scores[bin_] = NO_ROOM
            if not may_enter(rules, class_, bin_, floors, starts):
                continue
            if known.stamp[like, bin_] != known.changed[bin_] or policy == RANDOM:
                known.stamp[like, bin_] = known.changed[bin_]
                known.score[like, bin_], known.device[like, bin_] = _score(rules, fleet, policy, class_, bin_)
            scores[bin_] = known.score[like, bin_]
            if scores[bin_] != NO_ROOM:
                lowest, highest = min(lowest, scores[bin_]), max(highest, scores[bin_])
        best = NOWHERE
        for bin_ in range(num_bins):
            if scores[bin_] != NO_ROOM and policy == BEST_FIT:  # its scores are stretched to the whole range
                span = highest - lowest
                scores[bin_] = (scores[bin_] - lowest) * HIGHEST // span if span > 0 else 0
            if scores[bin_] != NO_ROOM and (best == NOWHERE or scores[bin_] > scores[best]):
                best = bin_
        if best != NOWHERE:
            bin_of[turn] = best
            _take_devices(fleet, class_, best, known.device[like, best])
            fleet.kinds_in[best, fleet.kind[class_]] += 1
            enter(rules, class_, best, 1)
            known.changed[best] += 1


@part
def _takes(fleet: Fleet, class_: int, device: int) -> bool:
    """Whether a device has room for what the class asks of it."""
    takes = True
    for q in range(len(fleet.unit)):
        takes = takes and fleet.share[class_, q] <= fleet.free[device, q]
    return takes


@part
def _worth(fleet: Fleet, device: int) -> float:
    """What is idle on a device."""
    worth = 0.0
    for q in range(len(fleet.unit)):
        worth += fleet.unit[q] * fleet.free[device, q]
    return worth


@part
def _is_idle(fleet: Fleet, device: int) -> bool:
    idle = True
    for q in range(len(fleet.unit)):
        idle = idle and fleet.free[device, q] == fleet.capacity[device, q]
    return idle


@part
def _fullest(fleet: Fleet, class_: int, bin_: int, above: float) -> int:
    """The fullest device that takes a share and has more idle than `above`, -1 if there is none."""
    best, least = -1, np.inf
    for device in range(fleet.start[bin_], fleet.start[bin_ + 1]):
        worth = _worth(fleet, device)
        if above < worth < least and _takes(fleet, class_, device):
            best, least = device, worth
    return best


@part
def _change(fleet: Fleet, class_: int, device: int, sign: int) -> None:
    for q in range(len(fleet.unit)):
        fleet.free[device, q] -= sign * fleet.share[class_, q]


@part
def _take_devices(fleet: Fleet, class_: int, bin_: int, device: int) -> None:
    """Put an item on its one device, or on the fullest that take it."""
    if fleet.asked[class_] == 1:
        _change(fleet, class_, device, 1)
        return
    num_devices = fleet.start[bin_ + 1] - fleet.start[bin_]
    for at in range(num_devices):
        fleet.taken[at] = False
    for _ in range(fleet.asked[class_]):
        best, least = -1, np.inf
        for at in range(num_devices):
            worth = _worth(fleet, fleet.start[bin_] + at)
            if not fleet.taken[at] and worth < least and _takes(fleet, class_, fleet.start[bin_] + at):
                best, least = at, worth
        fleet.taken[best] = True
        _change(fleet, class_, fleet.start[bin_] + best, 1)


@part
def _score(rules: Rules, fleet: Fleet, policy: int, class_: int, bin_: int) -> tuple[int, int]:
    """Score and device of an item of the class in a bin; no room is no score."""
    fitting, idle = 0, 0.0
    for device in range(fleet.start[bin_], fleet.start[bin_ + 1]):
        fitting += _takes(fleet, class_, device)
        idle += _worth(fleet, device)
    if fitting < fleet.asked[class_]:
        return NO_ROOM, -1
    fullest = _fullest(fleet, class_, bin_, -1.0) if fleet.asked[class_] == 1 else -1
    wanted = 0.0
    for q in range(len(fleet.unit)):
        wanted += fleet.asked[class_] * fleet.unit[q] * fleet.share[class_, q]
    cpu, cpu_wanted = rules.free[bin_, 0] / fleet.largest[0], rules.demand[class_, 0] / fleet.largest[0]
    idle_share, wanted_share = idle / fleet.largest[1], wanted / fleet.largest[1]
    if policy == FGD:
        score, device = _gradient(rules, fleet, class_, bin_)
        return score, device
    if policy == BEST_FIT:
        return int(HIGHEST * (1.0 - 0.5 * (cpu - cpu_wanted) - 0.5 * (idle_share - wanted_share))), fullest
    if policy == DOT_PRODUCT:
        return int(HIGHEST * (1.0 - 0.5 * (cpu * cpu_wanted + idle_share * wanted_share))), fullest
    if policy == PACKING:
        return _packed(fleet, class_, bin_), fullest
    if policy == CLUSTERING:
        return _clustered(fleet, class_, bin_, idle_share), fullest
    return np.random.randint(0, 2**62), _any(fleet, class_, bin_, fitting)


@part
def _any(fleet: Fleet, class_: int, bin_: int, fitting: int) -> int:
    """One of the devices that take a share, at random."""
    skip = np.random.randint(0, max(fitting, 1))
    for device in range(fleet.start[bin_], fleet.start[bin_ + 1]):
        if _takes(fleet, class_, device):
            if skip == 0:
                return device
            skip -= 1
    return -1


@part
def _packed(fleet: Fleet, class_: int, bin_: int) -> int:
    if fleet.asked[class_] == 0:
        return 0
    devices = fleet.start[bin_ + 1] - fleet.start[bin_]
    free = 0
    for device in range(fleet.start[bin_], fleet.start[bin_ + 1]):
        free += _is_idle(fleet, device)
    if free == devices:
        return max(HIGHEST // 3 - free, free)
    left, idle_used, idle_share = fleet.asked[class_], 0, 0
    above = -1.0
    while left > 0:
        device = _fullest(fleet, class_, bin_, above)
        if device < 0:  # what is left to take is as idle as the last
            idle_used += left
            break
        above = _worth(fleet, device)
        left -= 1
        idle_used += _is_idle(fleet, device)
        idle_share += int(100 * above)
    if idle_used > 0:
        return max(HIGHEST // 2 - idle_used, HIGHEST // 3)
    return max(HIGHEST - idle_share // 10, HIGHEST // 2)


@part
def _clustered(fleet: Fleet, class_: int, bin_: int, idle_share: float) -> int:
    if fleet.asked[class_] == 0:
        return 0
    kinds = 0
    for kind in range(1, fleet.kinds_in.shape[1]):
        kinds += fleet.kinds_in[bin_, kind] > 0
    quarter = 0
    if fleet.kinds_in[bin_, fleet.kind[class_]] > 0:
        quarter = 3 if kinds == 1 else 2
    elif kinds == 0:
        quarter = 1
    return int(HIGHEST / 4 * (1.0 - idle_share)) + quarter * HIGHEST // 4


@entry
def fragments(rules: Rules, fleet: Fleet, bin_: int, free: int) -> float:
    """What is idle in a bin but of no use, by class and how common it is, in mean devices.

    Of the bin's own resources only the first is asked, of which `free` is left, as in the paper.
    """
    first, last = fleet.start[bin_], fleet.start[bin_ + 1]
    idle = 0.0
    for device in range(first, last):
        idle += _worth(fleet, device)
    found = 0.0
    if idle <= 0.0:
        return found
    for class_ in fleet.types:
        lost = idle
        eligible = rules.eligible[rules.class_signature[class_], rules.bin_signature[bin_]]
        if fleet.asked[class_] > 0 and eligible and rules.demand[class_, 0] <= free:
            fitting, too_full = 0, 0.0
            for device in range(first, last):
                if _takes(fleet, class_, device):
                    fitting += 1
                else:
                    too_full += _worth(fleet, device)
            if fitting >= fleet.asked[class_]:
                lost = too_full
        found += fleet.weight[class_] * lost
    return found


@part
def _gradient(rules: Rules, fleet: Fleet, class_: int, bin_: int) -> tuple[int, int]:
    """The score of FGD, and the device for it."""
    before = fragments(rules, fleet, bin_, rules.free[bin_, 0])
    left = rules.free[bin_, 0] - rules.demand[class_, 0]
    first, last = fleet.start[bin_], fleet.start[bin_ + 1]
    if fleet.asked[class_] != 1:
        _take_devices(fleet, class_, bin_, -1)
        gain = before - fragments(rules, fleet, bin_, left)
        for device in range(first, last):
            if fleet.taken[device - first]:
                _change(fleet, class_, device, -1)
        return int(HIGHEST / (1.0 + np.exp(-gain))), -1
    best, best_device = NO_ROOM, -1
    for device in range(first, last):
        if _takes(fleet, class_, device):
            _change(fleet, class_, device, 1)
            gain = before - fragments(rules, fleet, bin_, left)
            _change(fleet, class_, device, -1)
            score = int(HIGHEST / (1.0 + np.exp(-gain)))
            if score > best:
                best, best_device = score, device
    return best, best_device
