"""Affinity to nodes, and affinity and anti-affinity to other pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from placement.model.labels import Labels, Requirement, Selector


@dataclass(frozen=True, slots=True)
class NodeSelectorTerm:
    """Conditions on a node's labels and on its name, all of which must hold.

    `fields` are requirements on ``metadata.name``. A term without any condition matches no node.
    """

    labels: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    def matches(self, name: str, labels: Labels) -> bool:
        """Whether the term holds for a node (component-helpers ``nodeaffinity``)."""
        if not self.labels and not self.fields:
            return False
        return all(r.matches(labels) for r in self.labels) and all(
            r.matches({"metadata.name": name}) for r in self.fields
        )


@dataclass(frozen=True, slots=True)
class PreferredNodeTerm:
    """A node selector term with a weight of 1 to 100. An empty term matches every node or none: none."""

    weight: int
    term: NodeSelectorTerm


@dataclass(frozen=True, slots=True)
class NodeAffinity:
    """Which nodes a pod may use and which it likes.

    Attributes
    ----------
    required : tuple of NodeSelectorTerm, or None
        At least one must match; None is no requirement, an empty tuple matches nothing.
    preferred : tuple of PreferredNodeTerm
    """

    required: tuple[NodeSelectorTerm, ...] | None = None
    preferred: tuple[PreferredNodeTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class PodAffinityTerm:
    """Pods, by labels and namespace, and the topology in which nearness to them is meant.

    Defaulting is done: ``matchLabelKeys`` and ``mismatchLabelKeys`` are merged into `selector`, and a term that names
    no namespaces names the pod's own.

    Attributes
    ----------
    selector : Selector or None
        None matches no pod.
    namespaces : frozenset of str
        Namespaces listed by name.
    namespace_selector : Selector or None
        Further namespaces by their labels; None adds none, an empty selector all.
    topology_key : str
    """

    selector: Selector | None
    topology_key: str
    namespaces: frozenset[str]
    namespace_selector: Selector | None = None

    def covers(self, namespace: str, namespace_labels: Mapping[str, Labels]) -> bool:
        """Whether pods of the namespace are meant. Unknown namespaces have no labels."""
        if namespace in self.namespaces:
            return True
        selector = self.namespace_selector
        return selector is not None and selector.matches(namespace_labels.get(namespace, {}))

    def matches(self, namespace: str, labels: Labels, namespace_labels: Mapping[str, Labels]) -> bool:
        """Whether a pod of these labels is meant."""
        if self.selector is None or not self.selector.matches(labels):
            return False
        return self.covers(namespace, namespace_labels)


@dataclass(frozen=True, slots=True)
class PreferredPodTerm:
    """A pod affinity term with a weight of 1 to 100."""

    weight: int
    term: PodAffinityTerm


@dataclass(frozen=True, slots=True)
class PodAffinity:
    """Terms of one direction: affinity or anti-affinity."""

    required: tuple[PodAffinityTerm, ...] = ()
    preferred: tuple[PreferredPodTerm, ...] = ()
