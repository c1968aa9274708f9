"""A candidate: one change of a cluster's objects, and the inventory after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from placement.model.inventory import Inventory
from placement.remedies.remedy import KINDS, Kind, Patch


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One change that may help.

    Attributes
    ----------
    kind, description, amount, patches
        As of the remedy it may become.
    family : str
        Of several changes of one family only the cheapest that helps is wanted.
    apply : callable
        The inventory with the change.
    leaving : frozenset of str
        Pods that lose their node by it; whether they find another does not count.
    at_least : int or None
        How many of a gang's waiting members are enough afterwards, None for as many as before.
    """

    kind: Kind
    description: str
    amount: tuple[int, ...]
    family: str
    patches: tuple[Patch, ...]
    apply: Callable[[Inventory], Inventory]
    leaving: frozenset[str] = field(default_factory=frozenset)
    at_least: int | None = None

    @property
    def cost(self) -> tuple[int, ...]:
        """Orders changes, the cheapest first."""
        return KINDS.index(self.kind), *self.amount
