"""Compiled: what is idle on a bin's devices but of no use to the mix, and which bin loses least.

The *value* of a bin is a loss, in devices, and the sum of two:

- fragments, after Weng et al. (USENIX ATC 2023), section 4.1: for each class of the mix, weighted by how common it is,
  what is idle on devices too full for it, or all that is idle where the bin does not take the class at all. A device
  of several resources is also of use to a class only as far as the scarcest one goes that it asks for: what is idle of
  the others beyond that is a fragment too, as cores are where the memory beside them is nearly gone. A device of one
  resource has none such;
- what is stranded: what is idle on the devices beyond what the bin's own resources still serve, if items go on to ask
  for both in the proportion of the mix. Fragments do not see that a bin runs out of, say, processors before its
  devices are full as long as one more item fits; this does.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.compiled import entry, inner, part
from placement_solvers.devices.state import Bins, Classes, Room, Scores
from placement_solvers.problem import Bool, Int64

TAKEN = -1.0
"""Worth of a device that the item at hand lies on already."""


@inner
def _fits(asked: Int64, free: Int64) -> bool:
    """Whether there is as much of each resource as is asked for; who asks for nothing minds no lack of it."""
    fits = True
    for at in range(len(asked)):
        fits = fits and (asked[at] <= 0 or asked[at] <= free[at])
    return fits


@part
def _weigh(bins: Bins, classes: Classes, room: Room, bin_: int) -> float:
    """How common the classes are that the rest of the bin takes, by what they ask of devices; O(classes of the mix).

    They go to ``room.weight``, by size; a class that asks for no device takes none of what is idle. What is left of all
    classes is returned: that of those for which all idle devices are fragments.
    """
    for size in range(len(room.weight)):
        room.weight[size] = 0.0
    lost = 0.0
    for at in range(len(classes.expected)):
        class_ = classes.expected[at]
        if (
            classes.devices[class_] > 0
            and classes.eligible[classes.signature[class_], bins.signature[bin_]]
            and _fits(classes.demand[class_], room.free)
        ):
            room.weight[classes.size_of[class_]] += classes.probability[class_]
        else:
            lost += classes.probability[class_]
    return lost


@part
def _unused(bins: Bins, classes: Classes, room: Room, class_: int, device: int) -> float:
    """What would stay idle if items of the class alone went on to fill a device, in fractions too; O(resources).

    Exactly 0 on a device of one resource.
    """
    scarcest, items = -1, np.inf
    for q in range(len(bins.unit)):
        if classes.share[class_, q] > 0 and room.devices[device, q] / classes.share[class_, q] < items:
            scarcest, items = q, room.devices[device, q] / classes.share[class_, q]
    unused = 0.0
    if scarcest >= 0:
        for q in range(len(bins.unit)):
            if q != scarcest:
                unused += bins.unit[q] * max(room.devices[device, q] - items * classes.share[class_, q], 0.0)
    return unused


@part
def _value(bins: Bins, classes: Classes, room: Room, lost: float, num_devices: int) -> float:
    """The value of a bin as it is laid out in `room`, after `_weigh`. O(sizes x devices x their resources)."""
    idle = 0.0
    for d in range(num_devices):
        worth = 0.0
        for q in range(len(bins.unit)):
            worth += bins.unit[q] * max(room.devices[d, q], 0)
        room.worth[d] = worth
        idle += worth
    if idle <= 0.0:
        return 0.0
    fragments = lost * idle
    for size in range(len(room.weight)):
        weight = room.weight[size]
        if weight > 0.0:
            example = classes.example[size]
            useless, fitting = 0.0, 0
            for d in range(num_devices):
                if _fits(classes.share[example], room.devices[d]):
                    fitting += 1
                    useless += _unused(bins, classes, room, example, d)
                else:
                    useless += room.worth[d]
            fragments += weight * (useless if fitting >= classes.devices[example] else idle)
    served = idle
    for r in range(len(room.free)):
        if classes.per_device[r] > 0.0:
            served = min(served, max(room.free[r], 0) / classes.per_device[r])
    return fragments + idle - served


@part
def _lay_out(bins: Bins, room: Room, bin_: int) -> int:
    """Copy a bin into `room`; how many devices it has."""
    first = bins.start[bin_]
    num_devices = bins.start[bin_ + 1] - first
    for d in range(num_devices):
        for q in range(len(bins.unit)):
            room.devices[d, q] = bins.device_free[first + d, q]
    for r in range(len(room.free)):
        room.free[r] = bins.free[bin_, r]
    return int(num_devices)


@part
def _fullest(bins: Bins, classes: Classes, room: Room, class_: int, num_devices: int) -> int:
    """The device with least idle that takes a share and is not taken yet, -1 if none does."""
    best, least = -1, np.inf
    for d in range(num_devices):
        if room.worth[d] != TAKEN and _fits(classes.share[class_], room.devices[d]):
            idle = 0.0
            for q in range(len(bins.unit)):
                idle += bins.unit[q] * room.devices[d, q]
            if idle < least:
                best, least = d, idle
    return best


@part
def _take(classes: Classes, room: Room, class_: int, device: int, sign: int) -> None:
    for q in range(classes.share.shape[1]):
        room.devices[device, q] -= sign * classes.share[class_, q]


@part
def _seen_before(room: Room, device: int) -> bool:
    """Whether an earlier device of the bin is just as full."""
    for d in range(device):
        alike = True
        for q in range(room.devices.shape[1]):
            alike = alike and room.devices[d, q] == room.devices[device, q]
        if alike:
            return True
    return False


@part
def _spread(bins: Bins, classes: Classes, room: Room, class_: int, num_devices: int) -> bool:
    """Take `count` different devices in `room`, the fullest that do; False if there are too few."""
    for d in range(num_devices):
        room.worth[d] = 0.0
    for _ in range(classes.devices[class_]):
        d = _fullest(bins, classes, room, class_, num_devices)
        if d < 0:
            return False
        _take(classes, room, class_, d, 1)
        room.worth[d] = TAKEN
    return True


@part
def _score(bins: Bins, classes: Classes, scores: Scores, room: Room, class_: int, bin_: int) -> None:
    """Find out what the bin's value would be with one more item, on the device where that is least."""
    scores.stamp[class_, bin_] = bins.changed[bin_]
    scores.loss[class_, bin_] = np.inf
    scores.device[class_, bin_] = -1
    num_devices = _lay_out(bins, room, bin_)
    if not _fits(classes.demand[class_], room.free):
        return
    for r in range(len(room.free)):
        room.free[r] -= classes.demand[class_, r]
    if classes.devices[class_] != 1:
        if _spread(bins, classes, room, class_, num_devices):
            lost = _weigh(bins, classes, room, bin_)
            scores.loss[class_, bin_] = _value(bins, classes, room, lost, num_devices) - bins.value[bin_]
        return
    lost = _weigh(bins, classes, room, bin_)
    for d in range(num_devices):
        if not _fits(classes.share[class_], room.devices[d]) or _seen_before(room, d):
            continue
        _take(classes, room, class_, d, 1)
        loss = _value(bins, classes, room, lost, num_devices) - bins.value[bin_]
        _take(classes, room, class_, d, -1)
        if loss < scores.loss[class_, bin_]:
            scores.loss[class_, bin_] = loss
            scores.device[class_, bin_] = d


