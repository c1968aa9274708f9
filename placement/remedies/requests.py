"""A lower request, and how the containers of a pod share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from placement.model.breakdown import Container
from placement.model.node import CPU, MEMORY
from placement.model.pod import PodTemplate
from placement.remedies import wire


def least(template: PodTemplate, resource: str) -> int:
    """The lowest request that changes of the containers can reach, in scheduling units: the overhead."""
    overhead = template.breakdown.overhead.get(resource, 0)
    return overhead if resource == CPU else -(-overhead // 1000)


def with_request(template: PodTemplate, resource: str, amount: int) -> PodTemplate:
    """The template as if it asked for so much of a resource; nothing at all is 0."""
    asked = template.requests.get(resource, 0)
    requests = {name: value for name, value in template.requests.items() if name != resource}
    scored = dict(template.scored_requests)
    if amount:
        requests[resource] = amount
    if resource in (CPU, MEMORY) or resource in scored:
        scored[resource] = amount + scored.get(resource, 0) - asked
    share = template.gpu_share
    if share is not None and dict(share.amounts).get(resource) == asked:
        share = replace(share, amounts=((resource, amount),)) if amount else None
    return replace(template, requests=requests, scored_requests=scored, gpu_share=share)


def lowered(template: PodTemplate, resource: str, amount: int) -> dict[str, Any]:
    """The patch of a pod's spec after which its effective request of a resource is `amount`.

    The largest container gives up first, then the next. `amount` is at least `least`.
    """
    parts = template.breakdown
    thousandths = amount if resource == CPU else amount * 1000
    budget = thousandths - parts.overhead.get(resource, 0)
    shares = {each.name: dict(each.requests).get(resource, 0) for each in parts.containers}
    running = [each for each in parts.containers if not each.init or each.restarts]
    excess = sum(shares[each.name] for each in running) - budget
    for each in sorted(running, key=lambda each: -shares[each.name]):
        cut = min(max(excess, 0), shares[each.name])
        shares[each.name] -= cut
        excess -= cut
    beside = 0
    for each in parts.containers:
        if each.init and each.restarts:
            beside += shares[each.name]
        elif each.init:
            shares[each.name] = min(shares[each.name], budget - beside)
    body: dict[str, Any] = {}
    for field, init in (("initContainers", True), ("containers", False)):
        entries = list(_entries((each for each in parts.containers if each.init is init), resource, shares))
        if entries:
            body[field] = entries
    if resource in parts.whole:
        body["resources"] = {"requests": {resource: wire.thousandths(resource, budget)}}
    return body


def _entries(containers: Iterable[Container], resource: str, shares: dict[str, int]) -> Iterable[dict[str, Any]]:
    for each in containers:
        if shares[each.name] != dict(each.requests).get(resource, 0):
            asked = {resource: wire.thousandths(resource, shares[each.name])}
            # What cannot be overcommitted has a limit equal to its request (validation.ValidateResourceRequirements).
            firm = "/" in resource or resource.startswith("hugepages-")
            yield {"name": each.name, "resources": {"requests": asked, **({"limits": asked} if firm else {})}}
