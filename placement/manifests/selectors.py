"""Label selectors, node selectors, tolerations and taints from their wire form."""

from __future__ import annotations

from collections.abc import Sequence

from placement.errors import InputError
from placement.manifests.wire import cluster, metadata
from placement.model.affinity import NodeSelectorTerm
from placement.model.labels import Labels, Operator, Requirement, Selector, is_label_value
from placement.model.taint import Effect, Taint, Toleration

POD_OPERATORS = (Operator.IN, Operator.NOT_IN, Operator.EXISTS, Operator.DOES_NOT_EXIST)
NODE_OPERATORS = tuple(Operator)


def labels_of(written: dict[str, str | None] | None) -> dict[str, str]:
    """Labels or annotations; a null value is the empty text, as the API server decodes it."""
    if not written:
        return {}
    if None in written.values():
        return {key: value or "" for key, value in written.items()}
    return written  # type: ignore[return-value]  # no None in it


def requirement(written: metadata.Expression, allowed: Sequence[Operator], where: str) -> Requirement:
    """One requirement.

    Raises
    ------
    InputError
        If it has no key, an operator not in `allowed`, or In or NotIn without values.
    """
    if not written.key:
        raise InputError("expected a label key", field=f"{where}.key")
    if written.operator is None or written.operator not in allowed:
        expected = ", ".join(allowed)
        raise InputError(f"unknown operator {written.operator!r}, expected {expected}", field=f"{where}.operator")
    operator = Operator(written.operator)
    values = tuple(written.values or ())
    if operator in (Operator.IN, Operator.NOT_IN) and not values:
        raise InputError(f"operator {operator} needs at least one value", field=f"{where}.values")
    return Requirement(written.key, operator, values)


def selector_of(written: metadata.LabelSelector | None, where: str) -> Selector | None:
    """A label selector; None, which matches nothing, stays None.

    Raises
    ------
    InputError
        If a requirement is wrong.
    """
    if written is None:
        return None
    return Selector.of(labels_of(written.match_labels)).and_also(
        *_requirements(written.match_expressions, POD_OPERATORS, f"{where}.matchExpressions")
    )


def node_terms(written: metadata.NodeSelector, where: str) -> tuple[NodeSelectorTerm, ...]:
    """The terms of a node selector.

    Raises
    ------
    InputError
        If a requirement is wrong.
    """
    return tuple(
        node_term(term, f"{where}.nodeSelectorTerms[{index}]")
        for index, term in enumerate(written.node_selector_terms or ())
    )


def node_term(written: metadata.NodeTerm, where: str) -> NodeSelectorTerm:
    """One term of a node selector.

    Raises
    ------
    InputError
        If a requirement is wrong.
    """
    labels = _requirements(written.match_expressions, NODE_OPERATORS, f"{where}.matchExpressions")
    if not all(is_label_value(value) for one in labels for value in one.values):
        # The API server lets it pass; the scheduler cannot parse such a term and takes it for one that never holds.
        return NodeSelectorTerm()
    return NodeSelectorTerm(
        labels,
        _requirements(written.match_fields, NODE_OPERATORS, f"{where}.matchFields"),
    )


def _requirements(
    written: list[metadata.Expression] | None, allowed: Sequence[Operator], where: str
) -> tuple[Requirement, ...]:
    return tuple(
        requirement(expression, allowed, f"{where}[{index}]") for index, expression in enumerate(written or ())
    )


def with_label_keys(
    selector: Selector | None, labels: Labels, match: list[str] | None, mismatch: list[str] | None = None
) -> Selector | None:
    """The selector narrowed to the pod's own values of some labels, or to other values.

    As the API server merges ``matchLabelKeys`` and ``mismatchLabelKeys`` (``pkg/registry/core/pod/strategy.go``):
    keys the pod lacks and absent selectors are left alone.
    """
    if selector is None:
        return None
    more = [Requirement(key, Operator.IN, (labels[key],)) for key in match or () if key in labels]
    more += [Requirement(key, Operator.NOT_IN, (labels[key],)) for key in mismatch or () if key in labels]
    # A dump of an API server has them already.
    return selector.and_also(*(new for new in more if new not in selector.requirements))


def tolerations(written: Sequence[metadata.Toleration], where: str) -> tuple[Toleration, ...]:
    """Tolerations; no operator is Equal. Gt and Lt tolerate nothing, as their feature gate is off by default.

    Raises
    ------
    InputError
        If an operator or effect does not exist.
    """
    found = []
    for index, one in enumerate(written):
        path = f"{where}[{index}]"
        operator = one.operator or "Equal"
        if operator not in ("Equal", "Exists", "Gt", "Lt"):
            raise InputError(f"unknown operator {operator!r}, expected Equal, Exists", field=f"{path}.operator")
        effect = _effect(one.effect, f"{path}.effect") if one.effect else None
        if operator in ("Equal", "Exists"):
            exists = operator == "Exists"
            found.append(Toleration(one.key or "", exists, one.value or "", effect, one.toleration_seconds))
    return tuple(found)


def taint(written: cluster.Taint, where: str) -> Taint:
    """One taint.

    Raises
    ------
    InputError
        If it has no key or its effect does not exist.
    """
    if not written.key:
        raise InputError("expected a taint key", field=f"{where}.key")
    return Taint(written.key, written.value or "", _effect(written.effect, f"{where}.effect"))


def _effect(written: str | None, where: str) -> Effect:
    if written not in tuple(Effect):
        raise InputError(f"unknown effect {written!r}, expected {', '.join(Effect)}", field=where)
    return Effect(written)
