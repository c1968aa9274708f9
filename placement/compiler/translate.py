"""Cluster and policy to `Problem`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement.compiler.cardinalities import cardinality_tier, wanted
from placement.compiler.closeness import Level, company, levels, wished_levels
from placement.compiler.compiled import Compiled
from placement.compiler.disruption import Disruption, disruptions
from placement.compiler.eligibility import Eligibility, eligibility
from placement.compiler.gangs import gangs_of_items
from placement.compiler.gpus import devices
from placement.compiler.nodes import NodeTable
from placement.compiler.occupancy import Occupancy, TemplateTable
from placement.compiler.relations import Group, Relations, Rows
from placement.compiler.resources import LARGEST, allocatable, requests, resource_names
from placement.compiler.storage import Attachments
from placement.compiler.tiers import tiers
from placement.compiler.utilisation import Amounts, loads
from placement.gangs import gang_of
from placement.model.inventory import Inventory
from placement.model.labels import Selector
from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod, PodTemplate, of_daemon
from placement.policy import Policy
from placement.predicates.sibling_selectors import SiblingSelectors
from placement_solvers.problem import (
    EVERYWHERE,
    Attractions,
    Groups,
    Limits,
    PairCosts,
    Problem,
    Skews,
    Spreads,
    Tier,
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells items apart before any array is made.

    A template, for a running pod what its eviction costs, and the gang of a pod whose gang prefers to lie together.
    """

    template: int
    running: bool = False
    disruption: Disruption = Disruption(0, 0)
    gang: str = ""


