"""Local search by compiled moves: shift, swap, home and chain, annealed."""

from placement_solvers.local_search.parameters import LocalSearchParameters
from placement_solvers.local_search.solver import LocalSearch

__all__ = ["LocalSearch", "LocalSearchParameters"]
