"""A generated problem while it is written down: bins, classes, and what they ask of one another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from placement_solvers.problem import (
    EVERYWHERE,
    NOWHERE,
    Attractions,
    Gangs,
    Groups,
    Limits,
    Problem,
    Spreads,
    Tier,
)

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

HOST, ZONE = 0, 1
"""Topologies: every bin by itself, and zones."""

PLAIN, ZONE_SPREAD, HOST_SPREAD, HOST_DRAWN, ZONE_DRAWN, APART = range(6)
"""What a class asks of a group: nothing, to be spread, to be where its members are, to have a bin without others."""

NUM_KINDS = 6


@dataclass
class Draft:
    """A problem being written down: bins, classes, and groups as they are added."""

    capacity: Int64
    demand: Int64
    zone: Int32 | None = None
    signature: Int32 | None = None
    bin_signature: Int32 | None = None
    eligible: NDArray[np.bool_] = field(default_factory=lambda: np.ones((1, 1), dtype=np.bool_))
    topologies: list[int] = field(default_factory=list)
    members: list[NDArray[np.integer]] = field(default_factory=list)
    limits: list[tuple[int, int]] = field(default_factory=list)
    attractions: list[tuple[int, int]] = field(default_factory=list)
    spreads: list[tuple[int, int]] = field(default_factory=list)

    def group(self, topology: int, members: NDArray[np.integer]) -> int:
        """A new group of classes, counted in the domains of a topology."""
        self.topologies.append(topology)
        self.members.append(members)
        return len(self.topologies) - 1

    def relate(self, kind: int, group: int, classes: NDArray[np.integer]) -> None:
        """What classes of a kind ask of a group."""
        if kind in (ZONE_SPREAD, HOST_SPREAD):
            self.spreads += [(int(class_), group) for class_ in classes]
        elif kind == APART:
            self.limits += [(int(class_), group) for class_ in classes]
        else:
            self.attract(group, classes)

    def attract(self, group: int, classes: NDArray[np.integer]) -> None:
        """Classes that go only where a member of the group is."""
        self.attractions += [(int(class_), group) for class_ in classes]

    def problem(
        self,
        class_of: Int32,
        tiers: tuple[Tier, ...],
        *,
        class_priority: Int32 | None = None,
        start: Int32 | None = None,
        gangs: Gangs | None = None,
        in_use: bool = False,
    ) -> Problem:
        """The problem."""
        num_bins, num_classes = len(self.capacity), len(self.demand)
        zone = np.zeros(num_bins, dtype=np.int32) if self.zone is None else self.zone
        limit_class, limit_group = _columns(self.limits)
        attracted, attracting = _columns(self.attractions)
        spread_class, spread_group = _columns(self.spreads)
        ones = np.ones(len(spread_class), dtype=np.int32)
        own = {(int(class_), group) for group, members in enumerate(self.members) for class_ in members}
        itself = np.array([pair in own for pair in sorted(self.spreads)], dtype=np.int32)
        starts = np.zeros(num_classes if len(attracted) else 0, dtype=np.bool_)
        for class_, group in self.attractions:
            starts[class_] = (class_, group) in own
        return Problem(
            class_of=class_of,
            demand=np.ascontiguousarray(self.demand, dtype=np.int64),
            capacity=np.ascontiguousarray(self.capacity, dtype=np.int64),
            class_signature=np.zeros(num_classes, dtype=np.int32) if self.signature is None else self.signature,
            bin_signature=np.zeros(num_bins, dtype=np.int32) if self.bin_signature is None else self.bin_signature,
            eligible=self.eligible,
            domain_of=np.stack([np.arange(num_bins, dtype=np.int32), zone]),
            scopes=np.zeros((0, num_bins), dtype=np.bool_),
            groups=self._groups(num_bins, int(zone.max(initial=-1)) + 1, num_classes),
            limits=Limits(limit_class, limit_group, np.ones(len(limit_class), dtype=np.int32)),
            attractions=Attractions(attracted, attracting, starts),
            spreads=Spreads(spread_class, spread_group, ones, ones, itself),
            tiers=tiers,
            class_priority=np.zeros(num_classes, dtype=np.int32) if class_priority is None else class_priority,
            in_use=np.full(num_bins, in_use),
            pinned_to=np.full(num_classes, NOWHERE, dtype=np.int32),
            start=np.zeros(0, dtype=np.int32) if start is None else start,
            gangs=Gangs() if gangs is None else gangs,
        )

    def _groups(self, num_bins: int, num_zones: int, num_classes: int) -> Groups:
        size = [num_bins if topology == HOST else num_zones for topology in self.topologies]
        start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        class_ = np.array([c for members in self.members for c in members], dtype=np.int64)
        group = np.repeat(np.arange(len(self.members)), [len(members) for members in self.members])
        order = np.lexsort((group, class_))
        return Groups(
            topology=np.array(self.topologies, dtype=np.int32),
            scope=np.full(len(self.topologies), EVERYWHERE, dtype=np.int32),
            start=start,
            initial=np.zeros(int(start[-1]), dtype=np.int32),
            class_start=np.searchsorted(class_[order], np.arange(num_classes + 1)).astype(np.int64),
            of_class=group[order].astype(np.int32),
        )


def _columns(pairs: list[tuple[int, int]]) -> tuple[Int32, Int32]:
    """Pairs as two columns, sorted by the first."""
    table = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])
