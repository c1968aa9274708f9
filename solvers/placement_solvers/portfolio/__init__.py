"""The default solver: runs the others that fit the problem, on the cores there are, until one has the proof."""

from placement_solvers.portfolio.parameters import PortfolioParameters
from placement_solvers.portfolio.solver import Portfolio

__all__ = ["Portfolio", "PortfolioParameters"]
