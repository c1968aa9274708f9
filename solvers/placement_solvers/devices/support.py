"""Which problems the solvers for devices take."""

from __future__ import annotations

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import NOWHERE, Problem, Tier


def refuse_unknown(problem: Problem) -> None:
    """Refuse a problem with a family that nobody here knows.

    Raises
    ------
    UnsupportedProblemError
        Which names the family.
    """
    families = {
        "gangs": len(problem.gangs) > 0,
        "breadths": len(problem.breadths) > 0,
        "dependencies": len(problem.dependencies) > 0,
        "items with a start": bool((problem.start != NOWHERE).any()),
    }
    for name, there in families.items():
        if there:
            raise UnsupportedProblemError(f"solvers for devices do not know {name}")


def refuse_what_is_more_than_packing(problem: Problem) -> None:
    """Refuse a problem that asks for more than to place what is worth most.

    Raises
    ------
    UnsupportedProblemError
        Which names the family.
    """
    relations = problem.limits, problem.attractions, problem.spreads
    families = {
        "relations between items": any(len(table) > 0 for table in relations),
        "pinned classes": bool((problem.pinned_to != NOWHERE).any()),
        "devices of several resources": problem.devices.capacity.shape[1] != 1,
        "costs of anything but items left out": any(_asks_for_more(tier) for tier in problem.tiers),
        "items whose placing costs": any(
            tier.unplaced is not None and tier.unplaced.min(initial=0) < 0 for tier in problem.tiers
        ),
    }
    for name, there in families.items():
        if there:
            raise UnsupportedProblemError(f"packing onto devices does not know {name}")


def _asks_for_more(tier: Tier) -> bool:
    arrays = tier.open, tier.moved, tier.placed, tier.over_target, tier.moved_between
    relations = tier.pairs, tier.ranges, tier.skews, tier.balances
    return (
        any(array is not None and bool(array.any()) for array in arrays)
        or any(len(table) > 0 for table in relations)
        or tier.most_moved.weight != 0
    )
