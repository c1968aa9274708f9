"""Which nodes a topology spread constraint looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from placement.predicates.node_state import NodeState


@dataclass(slots=True, eq=False)
class Eligibility:
    """A set of nodes, shared by all constraints that look at the same ones.

    Attributes
    ----------
    nodes : dict of name to NodeState
    """

    nodes: dict[str, NodeState] = field(default_factory=dict)
    _domains: dict[str, dict[str, int]] = field(init=False, default_factory=dict)

    @classmethod
    def of(cls, states: Iterable[NodeState]) -> Eligibility:
        """The set of these nodes."""
        return cls({state.name: state for state in states})

    def num_domains(self, key: str) -> int:
        """How many values of a label its nodes bear. Counted once a key, O(nodes)."""
        return len(self._nodes_of(key))

    def add(self, state: NodeState) -> None:
        """Take in a node that has come. O(keys asked for)."""
        self.nodes[state.name] = state
        for key, nodes_of in self._domains.items():
            value = state.labels.get(key)
            if value is not None:
                nodes_of[value] = nodes_of.get(value, 0) + 1

    def remove(self, state: NodeState) -> None:
        """Leave out a node that goes. O(keys asked for)."""
        if self.nodes.pop(state.name, None) is None:
            return
        for key, nodes_of in self._domains.items():
            value = state.labels.get(key)
            if value is not None:
                nodes_of[value] -= 1
                if not nodes_of[value]:
                    del nodes_of[value]

    def has_domain(self, key: str, value: str) -> bool:
        """Whether a node of it bears this value."""
        return value in self._nodes_of(key)

    def _nodes_of(self, key: str) -> dict[str, int]:
        nodes_of = self._domains.get(key)
        if nodes_of is None:
            nodes_of = self._domains[key] = {}
            for state in self.nodes.values():
                value = state.labels.get(key)
                if value is not None:
                    nodes_of[value] = nodes_of.get(value, 0) + 1
        return nodes_of
