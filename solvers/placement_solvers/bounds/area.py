"""A lower bound on every tier from what items take and bins hold, without any search."""

from __future__ import annotations

from placement_solvers.bounds.floors import floor_of_terms
from placement_solvers.objective import Cost
from placement_solvers.problem import Problem


def lower_bound(problem: Problem) -> Cost:
    """A cost that no feasible solution gets below, compared as costs are."""
    return tuple(floor_of_terms(problem, tier) for tier in problem.tiers)
