"""Packing into unlike bins, each there once: choose bins whose room covers what is asked, then pack them full."""

from placement_solvers.covering.parameters import CoverAndPackParameters
from placement_solvers.covering.solver import CoverAndPack

__all__ = ["CoverAndPack", "CoverAndPackParameters"]
