"""Which problems the program can express."""

from __future__ import annotations

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import Problem


def unknown_family(problem: Problem) -> str | None:
    """The first family of constraints or costs that has no rows here, None if all have."""
    families = {
        "breadths": len(problem.breadths) > 0,
        "dependencies": len(problem.dependencies) > 0,
        "transient resources": bool(problem.transient.any()),
        "targets of load": any(tier.over_target is not None for tier in problem.tiers),
        "costs of moves between bins": any(tier.moved_between is not None for tier in problem.tiers),
        "balances": any(len(tier.balances) > 0 for tier in problem.tiers),
        "moves shared out between classes": any(tier.most_moved.weight != 0 for tier in problem.tiers),
    }
    return next((name for name, there in families.items() if there), None)


def refuse_unknown(problem: Problem) -> None:
    """Refuse a problem the program cannot express.

    Raises
    ------
    UnsupportedProblemError
        Which names the family.
    """
    family = unknown_family(problem)
    if family is not None:
        raise UnsupportedProblemError(f"the constraint program does not know {family}")
