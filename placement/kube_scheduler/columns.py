"""The state of all nodes in columns, row for row the snapshot's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from placement.model.node import CPU, MEMORY, PODS
from placement.model.quantity import LARGEST
from placement.model.topology import REGION, ZONE
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.predicates.tally import Tally

Integers = NDArray[np.int64]


class Columns:
    """What nodes offer and hold, a row a node, and the counts of tallies, an entry a domain.

    Attributes
    ----------
    states : list of NodeState
        In the order in which kube-scheduler walks them.
    row_of : dict of node name to row
    allocatable, requested : dict of resource to (N,) int64
        In the units of `Node.allocatable`.
    scored_cpu, scored_memory : (N,) int64
    num_pods : (N,) int64
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.states = walking_order(list(snapshot.nodes.values()))
        self.row_of = {state.name: row for row, state in enumerate(self.states)}
        resources = {CPU, MEMORY, PODS}
        for state in self.states:
            resources |= state.node.allocatable.keys() | state.requested.keys()
        self._resources = sorted(resources)
        self.allocatable = {
            name: self._column([state.node.allocatable.get(name, 0) for state in self.states])
            for name in self._resources
        }
        self.requested = {
            name: self._column([state.requested.get(name, 0) for state in self.states]) for name in self._resources
        }
        self.scored_cpu = self._column([state.scored_cpu for state in self.states])
        self.scored_memory = self._column([state.scored_memory for state in self.states])
        self.num_pods = self._column([len(state.pods) for state in self.states])
        self._topologies: dict[str, tuple[Integers, dict[str, int]]] = {}
        # By the tally's identity; the tally is kept so that its identity stays its own.
        self._counts: dict[int, tuple[Tally, Integers]] = {}

    def _column(self, values: Sequence[int]) -> Integers:
        # Amounts are bounded one by one, their sums are not.
        return np.array([min(value, LARGEST) for value in values], dtype=np.int64)

    def offered(self, resource: str) -> Integers:
        """Allocatable of a resource by node; zeros if no node has it."""
        column = self.allocatable.get(resource)
        return np.zeros(len(self.states), dtype=np.int64) if column is None else column

    def taken(self, resource: str) -> Integers:
        """Requested of a resource by node."""
        column = self.requested.get(resource)
        return np.zeros(len(self.states), dtype=np.int64) if column is None else column

    def topology(self, key: str) -> tuple[Integers, dict[str, int]]:
        """Domain of each node, (N,) int64 with -1 for none, and the number of each value; "" is by node."""
        known = self._topologies.get(key)
        if known is None:
            index: dict[str, int] = {}
            domains = []
            for state in self.states:
                value = state.labels.get(key) if key else state.name
                domains.append(-1 if value is None else index.setdefault(value, len(index)))
            known = self._topologies[key] = self._column(domains), index
        return known

    def counts(self, tally: Tally) -> Integers:
        """Pods of a tally in the domain of each node, (N,) int64; 0 where a node is in none."""
        domains, index = self.topology(tally.key)
        known = self._counts.get(id(tally))
        if known is None:
            # One entry more, which -1 finds.
            by_domain = np.zeros(len(index) + 1, dtype=np.int64)
            for value, count in tally.counts.items():
                by_domain[index[value]] = count
            known = self._counts[id(tally)] = tally, by_domain
        return known[1][domains]

    def refresh(self, row: int, tallies: Sequence[Tally]) -> None:
        """Read a node again, and its domains in the tallies that changed with it."""
        state = self.states[row]
        for name, amount in state.requested.items():
            column = self.requested.get(name)
            if column is None:
                column = self.requested[name] = np.zeros(len(self.states), dtype=np.int64)
            column[row] = amount
        self.scored_cpu[row] = state.scored_cpu
        self.scored_memory[row] = state.scored_memory
        self.num_pods[row] = len(state.pods)
        for tally in tallies:
            known = self._counts.get(id(tally))
            value = state.labels.get(tally.key) if tally.key else state.name
            if known is not None and value is not None:
                known[1][self.topology(tally.key)[1][value]] = tally.counts.get(value, 0)


def walking_order(states: Sequence[NodeState]) -> list[NodeState]:
    """Nodes by turns from each zone, as kube-scheduler walks them (``backend/cache/node_tree.go``)."""
    zones: dict[tuple[str, str], list[NodeState]] = {}
    for state in states:
        zones.setdefault((state.labels.get(REGION, ""), state.labels.get(ZONE, "")), []).append(state)
    order = []
    for turn in range(max((len(zone) for zone in zones.values()), default=0)):
        order += [zone[turn] for zone in zones.values() if turn < len(zone)]
    return order
