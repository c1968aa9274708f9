"""Which nodes a template may use at all, whatever else is there: signatures of classes and bins.

Covers the predicates whose answer depends on the node alone: NodeUnschedulable, TaintToleration, NodeAffinity,
VolumeBinding and VolumeZone. Where a predicate depends on other pods too (two claims that want the same local
volume), the mask is a relaxation: it never excludes a node that kube-scheduler would take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement.compiler.nodes import Mask, NodeTable
from placement.compiler.storage import reachable
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Selector
from placement.model.pod import PodTemplate

ANYWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """Masks of templates over nodes, folded to signatures.

    Attributes
    ----------
    class_signature : (C,) int32
    bin_signature : (B,) int32
    eligible : (S, K) bool
    pinned_to : (C,) int32
        The one node of a template that has just one, -1 otherwise.
    """

    class_signature: NDArray[np.int32]
    bin_signature: NDArray[np.int32]
    eligible: NDArray[np.bool_]
    pinned_to: NDArray[np.int32]


def affinity_mask(template: PodTemplate, table: NodeTable) -> Mask:
    """Nodes that the template's node selector and required node affinity admit."""
    mask = table.everywhere()
    for requirement in Selector.of(template.node_selector).requirements:
        mask &= table.where(requirement)
    if template.node_affinity.required is not None:
        mask &= table.matching(template.node_affinity.required)
    return mask


def pinned_node(template: PodTemplate) -> str | None:
    """The node that required node affinity names, as the DaemonSet controller writes it; None if it names none."""
    terms = template.node_affinity.required
    if terms is None or len(terms) != 1:
        return None
    for field in terms[0].fields:
        if field.operator is Operator.IN and len(field.values) == 1:
            return field.values[0]
    return None


def eligibility(templates: Sequence[PodTemplate], table: NodeTable, inventory: Inventory) -> Eligibility:
    """Fold the masks of templates to signatures.

    Nodes that no template tells apart get one bin signature; templates with the same mask get one class signature.
    A template with a single node is pinned instead, so that daemons do not make every node unlike every other.
    """
    num_templates, num_nodes = len(templates), len(table)
    pinned_to = np.full(num_templates, ANYWHERE, dtype=np.int32)
    class_signature = np.zeros(num_templates, dtype=np.int32)
    # Row 0 admits everything (for the pinned), row 1 nothing.
    rows: list[Mask] = [table.everywhere(), ~table.everywhere()]
    number_of = {rows[0].tobytes(): 0, rows[1].tobytes(): 1}
    masks: dict[object, Mask] = {}
    for position, template in enumerate(templates):
        name = pinned_node(template)
        if name is not None:
            bin_ = table.index.get(name, -1)
            if bin_ >= 0 and _admits_one(template, bin_, table, inventory):
                pinned_to[position] = bin_
            else:
                class_signature[position] = 1
            continue
        key = _mask_key(template)
        mask = masks.get(key)
        if mask is None:
            mask = masks[key] = _mask(template, table, inventory)
        if np.count_nonzero(mask) == 1:
            pinned_to[position] = int(np.argmax(mask))
            continue
        content = mask.tobytes()
        number = number_of.setdefault(content, len(rows))
        if number == len(rows):
            rows.append(mask)
        class_signature[position] = number
    matrix = np.array(rows, dtype=np.bool_)
    packed = np.ascontiguousarray(np.packbits(matrix, axis=0).T)
    if num_nodes == 0:
        return Eligibility(class_signature, np.zeros(0, np.int32), np.zeros((len(rows), 0), np.bool_), pinned_to)
    as_items = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(as_items, return_index=True, return_inverse=True)
    return Eligibility(class_signature, inverse.astype(np.int32).ravel(), matrix[:, first], pinned_to)


def _mask(template: PodTemplate, table: NodeTable, inventory: Inventory) -> Mask:
    mask = affinity_mask(template, table) & table.admitting(template)
    for volumes_mask in reachable(template, table, inventory):
        mask &= volumes_mask
    return mask


def _admits_one(template: PodTemplate, bin_: int, table: NodeTable, inventory: Inventory) -> bool:
    node = table.nodes[bin_]
    one = NodeTable({node.name: node})
    return bool(_mask(template, one, inventory)[0])


def _mask_key(template: PodTemplate) -> object:
    return (
        _items(template.node_selector),
        template.node_affinity.required,
        template.tolerations,
        template.volumes,
        template.namespace if template.volumes else "",
    )


def _items(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))
