"""First fit in many orders: packing where there are many resources and items ask for few of them."""

from placement_solvers.first_fit.packing import FirstFit

__all__ = ["FirstFit"]
