"""Greedy placement in compiled kernels: the online path, and where all other solvers begin."""

from placement_solvers.greedy.greedy import Greedy
from placement_solvers.greedy.parameters import GreedyParameters, Order, Score
from placement_solvers.greedy.state import GreedyState
from placement_solvers.greedy.warming import warm_up

__all__ = ["Greedy", "GreedyParameters", "GreedyState", "Order", "Score", "warm_up"]
