"""A whole plan's cost as text: each tier by what causes it, then what placements could have been instead."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.explanation.plan import OtherNode, PlanExplanation
from placement.report.columns import columns
from placement.report.cost import change, cost

SHOWN = 8
"""Parts of a tier, and placements, shown unless all are asked for."""


def costs(explained: PlanExplanation, *, wide: bool = False) -> Iterator[Text]:
    """The tiers with their parts, then the placements with their best alternatives."""
    rows = []
    for tier in explained.tiers:
        shown = tier.parts if wide else tier.parts[:SHOWN]
        rows.append([tier.tier, cost(tier.tier, tier.value), "", ""])
        rows += [["", cost(tier.tier, part.value), part.what, part.workload] for part in shown]
        left = tier.parts[len(shown) :]
        if left:
            rows.append(["", cost(tier.tier, sum(part.value for part in left)), f"{len(left):,} smaller parts", ""])
    yield from columns(["TIER", "COST", "PAID FOR", "BY"], rows, right=frozenset({1}))
    choices = [each for each in explained.choices if each.alternatives]
    if not choices:
        return
    yield Text()
    rows = [
        [choice.pod, choice.node, other.node, _deltas(other)]
        for choice in (choices if wide else choices[:SHOWN])
        for other in choice.alternatives
    ]
    yield from columns(["POD", "NODE", "COULD HAVE", "COST"], rows)


def _deltas(other: OtherNode) -> str:
    return ", ".join(f"{delta.tier} {change(delta.tier, delta.value)}" for delta in other.deltas) or "the same"
