"""How bins are covered and packed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoverAndPackParameters:
    """How bins are covered and packed.

    Attributes
    ----------
    margins : tuple of float
        Shares of room on top of what is asked that covers are sought with, the roomiest first.
    proposals : int
        Moves proposed for each item in the first round; doubled in each further one.
    hot, cold : float
        Temperatures between which a packing is annealed; half of what a mean item asks for of a resource is 1.
    mended : int
        Overload, in units, up to which mending is tried.
    repairs : int
        Calls of the exact solver in a row without less overload after which a packing is given up.
    repaired : int
        Bins that a call packs anew.
    work : float
        What a call of the exact solver may take, in its own count, about a second each.
    """

    margins: tuple[float, ...] = (0.005, 0.002, 0.0)
    proposals: int = 40_000
    hot: float = 0.25
    cold: float = 0.045
    mended: int = 8
    repairs: int = 4
    repaired: int = 14
    work: float = 0.2
