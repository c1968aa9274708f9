"""What two plans do differently."""

from __future__ import annotations

from dataclasses import dataclass

from placement.plans import Eviction, Placement, Plan


@dataclass(frozen=True, slots=True)
class Move:
    """A pod that both plans place, on different nodes."""

    pod: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TierChange:
    """A tier of the cost in both plans; None where a plan does not have it."""

    tier: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second plan does that the first does not.

    Attributes
    ----------
    moved : tuple of Move
    placed : tuple of Placement
        Pods that only the second plan places, where.
    lost : tuple of Placement
        Pods that only the first plan places, where.
    evicted, spared : tuple of Eviction
        Evictions that only the second, or only the first, plan asks for.
    cost : tuple of TierChange
        Tiers whose value changes.
    nodes_used : tuple of int
        Before and after.
    status : tuple of str
        Before and after.
    """

    moved: tuple[Move, ...]
    placed: tuple[Placement, ...]
    lost: tuple[Placement, ...]
    evicted: tuple[Eviction, ...]
    spared: tuple[Eviction, ...]
    cost: tuple[TierChange, ...]
    nodes_used: tuple[int, int]
    status: tuple[str, str]

    @property
    def pods(self) -> tuple[str, ...]:
        """The pods to which the plans do different things, each once."""
        placements = (*self.placed, *self.lost)
        evictions = (*self.evicted, *self.spared)
        named = [move.pod for move in self.moved] + [p.pod for p in placements] + [e.pod for e in evictions]
        return tuple(dict.fromkeys(named))

    @property
    def empty(self) -> bool:
        """Whether both plans do the same to every pod."""
        return not self.pods


def diff(before: Plan, after: Plan) -> Difference:
    """Compare two plans for one cluster. Pods are listed by name. O(placements)."""
    old = {placement.pod: placement.node for placement in before.placements}
    new = {placement.pod: placement.node for placement in after.placements}
    old_evictions = {(eviction.pod, eviction.node): eviction for eviction in before.evictions}
    new_evictions = {(eviction.pod, eviction.node): eviction for eviction in after.evictions}
    old_cost = {tier.tier: tier.value for tier in before.cost}
    new_cost = {tier.tier: tier.value for tier in after.cost}
    return Difference(
        moved=tuple(Move(pod, old[pod], new[pod]) for pod in sorted(old.keys() & new.keys()) if old[pod] != new[pod]),
        placed=tuple(Placement(pod, new[pod]) for pod in sorted(new.keys() - old.keys())),
        lost=tuple(Placement(pod, old[pod]) for pod in sorted(old.keys() - new.keys())),
        evicted=tuple(new_evictions[key] for key in sorted(new_evictions.keys() - old_evictions.keys())),
        spared=tuple(old_evictions[key] for key in sorted(old_evictions.keys() - new_evictions.keys())),
        cost=tuple(
            TierChange(tier, old_cost.get(tier), new_cost.get(tier))
            for tier in dict.fromkeys([*old_cost, *new_cost])
            if old_cost.get(tier) != new_cost.get(tier)
        ),
        nodes_used=(before.nodes_used, after.nodes_used),
        status=(before.status, after.status),
    )
