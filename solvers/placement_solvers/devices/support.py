"""Which problems the solvers for devices take, and which of them are no more than packing."""

from __future__ import annotations

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import NOWHERE, Problem, Tier


def refuse_rules_of_the_whole(problem: Problem) -> None:
    """Refuse a problem with rules that nobody here knows.

    Raises
    ------
    UnsupportedProblemError
        Which names the family.
    """
    families = {"breadths": len(problem.breadths), "dependencies": len(problem.dependencies)}
    for name, rows in families.items():
        if rows:
            raise UnsupportedProblemError(f"solvers for devices do not know {name}")


def is_packing(problem: Problem) -> bool:
    """Whether a problem asks no more than to place what is worth most onto devices of one resource."""
    relations = problem.limits, problem.attractions, problem.spreads, problem.gangs
    return (
        not any(len(table) > 0 for table in relations)
        and not bool((problem.start != NOWHERE).any())
        and not bool((problem.pinned_to != NOWHERE).any())
        and problem.devices.capacity.shape[1] == 1
        and not any(_asks_for_more(tier) for tier in problem.tiers)
        and not any(tier.unplaced is not None and tier.unplaced.min(initial=0) < 0 for tier in problem.tiers)
    )


def earns_nothing(tier: Tier) -> bool:
    """Whether no term of a tier can be below 0."""
    arrays = tier.unplaced, tier.open, tier.moved, tier.placed, tier.over_target, tier.moved_between
    relations = tier.pairs.weight, tier.ranges.weight, tier.skews.weight, tier.balances.weight
    return (
        all(array is None or bool((array >= 0).all()) for array in arrays)
        and all(bool((weight >= 0).all()) for weight in relations)
        and tier.most_moved.weight >= 0
    )


def _asks_for_more(tier: Tier) -> bool:
    arrays = tier.open, tier.moved, tier.placed, tier.over_target, tier.moved_between
    relations = tier.pairs, tier.ranges, tier.skews, tier.balances
    return (
        any(array is not None and bool(array.any()) for array in arrays)
        or any(len(table) > 0 for table in relations)
        or tier.most_moved.weight != 0
    )
