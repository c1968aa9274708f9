"""Problems that ask for nothing but all items in, and bins at a price."""

from __future__ import annotations

from placement_solvers.problem import NOWHERE, Problem, Tier


def more_than_packing(problem: Problem) -> str | None:
    """What a problem asks for beyond all items in and bins at a price, in words; None if there is nothing."""
    first, last = problem.tiers[0], problem.tiers[-1]
    relations = (problem.limits, problem.attractions, problem.spreads, problem.breadths, problem.dependencies)
    families = {
        "relations between items": any(len(table) for table in relations),
        "gangs": len(problem.gangs) > 0,
        "devices": problem.devices.asked,
        "items with a start": bool((problem.start != NOWHERE).any()),
        "bins that only some items may enter": not problem.eligible.all() or bool((problem.pinned_to != NOWHERE).any()),
        "other tiers than items left out and bins opened": len(problem.tiers) != 2
        or first.unplaced is None
        or bool((first.unplaced <= 0).any())
        or _asked(first) != {"unplaced"}
        or _asked(last) != {"open"}
        or bool((last.open is not None) and (last.open < 0).any()),
    }
    return next((name for name, there in families.items() if there), None)


def _asked(tier: Tier) -> set[str]:
    """The costs that a tier has."""
    arrays = ("unplaced", "open", "moved", "placed", "over_target", "moved_between")
    tables = ("pairs", "ranges", "skews", "balances")
    found = {name for name in arrays if getattr(tier, name) is not None}
    found |= {name for name in tables if len(getattr(tier, name)) > 0}
    return found | ({"most_moved"} if tier.most_moved.weight else set())
