"""Exact placement by CP-SAT: one file a constraint family, integers of kind and bin instead of single items."""

from placement_solvers.cp_sat.parameters import CpSatParameters
from placement_solvers.cp_sat.solver import CpSat

__all__ = ["CpSat", "CpSatParameters"]
