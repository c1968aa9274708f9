"""Large neighbourhood search over CP-SAT repair, with small protocols for what to open, accept and draw."""

from placement_solvers.lns.accept import AcceptanceCriterion, NotWorse, RecordToRecord, SimulatedAnnealing
from placement_solvers.lns.destroy import DestroyOperator, standard_operators
from placement_solvers.lns.parameters import LnsParameters
from placement_solvers.lns.select import Gain, OperatorSelection, RouletteWheel
from placement_solvers.lns.solver import LargeNeighbourhoodSearch

__all__ = [
    "AcceptanceCriterion",
    "DestroyOperator",
    "Gain",
    "LargeNeighbourhoodSearch",
    "LnsParameters",
    "NotWorse",
    "OperatorSelection",
    "RecordToRecord",
    "RouletteWheel",
    "SimulatedAnnealing",
    "standard_operators",
]
