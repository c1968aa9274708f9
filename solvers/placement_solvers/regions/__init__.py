"""Regions of a placement solved exactly, one after the other."""

from placement_solvers.regions.search import RegionSearch

__all__ = ["RegionSearch"]
