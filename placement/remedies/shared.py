"""Changes that several pods make together, so that only a new plan can say what helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from placement.model.inventory import Inventory
from placement.remedies.candidates import less
from placement.remedies.change import Change
from placement.remedies.requests import least
from placement.remedies.target import Target
from placement.remedies.trial import Trial

MOST_VALUES = 4096
"""Requests that are considered; of more, the largest."""


def shared_requests(targets: Sequence[Target], inventory: Inventory, trial: Trial) -> Iterator[Change]:
    """The largest request that helps, for each resource of each target.

    With k pods of the target on a node that has F left for them, what they may ask for is F / k: only such amounts are
    tried, by bisection, each by a plan.
    """
    for target in targets:
        template = target.template
        if not template.breakdown.containers:
            continue
        shared = dict(template.gpu_share.amounts) if template.gpu_share is not None else {}
        for resource, asked in template.requests.items():
            if resource in shared:
                continue  # what is left of single GPUs decides, not what is left of all
            values = _values(target, inventory, resource, least(template, resource), asked)
            best = largest(values, partial(_helps, trial, target, resource), trial)
            if best is not None:
                yield less(target, resource, best)


def _helps(trial: Trial, target: Target, resource: str, amount: int) -> bool:
    return trial.helps(less(target, resource, amount))


def _values(target: Target, inventory: Inventory, resource: str, lowest: int, asked: int) -> list[int]:
    """Amounts below `asked` that could be the largest that fits, ascending."""
    room = {name: node.allocatable.get(resource, 0) for name, node in inventory.nodes.items()}
    taken: dict[str, list[int]] = {name: [] for name in room}
    for pod in inventory.pods.values():
        if pod.node in room and not pod.finished:
            taken[pod.node].append(pod.template.requests.get(resource, 0))
    others = {
        pod.template.requests.get(resource, 0)
        for pod in inventory.pods.values()
        if not pod.node and not pod.finished and pod.template is not target.template
    }
    found = {lowest}
    for name, offered in room.items():
        free = offered - sum(taken[name])
        for left in {free, *(free - other for other in others)}:
            found.update(left // count for count in range(1, len(target.pods) + 1) if left > 0)
    return sorted(amount for amount in found if lowest <= amount < asked)[-MOST_VALUES:]


def largest(values: Sequence[int], helps: Callable[[int], bool], trial: Trial) -> int | None:
    """The largest value that helps, if a lower one helps whenever a higher does; None if none or time is over."""
    if not values or trial.over or not helps(values[0]):
        return None
    low, high = 0, len(values)
    while high - low > 1 and not trial.over:
        middle = (low + high) // 2
        if helps(values[middle]):
            low = middle
        else:
            high = middle
    return values[low]
