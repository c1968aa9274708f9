"""Cluster and policy to `Problem`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.compiled import Compiled
from placement.compiler.eligibility import Eligibility, eligibility
from placement.compiler.nodes import NodeTable
from placement.compiler.occupancy import Occupancy, TemplateTable
from placement.compiler.relations import Relations, Rows
from placement.compiler.resources import free, requests, resource_names
from placement.compiler.storage import Attachments
from placement.compiler.tiers import tiers
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.policy import Policy
from placement_solvers.problem import Attractions, Groups, Limits, PairCosts, Problem, Skews, Spreads, Tier


def compile_cluster(
    inventory: Inventory, waiting: Sequence[Pod], policy: Policy, *, assumed: Iterable[tuple[Pod, str]] = ()
) -> Compiled:
    """The problem of finding nodes for the waiting pods, everything else staying where it is.

    Parameters
    ----------
    waiting : sequence of Pod
        In order of arrival.
    assumed : iterable of (Pod, node name)
        Pods that count as being on a node although the inventory does not say so.
    """
    nodes = NodeTable(inventory.nodes)
    staying = [
        (pod, nodes.index[pod.node]) for pod in inventory.pods.values() if pod.node in nodes.index and not pod.finished
    ]
    staying += [(pod, nodes.index[name]) for pod, name in assumed]
    table = TemplateTable()
    template_of = np.array([table.number(pod.template) for pod in waiting], dtype=np.int64)
    num_waiting = len(table)
    occupancy = Occupancy(staying, table)
    templates = table.templates[:num_waiting]
    soft = "preferences" in policy.tiers
    relations = Relations(table, num_waiting, nodes, occupancy, inventory.namespaces, soft=soft)
    fits = eligibility(templates, nodes, inventory, soft=soft)
    names = resource_names(templates)
    all_requests = requests(table.templates, names)
    attachments = Attachments(templates, staying, waiting, inventory)
    limits = {name: node.limits for name, node in inventory.csi_nodes.items()}
    demand = np.hstack(
        [
            all_requests[:num_waiting],
            np.array([attachments.demand(each) for each in templates], dtype=np.int64).reshape(num_waiting, len(attachments.drivers)),
        ]
    )
    capacity = np.hstack([free(nodes, names, occupancy, all_requests), attachments.capacity(nodes, limits)])
    priority = np.array([template.priority for template in templates], dtype=np.int32)
    representative, class_of_template = _merge(relations, fits, demand, priority)
    in_use = np.zeros(len(nodes), dtype=np.bool_)
    for pod, node in staying:
        if pod.owner is None or pod.owner.kind not in ("DaemonSet", "Node"):
            in_use[node] = True
    class_priority = priority[representative]
    problem = Problem(
        class_of=class_of_template[template_of].astype(np.int32),
        demand=np.ascontiguousarray(demand[representative]),
        capacity=np.ascontiguousarray(capacity),
        class_signature=fits.class_signature[representative],
        bin_signature=fits.bin_signature,
        eligible=fits.eligible,
        domain_of=np.array(relations.topologies, dtype=np.int32).reshape(-1, len(nodes)),
        scopes=np.array(relations.scopes, dtype=np.bool_).reshape(-1, len(nodes)),
        groups=_groups(relations, representative),
        limits=_limits([relations.rows[each] for each in representative]),
        attractions=_attractions([relations.rows[each] for each in representative]),
        spreads=_spreads([relations.rows[each] for each in representative]),
        tiers=tiers(policy, class_priority, nodes.nodes, _preferences(relations, fits, representative)),
        class_priority=class_priority,
        in_use=in_use,
        pinned_to=fits.pinned_to[representative],
    )
    resources = (*names, *(f"attachments of {driver}" for driver in attachments.drivers))
    return Compiled(problem, tuple(waiting), nodes.names, resources)


def _merge(
    relations: Relations, fits: Eligibility, demand: NDArray[np.int64], priority: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Classes: templates that no array tells apart, such as the ordinals of a StatefulSet, are one.

    Returns
    -------
    representative : (C,) int64
        A template of each class.
    class_of_template : (T,) int64
    """
    memberships: list[list[int]] = [[] for _ in range(len(demand))]
    for number, group in enumerate(relations.groups):
        for template in np.flatnonzero(group.members[: len(demand)]).tolist():
            memberships[template].append(number)
    numbers: dict[object, int] = {}
    representative: list[int] = []
    class_of_template = np.zeros(len(demand), dtype=np.int64)
    pairs: list[list[tuple[int, int]]] = [[] for _ in range(len(demand))]
    for template, of_group, weight in relations.pairs:
        pairs[template].append((of_group, weight))
    for template, row in enumerate(relations.rows):
        key = (
            tuple(pairs[template]),
            demand[template].tobytes(),
            int(priority[template]),
            int(fits.class_signature[template]),
            int(fits.pinned_to[template]),
            tuple(memberships[template]),
            tuple(sorted(row.limits.items())),
            tuple(row.attractions),
            row.self_starting,
            tuple(row.spreads),
        )
        number = numbers.setdefault(key, len(representative))
        if number == len(representative):
            representative.append(template)
        class_of_template[template] = number
    return np.array(representative, dtype=np.int64), class_of_template


