"""Which nodes a template may use at all, whatever else is there: signatures of classes and bins.

Covers the predicates whose answer depends on the node alone: NodeUnschedulable, TaintToleration, NodeAffinity,
VolumeBinding and VolumeZone, and whether there are such GPUs as a pod shares. Where a predicate depends on other pods
too (two claims that want the same local volume), the mask is a relaxation: it never excludes a node that kube-scheduler
would take.
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
from placement.policy import Weights

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
    placed : (S, K) int64
        What preferred node affinity and PreferNoSchedule taints make a placement cost; zeros if not asked for.
    """

    class_signature: NDArray[np.int32]
    bin_signature: NDArray[np.int32]
    eligible: NDArray[np.bool_]
    pinned_to: NDArray[np.int32]
    placed: NDArray[np.int64]


def affinity_mask(template: PodTemplate, table: NodeTable) -> Mask:
    """Nodes that the template's node selector and required node affinity admit."""
    mask = table.selected(Selector.of(template.node_selector))
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


def preference_costs(template: PodTemplate, table: NodeTable, weights: Weights) -> NDArray[np.int64]:
    """What each node costs by preferred node affinity and PreferNoSchedule taints, (B,) int64, never negative.

    A node pays the weight of every preferred term it does not meet, and that of taints for each that asks the pod to
    stay away.
    """
    costs = weights.taints * table.discouraging(template)
    for preferred in template.node_affinity.preferred:
        costs += weights.node_affinity * preferred.weight * ~table.matching([preferred.term])
    return costs


def eligibility(
    templates: Sequence[PodTemplate], table: NodeTable, inventory: Inventory, *, soft: Weights | None = None
) -> Eligibility:
    """Fold the masks of templates to signatures.

    Nodes that no template tells apart get one bin signature; templates with the same mask get one class signature.
    A template with a single node is pinned instead, so that daemons do not make every node unlike every other.
    """
    num_templates, num_nodes = len(templates), len(table)
    pinned_to = np.full(num_templates, ANYWHERE, dtype=np.int32)
    class_signature = np.zeros(num_templates, dtype=np.int32)
    nothing = np.zeros(num_nodes, dtype=np.int64)
    # Row 0 admits everything (for the pinned), row 1 nothing.
    masks: list[Mask] = [table.everywhere(), ~table.everywhere()]
    costs: list[NDArray[np.int64]] = [nothing, nothing]
    number_of = {(mask.tobytes(), nothing.tobytes()): row for row, mask in enumerate(masks)}
    known: dict[object, int] = {}
    for position, template in enumerate(templates):
        name = pinned_node(template)
        if name is not None:
            bin_ = table.index.get(name, -1)
            if bin_ >= 0 and _admits_one(template, bin_, table, inventory):
                pinned_to[position] = bin_
            else:
                class_signature[position] = 1
            continue
        key = _mask_key(template, soft=soft is not None)
        if key not in known:
            mask = _mask(template, table, inventory)
            cost = nothing if soft is None else preference_costs(template, table, soft)
            number = number_of.setdefault((mask.tobytes(), cost.tobytes()), len(masks))
            if number == len(masks):
                masks.append(mask)
                costs.append(cost)
            known[key] = number
        class_signature[position] = known[key]
    bin_signature, first = _told_apart(np.array(masks, dtype=np.bool_), np.array(costs, dtype=np.int64))
    return Eligibility(
        class_signature,
        bin_signature,
        np.array(masks, dtype=np.bool_)[:, first],
        pinned_to,
        np.array(costs, dtype=np.int64)[:, first],
    )


def _told_apart(masks: NDArray[np.bool_], costs: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Number the distinct columns of both tables together.

    Returns
    -------
    bin_signature : (B,) int32
    first : (K,) intp
        A bin of each number.
    """
    if masks.shape[1] == 0:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.intp)
    weighted = costs[costs.any(axis=1)]
    columns = np.ascontiguousarray(
        np.hstack(
            [np.packbits(masks, axis=0).T, np.ascontiguousarray(weighted.T).view(np.uint8).reshape(masks.shape[1], -1)]
        )
    )
    as_items = columns.view(np.dtype((np.void, columns.shape[1]))).ravel()
    _, first, inverse = np.unique(as_items, return_index=True, return_inverse=True)
    return inverse.astype(np.int32).ravel(), first


def _mask(template: PodTemplate, table: NodeTable, inventory: Inventory) -> Mask:
    mask = affinity_mask(template, table) & table.admitting(template)
    for volumes_mask in reachable(template, table, inventory):
        mask &= volumes_mask
    share = template.gpu_share
    if share is not None:
        gpus = (sum(share.accepts(gpu) for gpu in node.gpus) for node in table.nodes)
        mask &= np.array([number >= share.count for number in gpus], dtype=np.bool_)
    return mask


def _admits_one(template: PodTemplate, bin_: int, table: NodeTable, inventory: Inventory) -> bool:
    node = table.nodes[bin_]
    one = NodeTable({node.name: node})
    return bool(_mask(template, one, inventory)[0])


def _mask_key(template: PodTemplate, *, soft: bool) -> object:
    return (
        template.node_affinity.preferred if soft else (),
        _items(template.node_selector),
        template.node_affinity.required,
        template.tolerations,
        template.volumes,
        template.namespace if template.volumes else "",
        template.gpu_share,
    )


def _items(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))
