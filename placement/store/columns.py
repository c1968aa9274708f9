"""Labels, room and ports of all nodes in columns, one row a node, so that one pod is judged everywhere at once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement.model.node import PODS, Node
from placement.model.pod import HostPort, Pod, of_daemon
from placement.model.quantity import LARGEST
from placement.predicates.node_state import NodeState
from placement.predicates.tally import Tally

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]

NO_VALUE = -1
"""Value of a label that a node does not bear; it indexes the last place of a tally's column, which stays 0."""

# Changes of nodes that are told apart; who has not looked for longer looks at all nodes.
_REMEMBERED = 100_000


@dataclass(slots=True, eq=False)
class LabelColumn:
    """One label of all nodes.

    Attributes
    ----------
    values : dict of value to int
        Numbered as they are met; a number is never given twice.
    of_row : (rows,) int32
        Number of each node's value, `NO_VALUE` where it is missing.
    """

    of_row: Int32
    values: dict[str, int] = field(default_factory=dict)

    def set(self, row: int, value: str | None) -> None:
        """Note the value of a node."""
        self.of_row[row] = NO_VALUE if value is None else self.values.setdefault(value, len(self.values))


@dataclass(slots=True, eq=False)
class TallyColumn:
    """A tally's counts by the numbers of its label's values.

    Attributes
    ----------
    counts : (at least values + 1,) int64
        The last place belongs to nodes without the label and stays 0.
    """

    tally: Tally
    labels: LabelColumn
    counts: Int64 = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros(2 * len(self.labels.values) + 2, dtype=np.int64)
        for value in self.tally.counts:
            self.refresh(value)

    def refresh(self, value: str) -> None:
        """Take over the tally's count of one value. O(1)."""
        number = self.labels.values.setdefault(value, len(self.labels.values))
        if number >= len(self.counts) - 1:
            grown = np.zeros(2 * number + 2, dtype=np.int64)
            grown[: len(self.counts) - 1] = self.counts[:-1]
            self.counts = grown
        self.counts[number] = self.tally.counts.get(value, 0)

    def by_row(self) -> Int64:
        """Count in the domain of each node, (rows,)."""
        if len(self.labels.values) >= len(self.counts):
            grown = np.zeros(2 * len(self.labels.values) + 2, dtype=np.int64)
            grown[: len(self.counts) - 1] = self.counts[:-1]
            self.counts = grown
        taken: Int64 = self.counts[self.labels.of_row]
        return taken


