"""What could be changed so that a pod fits: for people in words, for machines as patches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of single changes, the cheapest first.

    First what only opens a node that is there, then rules made softer, rules dropped, less for the pod itself, harm to
    other pods, and last what costs money.
    """

    LIFT_GATE = "lift-gate"
    UNCORDON_NODE = "uncordon-node"
    TOLERATE_TAINT = "tolerate-taint"
    RAISE_MAX_SKEW = "raise-max-skew"
    SCHEDULE_ANYWAY = "schedule-anyway"
    DROP_NODE_SELECTOR = "drop-node-selector"
    DROP_NODE_AFFINITY = "drop-node-affinity"
    DROP_AFFINITY = "drop-affinity"
    DROP_ANTI_AFFINITY = "drop-anti-affinity"
    DROP_HOST_PORT = "drop-host-port"
    DROP_GANG_TOPOLOGY = "drop-gang-topology"
    LOWER_MIN_MEMBER = "lower-min-member"
    LOWER_REQUEST = "lower-request"
    EVICT = "evict"
    ADD_NODE = "add-node"


KINDS = tuple(Kind)


class Action(StrEnum):
    """What a patch does to its object."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Patch:
    """The change of one Kubernetes object.

    Attributes
    ----------
    action : Action
    api_version, kind, namespace, name : str
        The object; `namespace` is "" for nodes.
    body : dict
        To create: the object. To modify: a strategic merge patch, as ``kubectl patch`` takes it. To delete: empty.
    """

    action: Action
    api_version: str
    kind: str
    namespace: str
    name: str
    body: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The patch as JSON-ready values."""
        return {
            "action": self.action.value,
            "apiVersion": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace or None,
            "name": self.name,
            "body": self.body or None,
        }


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change after which the pod has a node.

    Attributes
    ----------
    kind : Kind
    description : str
        For a person, in the imperative.
    amount : tuple of int
        Orders remedies of one kind, the cheapest first: of a request the share that is given up in millionths, of a
        skew the new one, of an eviction budgets violated, pods, their highest priority and their cost, of nodes their
        price in ten-thousandths, their number, millicores and bytes.
    patches : tuple of Patch
        All together are the one change.
    verified : bool
        Whether the changed cluster was planned anew and the pod got a node, while nobody else lost theirs.
    """

    kind: Kind
    description: str
    amount: tuple[int, ...]
    patches: tuple[Patch, ...]
    verified: bool

    @property
    def cost(self) -> tuple[int, ...]:
        """Orders all remedies: by kind, then by amount."""
        return KINDS.index(self.kind), *self.amount

    def to_dict(self) -> dict[str, Any]:
        """The remedy as JSON-ready values."""
        return {
            "kind": self.kind.value,
            "description": self.description,
            "amount": list(self.amount),
            "verified": self.verified,
            "patches": [patch.to_dict() for patch in self.patches],
        }
