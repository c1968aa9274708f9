"""Refusals of many nodes, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from placement.plans import ReasonCount
from placement.predicates.verdict import Refusal


def count_reasons(refusals: Iterable[Refusal]) -> tuple[ReasonCount, ...]:
    """How many nodes give each reason, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for refused in refusals:
        counts.update((refused.plugin, reason) for reason in refused.reasons)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(ReasonCount(plugin, reason, nodes) for (plugin, reason), nodes in ordered)