class NodeTable:
    """The columns. Rows of nodes that are gone are used again.

    Attributes
    ----------
    row_of : dict of node name to int
    states : list of NodeState or None
        By row.
    room : (rows,) int64
        Pods a node can still take, below zero if it has too many.
    working : (rows,) int64
        Pods on each node that are not a daemon's.
    surface : (rows,) int32
        Which of `surfaces` a node has.
    surfaces : list of Node
        One node for each combination of taints and cordon.
    num_changes : int
        How often labels, taints, cordon or allocatable amounts of any node changed.
    generation : int
        Moves when a node comes or goes, so that row numbers may no longer be trusted.
    """

    def __init__(self, rows: int = 64) -> None:
        self.row_of: dict[str, int] = {}
        self.states: list[NodeState | None] = []
        self.surfaces: list[Node] = []
        self.num_changes = 0
        self._changed_rows: list[int] = []
        self.generation = 0
        self._rows = rows
        self._unused: list[int] = []
        self._surface_of: dict[Hashable, int] = {}
        self._labels: dict[str, LabelColumn] = {}
        self._free: dict[str, Int64] = {}
        self._offered: dict[str, Int64] = {}
        self._ports: dict[HostPort, Int64] = {}
        self.room = np.zeros(rows, dtype=np.int64)
        self.working = np.zeros(rows, dtype=np.int64)
        self.surface = np.zeros(rows, dtype=np.int32)

    @property
    def num_rows(self) -> int:
        """Rows in use or left by nodes that are gone."""
        return len(self.states)

    def changed_since(self, seen: int) -> list[int] | None:
        """The rows of all changes after so many, None if that is too long ago to be remembered."""
        missed = self.num_changes - seen
        if missed > len(self._changed_rows):
            return None
        return self._changed_rows[len(self._changed_rows) - missed :]

    def _changed(self, row: int) -> None:
        self.num_changes += 1
        if len(self._changed_rows) == _REMEMBERED:
            del self._changed_rows[: _REMEMBERED // 2]
        self._changed_rows.append(row)

    def add(self, state: NodeState) -> None:
        """Give a node a row."""
        if self._unused:
            row = self._unused.pop()
            self.states[row] = state
        else:
            row = len(self.states)
            self.states.append(state)
            if row >= self._rows:
                self._grow()
        self.row_of[state.name] = row
        self.generation += 1
        self.describe(state)

    def remove(self, state: NodeState) -> None:
        """Take a node's row back."""
        row = self.row_of.pop(state.name)
        self.states[row] = None
        self._unused.append(row)
        self.generation += 1
        for column in self._labels.values():
            column.of_row[row] = NO_VALUE
        for counts in self._ports.values():
            counts[row] = 0
        self._changed(row)

    def describe(self, state: NodeState) -> None:
        """Take over what a node is: labels, taints, cordon, amounts. O(labels asked for)."""
        row, node = self.row_of[state.name], state.node
        for key, column in self._labels.items():
            column.set(row, node.labels.get(key) if key else node.name)
        look = (node.unschedulable, node.taints)
        number = self._surface_of.get(look)
        if number is None:
            number = self._surface_of[look] = len(self.surfaces)
            self.surfaces.append(node)
        self.surface[row] = number
        for resource, offered in self._offered.items():
            offered[row] = node.allocatable.get(resource, 0)
            self._free[resource][row] = _free(state, resource)
        for port, counts in self._ports.items():
            counts[row] = state.ports.get(port, 0)
        self.room[row] = node.allocatable.get(PODS, 0) - len(state.pods)
        self.working[row] = sum(not of_daemon(pod) for pod in state.pods.values())
        self._changed(row)

    def occupy(self, state: NodeState, pod: Pod, came: bool) -> None:
        """Take over that a pod came or went. O(its resources and ports)."""
        row, template = self.row_of[state.name], pod.template
        self.room[row] += -1 if came else 1
        if not of_daemon(pod):
            self.working[row] += 1 if came else -1
        for resource in template.requests:
            free = self._free.get(resource)
            if free is not None:
                free[row] = _free(state, resource)
        for port in template.host_ports:
            self._port(port)[row] = state.ports.get(port, 0)

    def occupy_ports(self, state: NodeState, pod: Pod) -> None:
        """Take over the ports of a pod that was there before the columns were."""
        for port in pod.template.host_ports:
            self._port(port)[self.row_of[state.name]] = state.ports.get(port, 0)

    def labels(self, key: str) -> LabelColumn:
        """The column of a label; made when it is first asked for, O(nodes)."""
        column = self._labels.get(key)
        if column is None:
            column = self._labels[key] = LabelColumn(np.full(self._rows, NO_VALUE, dtype=np.int32))
            for name, row in self.row_of.items():
                state = self.states[row]
                column.set(row, name if not key or state is None else state.labels.get(key))
        return column

    def free(self, resource: str) -> Int64:
        """What is left of a resource on each node, (rows in use,)."""
        if resource not in self._free:
            free, offered = np.zeros(self._rows, dtype=np.int64), np.zeros(self._rows, dtype=np.int64)
            for row in self.row_of.values():
                state = self.states[row]
                if state is not None:
                    free[row] = _free(state, resource)
                    offered[row] = state.node.allocatable.get(resource, 0)
            self._free[resource], self._offered[resource] = free, offered
        return self._free[resource][: self.num_rows]

    def offered(self, resource: str) -> Int64:
        """What each node offers of a resource, (rows in use,)."""
        self.free(resource)
        return self._offered[resource][: self.num_rows]

    def taken_ports(self, wanted: tuple[HostPort, ...]) -> NDArray[np.bool_]:
        """Whether one of the ports is taken, (rows in use,)."""
        taken = np.zeros(self.num_rows, dtype=np.bool_)
        for used, counts in self._ports.items():
            if any(port.conflicts(used) for port in wanted):
                taken |= counts[: self.num_rows] > 0
        return taken

    def _port(self, port: HostPort) -> Int64:
        counts = self._ports.get(port)
        if counts is None:
            counts = self._ports[port] = np.zeros(self._rows, dtype=np.int64)
        return counts

    def _grow(self) -> None:
        self._rows *= 2
        for column in self._labels.values():
            column.of_row = _grown(column.of_row, self._rows, NO_VALUE)
        for amounts in (self._free, self._offered, self._ports):
            _grow_all(amounts, self._rows)
        self.room, self.working = _grown(self.room, self._rows), _grown(self.working, self._rows)
        self.surface = _grown(self.surface, self._rows)


def _grow_all(columns: dict[Any, Int64], rows: int) -> None:
    for key, column in columns.items():
        columns[key] = _grown(column, rows)


def _grown(column: NDArray[Any], rows: int, fill: int = 0) -> NDArray[Any]:
    longer = np.full(rows, fill, dtype=column.dtype)
    longer[: len(column)] = column
    return longer


def _free(state: NodeState, resource: str) -> int:
    # A node may be asked for more than 64 bits can hold; it is over its limit all the same.
    return max(state.node.allocatable.get(resource, 0) - state.requested.get(resource, 0), -LARGEST)
