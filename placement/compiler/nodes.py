"""Nodes as columns: label values, taints and names looked up for all nodes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.model.affinity import NodeSelectorTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.node import Node
from placement.model.pod import PodTemplate
from placement.model.taint import Effect, Taint
from placement.predicates import node_unschedulable, taint_toleration

Mask = NDArray[np.bool_]

ABSENT = -1


class NodeTable:
    """The nodes in the order of the bins.

    A condition is asked once for each distinct value that it looks at, by the same functions the predicates use, and
    the answer is spread over the nodes: O(distinct values) in Python, O(B) in numpy.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes: tuple[Node, ...] = tuple(nodes.values())
        self.names: tuple[str, ...] = tuple(node.name for node in self.nodes)
        self.index: dict[str, int] = {name: number for number, name in enumerate(self.names)}
        self._codes: dict[str, tuple[NDArray[np.int32], list[str]]] = {}
        self._masks: dict[Requirement, Mask] = {}
        self._marks = _marks(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def everywhere(self) -> Mask:
        """A fresh mask of all nodes."""
        return np.ones(len(self.nodes), dtype=np.bool_)

    def codes(self, key: str) -> tuple[NDArray[np.int32], list[str]]:
        """Number of each node's value of a label, `ABSENT` (-1) where it has none, and the values.

        Returns
        -------
        codes : (B,) int32
        values : list of str
        """
        if key not in self._codes:
            numbers: dict[str, int] = {}
            codes = np.full(len(self.nodes), ABSENT, dtype=np.int32)
            for position, node in enumerate(self.nodes):
                value = node.labels.get(key)
                if value is not None:
                    codes[position] = numbers.setdefault(value, len(numbers))
            self._codes[key] = codes, list(numbers)
        return self._codes[key]

    def where(self, requirement: Requirement) -> Mask:
        """Nodes whose labels meet a requirement."""
        if requirement not in self._masks:
            codes, values = self.codes(requirement.key)
            answers = [requirement.matches({requirement.key: value}) for value in values]
            # The answer for a missing label comes last, where index -1 finds it.
            answers.append(requirement.matches({}))
            self._masks[requirement] = np.array(answers, dtype=np.bool_)[codes]
        return self._masks[requirement]

    def selected(self, selector: Selector) -> Mask:
        """Nodes whose labels a selector means."""
        mask = self.everywhere()
        for requirement in selector.requirements:
            mask &= self.where(requirement)
        return mask

    def named(self, requirement: Requirement) -> Mask:
        """Nodes whose name meets a requirement on ``metadata.name``."""
        mask = np.zeros(len(self.nodes), dtype=np.bool_)
        if requirement.operator is Operator.IN:
            mask[[self.index[name] for name in requirement.values if name in self.index]] = True
            return mask
        for position, name in enumerate(self.names):
            mask[position] = requirement.matches({requirement.key: name})
        return mask

    def matching(self, terms: Sequence[NodeSelectorTerm]) -> Mask:
        """Nodes that at least one term matches."""
        result = np.zeros(len(self.nodes), dtype=np.bool_)
        for term in terms:
            if not term.labels and not term.fields:
                continue
            mask = self.everywhere()
            for requirement in term.labels:
                mask &= self.where(requirement)
            for requirement in term.fields:
                mask &= self.named(requirement)
            result |= mask
        return result

    def admitting(self, template: PodTemplate) -> Mask:
        """Nodes that are not cordoned and bear no taint that keeps the template out."""
        codes, firsts = self._marks
        answers = [
            node_unschedulable.admits(template, node) and taint_toleration.untolerated(template, node) is None
            for node in (self.nodes[first] for first in firsts)
        ]
        return np.array(answers, dtype=np.bool_)[codes]

    def discouraging(self, template: PodTemplate) -> NDArray[np.int64]:
        """How many taints of each node ask the template to stay away without forbidding it, (B,) int64."""
        codes, firsts = self._marks
        answers = [
            sum(
                taint.effect is Effect.PREFER_NO_SCHEDULE
                and not any(toleration.tolerates(taint) for toleration in template.tolerations)
                for taint in self.nodes[first].taints
            )
            for first in firsts
        ]
        return np.array(answers, dtype=np.int64)[codes]

    def untainted_for(self, template: PodTemplate) -> Mask:
        """Nodes without a taint that keeps the template out, cordoned or not."""
        codes, firsts = self._marks
        answers = [taint_toleration.untolerated(template, self.nodes[first]) is None for first in firsts]
        return np.array(answers, dtype=np.bool_)[codes]


def _marks(nodes: Sequence[Node]) -> tuple[NDArray[np.int32], list[int]]:
    """Number of each node's set of taints and cordon, and the first node of each number."""
    numbers: dict[tuple[bool, tuple[Taint, ...]], int] = {}
    codes = np.zeros(len(nodes), dtype=np.int32)
    firsts: list[int] = []
    for position, node in enumerate(nodes):
        number = numbers.setdefault((node.unschedulable, node.taints), len(numbers))
        if number == len(firsts):
            firsts.append(position)
        codes[position] = number
    return codes, firsts
