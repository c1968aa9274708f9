"""Greedy placement in compiled kernels: the online path, and where all other solvers begin."""

from placement_solvers.greedy.greedy import Greedy
from placement_solvers.greedy.parameters import GreedyParameters, Order, Score
from placement_solvers.greedy.state import GreedyState

__all__ = ["Greedy", "GreedyParameters", "GreedyState", "Order", "Score"]