def compile_cluster(
    inventory: Inventory,
    waiting: Sequence[Pod],
    policy: Policy,
    *,
    assumed: Iterable[tuple[Pod, str]] = (),
    evictable: Sequence[Pod] = (),
    moving: bool = False,
) -> Compiled:
    """The problem of finding nodes for the waiting pods, everything else staying where it is.

    Parameters
    ----------
    waiting : sequence of Pod
        In order of arrival.
    assumed : iterable of (Pod, node name)
        Pods that count as being on a node although the inventory does not say so.
    evictable : sequence of Pod
        Running pods that may be moved or left out, at a cost; they follow the waiting ones as items with a start.
    moving : bool
        Whether they move to make the placement better, not to make room: then none of them is left out.
    """
    nodes = NodeTable(inventory.nodes)
    leaving = {pod.key for pod in evictable}
    staying = [
        (pod, nodes.index[pod.node])
        for pod in inventory.pods.values()
        if pod.node in nodes.index and not pod.finished and pod.key not in leaving
    ]
    staying += [(pod, nodes.index[name]) for pod, name in assumed]
    table = TemplateTable()
    soft = policy.weights if "preferences" in policy.tiers else None
    times = 0 if soft is None else soft.pod_affinity
    wished = wished_levels(inventory) if times else {}
    kinds, kind_of = _kinds(waiting, evictable, table, inventory, wished)
    num_templates = len(table)
    occupancy = Occupancy(staying, table)
    templates = table.templates[:num_templates]
    siblings = [] if soft is None else _siblings([*waiting, *evictable], inventory)
    relations = Relations(table, num_templates, nodes, occupancy, inventory.namespaces, soft=soft, siblings=siblings)
    rules = wanted(policy, [*waiting, *evictable]) if "cardinalities" in policy.tiers else []
    counts = cardinality_tier(rules, relations)
    fits = eligibility(templates, nodes, inventory, soft=soft)
    names = resource_names(templates, (CPU, MEMORY) if "balance" in policy.tiers else ())
    all_requests = requests(table.templates, names)
    attachments = Attachments(templates, staying, [*waiting, *evictable], inventory)
    attached = np.array([attachments.demand(each) for each in templates], dtype=np.int64)
    resources = (*names, *(f"attachments of {driver}" for driver in attachments.drivers))
    demand = np.hstack([all_requests[:num_templates], attached.reshape(num_templates, len(attachments.drivers))])
    limits = {name: node.limits for name, node in inventory.csi_nodes.items()}
    offered, staying_load = allocatable(nodes, names), occupancy.load(all_requests, len(nodes))
    attachable = attachments.capacity(nodes, limits)
    capacity = np.hstack([np.clip(offered - staying_load, -LARGEST, LARGEST), attachable])
    classes, class_of_kind = _merge(kinds, relations, fits, demand, templates)
    representative = np.array([kind.template for kind in classes], dtype=np.int64)
    in_use = np.zeros(len(nodes), dtype=np.bool_)
    in_use[[node for pod, node in staying if not of_daemon(pod)]] = True
    priority = np.array([templates[kind.template].priority for kind in classes], dtype=np.int32)
    rows = [relations.rows[each] for each in representative]
    # Before the topologies are frozen: a gang may ask for one that no other relation does.
    together = gangs_of_items(waiting, evictable, staying, inventory, relations)
    close = levels(wished, (kind.gang for kind in classes), staying, relations)
    gang_of_class = [kind.gang for kind in classes]
    waiting_for = np.full(len(waiting), -1, dtype=np.int32)
    lies_in = np.array([nodes.index[pod.node] for pod in evictable], dtype=np.int32)
    template_of = np.array([kind.template for kind in kinds], dtype=np.int64)[kind_of]
    movable = np.zeros_like(capacity)
    np.add.at(movable, lies_in, demand[template_of[len(waiting) :]])
    load = np.hstack([staying_load, np.zeros_like(attachable)])
    # Who makes the placement better pours out anew all that may move; else what runs is there, whoever it is.
    poured = len(template_of) if moving else len(waiting)
    if moving:
        movable[:] = 0
    signatures = fits.class_signature[np.unique(template_of[:poured])]
    entered: NDArray[np.bool_] = np.zeros(fits.eligible.shape[1], dtype=np.bool_)
    entered[fits.eligible[signatures].nonzero()[1]] = True
    filled = loads(
        policy,
        Amounts(
            names=resources,
            offered=np.hstack([offered, attachable]),
            running=load + movable,
            movable=movable,
            waiting=demand[template_of[:poured]].sum(axis=0),
            eligible=entered[fits.bin_signature],
        ),
    )
    problem = Problem(
        class_of=class_of_kind[kind_of].astype(np.int32),
        demand=np.ascontiguousarray(demand[representative]),
        capacity=np.ascontiguousarray(capacity),
        class_signature=fits.class_signature[representative],
        bin_signature=fits.bin_signature,
        eligible=fits.eligible,
        domain_of=np.array(relations.topologies, dtype=np.int32).reshape(len(relations.topologies), len(nodes)),
        scopes=np.array(relations.scopes, dtype=np.bool_).reshape(len(relations.scopes), len(nodes)),
        groups=_groups(relations, representative, close, gang_of_class),
        limits=_limits(rows),
        attractions=_attractions(rows),
        spreads=_spreads(rows),
        tiers=tiers(
            policy,
            priority,
            [kind.disruption if kind.running else None for kind in classes],
            nodes.nodes,
            _preferences(relations, fits, representative, company(close, gang_of_class, len(relations.groups), times)),
            counts,
            filled,
            moving=moving,
        ),
        class_priority=priority,
        in_use=in_use,
        pinned_to=fits.pinned_to[representative],
        start=np.concatenate([waiting_for, lies_in]) if evictable else waiting_for[:0],
        gangs=together,
        target=filled.target,
        devices=devices([templates[kind.template].gpu_share for kind in classes], nodes, staying),
    )
    named = {len(relations.groups) + number: level.key for number, level in enumerate(close)}
    return Compiled(problem, (*waiting, *evictable), nodes.names, resources, named)


def _siblings(pods: Iterable[Pod], inventory: Inventory) -> list[Selector | None]:
    """The siblings of each template's first pod, templates in order of appearance."""
    selectors = SiblingSelectors(inventory)
    first: dict[int, Pod] = {}
    for pod in pods:
        first.setdefault(id(pod.template), pod)
    return [selectors.of(pod) for pod in first.values()]


