"""Where the current plan wants each waiting pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from placement.predicates.refusal import Refusal

PLUGIN = "Placement"

# Few and short: kube-scheduler counts equal reasons together in the pod's event.
ELSEWHERE = Refusal(PLUGIN, ("node(s) were not chosen by the placement plan",), resolvable=False)
INCOMPLETE = Refusal(PLUGIN, ("waiting until the whole pod group has room",), resolvable=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A plan as replicas tell it one another.

    Attributes
    ----------
    node_of : mapping of ``namespace/name`` to node
    after_evictions : frozenset of ``namespace/name``
        Pods whose node has room only once running pods have left it.
    """

    node_of: Mapping[str, str] = field(default_factory=dict)
    after_evictions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guidance:
    """A plan as the verbs need it.

    Attributes
    ----------
    node_of : mapping of ``namespace/name`` to node
    after_evictions : frozenset of ``namespace/name``
        Pods whose node has room only once running pods have left it, which the verb ``preempt`` sees to.
    gangs : bool
        Whether gangs were planned, so that a member without a node has to wait for the others.
    made_at : float
        When, in seconds of the extender's clock.
    """

    node_of: Mapping[str, str] = field(default_factory=dict)
    after_evictions: frozenset[str] = frozenset()
    gangs: bool = False
    made_at: float = 0.0
