"""The verbs' bodies as the OpenAPI page has them; the server reads and writes their text piece by piece.

Keys may be written in any case, and null is the same as nothing. Of API objects only what a body is refused for is
described: what else is wrong with a pod is said in the answer's `Error`, where kube-scheduler reads it.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1)]
AnyPod = Annotated[dict[str, Any], msgspec.Meta(description="A Pod of core/v1.")]
Count = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1, extra_json_schema={"format": "int64"})]


class NodeMeta(msgspec.Struct):
    """The metadata that a node has to have."""

    name: Name
    uid: str = ""


class Node(msgspec.Struct):
    """A Node of core/v1."""

    metadata: NodeMeta


class NodeList(msgspec.Struct):
    """A NodeList of core/v1."""

    items: list[Node] | None = None


class Arguments(msgspec.Struct):
    """``ExtenderArgs``: `NodeNames` if the extender is said to know the nodes, else `Nodes`."""

    Pod: AnyPod
    Nodes: NodeList | None = None
    NodeNames: list[str] | None = None


class FilterResult(msgspec.Struct):
    """``ExtenderFilterResult``: nodes that are left, in the form they came in, and why the others are not."""

    Nodes: NodeList | None = None
    NodeNames: list[str] | None = None
    FailedNodes: dict[str, str] | None = None
    FailedAndUnresolvableNodes: dict[str, str] | None = None
    Error: str = ""


class NamedMeta(msgspec.Struct):
    """The metadata that a pod has to have."""

    name: Name


class NamedPod(msgspec.Struct):
    """A Pod of core/v1 with a name and a spec."""

    metadata: NamedMeta
    spec: dict[str, Any]


class VictimMeta(msgspec.Struct):
    """Metadata by which a victim is known."""

    name: str = ""
    uid: str = ""


class Victim(msgspec.Struct):
    """A Pod of core/v1 that may be evicted."""

    metadata: VictimMeta = msgspec.field(default_factory=VictimMeta)


class Victims(msgspec.Struct):
    """``Victims``: whole pods."""

    Pods: list[Victim] | None = None
    NumPDBViolations: Count | None = 0


class MetaVictim(msgspec.Struct):
    """``MetaPod``: a victim by its UID."""

    UID: str | None = ""


class OfferedMetaVictims(msgspec.Struct):
    """``MetaVictims``: pods by their UIDs."""

    Pods: list[MetaVictim] | None = None
    NumPDBViolations: Count | None = 0


class PreemptionArguments(msgspec.Struct):
    """``ExtenderPreemptionArgs``: victims with whole pods or with UIDs only."""

    Pod: NamedPod
    NodeNameToVictims: dict[str, Victims | None] | None = None
    NodeNameToMetaVictims: dict[str, OfferedMetaVictims | None] | None = None


class BindingArguments(msgspec.Struct):
    """``ExtenderBindingArgs``."""

    PodName: Name
    PodNamespace: Name
    Node: Name
    PodUID: str | None = ""
