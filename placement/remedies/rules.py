"""The rules of a template, each with what the template would be without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from placement.model.affinity import PodAffinityTerm
from placement.model.pod import PodTemplate
from placement.model.taint import Toleration
from placement.model.topology import SpreadConstraint
from placement.remedies import wire
from placement.remedies.relaxations import selected
from placement.remedies.requests import with_request


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Something a template asks for.

    Attributes
    ----------
    what : str
        In words: "asks for cpu 3".
    without : callable
        The template as if it did not.
    """

    what: str
    without: Callable[[PodTemplate], PodTemplate]


def rules(template: PodTemplate) -> Iterator[Rule]:
    """All that may keep pods of a template from a node or from one another; each can be left out by itself."""
    for resource, amount in template.requests.items():
        yield _request(resource, amount)
    if template.gpu_share is not None and template.gpu_share.amounts[0][0] not in template.requests:
        yield Rule(f"asks for {template.gpu_share}", lambda each: replace(each, gpu_share=None))
    if template.node_selector or template.node_affinity.required is not None:
        yield Rule("has a node selector or required node affinity", _anywhere)
    yield Rule("does not tolerate all taints", lambda each: replace(each, tolerations=(Toleration(exists=True),)))
    for term in dict.fromkeys(template.affinity.required):
        yield _near(term)
    for term in dict.fromkeys(template.anti_affinity.required):
        yield _apart(term)
    for constraint in dict.fromkeys(template.spread):
        if constraint.required:
            yield _even(constraint)
    if template.host_ports:
        ports = ", ".join(f"{port.port}/{port.protocol}" for port in template.host_ports)
        yield Rule(f"takes host port {ports}", lambda each: replace(each, host_ports=()))


def _request(resource: str, amount: int) -> Rule:
    written = wire.quantity(resource, amount)
    return Rule(f"asks for {resource} {written}", lambda each: with_request(each, resource, 0))


def _anywhere(template: PodTemplate) -> PodTemplate:
    return replace(template, node_selector={}, node_affinity=replace(template.node_affinity, required=None))


def _near(term: PodAffinityTerm) -> Rule:
    def without(each: PodTemplate) -> PodTemplate:
        kept = tuple(other for other in each.affinity.required if other != term)
        return replace(each, affinity=replace(each.affinity, required=kept))

    return Rule(f"goes with {selected(term.selector)} by {term.topology_key}", without)


def _apart(term: PodAffinityTerm) -> Rule:
    def without(each: PodTemplate) -> PodTemplate:
        kept = tuple(other for other in each.anti_affinity.required if other != term)
        return replace(each, anti_affinity=replace(each.anti_affinity, required=kept))

    return Rule(f"keeps away from {selected(term.selector)} by {term.topology_key}", without)


def _even(constraint: SpreadConstraint) -> Rule:
    def without(each: PodTemplate) -> PodTemplate:
        return replace(each, spread=tuple(other for other in each.spread if other != constraint))

    words = f"spreads over {constraint.topology_key} with maxSkew {constraint.max_skew}"
    return Rule(words, without)
