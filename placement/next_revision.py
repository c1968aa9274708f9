"""A Deployment's template as its next revision labels the pods."""

from __future__ import annotations

from dataclasses import replace

from placement.desired.ownership import HASH
from placement.model.affinity import PodAffinity, PodAffinityTerm
from placement.model.labels import Requirement, Selector
from placement.model.pod import PodTemplate

NEXT = "next"
"""A hash that no controller makes: it has a vowel."""


def next_revision(template: PodTemplate) -> PodTemplate:
    """The template with another ``pod-template-hash``, also where ``matchLabelKeys`` put the old one into selectors.

    Old and new pods of a rollout never have the same, so rules that count a revision by itself count them apart.
    """
    old = template.labels.get(HASH)
    if old is None:
        return template
    return replace(
        template,
        labels={**template.labels, HASH: NEXT},
        affinity=_terms(template.affinity, old),
        anti_affinity=_terms(template.anti_affinity, old),
        spread=tuple(replace(each, selector=_selector(each.selector, old)) for each in template.spread),
    )


def _terms(terms: PodAffinity, old: str) -> PodAffinity:
    return PodAffinity(
        required=tuple(_term(each, old) for each in terms.required),
        preferred=tuple(replace(each, term=_term(each.term, old)) for each in terms.preferred),
    )


def _term(term: PodAffinityTerm, old: str) -> PodAffinityTerm:
    return replace(term, selector=_selector(term.selector, old))


def _selector(selector: Selector | None, old: str) -> Selector | None:
    if selector is None:
        return None
    own = (HASH, (old,))
    return Selector(
        tuple(
            Requirement(each.key, each.operator, (NEXT,)) if (each.key, each.values) == own else each
            for each in selector.requirements
        )
    )
