"""Cardinalities that policies and pods ask for, as soft ranges of counted groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from placement.compiler.relations import Relations
from placement.errors import InputError
from placement.model.labels import Selector
from placement.model.pod import Pod
from placement.policy import Cardinality, Policy
from placement_solvers.problem import Ranges, Tier

ANNOTATION = "placement.dev/cardinality"
"""``app=web topology.kubernetes.io/zone 1..3``: labels of pods of the namespace, a node label, and least and most.

Either number may be left out; several rules are separated by semicolons; pods that write the same mean one rule.
"""
_RULE = re.compile(r"(?P<labels>\S+)\s+(?P<key>\S+)\s+(?P<least>\d*)\.\.(?P<most>\d*)", re.ASCII)
_UNLIMITED = np.iinfo(np.int32).max


def wanted(policy: Policy, pods: Iterable[Pod]) -> list[Cardinality]:
    """The cardinalities of a policy, then those of pods in the order of their first pod.

    Raises
    ------
    InputError
        If an annotation is no rule; names the pod.
    """
    found = dict.fromkeys(
        (pod.namespace, pod.annotations[ANNOTATION], pod.name) for pod in pods if ANNOTATION in pod.annotations
    )
    rules: dict[tuple[object, ...], Cardinality] = {}
    for namespace, text, name in found:
        for rule in _parsed(text, namespace, name):
            rules.setdefault(
                (namespace, *sorted(rule.labels.items()), rule.topology_key, rule.at_least, rule.at_most), rule
            )
    return [*policy.cardinalities, *rules.values()]


def _parsed(text: str, namespace: str, name: str) -> Iterator[Cardinality]:
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = _RULE.fullmatch(part)
        pairs = [pair.partition("=") for pair in match["labels"].split(",")] if match else []
        if match is None or not all(key and equals for key, equals, _ in pairs):
            raise _fault(
                f"{part!r} is no rule, expected as in 'app=web topology.kubernetes.io/zone 1..3'", namespace, name
            )
        least, most = int(match["least"] or 0), int(match["most"]) if match["most"] else None
        if most is not None and most < least:
            raise _fault(f"{part!r}: at most {most} is less than at least {least}", namespace, name)
        labels = {key: value for key, _, value in pairs}
        yield Cardinality(namespace=namespace, labels=labels, topology_key=match["key"], at_least=least, at_most=most)


def _fault(problem: str, namespace: str, name: str) -> InputError:
    return InputError(problem, object=f"Pod {namespace}/{name}", field=f"metadata.annotations[{ANNOTATION}]")


def cardinality_tier(rules: Iterable[Cardinality], relations: Relations) -> Tier | None:
    """The tier of some rules, None if no pod that can be placed bears on any."""
    rows = []
    for rule in rules:
        counted = relations.counted(rule.namespace, Selector.of(rule.labels), rule.topology_key)
        if counted is not None:
            most = _UNLIMITED if rule.at_most is None else min(rule.at_most, _UNLIMITED)
            rows.append((counted, min(rule.at_least, _UNLIMITED), most, rule.weight))
    if not rows:
        return None
    table = np.array(rows, dtype=np.int64)
    group, at_least, at_most = (table[:, column].astype(np.int32) for column in range(3))
    return Tier("cardinalities", ranges=Ranges(group, at_least, at_most, table[:, 3]))
