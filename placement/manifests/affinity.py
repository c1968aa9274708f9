"""Affinity and spreading of a pod from their wire form, defaulted as the API server does."""

from __future__ import annotations

from placement.errors import InputError
from placement.manifests.selectors import node_term, node_terms, selector_of, with_label_keys
from placement.manifests.wire import pod
from placement.model.affinity import NodeAffinity, PodAffinity, PodAffinityTerm, PreferredNodeTerm, PreferredPodTerm
from placement.model.labels import Labels
from placement.model.topology import SpreadConstraint

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def node_affinity(written: pod.NodeAffinity | None, where: str) -> NodeAffinity:
    """The node affinity of a pod.

    Raises
    ------
    InputError
        If a requirement or weight is wrong.
    """
    if written is None:
        return NodeAffinity()
    required = written.required_during_scheduling_ignored_during_execution
    preferred = written.preferred_during_scheduling_ignored_during_execution or ()
    return NodeAffinity(
        required=None if required is None else node_terms(required, f"{where}.{_REQUIRED}"),
        preferred=tuple(
            _preferred_node_term(term, f"{where}.{_PREFERRED}[{index}]") for index, term in enumerate(preferred)
        ),
    )


def _preferred_node_term(written: pod.PreferredNodeTerm, where: str) -> PreferredNodeTerm:
    if written.preference is None:
        raise InputError("expected a node selector term", field=f"{where}.preference")
    return PreferredNodeTerm(_weight(written.weight, where), node_term(written.preference, f"{where}.preference"))


def _weight(written: int | None, where: str) -> int:
    if written is None or not 1 <= written <= 100:
        raise InputError(f"{written} is not a weight, expected 1 to 100", field=f"{where}.weight")
    return written


def pod_affinity(written: pod.PodAffinity | None, namespace: str, labels: Labels, where: str) -> PodAffinity:
    """The affinity or anti-affinity of a pod of this namespace and these labels.

    Raises
    ------
    InputError
        If a selector, topology key or weight is wrong.
    """
    if written is None:
        return PodAffinity()
    required = written.required_during_scheduling_ignored_during_execution or ()
    preferred = written.preferred_during_scheduling_ignored_during_execution or ()
    return PodAffinity(
        required=tuple(
            _pod_term(term, namespace, labels, f"{where}.{_REQUIRED}[{index}]") for index, term in enumerate(required)
        ),
        preferred=tuple(
            _preferred_pod_term(term, namespace, labels, f"{where}.{_PREFERRED}[{index}]")
            for index, term in enumerate(preferred)
        ),
    )


def _preferred_pod_term(written: pod.PreferredPodTerm, namespace: str, labels: Labels, where: str) -> PreferredPodTerm:
    if written.pod_affinity_term is None:
        raise InputError("expected a pod affinity term", field=f"{where}.podAffinityTerm")
    term = _pod_term(written.pod_affinity_term, namespace, labels, f"{where}.podAffinityTerm")
    return PreferredPodTerm(_weight(written.weight, where), term)


def _pod_term(written: pod.PodTerm, namespace: str, labels: Labels, where: str) -> PodAffinityTerm:
    if written.topology_key is None:
        raise InputError("expected a node label", field=f"{where}.topologyKey")
    selector = selector_of(written.label_selector, f"{where}.labelSelector")
    namespaces = frozenset(written.namespaces or ())
    if not namespaces and written.namespace_selector is None:
        namespaces = frozenset((namespace,))
    return PodAffinityTerm(
        selector=with_label_keys(selector, labels, written.match_label_keys, written.mismatch_label_keys),
        topology_key=written.topology_key,
        namespaces=namespaces,
        namespace_selector=selector_of(written.namespace_selector, f"{where}.namespaceSelector"),
    )


def forget_label_keys(written: pod.Affinity | None) -> None:
    """Leave out the label keys of pod affinity terms, in place, of a pod that an API server has stored.

    The API server merges ``matchLabelKeys`` and ``mismatchLabelKeys`` into the selectors when it stores the pod, and
    nobody after it looks at them; kube-scheduler neither, unlike those of spread constraints.
    """
    for direction in (written.pod_affinity, written.pod_anti_affinity) if written is not None else ():
        if direction is None:
            continue
        preferred = direction.preferred_during_scheduling_ignored_during_execution or ()
        terms = [*(direction.required_during_scheduling_ignored_during_execution or ())]
        terms += [one.pod_affinity_term for one in preferred if one.pod_affinity_term is not None]
        for term in terms:
            term.match_label_keys = term.mismatch_label_keys = None


def spread_constraint(written: pod.SpreadConstraint, labels: Labels, where: str) -> SpreadConstraint:
    """One topology spread constraint of a pod of these labels.

    Raises
    ------
    InputError
        If a field is missing or out of range.
    """
    if not written.topology_key:
        raise InputError("expected a node label", field=f"{where}.topologyKey")
    if written.max_skew is None or written.max_skew < 1:
        raise InputError(f"{written.max_skew} is not a skew, expected 1 or more", field=f"{where}.maxSkew")
    if written.min_domains is not None and written.min_domains < 1:
        raise InputError(f"{written.min_domains} is too few, expected 1 or more", field=f"{where}.minDomains")
    action = _one_of(written.when_unsatisfiable, ("DoNotSchedule", "ScheduleAnyway"), f"{where}.whenUnsatisfiable")
    policies = ("Honor", "Ignore")
    affinity = _one_of(written.node_affinity_policy or "Honor", policies, f"{where}.nodeAffinityPolicy")
    taints = _one_of(written.node_taints_policy or "Ignore", policies, f"{where}.nodeTaintsPolicy")
    selector = selector_of(written.label_selector, f"{where}.labelSelector")
    return SpreadConstraint(
        topology_key=written.topology_key,
        max_skew=written.max_skew,
        selector=with_label_keys(selector, labels, written.match_label_keys),
        required=action == "DoNotSchedule",
        min_domains=written.min_domains or 1,
        honor_affinity=affinity == "Honor",
        honor_taints=taints == "Honor",
    )


def _one_of(written: str | None, allowed: tuple[str, ...], where: str) -> str:
    if written not in allowed:
        raise InputError(f"{written!r} is unknown, expected {' or '.join(allowed)}", field=where)
    return written
