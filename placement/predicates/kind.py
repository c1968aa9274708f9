"""What a snapshot remembers of one template, and which descriptions of pods apply to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from placement.model.affinity import PodAffinityTerm
from placement.model.labels import Labels, Operator, Selector
from placement.model.pod import PodTemplate
from placement.predicates.tally import Tally


@dataclass(slots=True, eq=False)
class Kind:
    """All pods of one template that are, or are not, being deleted.

    Attributes
    ----------
    tallies : list of Tally
        The tallies in which a pod of this kind counts.
    placements : dict of node name to int
        How many of its pods lie where.
    met : list of Carrier
        Terms of other pods that mean pods of this kind; valid while `met_version` is the snapshot's.
    """

    template: PodTemplate
    deleting: bool
    tallies: list[Tally] = field(default_factory=list)
    placements: dict[str, int] = field(default_factory=dict)
    met: list[Carrier] = field(default_factory=list)
    met_version: int = -1


@dataclass(slots=True, eq=False)
class Carrier:
    """A term that pods carry, with a tally of the pods that carry it.

    Attributes
    ----------
    weight : int
        What the term adds to the score of the domain; 0 marks required anti-affinity, which forbids it.
    """

    term: PodAffinityTerm
    weight: int
    tally: Tally


class Matcher(Protocol):
    """A description of pods."""

    @property
    def selector(self) -> Selector | None:
        """A selector that every pod meant must meet; None means no pod at all."""

    def matches(self, kind: Kind, namespaces: Mapping[str, Labels]) -> bool:
        """Whether pods of the kind are meant."""


@dataclass(frozen=True, slots=True)
class AllTerms:
    """Pods that match each of some affinity terms, as an incoming pod asks for them."""

    terms: tuple[PodAffinityTerm, ...]

    @property
    def selector(self) -> Selector | None:
        return self.terms[0].selector

    def matches(self, kind: Kind, namespaces: Mapping[str, Labels]) -> bool:
        template = kind.template
        return all(term.matches(template.namespace, template.labels, namespaces) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Siblings:
    """Pods that a spread constraint counts: of the namespace, selected, not being deleted.

    As in kube-scheduler (podtopologyspread ``countPodsMatchSelector``) an empty selector counts no pod.
    """

    namespace: str
    selector: Selector | None

    def matches(self, kind: Kind, namespaces: Mapping[str, Labels]) -> bool:
        selector, template = self.selector, kind.template
        if kind.deleting or template.namespace != self.namespace:
            return False
        return selector is not None and bool(selector.requirements) and selector.matches(template.labels)


T = TypeVar("T")


class SelectorIndex(Generic[T]):
    """Things filed under a selector, so that those which may match a label set are found without asking all."""

    def __init__(self) -> None:
        self._filed: dict[tuple[str, str], list[T]] = {}
        self._rest: list[T] = []

    def file(self, selector: Selector | None, thing: T) -> None:
        """File a thing. One under no selector is never found."""
        if selector is None:
            return
        pairs = anchor(selector)
        if pairs is None:
            self._rest.append(thing)
        else:
            for pair in pairs:
                self._filed.setdefault(pair, []).append(thing)

    def candidates(self, labels: Labels) -> Iterator[T]:
        """All things whose selector can match the labels, and some more; each once."""
        yield from self._rest
        for pair in labels.items():
            yield from self._filed.get(pair, ())


class LabelIndex:
    """Kinds by the labels of their templates: the other way round."""

    def __init__(self) -> None:
        self._all: list[Kind] = []
        self._by_label: dict[tuple[str, str], list[Kind]] = {}

    def file(self, kind: Kind) -> None:
        """File a kind under each of its labels."""
        self._all.append(kind)
        for pair in kind.template.labels.items():
            self._by_label.setdefault(pair, []).append(kind)

    def candidates(self, selector: Selector | None) -> Iterable[Kind]:
        """All kinds that the selector can match, and some more; each once."""
        if selector is None:
            return ()
        pairs = anchor(selector)
        if pairs is None:
            return self._all
        return [kind for pair in pairs for kind in self._by_label.get(pair, ())]


def anchor(selector: Selector) -> list[tuple[str, str]] | None:
    """Labels of which a matching label set must bear exactly one; None if there are no such."""
    for requirement in selector.requirements:
        if requirement.operator is Operator.IN:
            return [(requirement.key, value) for value in dict.fromkeys(requirement.values)]
    return None
