"""Where the current plan wants each waiting pod."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from placement.gangs import group_name
from placement.model.pod import Pod
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
    node_of : dict of ``namespace/name`` to node
        Changes only where two pods change places.
    twins : dict of Hashable to dict of ``namespace/name``
        Planned pods by `kind_of`, those for whom one is as good as the other.
    after_evictions : frozenset of ``namespace/name``
        Pods whose node has room only once running pods have left it, which the verb ``preempt`` sees to.
    gangs : bool
        Whether gangs were planned, so that a member without a node has to wait for the others.
    made_at : float
        When, in seconds of the extender's clock.
    """

    node_of: dict[str, str] = field(default_factory=dict)
    after_evictions: frozenset[str] = frozenset()
    gangs: bool = False
    made_at: float = 0.0
    twins: dict[Hashable, dict[str, None]] = field(default_factory=dict)

    def twins_of(self, pod: Pod) -> Iterator[tuple[str, str]]:
        """Other planned pods that may change places with a pod, with their nodes; none where victims were weighed."""
        if pod.key not in self.after_evictions:
            for key in list(self.twins.get(kind_of(pod), ())):
                if key != pod.key and key not in self.after_evictions:
                    yield key, self.node_of[key]

    def forget(self, pod: str, kind: Hashable) -> None:
        """Offer a pod's place to no twin any more: it has come, or will not."""
        self.twins.get(kind, {}).pop(pod, None)

    def exchange(self, one: str, other: str) -> None:
        """Let two pods change places."""
        self.node_of[one], self.node_of[other] = self.node_of[other], self.node_of[one]


def kind_of(pod: Pod) -> Hashable:
    """What two pods have in common that may have each other's node: their controller, gang, priority and requests."""
    template, owner = pod.template, pod.owner
    if template.volumes or owner is None or not owner.uid:
        return pod.namespace, id(template), group_name(pod)
    return pod.namespace, owner.uid, group_name(pod), template.priority, *sorted(template.requests.items())
