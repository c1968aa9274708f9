"""InterPodAffinity: required affinity and anti-affinity (kube-scheduler ``plugins/interpodaffinity/filtering.go``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.model.affinity import PodAffinityTerm
from placement.model.labels import LABEL_VALUE, Operator, is_label_value
from placement.model.pod import Pod, PodTemplate
from placement.predicates.kind import AllTerms
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "InterPodAffinity"
AFFINITY = Refusal(NAME, ("node(s) didn't match pod affinity rules",), resolvable=False)
ANTI_AFFINITY = Refusal(NAME, ("node(s) didn't match pod anti-affinity rules",), resolvable=True)
EXISTING = Refusal(NAME, ("node(s) didn't satisfy existing pods anti-affinity rules",), resolvable=True)


def starts_itself(template: PodTemplate, snapshot: Snapshot) -> bool:
    """Whether a pod matches all its own required affinity terms, so that it may be the first of its group."""
    terms = template.affinity.required
    return all(term.matches(template.namespace, template.labels, snapshot.namespaces) for term in terms)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | Refusal:
    """The filter of a pod, or a refusal of all nodes if a selector cannot be parsed."""
    template = pod.template
    problem = unparsable(template)
    if problem:
        return Refusal(NAME, (problem,), resolvable=False)
    wanted = template.affinity.required
    near = snapshot.affinity_tallies(wanted) if wanted else []
    far = [snapshot.tally(AllTerms((term,)), term.topology_key) for term in template.anti_affinity.required]
    first_may_start = starts_itself(template, snapshot)
    kind = snapshot.kind(template)

    def judge(state: NodeState) -> Refusal | None:
        labels = state.labels
        if near:
            there = True
            for tally in near:
                value = labels.get(tally.key)
                if value is None:
                    return AFFINITY
                there = there and value in tally.counts
            # The first pod of a group that wants to be near itself needs only the labels.
            if not there and (not first_may_start or any(tally.counts for tally in near)):
                return AFFINITY
        for tally in far:
            if tally.counts and labels.get(tally.key) in tally.counts:
                return ANTI_AFFINITY
        for carrier in snapshot.carriers_meeting(kind):
            counts = carrier.tally.counts
            if not carrier.weight and counts and labels.get(carrier.tally.key) in counts:
                return EXISTING
        return None

    return judge


def unparsable(template: PodTemplate) -> str:
    """What is wrong with the selector of a required or preferred term, "" if nothing (``framework.NewPodInfo``)."""
    affinity, anti_affinity = template.affinity, template.anti_affinity
    groups: list[tuple[str, list[PodAffinityTerm]]] = [
        ("requiredAffinityTerms", list(affinity.required)),
        ("requiredAntiAffinityTerms", list(anti_affinity.required)),
        ("preferredAffinityTerms", [preferred.term for preferred in affinity.preferred]),
        ("preferredAntiAffinityTerms", [preferred.term for preferred in anti_affinity.preferred]),
    ]
    for name, terms in groups:
        for term in terms:
            fault = _fault(term)
            if fault:
                return f"parsing pod: {name}: {fault}"
    return ""


def _fault(term: PodAffinityTerm) -> str:
    for requirement in term.selector.requirements if term.selector is not None else ():
        if requirement.operator not in (Operator.IN, Operator.NOT_IN):
            continue
        for index, value in enumerate(requirement.values):
            if not is_label_value(value):
                return (
                    f'values[{index}][{requirement.key}]: Invalid value: "{value}": a valid label must be an empty '
                    "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation "
                    f"is '{LABEL_VALUE}')"
                )
    return ""
