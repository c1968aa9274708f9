"""Which devices the items of a bin lie on: an exact search, for a solution says only the bins.

The items of a bin that take devices are a small packing problem of their own. Most bins are settled by best fit
decreasing; where that fails all ways are tried, those that leave the devices alike only once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np

from placement_solvers.problem import NOWHERE, Int64, Problem
from placement_solvers.solution import Solution

Amount = tuple[int, ...]
"""One number a resource of devices."""

Request = tuple[int, Amount]
"""How many devices an item lies on, and what it takes of each."""


def devices_of(problem: Problem, solution: Solution) -> list[tuple[int, ...]]:
    """The devices of each item, numbered from 0 within its bin; () where it takes none or is not placed.

    Raises
    ------
    ValueError
        If the items of a bin do not fit onto its devices.
    """
    devices: list[tuple[int, ...]] = [()] * problem.num_items
    for bin_, items in items_on_devices(problem, solution):
        found = assign(problem.devices.of_bin(bin_), requests(problem, items))
        if found is None:
            raise ValueError(f"bin {bin_}: its {len(items)} items do not fit onto its devices")
        for item, chosen in zip(items, found, strict=True):
            devices[item] = chosen
    return devices


def items_on_devices(problem: Problem, solution: Solution) -> Iterator[tuple[int, list[int]]]:
    """Each bin with items that take devices, and those items."""
    if not problem.devices.asked:
        return
    items = np.flatnonzero(solution.placed)
    items = items[problem.devices.count[problem.class_of[items]] > 0]
    bins = solution.bin_of[items]
    order = np.argsort(bins, kind="stable")
    items, bins = items[order], bins[order]
    cuts = np.flatnonzero(np.diff(bins, prepend=NOWHERE))
    for first, last in pairwise([*cuts.tolist(), len(items)]):
        yield int(bins[first]), items[first:last].tolist()


def requests(problem: Problem, items: Sequence[int]) -> list[Request]:
    """What each item asks for."""
    count, share = problem.devices.count, problem.devices.share
    classes = problem.class_of[list(items)].tolist()
    return [(int(count[class_]), tuple(share[class_].tolist())) for class_ in classes]


def assign(capacity: Int64, asked: Sequence[Request]) -> list[tuple[int, ...]] | None:
    """Devices for each request, or None if there is no way to fit them all.

    Exact; exponential in the worst case, in the number of unlike states of the devices. A request that takes nothing
    of a resource does not mind that a device is overfull of it.

    Parameters
    ----------
    capacity : (n, Q) int64
    asked : sequence of requests
    """
    total = capacity.clip(min=0).sum(axis=0)
    if any(sum(count * share[q] for count, share in asked) > total[q] for q in range(len(total))):
        return None
    order = sorted(range(len(asked)), key=lambda i: (asked[i][0], sum(asked[i][1]), asked[i][1]), reverse=True)
    free = [tuple(row) for row in capacity.tolist()]
    search = _Search([asked[i] for i in order])
    found = search.place(0, free)
    if found is None:
        return None
    devices: list[tuple[int, ...]] = [()] * len(asked)
    for place, chosen in zip(order, found, strict=True):
        devices[place] = chosen
    return devices


class _Search:
    """Depth first: the largest request first, the fullest device that takes it first."""

    def __init__(self, asked: list[Request]) -> None:
        self._asked = asked
        self._dead_ends: set[tuple[int, tuple[Amount, ...]]] = set()

    def place(self, depth: int, free: list[Amount]) -> list[tuple[int, ...]] | None:
        """Devices for the requests from `depth` on."""
        if depth == len(self._asked):
            return []
        state = depth, tuple(sorted(free))
        if state in self._dead_ends:
            return None
        count, share = self._asked[depth]
        for chosen in _choices(free, count, share):
            left = list(free)
            for device in chosen:
                left[device] = tuple(a - s for a, s in zip(left[device], share, strict=True))
            rest = self.place(depth + 1, left)
            if rest is not None:
                return [chosen, *rest]
        self._dead_ends.add(state)
        return None


def _choices(free: list[Amount], count: int, share: Amount) -> Iterator[tuple[int, ...]]:
    """Sets of devices that take a request, of those alike only one."""
    fits = [
        device
        for device, amount in enumerate(free)
        if all(s == 0 or s <= a for s, a in zip(share, amount, strict=True))
    ]
    fits.sort(key=lambda device: (sum(free[device]), free[device], device))
    seen = set()
    for chosen in combinations(fits, count):
        state = tuple(free[device] for device in chosen)
        if state not in seen:
            seen.add(state)
            yield tuple(sorted(chosen))