@entry
def value_all(bins: Bins, classes: Classes, room: Room) -> None:
    """Compute the values of all bins anew, as for another mix."""
    for bin_ in range(len(bins.value)):
        num_devices = _lay_out(bins, room, bin_)
        bins.value[bin_] = _value(bins, classes, room, _weigh(bins, classes, room, bin_), num_devices)


@entry
def choose(bins: Bins, classes: Classes, scores: Scores, room: Room, class_: int, allowed: Bool) -> int:
    """The bin among `allowed` (B,) that loses least with one more item of the class; -1 if none takes it.

    Scores of bins that did not change since the class was last asked are remembered: O(B) and what changed.
    """
    best, least = -1, np.inf
    for bin_ in range(len(allowed)):
        if allowed[bin_]:
            if scores.stamp[class_, bin_] != bins.changed[bin_]:
                _score(bins, classes, scores, room, class_, bin_)
            if scores.loss[class_, bin_] < least:
                best, least = bin_, scores.loss[class_, bin_]
    return best


@entry
def takes(bins: Bins, classes: Classes, scores: Scores, room: Room, class_: int, bin_: int) -> bool:
    """Whether a bin has room for one more item of the class."""
    if scores.stamp[class_, bin_] != bins.changed[bin_]:
        _score(bins, classes, scores, room, class_, bin_)
    return bool(scores.loss[class_, bin_] < np.inf)


@entry
def enter(bins: Bins, classes: Classes, scores: Scores, room: Room, class_: int, bin_: int) -> None:
    """Put an item into a bin for which `choose` found room."""
    num_devices = _lay_out(bins, room, bin_)
    for r in range(len(room.free)):
        room.free[r] -= classes.demand[class_, r]
        bins.free[bin_, r] = room.free[r]
    if classes.devices[class_] == 1:
        _take(classes, room, class_, scores.device[class_, bin_], 1)
    else:
        _spread(bins, classes, room, class_, num_devices)
    first = bins.start[bin_]
    for d in range(num_devices):
        for q in range(len(bins.unit)):
            bins.device_free[first + d, q] = room.devices[d, q]
    bins.value[bin_] = _value(bins, classes, room, _weigh(bins, classes, room, bin_), num_devices)
    bins.changed[bin_] += 1
