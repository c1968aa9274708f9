"""What all kinds of objects share: metadata, selectors, conditions, amounts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]

Amounts = dict[str, str | int | float | None]
"""A resource list as written: quantities are text or bare numbers."""


class Wire(Struct, rename="camel", omit_defaults=True, gc=False):
    """What all decoded objects share: camel case on the wire, absent fields left out when written."""


class OwnerReference(Wire):
    """``metadata.ownerReferences[]``."""

    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class Metadata(Wire):
    """``metadata``."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: Int64 | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    owner_references: list[OwnerReference] | None = None


class Expression(Wire):
    """A requirement of a label or node selector."""

    key: str | None = None
    operator: str | None = None
    values: list[str] | None = None


class LabelSelector(Wire):
    """``metav1.LabelSelector``."""

    match_labels: dict[str, str | None] | None = None
    match_expressions: list[Expression] | None = None


class Condition(Wire):
    """``status.conditions[]``."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None


class Toleration(Wire):
    """``spec.tolerations[]``."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: Int64 | None = None


class Resources(Wire):
    """``resources`` of a container, of a pod, or of a container's status."""

    requests: Amounts | None = None
    limits: Amounts | None = None


class NodeTerm(Wire):
    """``NodeSelectorTerm``."""

    match_expressions: list[Expression] | None = None
    match_fields: list[Expression] | None = None


class NodeSelector(Wire):
    """``NodeSelector``: terms of which one must hold."""

    node_selector_terms: list[NodeTerm] | None = None


class ClaimSpec(Wire):
    """``PersistentVolumeClaim.spec``, also in templates."""

    volume_name: str | None = None
    storage_class_name: str | None = None
    access_modes: list[str] | None = None
    volume_mode: str | None = None
    resources: Resources | None = None
    selector: LabelSelector | None = None


class ClaimTemplate(Wire):
    """``volumeClaimTemplates[]`` and ``volumes[].ephemeral.volumeClaimTemplate``."""

    metadata: Metadata | None = None
    spec: ClaimSpec | None = None