def _kinds(
    waiting: Sequence[Pod],
    evictable: Sequence[Pod],
    table: TemplateTable,
    inventory: Inventory,
    wished: Mapping[str, tuple[str, ...]],
) -> tuple[list[_Kind], NDArray[np.int64]]:
    """Kinds in order of appearance, and the number of each item's kind, (I,) int64."""
    cost = disruptions(evictable, inventory)

    def gang(pod: Pod) -> str:
        return name if wished and (name := gang_of(pod)) in wished else ""

    found = [_Kind(table.number(pod.template), gang=gang(pod)) for pod in waiting]
    found += [_Kind(table.number(pod.template), True, cost[pod.key], gang(pod)) for pod in evictable]
    numbers: dict[_Kind, int] = {}
    kind_of = np.array([numbers.setdefault(kind, len(numbers)) for kind in found], dtype=np.int64)
    return list(numbers), kind_of


def _merge(
    kinds: Sequence[_Kind],
    relations: Relations,
    fits: Eligibility,
    demand: NDArray[np.int64],
    templates: Sequence[PodTemplate],
) -> tuple[list[_Kind], NDArray[np.int64]]:
    """Classes: kinds that no array tells apart, such as the ordinals of a StatefulSet, are one.

    Returns
    -------
    classes : list of _Kind
        One kind for each class.
    class_of_kind : (kinds,) int64
    """
    memberships: list[list[int]] = [[] for _ in templates]
    for number, group in enumerate(relations.groups):
        for template in np.flatnonzero(group.members[: len(templates)]).tolist():
            memberships[template].append(number)
    pairs: list[list[tuple[int, int]]] = [[] for _ in templates]
    for template, of_group, weight in relations.pairs:
        pairs[template].append((of_group, weight))
    numbers: dict[object, int] = {}
    classes: list[_Kind] = []
    class_of_kind = np.zeros(len(kinds), dtype=np.int64)
    for position, kind in enumerate(kinds):
        template = kind.template
        row = relations.rows[template]
        key = (
            kind.running,
            kind.disruption,
            kind.gang,
            demand[template].tobytes(),
            templates[template].priority,
            int(fits.class_signature[template]),
            int(fits.pinned_to[template]),
            templates[template].gpu_share,
            tuple(memberships[template]),
            tuple(pairs[template]),
            tuple(sorted(row.limits.items())),
            tuple(row.attractions),
            row.self_starting,
            tuple(row.spreads),
        )
        number = numbers.setdefault(key, len(classes))
        if number == len(classes):
            classes.append(kind)
        class_of_kind[position] = number
    return classes, class_of_kind


def _preferences(
    relations: Relations,
    fits: Eligibility,
    representative: NDArray[np.int64],
    company: Mapping[tuple[int, int], int],
) -> Tier:
    """The soft terms as one tier; all templates of a class have the rows of its representative."""
    of_template: dict[int, Counter[int]] = {}
    for template, group, weight in relations.pairs:
        of_template.setdefault(template, Counter())[group] += weight
    weights = {
        (class_, group): weight
        for class_, template in enumerate(representative.tolist())
        for group, weight in of_template.get(template, {}).items()
    }
    weights.update(company)
    class_, group_, weight_ = _columns([(*key, weights[key]) for key in sorted(weights)], 3)
    skew_group, max_skew, skew_weight = _columns(relations.skews, 3)
    return Tier(
        "preferences",
        placed=fits.placed,
        pairs=PairCosts(_column(class_), _column(group_), np.array(weight_, dtype=np.int64)),
        skews=Skews(_column(skew_group), _column(max_skew), np.array(skew_weight, dtype=np.int64)),
    )


def _groups(
    relations: Relations,
    representative: NDArray[np.int64],
    close: Sequence[Level],
    gang_of_class: Sequence[str],
) -> Groups:
    groups: list[Group | Level] = [*relations.groups, *close]
    start = np.zeros(len(groups) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(group.initial) for group in groups])
    members = [group.members[representative] for group in relations.groups]
    members += [np.array([gang == level.gang for gang in gang_of_class], dtype=np.bool_) for level in close]
    membership = np.array(members, dtype=np.bool_).reshape(len(groups), len(representative))
    class_start = np.zeros(len(representative) + 1, dtype=np.int64)
    class_start[1:] = np.cumsum(membership.sum(axis=0))
    return Groups(
        topology=np.array([group.topology for group in groups], dtype=np.int32),
        scope=np.array([*(group.scope for group in relations.groups), *(EVERYWHERE for _ in close)], dtype=np.int32),
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
