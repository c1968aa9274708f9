"""A snapshot that keeps columns of its nodes and counts as pods come and go."""

from __future__ import annotations

from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.predicates.tally import Tally
from placement.store.columns import NodeTable, TallyColumn


class LiveSnapshot(Snapshot):
    """A snapshot with a `NodeTable` beside it.

    Attributes
    ----------
    table : NodeTable
    moves : int
        How often anything changed; equal numbers mean equal answers.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.table = NodeTable(max(64, 2 * len(inventory.nodes)))
        self.moves = 0
        self._columns: dict[int, TallyColumn] = {}
        self._filling = True
        super().__init__(inventory)
        self._filling = False
        for state in self.nodes.values():
            self.table.add(state)
            for pod in state.pods.values():
                self.table.occupy_ports(state, pod)

    def bind(self, pod: Pod, node_name: str) -> None:
        super().bind(pod, node_name)
        if not self._filling:
            self._moved(self.nodes[node_name], pod, came=True)

    def unbind(self, pod: Pod) -> None:
        name = self.node_of(pod)
        held = self.nodes[name].pods.get(pod.key, pod) if name is not None else pod
        super().unbind(pod)
        if name is not None:
            self._moved(self.nodes[name], held, came=False)

    def add_node(self, node: Node) -> NodeState:
        state = super().add_node(node)
        self.table.add(state)
        self.moves += 1
        return state

    def remove_node(self, name: str) -> None:
        state = self.nodes[name]
        super().remove_node(name)
        self.table.remove(state)
        self.moves += 1

    def redescribe(self, node: Node, changed: bool) -> None:
        """Take over a node whose labels, taints and cordon are as they were; `changed` if its amounts are not."""
        state = self.nodes[node.name]
        if state.node.images != node.images:
            self.__dict__.pop("images", None)
        state.node = node
        if changed:
            self.table.describe(state)
            self.moves += 1

    def node_named(self, pod: str) -> str | None:
        """The node that a pod ``namespace/name`` is on, or None."""
        state = self._where.get(pod)
        return None if state is None else state.name

    @property
    def num_kinds(self) -> int:
        """Templates that are remembered."""
        return len(self._kinds)

    def knows_namespace(self, namespace: str) -> bool:
        """Whether anything is remembered of pods of a namespace. O(templates)."""
        return any(kind.template.namespace == namespace for kind in self._kinds.values())

    def column(self, tally: Tally) -> TallyColumn:
        """The column of a tally; made when it is first asked for."""
        column = self._columns.get(id(tally))
        if column is None:
            column = self._columns[id(tally)] = TallyColumn(tally, self.table.labels(tally.key))
        return column

    def _moved(self, state: NodeState, pod: Pod, came: bool) -> None:
        self.moves += 1
        self.table.occupy(state, pod, came)
        columns = self._columns
        for tally in self.kind(pod.template, pod.deleting).tallies:
            column = columns.get(id(tally))
            if column is not None:
                value = state.labels.get(tally.key) if tally.key else state.name
                if value is not None:
                    column.refresh(value)
