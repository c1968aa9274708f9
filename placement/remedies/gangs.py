"""Changes that may help a gang; whether one does only a new plan can say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from placement.compiler.disruption import disruptions, protected
from placement.gangs import MIN_MEMBER, TOPOLOGY, Gang, group_name
from placement.model.gang import PodGroup
from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod, of_daemon
from placement.policy import Policy
from placement.predicates.node_unschedulable import CORDON
from placement.remedies import candidates
from placement.remedies.change import Change
from placement.remedies.relaxations import Relaxation
from placement.remedies.remedy import Action, Kind, Patch
from placement.remedies.shared import largest, shared_requests
from placement.remedies.target import Target, target_of
from placement.remedies.trial import Trial

MOST_VICTIMS = 50
"""Single pods whose eviction is tried."""


def gang_changes(
    gang: Gang,
    waiting: Sequence[Pod],
    inventory: Inventory,
    trial: Trial,
    catalogue: Sequence[Node],
    price: Callable[[Node], int],
    policy: Policy,
) -> Iterator[Change]:
    """Changes of the members' rules and requests, of the gang itself, and of what is around it."""
    targets = _targets(waiting, inventory)
    for target in targets:
        yield from candidates.softer(target, inventory.nodes.values(), lambda _: True)
        yield from candidates.wider_skews(target, partial(_helps, trial, target), len(waiting))
    for node in inventory.nodes.values():
        if node.unschedulable or any(taint.key == CORDON.key for taint in node.taints):
            yield candidates.uncordon(node)
    if gang.topology_key:
        yield without_topology(gang, inventory)
    yield from _fewer(gang, inventory, trial)
    yield from shared_requests(targets, inventory, trial)
    yield from _evictions(waiting, inventory, policy)
    templates = [target.template for target in targets]
    yield from candidates.more_nodes(templates, inventory, catalogue, price, range(1, len(waiting) + 1))


def _helps(trial: Trial, target: Target, relaxation: Relaxation) -> bool:
    return not trial.over and trial.helps(target.change(relaxation))


def _targets(waiting: Sequence[Pod], inventory: Inventory) -> list[Target]:
    """The places where the members' templates are held; members that are alike change together."""
    found: dict[object, Target] = {}
    for pod in waiting:
        target = target_of(pod, inventory)
        if target.workload is None:
            target = Target(tuple(each for each in waiting if each.template is pod.template and not each.planned))
        found.setdefault((id(pod.template), id(target.workload)), target)
    return list(found.values())


def _fewer(gang: Gang, inventory: Inventory, trial: Trial) -> Iterator[Change]:
    """The largest number of members that can be placed, if it is worth anything."""
    running = gang.at_least - gang.missing()
    most = largest(
        range(running + 1, gang.at_least), lambda members: trial.helps(with_minimum(gang, inventory, members)), trial
    )
    if most is not None:
        yield with_minimum(gang, inventory, most)


def _evictions(waiting: Sequence[Pod], inventory: Inventory, policy: Policy) -> Iterator[Change]:
    """Single running pods of lower priority than every member, the least important first."""
    priority = min(pod.template.priority for pod in waiting)
    givers = [
        pod
        for pod in inventory.pods.values()
        if pod.node in inventory.nodes
        and pod.template.priority < priority
        and not (pod.finished or pod.deleting or of_daemon(pod) or protected(pod) or policy.leaves_alone(pod.template))
    ]
    price = disruptions(givers, inventory)
    costs = sorted(
        ((price[pod.key].violates, 1, pod.template.priority, price[pod.key].cost), pod.key) for pod in givers
    )
    for cost, key in costs[:MOST_VICTIMS]:
        yield candidates.eviction([inventory.pods[key]], cost)


def with_minimum(gang: Gang, inventory: Inventory, members: int) -> Change:
    """The change in which so many members are enough."""
    enough = members - (gang.at_least - gang.missing())
    described = f"let gang {gang.name} run with {members} of {len(gang.members)} members"
    group = _group_of(gang, inventory)
    amount = (gang.at_least - members,)
    if group is None or MIN_MEMBER in gang.members[0].annotations:
        change = _annotated(gang, inventory, Kind.LOWER_MIN_MEMBER, described, MIN_MEMBER, str(members), amount)
        return replace(change, at_least=enough)
    spec = {"schedulingPolicy": {"gang": {"minCount": members}}} if group.native else {"minMember": members}
    change = _of_group(replace(group, min_member=members), Kind.LOWER_MIN_MEMBER, described, spec, amount)
    return replace(change, at_least=enough)


def without_topology(gang: Gang, inventory: Inventory) -> Change:
    """The change in which the members need not share a domain."""
    described = f"let gang {gang.name} spread over several values of {gang.topology_key}"
    group = _group_of(gang, inventory)
    if group is None or TOPOLOGY in gang.members[0].annotations:
        return _annotated(gang, inventory, Kind.DROP_GANG_TOPOLOGY, described, TOPOLOGY, None, ())
    spec = {"schedulingConstraints": {"topology": None}}
    return _of_group(replace(group, topology_key=""), Kind.DROP_GANG_TOPOLOGY, described, spec, ())


def _group_of(gang: Gang, inventory: Inventory) -> PodGroup | None:
    first = gang.members[0]
    return inventory.pod_groups.get((first.namespace, group_name(first)))


def _of_group(group: PodGroup, kind: Kind, described: str, spec: dict[str, Any], amount: tuple[int, ...]) -> Change:
    return Change(
        kind=kind,
        description=described,
        amount=amount,
        family=kind.value,
        patches=(Patch(Action.MODIFY, "", "PodGroup", group.namespace, group.name, {"spec": spec}),),
        apply=lambda inventory: replace(
            inventory, pod_groups={**inventory.pod_groups, (group.namespace, group.name): group}
        ),
    )


def _annotated(
    gang: Gang, inventory: Inventory, kind: Kind, described: str, key: str, value: str | None, amount: tuple[int, ...]
) -> Change:
    """The change of one annotation of all members, None to take it off."""
    targets = {id(target.workload or pod): target for pod in gang.members for target in (target_of(pod, inventory),)}
    metadata = {"metadata": {"annotations": {key: value}}}
    patches = tuple(patch for target in targets.values() for patch in target.patches(lambda _: metadata))
    workloads = {id(target.workload) for target in targets.values()}

    def with_it(annotations: Mapping[str, str]) -> dict[str, str]:
        kept = {name: held for name, held in annotations.items() if name != key}
        return kept if value is None else {**kept, key: value}

    def apply(before: Inventory) -> Inventory:
        changed = {pod.key: replace(before.pods[pod.key], annotations=with_it(pod.annotations)) for pod in gang.members}
        return replace(
            before,
            pods={**before.pods, **changed},
            workloads=tuple(
                replace(each, pod_annotations=with_it(each.pod_annotations)) if id(each) in workloads else each
                for each in before.workloads
            ),
        )

    return Change(kind, described, amount, kind.value, patches, apply)
