"""The proof line: what a plan costs and what is known about anything better."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.plans import UNPLACED, Plan, TierCost
from placement.report.cost import cost

STATUS_STYLE = {"optimal": "bold green", "feasible": "bold yellow", "infeasible": "bold red", "unknown": "bold red"}


def proof(plan: Plan) -> Text:
    """One line: status, each tier with its bound, gap, solver and time."""
    line = Text(plan.status, style=STATUS_STYLE[plan.status])
    for part in _tiers(plan):
        line.append(" · ").append(part)
    gap = "unknown" if plan.gap is None else f"{plan.gap:.1%}".replace(".0%", "%")
    line.append(f" · gap {gap}")
    if plan.solver:
        line.append(f" · {plan.solver}", style="dim")
    if plan.timings:
        line.append(f" · {sum(plan.timings.values()):.2f} s", style="dim")
    if plan.stopped_by == "interrupted":
        line.append(" · interrupted", style="yellow")
    return line


def _tiers(plan: Plan) -> Iterator[str]:
    """Each tier; a bound is shown down to the first tier that does not meet it, for it says nothing below.

    How many nodes are in use is said whether or not it counts.
    """
    bounds: tuple[TierCost, ...] | tuple[None, ...] = plan.lower_bound or (None,) * len(plan.cost)
    unplaced, proven = 0, True
    tiers: list[str] = []
    for tier, bound in zip(plan.cost, bounds, strict=True):
        shown = bound if proven else None
        proven = proven and bound is not None and bound.value == tier.value
        if tier.tier.startswith(UNPLACED):
            unplaced += tier.value
            if not proven and shown is not None:
                tiers.append(_tier(tier, shown))
        else:
            tiers.append(_tier(tier, shown))
    gated = len(plan.unplaced) - unplaced
    yield f"unplaced {unplaced}" + (" (no plan places more)" if plan.places_most and unplaced else "")
    if gated > 0:
        yield f"gated {gated}"
    yield from tiers
    if all(tier.tier != "nodes" for tier in plan.cost):
        yield f"nodes {plan.nodes_used:,}"


def _tier(tier: TierCost, bound: TierCost | None) -> str:
    said = f"{tier.tier}{':' if tier.tier[-1:].isdigit() else ''} {cost(tier.tier, tier.value)}"
    if bound is None:
        return said
    least = "proven least" if bound.value == tier.value else f"bound ≥ {cost(bound.tier, bound.value)}"
    return f"{said} ({least})"
