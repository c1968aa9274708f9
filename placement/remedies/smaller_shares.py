"""Less of each GPU that a pod shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from placement.model.pod import PodTemplate
from placement.remedies.change import Change
from placement.remedies.relaxations import Relaxation
from placement.remedies.remedy import Kind
from placement.remedies.requests import lowered, with_request
from placement.remedies.scene import Scene
from placement.remedies.target import Target

MILLION = 1_000_000


def smaller_shares(scene: Scene, target: Target) -> Iterator[Change]:
    """The largest amount of each GPU that fits; siblings change with the pod."""
    share = target.template.gpu_share
    if share is None:
        return
    resource, asked = share.amounts[0]
    low, high = 0, asked
    while high - low > 1:
        middle = (low + high) // 2
        if scene.feasible(partial(with_share, resource=resource, amount=middle)):
            low = middle
        else:
            high = middle
    if low:
        yield _change(target, resource, asked, low)


def with_share(template: PodTemplate, resource: str, amount: int) -> PodTemplate:
    """The template as if it took so much of each GPU."""
    if resource in template.requests:
        return with_request(template, resource, amount)
    share = template.gpu_share
    return template if share is None else replace(template, gpu_share=replace(share, amounts=((resource, amount),)))


def _change(target: Target, resource: str, asked: int, amount: int) -> Change:
    def mutate(template: PodTemplate) -> PodTemplate:
        return with_share(template, resource, amount)

    def spec(template: PodTemplate) -> dict[str, Any]:
        return lowered(template, resource, amount)

    what = f"lower the request of {resource} from {asked} to {amount}"
    share = -(-(asked - amount) * MILLION // asked)
    change = target.change(Relaxation(Kind.LOWER_REQUEST, what, mutate, spec, (share,)), f"request {resource}")
    if resource in target.template.requests:
        return change
    # Asked for by an annotation, not in the spec.
    return replace(change, patches=target.patches(lambda _: {"metadata": {"annotations": {resource: str(amount)}}}))