def _preferences(relations: Relations, fits: Eligibility, representative: NDArray[np.int64]) -> Tier:
    """The soft terms as one tier; all templates of a class have the rows of its representative."""
    class_of = {int(template): class_ for class_, template in enumerate(representative)}
    weights: Counter[tuple[int, int]] = Counter()
    for template, group, weight in relations.pairs:
        if template in class_of:
            weights[class_of[template], group] += weight
    class_, group_, weight_ = _columns([(*key, weights[key]) for key in sorted(weights)], 3)
    skew_group, max_skew, skew_weight = _columns(relations.skews, 3)
    return Tier(
        "preferences",
        placed=fits.placed,
        pairs=PairCosts(_column(class_), _column(group_), np.array(weight_, dtype=np.int64)),
        skews=Skews(_column(skew_group), _column(max_skew), np.array(skew_weight, dtype=np.int64)),
    )


def _groups(relations: Relations, representative: NDArray[np.int64]) -> Groups:
    groups = relations.groups
    start = np.zeros(len(groups) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(group.initial) for group in groups])
    if groups:
        membership = np.array([group.members[representative] for group in groups], dtype=np.bool_)
    else:
        membership = np.zeros((0, len(representative)), dtype=np.bool_)
    class_start = np.zeros(len(representative) + 1, dtype=np.int64)
    class_start[1:] = np.cumsum(membership.sum(axis=0))
    return Groups(
        topology=np.array([group.topology for group in groups], dtype=np.int32),
        scope=np.array([group.scope for group in groups], dtype=np.int32),
        start=start,
        initial=np.concatenate([group.initial for group in groups] or [np.zeros(0, dtype=np.int32)]),
        class_start=class_start,
        of_class=np.nonzero(membership.T)[1].astype(np.int32),
    )


def _column(values: Iterable[int]) -> NDArray[np.int32]:
    return np.array(list(values), dtype=np.int32)


def _limits(rows: Sequence[Rows]) -> Limits:
    flat = [(number, *limit) for number, row in enumerate(rows) for limit in sorted(row.limits.items())]
    return Limits(*(_column(values) for values in _columns(flat, 3)))


def _attractions(rows: Sequence[Rows]) -> Attractions:
    flat = [(number, group) for number, row in enumerate(rows) for group in row.attractions]
    if not flat:
        return Attractions()
    class_, group = (_column(values) for values in _columns(flat, 2))
    return Attractions(class_, group, np.array([row.self_starting for row in rows], dtype=np.bool_))


def _spreads(rows: Sequence[Rows]) -> Spreads:
    flat = [(number, *spread) for number, row in enumerate(rows) for spread in row.spreads]
    return Spreads(*(_column(values) for values in _columns(flat, 5)))


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> list[list[int]]:
    return [[row[column] for row in rows] for column in range(width)]
