"""Which problems the solvers for devices take."""

from __future__ import annotations

from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.problem import NOWHERE, Problem


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
