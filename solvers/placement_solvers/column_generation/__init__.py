"""Packing onto the fewest or cheapest bins by column generation, with a proven bound."""

from placement_solvers.column_generation.parameters import ColumnGenerationParameters
from placement_solvers.column_generation.solver import ColumnGeneration

__all__ = ["ColumnGeneration", "ColumnGenerationParameters"]
