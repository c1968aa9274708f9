"""Counts of pods by topology domain, kept up to date pod by pod."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement.predicates.eligibility import Eligibility
from placement.predicates.node_state import NodeState


@dataclass(slots=True, eq=False)
class Tally:
    """How many pods of one description lie in each domain of one topology.

    Attributes
    ----------
    key : str
        Node label whose values are the domains; "" makes every node its own domain.
    counts : dict of value to int
        Only values above zero are held, so an empty dict says that there is no such pod at all.
    """

    key: str
    counts: dict[str, int] = field(default_factory=dict)

    def at(self, node: NodeState) -> int:
        """Pods in the domain of a node; 0 if the node is in none."""
        value = node.labels.get(self.key) if self.key else node.name
        return 0 if value is None else self.counts.get(value, 0)

    def add(self, node: NodeState, amount: int) -> None:
        """Count `amount` pods more (or fewer) on a node. O(1)."""
        value = node.labels.get(self.key) if self.key else node.name
        if value is None:
            return
        count = self.counts.get(value, 0) + amount
        if count:
            self.counts[value] = count
        else:
            self.counts.pop(value, None)


@dataclass(slots=True, eq=False)
class SpreadTally(Tally):
    """A tally over the nodes that a spread constraint looks at, with the least count at hand.

    `domains_at[n]` is the number of domains that hold n pods. A pod more or less moves one domain by one, so the
    least count moves by at most one and is found without a search.
    """

    eligibility: Eligibility = field(kw_only=True)
    domains_at: dict[int, int] = field(init=False)
    minimum: int = 0

    def __post_init__(self) -> None:
        self.domains_at = {0: self.num_domains}

    @property
    def num_domains(self) -> int:
        """Domains with at least one eligible node, whether or not a pod is there."""
        return self.eligibility.num_domains(self.key)

    def add(self, node: NodeState, amount: int) -> None:
        """Count `amount` pods more (or fewer) on a node, if the constraint looks at it. O(abs(amount))."""
        value = node.labels.get(self.key)
        if value is None or node.name not in self.eligibility.nodes:
            return
        step = 1 if amount > 0 else -1
        for _ in range(abs(amount)):
            self._move(value, step)

    def domain_came(self) -> None:
        """Note that a first eligible node bears a new value; no pod can be there yet. O(1)."""
        self.domains_at[0] = self.domains_at.get(0, 0) + 1
        self.minimum = 0

    def domain_went(self) -> None:
        """Note that the last eligible node of a value is gone, its pods before it. O(counts)."""
        self.domains_at[0] -= 1
        if not self.domains_at[0]:
            del self.domains_at[0]
            self.minimum = min(self.domains_at, default=0)

    def _move(self, value: str, step: int) -> None:
        old = self.counts.get(value, 0)
        new = old + step
        if new:
            self.counts[value] = new
        else:
            del self.counts[value]
        self.domains_at[old] -= 1
        self.domains_at[new] = self.domains_at.get(new, 0) + 1
        if new < self.minimum or (old == self.minimum and not self.domains_at[old]):
            self.minimum = new
        if not self.domains_at[old]:
            del self.domains_at[old]
