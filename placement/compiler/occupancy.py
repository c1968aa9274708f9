"""The pods that stay, as counts: how many of each template lie on each node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from placement.model.pod import Pod, PodTemplate


class TemplateTable:
    """Templates numbered in order of appearance, with their label sets told apart once.

    Attributes
    ----------
    templates : list of PodTemplate
    label_set : list of int
        Number of each template's (namespace, labels); templates that differ only elsewhere share it.
    """

    def __init__(self) -> None:
        self.templates: list[PodTemplate] = []
        self.label_set: list[int] = []
        self._number: dict[int, int] = {}
        self._sets: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
        self.sets_of: dict[str, list[tuple[int, Mapping[str, str]]]] = {}

    def __len__(self) -> int:
        return len(self.templates)

    @property
    def num_label_sets(self) -> int:
        return len(self._sets)

    def number(self, template: PodTemplate) -> int:
        """The template's number, a new one if it was not seen."""
        known = self._number.get(id(template))
        if known is not None:
            return known
        number = self._number[id(template)] = len(self.templates)
        self.templates.append(template)
        key = (template.namespace, frozenset(template.labels.items()))
        label_set = self._sets.get(key)
        if label_set is None:
            label_set = self._sets[key] = len(self._sets)
            self.sets_of.setdefault(template.namespace, []).append((label_set, template.labels))
        self.label_set.append(label_set)
        return number


class Occupancy:
    """Pods that stay where they are, summed up by template and node.

    Attributes
    ----------
    template, node, count : (rows,) int64
        `count` pods of the template lie on the node.
    deleting : (rows,) bool
        Whether they are being deleted; such pods hold resources but do not count for spread.
    """

    def __init__(self, pods: Iterable[tuple[Pod, int]], table: TemplateTable) -> None:
        rows: dict[tuple[int, int, bool], int] = {}
        for pod, node in pods:
            key = (table.number(pod.template), node, pod.deleting)
            rows[key] = rows.get(key, 0) + 1
        keys = np.array(list(rows), dtype=np.int64).reshape(-1, 3)
        self.template: NDArray[np.int64] = keys[:, 0]
        self.node: NDArray[np.int64] = keys[:, 1]
        self.deleting: NDArray[np.bool_] = keys[:, 2].astype(np.bool_)
        self.count: NDArray[np.int64] = np.array(list(rows.values()), dtype=np.int64)

    def load(self, requests: NDArray[np.int64], num_nodes: int) -> NDArray[np.int64]:
        """What the pods take of each node.

        Parameters
        ----------
        requests : (T, R) int64
            One pod of each template.

        Returns
        -------
        (B, R) int64
        """
        load = np.zeros((num_nodes, requests.shape[1]), dtype=np.int64)
        np.add.at(load, self.node, requests[self.template] * self.count[:, None])
        return load

    def members(
        self, of_group: NDArray[np.bool_], domain_of: NDArray[np.int32], *, count_deleting: bool
    ) -> NDArray[np.int32]:
        """How many pods of the marked templates lie in each domain.

        Parameters
        ----------
        of_group : (T,) bool
        domain_of : (B,) int32
            Domain of each node; nodes in none (-1) do not count.

        Returns
        -------
        (domains,) int32
        """
        rows = of_group[self.template]
        if not count_deleting:
            rows &= ~self.deleting
        domains = domain_of[self.node[rows]]
        inside = domains >= 0
        num_domains = int(domain_of.max(initial=-1)) + 1
        counts = np.bincount(domains[inside], weights=self.count[rows][inside], minlength=num_domains)
        return counts.astype(np.int32)
