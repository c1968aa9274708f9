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
    nodes : frozenset of str
    """

    states: tuple[NodeState, ...]
    nodes: frozenset[str] = field(init=False)
    _num_domains: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = frozenset(state.name for state in self.states)

    @classmethod
    def of(cls, states: Iterable[NodeState]) -> Eligibility:
        """The set of these nodes."""
        return cls(tuple(states))

    def num_domains(self, key: str) -> int:
        """How many values of a label its nodes bear. Counted once a key, O(nodes)."""
        number = self._num_domains.get(key)
        if number is None:
            values = {state.labels.get(key) for state in self.states} - {None}
            number = self._num_domains[key] = len(values)
        return number
