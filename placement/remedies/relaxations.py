"""Rules of a pod that could be softer or absent, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from placement.model.affinity import NodeSelectorTerm, PodAffinityTerm
from placement.model.labels import Requirement, Selector
from placement.model.node import Node
from placement.model.pod import HostPort, PodTemplate
from placement.model.taint import Effect, Taint, Toleration
from placement.model.topology import SpreadConstraint
from placement.remedies import wire
from placement.remedies.remedy import Kind

LIFECYCLE = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
"""Taints that say what is wrong with a node at the moment; nobody should tolerate them, and no new node has them."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """One change of a pod's spec.

    Attributes
    ----------
    what : str
        In words: "tolerate the taint gpu=yes:NoSchedule".
    amount : tuple of int
        Orders relaxations of one kind.
    mutate : callable
        The template with the change.
    spec : callable
        The patch of the spec that makes a template what `mutate` makes of it.
    """

    kind: Kind
    what: str
    mutate: Callable[[PodTemplate], PodTemplate]
    spec: Callable[[PodTemplate], dict[str, Any]]
    amount: tuple[int, ...] = ()


def relaxations(template: PodTemplate, nodes: Iterable[Node], *, of_daemon: bool = False) -> Iterator[Relaxation]:
    """All single changes of a template that need no number.

    Parameters
    ----------
    nodes : iterable of Node
        Their taints are those that could be tolerated.
    of_daemon : bool
        Whether the node affinity is the DaemonSet controller's, so that nobody can change it.
    """
    if template.scheduling_gates:
        yield _lift_gates(template)
    yield from _tolerations(template, nodes)
    for position, constraint in enumerate(template.spread):
        if constraint.required:
            yield _anyway(position, constraint)
    for key in template.node_selector:
        yield _without_label(key, template.node_selector[key])
    if not of_daemon:
        yield from _node_affinity(template)
    yield from _pod_terms(template)
    yield from _ports(template)


def _lift_gates(template: PodTemplate) -> Relaxation:
    return Relaxation(
        Kind.LIFT_GATE,
        f"lift the scheduling gate {', '.join(template.scheduling_gates)}",
        lambda each: replace(each, scheduling_gates=()),
        lambda _: {"schedulingGates": None},
    )


def _tolerations(template: PodTemplate, nodes: Iterable[Node]) -> Iterator[Relaxation]:
    taints = dict.fromkeys(
        taint
        for node in nodes
        for taint in node.taints
        if taint.effect is not Effect.PREFER_NO_SCHEDULE
        and not taint.key.startswith(LIFECYCLE)
        and not any(toleration.tolerates(taint) for toleration in template.tolerations)
    )
    for taint in sorted(taints, key=lambda taint: (taint.key, taint.value, taint.effect)):
        yield _tolerating(taint)


def _tolerating(taint: Taint) -> Relaxation:
    toleration = Toleration(taint.key, value=taint.value, effect=taint.effect)
    written = f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"
    return Relaxation(
        Kind.TOLERATE_TAINT,
        f"tolerate the taint {written}",
        lambda each: replace(each, tolerations=(*each.tolerations, toleration)),
        lambda each: {"tolerations": [wire.toleration(one) for one in (*each.tolerations, toleration)]},
    )


def _anyway(position: int, constraint: SpreadConstraint) -> Relaxation:
    return Relaxation(
        Kind.SCHEDULE_ANYWAY,
        f"make the spread over {constraint.topology_key} a wish (ScheduleAnyway)",
        lambda each: _with_spread(each, position, replace(each.spread[position], required=False)),
        lambda each: _spread_spec(_with_spread(each, position, replace(each.spread[position], required=False))),
    )


def raised(position: int, constraint: SpreadConstraint, max_skew: int) -> Relaxation:
    """The change of a spread constraint to a greater skew."""
    return Relaxation(
        Kind.RAISE_MAX_SKEW,
        f"raise maxSkew over {constraint.topology_key} from {constraint.max_skew} to {max_skew}",
        lambda each: _with_spread(each, position, replace(each.spread[position], max_skew=max_skew)),
        lambda each: _spread_spec(_with_spread(each, position, replace(each.spread[position], max_skew=max_skew))),
        (max_skew,),
    )


def _with_spread(template: PodTemplate, position: int, constraint: SpreadConstraint) -> PodTemplate:
    return replace(template, spread=(*template.spread[:position], constraint, *template.spread[position + 1 :]))


def _spread_spec(template: PodTemplate) -> dict[str, Any]:
    # The API server would merge the list by topology key, and so keep what is to go.
    return {"topologySpreadConstraints": [{"$patch": "replace"}, *(wire.spread(each) for each in template.spread)]}


def _without_label(key: str, value: str) -> Relaxation:
    return Relaxation(
        Kind.DROP_NODE_SELECTOR,
        f"drop {key}={value} from the node selector",
        lambda each: replace(
            each, node_selector={name: held for name, held in each.node_selector.items() if name != key}
        ),
        lambda _: {"nodeSelector": {key: None}},
    )


def _node_affinity(template: PodTemplate) -> Iterator[Relaxation]:
    terms = template.node_affinity.required
    if terms is None:
        return
    for position, term in enumerate(terms):
        if len(term.labels) + len(term.fields) < 2:
            continue
        for field, requirements in (("labels", term.labels), ("fields", term.fields)):
            for requirement in requirements:
                kept = tuple(each for each in requirements if each is not requirement)
                lesser = replace(term, labels=kept) if field == "labels" else replace(term, fields=kept)
                fewer = (*terms[:position], lesser, *terms[position + 1 :])
                yield _node_terms(f"drop {_said(requirement)} from the required node affinity", fewer)
    described = " or ".join(_term(term) for term in terms)
    yield _node_terms(f"drop the required node affinity ({described or 'which matches nothing'})", None)


def _node_terms(what: str, terms: tuple[NodeSelectorTerm, ...] | None) -> Relaxation:
    written = None if terms is None else wire.node_selector(terms)
    return Relaxation(
        Kind.DROP_NODE_AFFINITY,
        what,
        lambda each: replace(each, node_affinity=replace(each.node_affinity, required=terms)),
        lambda _: {"affinity": {"nodeAffinity": {wire.REQUIRED: written}}},
    )


def _pod_terms(template: PodTemplate) -> Iterator[Relaxation]:
    for position, term in enumerate(template.affinity.required):
        yield _without_term(Kind.DROP_AFFINITY, position, f"drop the affinity to {_meant(term)}")
    for position, term in enumerate(template.anti_affinity.required):
        yield _without_term(Kind.DROP_ANTI_AFFINITY, position, f"drop the anti-affinity to {_meant(term)}")


def _without_term(kind: Kind, position: int, what: str) -> Relaxation:
    near = kind is Kind.DROP_AFFINITY

    def kept(each: PodTemplate) -> tuple[PodAffinityTerm, ...]:
        terms = each.affinity.required if near else each.anti_affinity.required
        return terms[:position] + terms[position + 1 :]

    def mutate(each: PodTemplate) -> PodTemplate:
        if near:
            return replace(each, affinity=replace(each.affinity, required=kept(each)))
        return replace(each, anti_affinity=replace(each.anti_affinity, required=kept(each)))

    def spec(each: PodTemplate) -> dict[str, Any]:
        terms = [wire.pod_term(term) for term in kept(each)]
        return {"affinity": {"podAffinity" if near else "podAntiAffinity": {wire.REQUIRED: terms or None}}}

    return Relaxation(kind, what, mutate, spec)


def _ports(template: PodTemplate) -> Iterator[Relaxation]:
    for taken in dict.fromkeys(template.host_ports):
        entries: dict[str, list[dict[str, Any]]] = {"containers": [], "initContainers": []}
        for container in template.breakdown.containers:
            ports = [
                {"containerPort": port.container_port, "protocol": port.protocol, "hostPort": None, "hostIP": None}
                for port in container.ports
                if (port.host_port or port.container_port, port.protocol, port.ip)
                == (taken.port, taken.protocol, taken.ip)
            ]
            if ports:
                entries["initContainers" if container.init else "containers"].append(
                    {"name": container.name, "ports": ports}
                )
        if template.breakdown.host_network or not any(entries.values()):
            continue  # on the host network a port is taken whether or not it is named
        yield _without_port(taken, {field: found for field, found in entries.items() if found})


def _without_port(taken: HostPort, spec: dict[str, Any]) -> Relaxation:
    return Relaxation(
        Kind.DROP_HOST_PORT,
        f"give up the host port {taken.port}/{taken.protocol}",
        lambda each: replace(each, host_ports=tuple(port for port in each.host_ports if port != taken)),
        lambda _: spec,
    )


def _meant(term: PodAffinityTerm) -> str:
    return f"{selected(term.selector)} in the same {term.topology_key}"


def selected(selector: Selector | None) -> str:
    """The pods a selector means, in words."""
    if selector is None:
        return "no pod"
    return f"pods with {', '.join(map(_said, selector.requirements))}" if selector.requirements else "all pods"


def _term(term: NodeSelectorTerm) -> str:
    return " and ".join(_said(requirement) for requirement in (*term.labels, *term.fields)) or "nothing"


def _said(requirement: Requirement) -> str:
    values = ", ".join(requirement.values)
    if requirement.operator == "In" and len(requirement.values) == 1:
        return f"{requirement.key}={values}"
    return f"{requirement.key} {requirement.operator}{f' ({values})' if values else ''}"
